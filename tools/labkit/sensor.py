"""The sensor in the gateway's namespace, asked over HTTP as an operator would ask it."""
import json
import pathlib
import signal
import subprocess
import time

from labkit import network
from labkit.shell import LabError, check, inside, stop

_URL = "http://127.0.0.1:9477"
_STOP_SECONDS = 10  # after that it is killed; two seconds are promised, and judged by the reader of the result


class Sensor:
    def __init__(self, weir, config, folder):
        names_interfaces = config and "interfaces:" in config.read_text()  # with their roles, say
        self._command = [weir, "run", *([] if names_interfaces else network.GATEWAY_INTERFACES), *(["-c", config] if config else [])]
        self._log = folder / "weir.log"
        self._pins_before = _pins()
        self._process = None
        self.alerts = []  # as the HTTP interface tells them; "seen" = when it first did
        self.scores = {}  # (start of the window, host, role) -> score

    def start(self):
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(inside(network.GATEWAY, self._command), stdin=subprocess.DEVNULL,
                                             stdout=subprocess.DEVNULL, stderr=log)
        deadline = time.monotonic() + 20
        while not self._is_ready():
            if self._process.poll() is not None:
                raise LabError(f"the sensor ended with {self._process.returncode}:\n{self.log()}")
            if time.monotonic() > deadline:
                raise LabError(f"the sensor is not ready after 20 s:\n{self.log()}")
            time.sleep(0.2)

    def log(self):
        return self._log.read_text(errors="replace").strip()

    def get(self, path):
        return json.loads(check(inside(network.GATEWAY, ["curl", "--silent", "--show-error", "--fail", "--max-time", "5",
                                                         _URL + path])))

    def poll(self):
        """More often than a window closes: of a host only the last one is told."""
        for row in self.get("/api/v1/hosts")["hosts"]:
            self.scores[row["window_start"], row["host"], row["role"]] = row["score"]
        known = {_identity(alert) for alert in self.alerts}
        for alert in self.get("/api/v1/alerts")["alerts"]:
            if _identity(alert) not in known:
                self.alerts.append({**alert, "seen": time.time()})

    def state(self):
        return {"status": self.get("/api/v1/status"), "hosts": self.get("/api/v1/hosts")}

    def stop(self):
        """Ends it as systemd would; tells how that went and what it left behind."""
        begin = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        return {"exit_code": self._process.returncode, "stop_seconds": round(time.monotonic() - begin, 3),
                "log": self.log(), "left_attached": _attached(), "left_pinned": sorted(_pins() - self._pins_before)}

    def kill(self):
        if self._process and self._process.poll() is None:
            stop([self._process])

    def _is_ready(self):
        asked = subprocess.run(inside(network.GATEWAY, ["curl", "--silent", "--fail", "--max-time", "2", "--output",
                                                        "/dev/null", f"{_URL}/readyz"]))
        return asked.returncode == 0


def _identity(alert):
    return alert["time"], alert["host"], alert["role"], alert["kind"]


def _attached():
    """XDP and tc programs on the gateway's interfaces."""
    links = json.loads(check(["ip", "-n", network.GATEWAY, "-j", "-d", "link"]))
    xdp = [f"xdp on {link['ifname']}" for link in links if "xdp" in link]
    programs = json.loads(check(inside(network.GATEWAY, ["bpftool", "-j", "net", "show"])))[0]
    return xdp + [f"{kind} program {program}" for kind in ("xdp", "tc") for program in programs[kind]]


def _pins():
    # A pin may be called anything, so all of them are compared; folders are iproute2's own.
    return {str(path) for path in pathlib.Path("/sys/fs/bpf").rglob("*") if not path.is_dir()}
