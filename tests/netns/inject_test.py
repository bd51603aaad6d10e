#!/usr/bin/python3
"""The lab's attacks on demand: each kind is named, nobody else is; a silent rule is told; labels and captures agree.

usage: inject_test.py WEIR (the sensor's path). Three labs at the same time.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
LAB = TOOLS / "lab"
sys.path.insert(0, str(TOOLS))
SKIP = 77

# A beacon takes its 32 calls, a spike its minute of past: not here.
KINDS = ["scan", "sweep", "syn-flood", "udp-flood", "icmp-flood", "connection-flood", "distributed-flood", "reflection", "backscatter",
         "odd-flags", "brute-force", "sqli", "xss", "shell", "web-scan", "nxdomain", "dns-tunnel", "uncommon-port"]
# Of the half for design, with no more programs than the lab has anyway; by which kinds each may be found.
ENTRIES = {"nmap-xmas-scan": {"vertical_scan", "odd_flags"}, "hping3-syn-flood": {"syn_flood"}, "curl-shellshock": {"web_attack"}}
RULES = 18  # that have a threshold: all
WITHOUT_WEB = "rules: {web_attack: {enabled: false}}\n"


def start(*options):
    return subprocess.Popen([sys.executable, LAB, "--weir", WEIR, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def thresholds():
    """Each rule's default, and the range that it may be set to."""
    text = subprocess.run([WEIR, "check-config", "--defaults"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"(?m)^  (\w+):\n(?:    .*\n)*?    # an? (?:number|integer) from (\S+) to (\S+)\n    threshold: (\S+)", text)
    return {rule: [float(number) for number in numbers] for rule, *numbers in found}


def replayed(capture, folder, rules=""):
    """Who is accused of what."""
    config = pathlib.Path(folder, "replay.yaml")
    config.write_text(rules)
    lines = subprocess.run([WEIR, "replay", "--config", config, capture], capture_output=True, text=True, check=True).stdout.splitlines()
    return {(alert["host"], alert["role"], alert["kind"]) for alert in map(json.loads, lines) if alert["type"] == "alert"}


def result_of(lab):
    out, errors = lab.communicate(timeout=300)
    if not out:
        raise AssertionError(f"the lab ended with {lab.returncode}:\n{errors}")
    return lab.returncode, json.loads(out)


class Inject(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        config = pathlib.Path(cls.folder.name, "weir.yaml")
        config.write_text(WITHOUT_WEB)
        cls.capture = pathlib.Path(cls.folder.name, "all.pcap")
        labs = [start("--inject", ",".join(KINDS), "--record", cls.capture, "--ordinary", "12", "--json"),
                start("--inject", "sqli,odd-flags", "--ordinary", "3", "--config", config, "--json"),
                start("--catalogue", ",".join(ENTRIES), "--ordinary", "20", "--folder", cls.folder.name, "--json")]
        (cls.code, cls.all), (cls.silent_code, cls.silent), (_, cls.catalogue) = [result_of(lab) for lab in labs]

    def test_each_kind_is_named_and_nobody_else(self):
        self.assertEqual((self.all["complaints"], self.code), ([], 0))
        self.assertEqual([injection["name"] for injection in self.all["runs"][0]["injections"]], KINDS)

    def test_an_alert_names_its_attack_s_own_hosts(self):
        injections = self.all["runs"][0]["injections"]
        self.assertEqual(len({injection["attacker"] for injection in injections}), len(KINDS))
        for injection in injections:
            self.assertLessEqual({kind for kind, _ in injection["expects"]}, {alert["kind"] for alert in injection["alerts"]})

    def test_a_threshold_moved_by_a_fifth_loses_no_attack_and_accuses_nobody(self):
        as_shipped = replayed(self.capture, self.folder.name)
        self.assertGreaterEqual(len(as_shipped), len(KINDS))
        self.assertEqual(len(thresholds()), RULES)
        for rule, (least, most, default) in thresholds().items():
            for factor in (0.8, 1.2):
                value = min(max(default * factor, least), most)
                moved = replayed(self.capture, self.folder.name, f"rules: {{{rule}: {{threshold: {value:g}}}}}\n")
                with self.subTest(rule=rule, threshold=value):
                    self.assertEqual({host for host, _, _ in moved}, {host for host, _, _ in as_shipped})

    def test_a_silent_rule_is_told(self):
        self.assertEqual(self.silent_code, 1)
        self.assertEqual([(injection["name"], injection["missing"]) for injection in self.silent["runs"][0]["injections"]],
                         [("sqli", [["web_attack", "source"]]), ("odd-flags", [])])

    def test_the_catalogue_s_entries_are_found_by_what_they_do(self):
        for entry in self.catalogue["entries"]:
            with self.subTest(entry=entry["name"]):
                self.assertIsNone(entry["broken"])
                self.assertTrue({hit["kind"] for hit in entry["judged"][0]["hits"]} & ENTRIES[entry["name"]], entry)

    def test_a_label_counts_what_tcpdump_counts(self):
        from labkit import captures, recorder
        for name in ENTRIES:
            capture = pathlib.Path(self.folder.name, f"{name}.pcap")
            label = recorder.read_labels(capture)[0]
            ours = captures.count_between(capture, 0, float("inf"), [label["attacker"]], label["victims"].split())
            listed = subprocess.run(["tcpdump", "-n", "-r", capture, f"src host {label['attacker']} and dst host {label['victims']}"],
                                    capture_output=True, text=True, check=True).stdout.splitlines()
            self.assertEqual(ours, len(listed), name)
            self.assertGreater(ours, 0, name)


class Without(unittest.TestCase):
    """No lab is needed."""

    def test_the_lists_name_all(self):
        kinds, entries = [start(option, "list").communicate(timeout=30)[0] for option in ("--inject", "--catalogue")]
        self.assertLessEqual({*KINDS, "beacon", "spike"}, {line.split()[0] for line in kinds.splitlines() if line})
        self.assertLessEqual({("design", name) for name in ENTRIES}, {tuple(line.split()[::2]) for line in entries.splitlines()})

    def test_an_unknown_kind_is_named(self):
        lab = start("--inject", "flod")
        self.assertIn("'flod'", lab.communicate(timeout=30)[1])
        self.assertEqual(lab.returncode, 1)

    def test_an_unknown_entry_is_named(self):
        lab = start("--catalogue", "nmap-nul-scan")
        self.assertIn("nmap-nul-scan", lab.communicate(timeout=30)[1])
        self.assertEqual(lab.returncode, 1)

    def test_a_capture_without_a_place_for_labels_is_refused(self):
        lab = start("--record", "traffic.dump")
        self.assertIn(".pcap", lab.communicate(timeout=30)[1])
        self.assertEqual(lab.returncode, 2)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: inject_test.py WEIR")
    WEIR = sys.argv.pop(1)
    if os.geteuid() != 0:
        print("SKIP: network namespaces and XDP need root")
        sys.exit(SKIP)
    unittest.main(verbosity=2)
