"""Makes the capture of a case and replays it."""
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPLAY_TIMEOUT_S = 120


@dataclass
class Replayed:
    exit: int
    lines: list[dict]
    stderr: str

    def of_type(self, kind):
        return [line for line in self.lines if line["type"] == kind]

    @property
    def windows(self):
        return self.of_type("window")

    @property
    def alerts(self):
        return self.of_type("alert")


def all_cases():
    return sorted(path.parent for path in HERE.glob("*/make_pcap.py"))


def expectations(case):
    return json.loads((case / "expect.json").read_text())


def make_capture(case, out_dir):
    """Runs the case's make_pcap.py. Tests of the same case may run at once, so the file appears whole or not at all."""
    name = expectations(case).get("capture", "capture.pcap")
    capture = out_dir / case.name / name
    capture.parent.mkdir(parents=True, exist_ok=True)
    unfinished = capture.with_name(f"{os.getpid()}-{name}")
    environment = dict(os.environ, PYTHONPATH=str(HERE), PYTHONDONTWRITEBYTECODE="1")
    subprocess.run([sys.executable, case / "make_pcap.py", unfinished], env=environment, check=True)
    return unfinished.replace(capture)


def settings(case, capture):
    """Options that give `weir replay` the configuration of the case, if it has one. Where it has none, what is installed on
    the machine does not matter either."""
    config = capture.with_suffix(f".{os.getpid()}.yaml")
    config.write_text(expectations(case).get("config", ""))
    return "--config", config


def replay(weir, capture, *options):
    done = subprocess.run([weir, "replay", *options, capture], capture_output=True, text=True, timeout=REPLAY_TIMEOUT_S)
    return Replayed(done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr)


def weir_binary():
    """From the command line, where CMake puts it, or from the environment."""
    weir = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("WEIR")
    if not weir:
        sys.exit(f"usage: {sys.argv[0]} WEIR OUT_DIR [CASE...]   (or set WEIR)")
    return weir


def chosen_cases():
    names = sys.argv[3:]
    return [HERE / name for name in names] if names else all_cases()


def out_dir():
    return Path(sys.argv[2]) if len(sys.argv) > 2 else Path("golden-captures")


def report(problems):
    """Ends the test: one line a problem, and exit 1 if there is any."""
    for problem in problems[:40]:
        print(problem)
    if len(problems) > 40:
        print(f"... and {len(problems) - 40} more")
    sys.exit(1 if problems else 0)
