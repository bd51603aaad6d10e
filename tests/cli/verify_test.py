#!/usr/bin/python3
"""`weir verify`: beside a sensor that is well, beside none, and with one thing wrong at a time."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import unittest

import private
from cli_test import FAILED, NO_PERMISSION, OK, WEIR, Case, await_ticks, end, start

PLAIN_USER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
NAMESPACES = ("net", "mnt", "pid")


def processes():
    return [int(path.name) for path in pathlib.Path("/proc").iterdir() if path.name.isdigit()]


def parent(process):
    try:
        return int(pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0  # gone


def namespaces(process):
    try:
        return {os.readlink(f"/proc/{process}/ns/{kind}") for kind in NAMESPACES}
    except OSError:
        return set()


def sensor_of(verify):
    """In the room: verify's child is outside, that one's is the first inside, and the sensor is its child."""
    return next((p for p in processes() if parent(parent(parent(p))) == verify.pid), None)


class Verify(Case):
    def setUp(self):
        super().setUp()
        state = pathlib.Path(self.folder.name, "state")
        state.mkdir()
        self.config = self.file("weir.yaml", f"learning: {{ directory: {state} }}\n")

    def verify(self, *options, prefix=(), code=None):
        """Rows by name."""
        done = subprocess.run([*prefix, WEIR, "verify", "--json", "-c", self.config, *options], capture_output=True, text=True, timeout=120)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual(len(said["checks"]), said["passed"] + said["failed"] + said["skipped"])
        return {row["name"]: row for row in said["checks"]}

    def assert_row(self, rows, name, verdict, *words):
        row = rows[name]
        self.assertEqual(row["verdict"], verdict, row)
        for word in words:
            self.assertIn(word, row["detail"] + " > " + row["remedy"])

    def test_a_sensor_that_is_well(self):
        """Everything, once, as a person reads it: the attack too, which leaves nothing."""
        sensor = start("-c", self.config)
        self.addCleanup(end, sensor)
        ping = subprocess.Popen([*private.at_peer(), "ping", "-q", "-i", "0.2", "10.88.0.1"], stdout=subprocess.DEVNULL)
        self.addCleanup(ping.wait)
        self.addCleanup(ping.kill)
        done = subprocess.run([WEIR, "verify", "-c", self.config], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, OK, done.stdout + done.stderr)
        for row in (r"kernel +pass  \d+\.\d+", r"BTF +pass", rf"configuration +pass  {self.config}", r"API +pass  weir .* answered 405",
                    r"capabilities +pass  user root has", r"attached +pass  eth0: XDP native, both directions|native with frags, both",
                    r"model +pass  default.*sha256 [0-9a-f]{12}.*compiled in.*the same there", r"disk +pass",
                    r"attack +pass  .*XDP native.* raised vertical_scan after \d+\.\d s: tried \d+ TCP ports of 192\.0\.2\.1",
                    r"counters +pass  \d+ packets in \d+ s", r"windows +pass  \d+ windows", r"clock +(pass|skip)"):
            self.assertRegex(done.stdout, rf"(?m)^{row}")
        self.assertRegex(done.stdout, r"(?m)^\d+ passed, 0 failed, \d skipped$")
        self.assertEqual(private.run("ip", "-br", "link").count("weir0"), 0)

    def test_killed_in_the_middle_of_the_attack_it_leaves_nothing(self):
        """The room's sensor is held still: on its own the attack would wait for its alert far longer than we do."""
        for number in (signal.SIGKILL, signal.SIGTERM):
            verify = subprocess.Popen([WEIR, "verify", "-c", self.config], stdout=subprocess.DEVNULL)
            self.addCleanup(end, verify)
            self.wait_for(lambda: sensor_of(verify))
            sensor = sensor_of(verify)
            os.kill(sensor, signal.SIGSTOP)
            room = namespaces(sensor) - namespaces(os.getpid())
            self.assertEqual(len(room), 3)
            verify.send_signal(number)
            verify.wait(10)
            self.wait_for(lambda: not any(namespaces(p) & room for p in processes()))

    def wait_for(self, condition):
        for _ in range(200):
            if condition():
                return
            time.sleep(0.05)
        self.fail("waited in vain")

    def test_nobody_runs(self):
        rows = self.verify("--quick", code=FAILED, prefix=["setarch", "--uname-2.6"])
        self.assert_row(rows, "kernel", "FAIL", "2.6.", "older than 5.18", "Debian 12's (6.1)")
        self.assert_row(rows, "API", "FAIL", "nobody answers", "9477 is free", "weir setup")
        self.assert_row(rows, "attached", "skip", "could be: eth0")
        self.assert_row(rows, "capabilities", "pass", "nothing runs")
        self.assert_row(rows, "counters", "skip", "no sensor")

    def test_a_plain_user_is_told_what_needs_root(self):
        os.chmod(self.folder.name, 0o755)
        rows = self.verify(prefix=PLAIN_USER)
        self.assert_row(rows, "attack", "skip", "Operation not permitted", "sudo weir verify")
        self.assert_row(rows, "capabilities", "skip", "no capabilities", "sudo weir verify")

    def test_what_is_wrong_before_the_start_is_named(self):
        self.config = self.file("gone.yaml", "interfaces: [eth9]\nlearning: { directory: /nonexistent }\n")
        with socket.create_server(("127.0.0.1", 9477)):
            rows = self.verify("--quick", code=FAILED)
        self.assert_row(rows, "attached", "FAIL", "eth9: no such interface", "weir setup")
        self.assert_row(rows, "API", "FAIL", "somebody has port 9477", "ss -ltnp")
        self.assert_row(rows, "disk", "FAIL", "/nonexistent", "install -d")
        self.config = self.file("bad.yaml", "interface: eth0\n")
        rows = self.verify("--quick", code=FAILED)
        self.assert_row(rows, "configuration", "FAIL", "bad.yaml:1:1: unknown key 'interface'; did you mean 'interfaces'?")

    def test_a_sensor_that_loses_one_thing_after_another(self):
        """All is well but for what a plain user may not see; then an interface goes; then it hangs, holding its port."""
        os.chmod(self.folder.name, 0o755)
        private.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "other")
        self.addCleanup(private.run, "ip", "link", "del", "eth1", check=False)
        sensor = start("eth1", "-c", self.config)
        self.addCleanup(end, sensor)
        rows = self.verify(prefix=PLAIN_USER, code=NO_PERMISSION)
        self.assert_row(rows, "attack", "skip", "sudo weir verify")
        self.assert_row(rows, "counters", "skip", "0 packets in", "nobody speaks")
        self.assertEqual([row for row in rows.values() if row["verdict"] == "FAIL"], [])
        private.run("ip", "link", "del", "eth1")
        await_ticks(2)
        self.assert_row(self.verify("--quick", code=FAILED), "attached", "FAIL", "eth1: waiting, no such interface")
        sensor.send_signal(signal.SIGSTOP)
        rows = self.verify("--quick", code=FAILED)
        self.assert_row(rows, "API", "FAIL", "Timeout was reached", "somebody has port 9477")

    def drop_program(self):
        source = self.file("drop.c", '__attribute__((section("xdp"), used)) int drop(void *c) { return 1; }\n'
                                     'char l[] __attribute__((section("license"), used)) = "GPL";\n')
        private.run("clang", "-O2", "-target", "bpf", "-c", source, "-o", source + ".o")
        return source + ".o"

    def test_without_btf_and_behind_a_foreign_program(self):
        """Before a start it is in the way; where weir counts behind it (tc), it takes the packets."""
        if os.path.isdir("/sys/kernel/btf"):
            private.run("mount", "-t", "tmpfs", "none", "/sys/kernel/btf")
            self.addCleanup(private.run, "umount", "/sys/kernel/btf")
        sensor = start("-c", self.file("tc.yaml", pathlib.Path(self.config).read_text() + "xdp_mode: tc\negress: off\n"))
        self.addCleanup(end, sensor)
        private.run("ip", "link", "set", "dev", "eth0", "xdp", "obj", self.drop_program(), "sec", "xdp")
        self.addCleanup(private.run, "ip", "link", "set", "dev", "eth0", "xdp", "off")
        ping = subprocess.Popen([*private.at_peer(), "ping", "-q", "-i", "0.2", "10.88.0.1"], stdout=subprocess.DEVNULL)
        self.addCleanup(ping.wait)
        self.addCleanup(ping.kill)
        rows = self.verify("--quick", code=FAILED)
        self.assert_row(rows, "counters", "FAIL", "0 packets in", "the interfaces counted", "bpftool net", "systemctl restart weir")
        end(sensor)
        rows = self.verify("--quick", code=FAILED)
        self.assert_row(rows, "BTF", "pass", "is missing, and not needed")
        self.assert_row(rows, "attached", "FAIL", "eth0: XDP program", "name drop", "ip link set dev eth0 xdp off")

    def test_a_tick_that_fails(self):
        """Again and again the kernel has no memory, such as for the update that waits for the old generation."""
        sensor = start("-c", self.config)
        self.addCleanup(end, sensor)
        tracer = subprocess.Popen(["strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=bpf", "-e", "inject=bpf:error=ENOMEM:when=3+4",
                                   "-p", str(sensor.pid)])
        self.addCleanup(tracer.wait)
        self.addCleanup(tracer.kill)
        self.assert_row(self.verify("--quick", code=FAILED), "counters", "FAIL", "ticks failed: ", "Cannot allocate memory")


if __name__ == "__main__":
    private.enter(__file__)
    sys.argv[1:] = sys.argv[2:]
    private.cable = private.lay_cable()
    for where, device in (([], "eth0"), (private.at_peer(), "peer")):  # nobody speaks but who is told to
        private.run(*where, "sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1")
    try:
        unittest.main(verbosity=2)
    finally:
        private.cable.kill()
