#!/usr/bin/python3
"""The service as installed, under a systemd that booted: whatever happens to it, no packet is lost and none counts twice.

usage: service_test.py BUILD_FOLDER

What was sent from outside is compared with what the device counted and with what the service counted over its lives: of those
that ended in order the journal has the sum, of one that was killed its last status.
"""
import json
import os
import pathlib
import re
import shutil
import sys
import time
import unittest

from booted import Machine
from scratch_root import CLONE_NEWNET, CLONE_NEWNS, ROOT, SKIP, MemoryFolder, Scratch, enter_own_namespaces, output
from sender import ETHERNET_HEADER, Sender

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from lessons import lessons  # noqa: E402

DEVICE = "eth0"
CONFIG = "etc/weir/weir.yaml"
WAIT_SECONDS = 30
CAPABILITIES = 1 << 12 | 1 << 38 | 1 << 39  # NET_ADMIN, PERFMON, BPF


def setUpModule():
    """One machine for all: it takes longer than the tests."""
    global MACHINE, SENDER
    enter_own_namespaces(CLONE_NEWNS | CLONE_NEWNET)
    scratch = Scratch(BUILD)
    folder = MemoryFolder(scratch)
    unittest.addModuleCleanup(folder.remove)
    root = folder.path / "root"
    output("cp", "-a", scratch.installed, root)
    scratch.pack_higher_version(root / "higher.deb")
    shutil.copy(ROOT / "packaging/deb/debian/tests/service", root / "service")
    MACHINE = Machine(root)
    unittest.addModuleCleanup(MACHINE.off)
    SENDER = lay_cable()
    unittest.addModuleCleanup(SENDER.close)


def lay_cable():
    """Nobody speaks on it but the sender."""
    output("ip", "link", "add", DEVICE, "netns", MACHINE.leader, "type", "veth", "peer", "name", "peer")
    MACHINE.in_network("sysctl", "-qw", f"net.ipv6.conf.{DEVICE}.disable_ipv6=1")
    output("sysctl", "-qw", "net.ipv6.conf.peer.disable_ipv6=1")
    MACHINE.in_network("ip", "link", "set", DEVICE, "up")
    output("ip", "link", "set", "peer", "up")
    about, = json.loads(MACHINE.in_network("ip", "-j", "link", "show", DEVICE))
    return Sender("peer", about["address"])


def device_counts():
    """(packets, bytes) that the driver gave to XDP. A veth's bytes begin behind the Ethernet header."""
    lines = MACHINE.in_network("ethtool", "-S", DEVICE)
    packets, size = (sum(map(int, re.findall(rf"rx_queue_\d+_xdp_{what}: (\d+)", lines))) for what in ("packets", "bytes"))
    return packets, size + packets * ETHERNET_HEADER


def plus(one, other, sign=1):
    return one[0] + sign * other[0], one[1] + sign * other[1]


def service(name):
    return MACHINE.run("systemctl", "show", "--value", f"--property={name}", "weir").strip()


def status():
    """None while nobody answers."""
    text = MACHINE.run("weir", "status", "--json", check=False)
    return json.loads(text) if text else None


def kept():
    """What systemd holds of the kernel's maps and links; programs it has of its own, for its fences."""
    return [line for line in MACHINE.run("ls", "-l", "/proc/1/fd").splitlines() if re.search(r"bpf[-_](map|link)", line)]


# What these tests send is a flood that nobody answers, of one host upon another, and high alerts are errors in the journal.
RIGHT_ALERT = re.compile(r"udp_flood 10\.88\.0\.(2 \(source\)|9 \(destination\)): ")


