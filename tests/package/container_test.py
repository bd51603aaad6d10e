#!/usr/bin/python3
"""The container: built from Dockerfile upon a local Debian, run as compose.yaml says, on an interface of the test's own.

usage: container_test.py BUILD_FOLDER

Docker's registry is not asked for anything: what watches weir in compose.yaml is checked by Debian's Prometheus and Alertmanager.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time
import unittest
import urllib.request

from booted import MORTAL
from scratch_root import CLONE_NEWNET, ROOT, SKIP, MemoryFolder, Scratch, enter_own_namespaces, output
from sender import Sender

HERE = pathlib.Path(__file__).parent
CONTAINER = "packaging/container"
WAIT_SECONDS = 60
CAPABILITIES = 1 << 12 | 1 << 38 | 1 << 39  # NET_ADMIN, PERFMON, BPF
# What engines write down of all their containers: ours are none of the machine's.
KEPT_BY_ENGINES = (pathlib.Path("/etc/cni"), pathlib.Path("/var/lib/containers"))
CGROUPS = pathlib.Path("/sys/fs/cgroup")
GROUP = "weir-container-test"
# compose's own limits are more than a machine without CAP_SYS_RESOURCE may set, and Debian's podman-compose names the project's
# network beside the host's, which podman refuses.
PODMAN = """#!/bin/bash
words=()
if [ "$1" = run ]; then
  words=(run --cgroup-parent=/{group} --ulimit nofile=1024:1024 --ulimit nproc=1000:1000)
  shift
fi
while [ $# -gt 0 ]; do
  case $1 in
    --net | --network-alias) shift ;;
    *) words+=("$1") ;;
  esac
  shift
