#!/usr/bin/python3
"""Runs every command that README.md and README.gateway.md show, on a cable of its own and beside a running sensor."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import cli_test
import private

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "packaging/deb/README.gateway.md"]
# Too long for here, or what runs this very test; the files named run them.
RUN_ELSEWHERE = {"tools/run --lab": "tests/netns/lab_test.py", "tools/test": ".ci/run",
                 **{f"tools/run --lab {options}": "tests/netns/inject_test.py" for options in (
                     "--inject list", "--inject sqli,beacon", "--record ordinary.pcap --ordinary 900",
                     "--record attacks.pcap --inject scan,dns-tunnel", "--catalogue --jobs 6 --model my.model")},
                 "tools/test --fast": ".ci/run",
                 "tools/package": "tests/package/scratch_root.py", "apt install ./build/weir_0.1.0_amd64.deb": "tests/package/install_test.py",
                 "apt install ./weir_0.1.0_amd64.deb": "tests/package/install_test.py",
                 "systemctl reload weir": "tests/package/service_test.py",
                 "journalctl -u weir -x": "tests/package/service_test.py",
                 "journalctl -u weir WEIR_EVENT=reload": "tests/package/service_test.py",
                 "systemctl enable --now weir": "tests/package/service_test.py",
                 "ctest --test-dir build/release --tests-regex gateway --verbose": "tests/kernels/gateway_test.py",
                 "buildah build --format docker --tag weir --file packaging/container/Dockerfile .": "tests/package/container_test.py",
                 "podman-compose --file packaging/container/compose.yaml up --detach weir": "tests/package/container_test.py",
                 'weir run eth0 --start-date "2030-01-01 08:00" --end-date 2030-01-02': "tests/cli/life_test.py",
                 "weir setup eth0 eth1": "tests/cli/setup_test.py",
                 "weir verify": "tests/cli/verify_test.py", "weir verify --json": "tests/cli/verify_test.py",
                 "weir model import other.onnx -o other.model": "tests/model/onnx_test.py",
                 "tools/sklearn_export.py forest.joblib forest.model": "tests/model/sklearn_export_test.py",
                 **{f"tools/bench {name}": f"tests/bench/{name}_bench.cc" for name in ("dataplane", "drain", "forest", "live")}}


def shown_text():
    return "".join(path.read_text() for path in DOCUMENTS)


def shown_commands():
    """Lines of the documents' ```sh blocks, without comments and sudo."""
    inside = False
    for line in shown_text().splitlines():
        if line.startswith("```"):
            inside = line == "```sh"
        elif inside and line.strip():
            yield line.split("  #")[0].strip().removeprefix("sudo ")


def make_capture(path):
    """Ordinary traffic, from the golden cases."""
    subprocess.run([sys.executable, ROOT / "tests/golden/random_mix/make_pcap.py", path], check=True,
                   env={**os.environ, "PYTHONPATH": str(ROOT / "tests/golden")})


def make_table(path):
    """Windows with all features."""
    names = re.findall(r'^    {"(\w+)"', ROOT.joinpath("model/feature_schema.h").read_text(), re.MULTILINE)
    rows = [[str(1 + i * (place + 1) % 7) for place in range(len(names))] for i in range(200)]
    path.write_text("".join(",".join(row) + "\n" for row in (names, *rows)))


class Readme(unittest.TestCase):
    def setUp(self):
        """The tree as the reader sees it, plus his capture, in a folder that may be written to."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for entry in ROOT.iterdir():
            self.folder.joinpath(entry.name).symlink_to(entry)
        make_capture(self.folder / "capture.pcap")
        make_table(self.folder / "windows.csv")
        self.environment = {**os.environ, "PATH": f"{pathlib.Path(cli_test.WEIR).resolve().parent}:{os.environ['PATH']}"}

    def shell(self, command, timeout=120):
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, env=self.environment, capture_output=True, text=True,
                              timeout=timeout)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def watch(self, command):
        """A command that runs until it is interrupted: it must attach, answer, and end well."""
        sensor = subprocess.Popen(["sh", "-c", "exec " + command], cwd=self.folder, env=self.environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            for _ in range(600):
                time.sleep(0.1)
                try:
                    if cli_test.ask()["ticks"] > 0:
                        break
                except OSError:
                    self.assertIsNone(sensor.poll(), command)
        finally:
            sensor.send_signal(signal.SIGINT)
            output, _ = sensor.communicate(timeout=60)
        self.assertEqual(sensor.returncode, 0, output)
        self.assertIn("eth0: XDP", output)

    def test_every_piece_of_configuration(self):
        pieces = re.findall(r"^```yaml\n(.*?)^```", shown_text(), re.MULTILINE | re.DOTALL)
        self.assertGreater(len(pieces), 1)
        for piece in pieces:
            with self.subTest(piece):
                self.folder.joinpath("piece.yaml").write_text(piece)
                self.shell("weir check-config -c piece.yaml")

    def test_every_command(self):
        commands = list(shown_commands())
        self.assertGreater(len(commands), 8)
        watching = [c for c in commands if c.startswith("tools/run") and c not in RUN_ELSEWHERE]
        self.assertGreater(len(watching), 0)
        for command in watching:
            with self.subTest(command):
                self.watch(command)
        for command in (c for c in commands if c.startswith("weir run") and c not in RUN_ELSEWHERE):  # ends by itself
            watching.append(command)
            with self.subTest(command):
                self.shell(command)
        sensor = cli_test.start()
        for command in commands:
            if command in watching:
                continue
            with self.subTest(command):
                if command in RUN_ELSEWHERE:
                    self.assertTrue(ROOT.joinpath(RUN_ELSEWHERE[command]).exists())
                else:
                    self.shell(command)
        self.check_metrics(sensor)
        sensor.terminate()
        sensor.communicate(timeout=10)

    def check_metrics(self, sensor):
        """Those that the documents name are there."""
        page = urllib.request.urlopen("http://127.0.0.1:9477/metrics", timeout=5).read().decode()
        named = set(re.findall(r"\bweir_\w+_(?:total|seconds|info|successful)\b", shown_text()))
        self.assertGreater(len(named), 8)
        self.assertEqual({name for name in named if f"# TYPE {name} " not in page}, set())


if __name__ == "__main__":
    private.enter(__file__)
    sys.argv[1:] = sys.argv[2:]
    private.cable = private.lay_cable()
    private.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "other")
    private.run("ip", "link", "set", "eth1", "up")
    try:
        unittest.main(verbosity=2)
    finally:
        private.cable.kill()