class Service(unittest.TestCase):
    def setUp(self):
        self.configure(flows=65536)
        self.since = time.time()
        MACHINE.run("systemctl", "reset-failed", "weir", check=False)  # systemd's own limit of starts in a minute
        MACHINE.run("systemctl", "start", "weir")
        self.wait_for(lambda: (status() or {"ticks": 0})["ticks"] > 0, "the first tick")
        self.sent_before = SENDER.packets, SENDER.bytes
        self.device_before = device_counts()
        self.killed = (0, 0)  # what was counted by lives that nobody asked for a sum

    def tearDown(self):
        MACHINE.run("systemctl", "stop", "weir")

    def configure(self, flows):
        (MACHINE.root / CONFIG).write_text(f"interfaces: [{DEVICE}]\nflows: {flows}\n")

    def wait_for(self, what, name):
        deadline = time.monotonic() + WAIT_SECONDS
        while not what():
            self.assertLess(time.monotonic(), deadline, f"{name}: not within {WAIT_SECONDS} s\n{self.journal()}")
            time.sleep(0.1)

    def journal(self, *options):
        MACHINE.run("journalctl", "--sync")
        return MACHINE.run("journalctl", "--unit=weir", "--output=cat", "--quiet", f"--since=@{self.since:.6f}", *options)

    def settled(self):
        """(packets, bytes) of the running service, once it has read all that came before."""
        ticks = status()["ticks"]
        self.wait_for(lambda: status()["ticks"] >= ticks + 2, "two ticks")
        now = status()
        self.assertEqual((now["losses"]["law_errors"], now["losses"]["tick_errors"]), (0, 0))
        return now["packets"]["seen"], now["packets"]["seen_bytes"]

    def another_runs(self, than):
        """Once a process other than `than` has begun to count."""
        is_another = lambda: service("MainPID") not in ("0", than) and service("ActiveState") == "active"
        self.wait_for(lambda: is_another() and (status() or {"ticks": 0})["ticks"] > 1, "the next process")

    def assert_all_counted(self, least=2000, told=RIGHT_ALERT):
        """Ends the service, for its sum. `told`: which errors there may be."""
        MACHINE.run("systemctl", "stop", "weir")
        sums = re.findall(r"(?m)^(\d+) packets, (\d+) bytes: ", self.journal())
        counted = self.killed
        for packets, size in sums:
            counted = plus(counted, (int(packets), int(size)))
        sent = plus((SENDER.packets, SENDER.bytes), self.sent_before, -1)
        print(f"{self.id()}: sent {sent}, device {plus(device_counts(), self.device_before, -1)}, counted {counted}, lives {len(sums)}")
        self.assertGreater(sent[0], least)
        self.assertEqual(plus(device_counts(), self.device_before, -1), sent, "not each of them met XDP")
        self.assertEqual(counted, sent)
        self.assertEqual([line for line in self.journal("--priority=err").splitlines() if not told.match(line)], [])

    def test_it_is_active_as_its_own_user_with_three_capabilities(self):
        self.assertIn("Active: active (running)", MACHINE.run("systemctl", "status", "weir"))
        self.assertRegex(service("StatusText"), r"^\d+ packets/s, \d+\.\d Mbit/s, \d+ hosts, \d+ incidents, learning: learning$")
        about = MACHINE.run("cat", f"/proc/{service('MainPID')}/status")
        fields = dict(re.findall(r"(?m)^(\w+):\s*(.*)$", about))
        user = MACHINE.run("id", "-u", "weir").strip()
        self.assertNotEqual(user, "0")
        self.assertEqual(set(fields["Uid"].split()), {user})
        for kind in ("CapPrm", "CapEff", "CapBnd"):
            self.assertEqual(int(fields[kind], 16), CAPABILITIES, kind)
        self.assertEqual((fields["NoNewPrivs"], fields["Seccomp"]), ("1", "2"))

    def test_its_log_is_in_the_journal_each_line_with_its_priority(self):
        self.assertIn(f"{DEVICE}: XDP native", self.journal("--priority=info"))
        self.assertNotIn(f"{DEVICE}: XDP native", self.journal("--priority=notice"))
        MACHINE.run("systemctl", "stop", "weir")
        (MACHINE.root / CONFIG).write_text("interfaces: [nosuch0]\n")
        MACHINE.run("systemctl", "start", "weir", check=False)
        self.assertIn("nosuch0: no such interface", self.journal("--priority=err"))

    def test_what_happens_to_it_are_records_that_the_catalog_explains(self):
        MACHINE.run("systemctl", "reload", "weir")
        (MACHINE.root / CONFIG).write_text("flows: many\n")
        MACHINE.run("systemctl", "kill", "--signal=HUP", "weir")
        self.wait_for(lambda: "not reloaded" in self.journal(), "the refusal")
        MACHINE.run("systemctl", "stop", "weir")
        records = [json.loads(line) for line in self.journal("--output=json").splitlines()]
        events = dict.fromkeys((r["WEIR_EVENT"], r["PRIORITY"], r["WEIR_INTERFACE"]) for r in records if "WEIR_EVENT" in r)
        self.assertEqual(list(events), [("start", "6", ""), ("attach", "6", DEVICE), ("learn", "6", ""), ("reload", "6", ""),
                                        ("reload", "3", ""), ("stop", "6", "")])
        self.assertEqual(len({r["MESSAGE_ID"] for r in records if "WEIR_EVENT" in r}), 5)
        self.assertEqual(self.journal("WEIR_EVENT=reload").splitlines()[0], "reloaded")
        self.assertIn("weir watches " + DEVICE, self.journal("--catalog", "--output=short"))

    def test_setup_starts_it_and_verify_finds_all_well(self):
        MACHINE.run("systemctl", "stop", "weir")
        (MACHINE.root / CONFIG).write_text("# ours\n\nflows: 65536\n")
        self.assertIn(f"{DEVICE}: XDP native", MACHINE.run("weir", "setup", DEVICE))
        self.assertEqual((MACHINE.root / CONFIG).read_text(), f"# ours\n\ninterfaces: [{DEVICE}]\nflows: 65536\n")
        self.addCleanup(MACHINE.run, "systemctl", "disable", "weir", check=False)
        first = service("MainPID")
        self.assertIn("as before", MACHINE.run("weir", "setup", DEVICE))
        with SENDER.sending():
            said = MACHINE.run("sh", "-c", "weir verify --json; echo code $?")
        rows = {row["name"]: row for row in json.loads(said[:said.rindex("code")])["checks"]}
        self.assertEqual(said[said.rindex("code"):].strip(), "code 0", said)
        for name in ("package", "unit", "capabilities", "API", "attached", "model", "disk", "attack", "counters", "windows"):
            self.assertEqual(rows[name]["verdict"], "pass", rows[name])
        self.assertIn("active (running), enabled", rows["unit"]["detail"])
        self.assertIn("user weir has", rows["capabilities"]["detail"])
        self.assertEqual(service("MainPID"), first)

    def test_a_stop_leaves_nothing(self):
        self.assertTrue(kept())
        self.assertNotEqual(service("NFileDescriptorStore"), "0")
        self.assertIn("prog/xdp", MACHINE.in_network("ip", "-d", "link", "show", DEVICE))
        MACHINE.run("systemctl", "stop", "weir")
        self.assertEqual((kept(), service("NFileDescriptorStore")), ([], "0"))
        self.wait_for(lambda: "prog/xdp" not in MACHINE.in_network("ip", "-d", "link", "show", DEVICE), "nothing attached")

    def test_it_learns_in_its_own_folder_and_trains_at_the_lowest_priority(self):
        """The file of a sensor that has watched for a day stands in for the day."""
        state = MACHINE.root / "var/lib/weir"
        MACHINE.run("systemctl", "stop", "weir")
        (MACHINE.root / "lessons").write_bytes(lessons(24, 1, int(time.time()) - 86400))
        MACHINE.run("install", "--owner=weir", "--group=weir", "/lessons", "/var/lib/weir/lessons")
        MACHINE.run("systemctl", "start", "weir")
        self.addCleanup(lambda: [MACHINE.run("systemctl", "stop", "weir"), MACHINE.run("sh", "-c", "rm -r /var/lib/weir/*")])
        self.wait_for(lambda: (status() or {"learning": {}})["learning"].get("state") == "learned", "the switch")
        self.assertEqual((status()["learning"]["directory"], service("NRestarts")), ("/var/lib/weir", "0"))
        model, = (state / "models").iterdir()
        self.assertEqual(MACHINE.run("stat", "-c", "%U %a", f"/var/lib/weir/models/{model.name}").strip(), "weir 600")
        first = service("MainPID")
        MACHINE.run("dpkg", "-i", "/higher.deb")  # an upgrade, or the same once more: both restart it
        self.another_runs(first)
        self.assertEqual(status()["learning"]["state"], "learned")
        self.assertEqual(list((state / "models").iterdir()), [model])

    def test_a_restart_loses_no_packet(self):
        first = service("MainPID")
        with SENDER.sending():
            MACHINE.run("systemctl", "restart", "weir")
            self.another_runs(first)
        self.assert_all_counted()

    def test_a_crash_loses_no_packet(self):
        first = service("MainPID")
        with SENDER.sending():
            time.sleep(1)
        self.killed = self.settled()
        # Held still, so that it reads nothing more of which we would not know, and the packets come while it dies.
        MACHINE.run("systemctl", "kill", "--signal=STOP", "weir")
        with SENDER.sending():
            MACHINE.run("systemctl", "kill", "--signal=KILL", "weir")
            self.another_runs(first)
        self.assertEqual(service("NRestarts"), "1")
        self.assert_all_counted()

    def test_tables_of_another_size_lose_no_packet(self):
        first, before = service("MainPID"), status()["table_bytes"]
        self.configure(flows=4096)
        with SENDER.sending():
            MACHINE.run("systemctl", "restart", "weir")
            self.another_runs(first)
        self.assertNotEqual(status()["table_bytes"], before)
        self.assert_all_counted()

    def test_a_reload_loses_no_packet_and_a_bad_file_fails_it(self):
        first, before = service("MainPID"), status()["table_bytes"]
        with SENDER.sending():
            self.configure(flows=4096)
            MACHINE.run("systemctl", "reload", "weir")
            self.assertNotEqual(status()["table_bytes"], before)
            (MACHINE.root / CONFIG).write_text("interface: nothing\n")
            MACHINE.run("systemctl", "reload", "weir", check=False)
            self.assertIn("unknown key 'interface'", self.journal())
        self.configure(flows=4096)
        self.assertEqual((service("MainPID"), service("ActiveState"), service("NRestarts")), (first, "active", "0"))
        self.assertEqual((status()["settings"]["reloads"], status()["settings"]["refused"]), (1, 0))
        self.assert_all_counted(told=re.compile(rf"{RIGHT_ALERT.pattern}|Reload failed for weir|weir: /etc/weir/weir.yaml:1:1: unknown key 'interface'"))

    def test_an_upgrade_loses_no_packet(self):
        first, version = service("MainPID"), MACHINE.run("dpkg-query", "-W", "-f=${Version}", "weir")
        with SENDER.sending():
            MACHINE.run("dpkg", "-i", "/higher.deb")
            self.another_runs(first)
        self.assertEqual(MACHINE.run("dpkg-query", "-W", "-f=${Version}", "weir"), version + "+1")
        self.assert_all_counted()

    def test_the_package_s_own_test_of_the_service(self):
        """autopkgtest would have this very machine for it, and take longer to make it."""
        MACHINE.run("systemctl", "stop", "weir")
        MACHINE.run("env", "AUTOPKGTEST_TMP=/tmp", "/service")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: service_test.py BUILD_FOLDER")
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    if os.geteuid() != 0:
        print("SKIP: a scratch root and systemd in it need root")
        sys.exit(SKIP)
    unittest.main(verbosity=2)
