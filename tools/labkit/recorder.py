"""Packets of the gateway's inside interface, both ways, to a capture; beside it who attacked whom, when and how."""
import csv
import re
import signal
import time

from labkit import network
from labkit.shell import LabError, start

_HEAD_BYTES = 256  # headers and what the sensor samples of a payload
_COLUMNS = ["attack", "technique", "attacker", "victims", "start", "end", "exit_code"]


class Recorder:
    def __init__(self, capture, folder):
        self._capture, self._log = capture, folder / "tcpdump.log"
        self._process = start(network.GATEWAY, ["tcpdump", "-i", "lan", "-n", "-s", _HEAD_BYTES, "-B", "65536", "-Z", "root",
                                                "-w", capture], self._log)
        deadline = time.monotonic() + 10
        while "listening on" not in self._log.read_text():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise LabError(f"tcpdump: {self._log.read_text().strip()}")
            time.sleep(0.05)

    def stop(self, running):
        """Ends the capture and writes the labels; a capture with holes is an error."""
        time.sleep(0.5)  # what has just passed is still in the kernel's buffer
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=30)
        said = self._log.read_text()
        counts = {what: int(number) for number, what in re.findall(r"(\d+) packets (captured|dropped by kernel)", said)}
        if counts.get("dropped by kernel", 1) != 0:
            raise LabError(f"tcpdump lost packets: {said.strip()}")
        self._write_labels(running)
        return counts["captured"]

    def _write_labels(self, running):
        with labels_of(self._capture).open("w", newline="") as file:
            writer = csv.DictWriter(file, _COLUMNS)
            writer.writeheader()
            for run, where in running:
                writer.writerow({"attack": run.attack.name, "technique": run.attack.technique,
                                 "attacker": "forged" if run.attack.attacker == "forged" else where["attacker"],
                                 "victims": " ".join(where[name] for name in run.attack.victims).replace(",", " "),
                                 "start": f"{run.start:.3f}", "end": f"{run.end or time.time():.3f}", "exit_code": run.exit_code})


def labels_of(capture):
    return capture.with_name(capture.name.removesuffix(".pcap") + ".labels.csv")


def read_labels(capture):
    with labels_of(capture).open(newline="") as file:
        return list(csv.DictReader(file))
