#!/usr/bin/env python3
"""What the sensor says of windows, computed again in numpy from the model file, as MODEL.md tells it.

Run by a Python with numpy: detectors_test.py WEIR. Trains on random windows and judges two golden captures with
`weir replay --windows`.
"""
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

import numpy as np

WEIR = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
DTYPES = {"F64": "<f8", "F32": "<f4", "U32": "<u4", "U16": "<u2", "U8": "u1"}


def main():
    with tempfile.TemporaryDirectory() as folder:
        model = trained(pathlib.Path(folder))
        metadata, arrays = read_model(model.read_bytes())
        windows = [w for case in ("ordinary_traffic", "icmp_flood_v4") for w in judged_windows(case, model)]
    assert len(windows) > 50, len(windows)
    rows = np.array([transformed(w["features"], metadata["features"].split(",")) for w in windows], np.float32)
    expected = surprises(metadata, arrays, rows)
    wrong = 0
    for name, values in expected.items():
        theirs = np.array([w["surprise"][name] for w in windows])
        differing = np.count_nonzero(~np.isclose(values, theirs, rtol=1e-9, atol=1e-12))
        print(f"{name}: {len(rows)} windows, surprise {theirs.min():.3f} to {theirs.max():.3f}, {differing} differ")
        wrong += differing
    most = np.maximum(expected["forest"], expected["tail"])
    limit = float(metadata["surprise_threshold"])
    scores = np.where(most <= limit, 0.9 * most / limit, 1 - 0.1 * limit / np.maximum(most, limit))
    by_rules = np.array([any(kind != "anomaly" for kind in w["kinds"]) for w in windows])
    theirs = np.array([w["score"] for w in windows])
    differing = np.count_nonzero(~np.isclose(scores, theirs, rtol=1e-9) & ~by_rules)
    print(f"score: {np.count_nonzero(~by_rules)} windows that no rule names, {differing} differ")
    return 1 if wrong or differing else 0


def trained(folder):
    """On windows that are somewhat like the captures', so that both what is ordinary and what is far out comes up."""
    random = np.random.default_rng(1)
    rows = np.exp(random.normal(3, 2, (2000, len(schema()))))
    rows[:, 10:13] = random.dirichlet([1, 1, 0.1], 2000)
    table, model = folder / "windows.csv", folder / "trained.model"
    np.savetxt(table, rows, fmt="%.17g", delimiter=",", header=",".join(schema()), comments="")
    subprocess.run([WEIR, "train", "--from-file", table, "-o", model, "--trees", "100"], check=True, stderr=subprocess.DEVNULL)
    return model


def schema():
    """Name to transform and scale."""
    return {name: (transform, float(scale)) for name, transform, scale in re.findall(
        r'{"(\w+)", "[^"]*", Transform::(\w+), (\d+)', (ROOT / "model/feature_schema.h").read_text())}


def judged_windows(case, model):
    with tempfile.TemporaryDirectory() as folder:
        capture = pathlib.Path(folder, "capture.pcap")
        subprocess.run([sys.executable, ROOT / "tests/golden" / case / "make_pcap.py", capture], check=True,
                       env={**os.environ, "PYTHONPATH": str(ROOT / "tests/golden")})
        lines = subprocess.run([WEIR, "replay", "--windows", "--model", model, capture], check=True, capture_output=True).stdout
    return [line for line in map(json.loads, lines.splitlines()) if "surprise" in line and line["type"] == "window"]


def transformed(features, names):
    """As feature_schema.h says: log1p(scale * x) or x, then 32 bits."""
    of = schema()
    assert list(of) == names
    return [np.log1p(of[name][1] * features[name]) if of[name][0] == "kLog" else features[name] for name in names]


def surprises(metadata, arrays, rows):
    count = int(metadata["scale_rows"])
    places = knot_places(count)
    knots = arrays["scale_knots"].reshape(3, len(places))
    scores = {"forest": forest_scores(arrays, rows, int(metadata["samples"])), "tail": tail_scores(arrays, rows, count, places),
              "pca": pca_scores(arrays, rows)}
    return {name: on_scale(scores[name], knots[i], places, count, arrays["scale_tails"][3 * i:3 * i + 3])
            for i, name in enumerate(scores)}


def knot_places(count):
    places, place = [], 1
    while place < count:
        places.append(place)
        place += max(1, place // 10)
    return np.array([*places, count])


def survival(values, knots, places, count):
    """-log10((c + 1) / (n + 1)), c: one less than the place of the first knot below the value."""
    at_least = np.append(places - 1, count)[[np.argmax(np.append(knots < x, True)) for x in values]]
    return -np.log10((at_least + 1) / (count + 1))


def on_scale(scores, knots, places, count, tail):
    cut, at_cut, per_decade = tail
    return np.where(scores > cut, at_cut + (scores - cut) / per_decade,
                    np.minimum(survival(scores, knots, places, count), at_cut))


def forest_scores(arrays, rows, samples):
    depths = np.zeros(len(rows))
    for root in arrays["root"]:
        node = np.full(len(rows), root)
        while (inner := arrays["left"][node] > 0).any():
            goes_left = rows[np.arange(len(rows)), arrays["feature"][node]] <= arrays["threshold"][node]
            node = np.where(inner, np.where(goes_left, arrays["left"][node], arrays["right"][node]), node)
        depths += arrays["value"][node]
    unit = 2 * (np.log(samples - 1) + np.euler_gamma) - 2 * (samples - 1) / samples
    return 2 ** (-depths / len(arrays["root"]) / unit)


def tail_scores(arrays, rows, count, places):
    knots = arrays["tail_knots"].reshape(-1, len(places))
    families = np.zeros((arrays["tail_family"].max() + 1, len(rows)))
    for column, family, own in zip(arrays["tail_column"], arrays["tail_family"], knots):
        values = rows[:, column].astype(float)
        surprise = survival(values, own, places, count) + np.maximum(0, values - own[0]) / np.log(10)
        families[family] = np.maximum(families[family], surprise)
    return np.sort(families, axis=0)[::-1][:3].mean(axis=0)


def pca_scores(arrays, rows):
    columns = rows.shape[1]
    axes = arrays["pca_axes"].reshape(-1, columns)
    z = (rows.astype(float) - arrays["pca_center"]) / arrays["pca_spread"]
    return np.sqrt(((z - z @ axes.T @ axes) ** 2).mean(axis=1))


def read_model(file):
    (length,) = struct.unpack_from("<Q", file)
    header = json.loads(file[8:8 + length])
    metadata = header.pop("__metadata__")
    return metadata, {name: np.frombuffer(file, DTYPES[entry["dtype"]], entry["shape"][0], 8 + length + entry["data_offsets"][0])
                      for name, entry in header.items()}


if __name__ == "__main__":
    sys.exit(main())