done
exec podman {store} --runtime=/usr/sbin/runc --cgroup-manager=cgroupfs "${{words[@]}}"
"""


def setUpModule():
    """One image for all."""
    global PLACE
    enter_own_namespaces()
    scratch = Scratch(BUILD)
    folder = MemoryFolder(scratch)
    unittest.addModuleCleanup(folder.remove)
    for path in KEPT_BY_ENGINES:
        if path.exists():
            output("mount", "-t", "tmpfs", "tmpfs", path)
    unittest.addModuleCleanup(remove_groups)
    PLACE = Place(folder.path)
    unittest.addModuleCleanup(PLACE.run.cleanup)
    PLACE.build(scratch)
    enter_own_namespaces(CLONE_NEWNET)  # now that nothing more is to be fetched


def remove_groups():
    """In each hierarchy that this machine has."""
    for top in (CGROUPS / GROUP, *CGROUPS.glob(f"*/{GROUP}")):
        for folder, _, _ in os.walk(top, topdown=False):
            os.rmdir(folder)


class Place:
    """Where images and containers lie."""

    def __init__(self, folder):
        self.run = tempfile.TemporaryDirectory(prefix="weir-")  # podman takes no path longer than 50 characters
        self._store = f"--root={folder}/root --runroot={self.run.name} --storage-driver=overlay"
        self._environment = {**os.environ, "TMPDIR": str(folder)}
        self.tree, self._base, self._podman = folder / "tree", folder / "base.tar", folder / "podman"
        self._podman.write_text(PODMAN.format(store=self._store, group=GROUP))
        self._podman.chmod(0o755)

    def build(self, scratch):
        """From a copy of the tree in which lies the package."""
        shutil.copytree(ROOT, self.tree, ignore=shutil.ignore_patterns(".git", "build", "tests"))
        (self.tree / "build").mkdir()
        shutil.copy(scratch.deb, self.tree / "build")
        output("tar", "--create", "--file", self._base, "--directory", scratch.base, "--exclude=./var/cache/apt/*",
               "--exclude=./var/lib/apt/lists/*", ".")
        self.podman("import", self._base, "localhost/base")
        self._base.unlink()
        output("buildah", *self._store.split(), "build", "--isolation=chroot", "--network=host", "--format=docker",
               "--build-arg=BASE=localhost/base", "--tag=weir", f"--file={CONTAINER}/Dockerfile", ".", cwd=self.tree,
               env=self._environment, timeout=300)

    def podman(self, *command):
        return output(self._podman, *command, env=self._environment)

    def compose(self, *command):
        return output("podman-compose", "--podman-path", self._podman, "--file", f"{CONTAINER}/compose.yaml", *command, cwd=self.tree,
                      env=self._environment)


class Container(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """compose.yaml and its weir.yaml as they are: eth0 has the default route."""
        output("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")  # nobody speaks on the cable but the sender
        for command in ("link set lo up", "link add eth0 type veth peer name peer", "link set eth0 up", "link set peer up",
                        "address add 10.88.0.1/24 dev eth0", "route add default via 10.88.0.2"):
            output("ip", *command.split())
        about, = json.loads(output("ip", "-j", "link", "show", "eth0"))
        cls.sender = Sender("peer", about["address"])
        cls.addClassCleanup(cls.sender.close)
        PLACE.compose("up", "--detach", "weir")
        cls.addClassCleanup(PLACE.podman, "rm", "--all", "--force")
        cls.name = PLACE.podman("ps", "--all", "--quiet").strip()

    def inspect(self, what):
        return json.loads(PLACE.podman("inspect", "--format", f"{{{{json .{what}}}}}", self.name))

    def wait_for(self, what, name):
        deadline = time.monotonic() + WAIT_SECONDS
        while not what():
            self.assertLess(time.monotonic(), deadline, f"{name}: not within {WAIT_SECONDS} s\n{answers('/metrics')}\n{PLACE.podman('logs', self.name)}")
            time.sleep(0.1)

    def test_1_it_is_healthy(self):
        self.wait_for(lambda: answers("/readyz"), "ready")
        PLACE.podman("healthcheck", "run", self.name)
        self.assertEqual(self.inspect("State.Health.Status"), "healthy")

    def test_2_it_runs_as_its_own_user_with_three_capabilities(self):
        about = pathlib.Path(f"/proc/{self.inspect('State.Pid')}/status").read_text()
        fields = dict(re.findall(r"(?m)^(\w+):\s*(.*)$", about))
        self.assertEqual(len(set(fields["Uid"].split())), 1)
        self.assertNotEqual(fields["Uid"].split()[0], "0")
        for kind in ("CapPrm", "CapEff", "CapBnd"):
            self.assertEqual(int(fields[kind], 16), CAPABILITIES, kind)
        with self.assertRaisesRegex(AssertionError, "Read-only file system|Permission denied"):
            PLACE.podman("exec", "--user=0", self.name, "touch", "/usr/bin/new")

    def test_3_it_counts_each_packet_on_the_interface(self):
        self.assertIn("prog/xdp", output("ip", "-details", "link", "show", "eth0"))
        before = received()
        with self.sender.sending():
            time.sleep(0.5)
        self.assertGreater(self.sender.packets, 1000)
        self.wait_for(lambda: received() - before >= self.sender.packets, f"{self.sender.packets} packets counted")
        self.assertEqual(received() - before, self.sender.packets)

    def test_4_what_it_learns_goes_to_its_volume(self):
        self.assertEqual(status()["learning"]["directory"], "/var/lib/weir")

    def test_5_a_sensor_that_hangs_is_not_healthy(self):
        pid = self.inspect("State.Pid")
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        with self.assertRaisesRegex(AssertionError, "exceeded timeout|unhealthy"):
            PLACE.podman("healthcheck", "run", self.name)

    def test_6_a_stop_leaves_nothing_attached(self):
        PLACE.podman("stop", self.name)
        self.assertEqual(self.inspect("State.ExitCode"), 0)
        self.assertNotIn("prog/xdp", output("ip", "-details", "link", "show", "eth0"))


class Watchers(unittest.TestCase):
    """What else compose.yaml runs."""

    def test_prometheus_takes_its_configuration(self):
        output("promtool", "check", "config", ROOT / CONTAINER / "prometheus/prometheus.yml")

    def test_the_rules_alert_when_they_should(self):
        shutil.copytree(ROOT / CONTAINER / "prometheus", PLACE.tree.parent / "prometheus")
        shutil.copy(HERE / "prometheus_rules.yml", PLACE.tree.parent / "prometheus")
        output("promtool", "test", "rules", "prometheus_rules.yml", cwd=PLACE.tree.parent / "prometheus")

    def test_alertmanager_takes_its_configuration(self):
        output("amtool", "check-config", ROOT / CONTAINER / "alertmanager/alertmanager.yml")


def answers(path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:9477{path}", timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return None


def status():
    return json.loads(answers("/api/v1/status"))


def received():
    """Arrivals; what the interface sends counts too, where it is the only one."""
    found = re.search(r'(?m)^weir_interface_packets_total\{interface="eth0",direction="in"\} (\d+)$', answers("/metrics"))
    return int(found.group(1))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: container_test.py BUILD_FOLDER")
    if os.geteuid() != 0:
        print("SKIP: containers need root")
        sys.exit(SKIP)
    if os.getpid() != 1:  # containers outlive who started them, unless the kernel ends them with us
        os.execvp(MORTAL[0], [*MORTAL, sys.executable, "-B", *sys.argv])
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
