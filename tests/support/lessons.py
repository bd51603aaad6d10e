"""The file of what a sensor has learned (userspace/detect/lessons_file.h), written without weir, so that a test need not wait a
day for it."""
import hashlib
import json
import pathlib
import random
import re
import struct

WINDOW_SECONDS = 10
_FEATURES = pathlib.Path(__file__).resolve().parents[2] / "model/feature_schema.h"


def _schema():
    """As schema_id() has it: (id, number of features)."""
    rows = re.findall(r'^    {"(\w+)", "([^"]*)", Transform::k(\w+), (\d+)', _FEATURES.read_text(), re.MULTILINE)
    value = 14695981039346656037
    for name, unit, transform, scale in rows:
        scale = int(scale)
        for byte in [*name.encode(), 0, *unit.encode(), transform == "Log", scale & 0xff, scale >> 8]:
            value = (value ^ byte) * 1099511628211 % (1 << 64)
    return value, len(rows)


def lessons(hours, hosts, start_s):
    """The bytes of a file with a lesson of each host in each window."""
    schema, features = _schema()
    draw = random.Random(1)
    windows = int(hours * 3600) // WINDOW_SECONDS
    rows = [(host, start_s // WINDOW_SECONDS + window) for window in range(windows) for host in range(hosts)]
    arrays = {
        "destination_evidence": ("F32", b""),
        "destination_window": ("U32", b""),
        "source_evidence": ("F32", bytes(4 * 3 * len(rows))),
        "source_features": ("F32", b"".join(struct.pack(f"<{features}f", *(draw.uniform(1, 50) for _ in range(features))) for _ in rows)),
        "source_window": ("U32", b"".join(struct.pack("<I", window) for _, window in rows)),
        "destination_host": ("U8", b""),
        "source_host": ("U8", b"".join(bytes(10) + b"\xff\xff" + bytes([10, 77, 0, host]) for host, _ in rows)),
    }
    metadata = {"format": "weir-lessons-1", "sha256": "0" * 64, "schema": str(schema), "halvings": "0", "windows": str(windows),
                "busy": str(windows), "lessons": str(len(rows)), "flagged": "", "beacons": "", "trainings": "0", "trained_at": "0"}
    return _sealed(_container(metadata, arrays))


def _container(metadata, arrays):
    header, data = {"__metadata__": metadata}, b""
    for name, (kind, content) in arrays.items():
        size = int(kind[1:]) // 8
        header[name] = {"dtype": kind, "shape": [len(content) // size], "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def _sealed(file):
    place = file.index(b'"sha256":"') + len(b'"sha256":"')
    return file[:place] + hashlib.sha256(file).hexdigest().encode() + file[place + 64:]
