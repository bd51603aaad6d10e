#!/usr/bin/python3
"""`weir reload` and SIGHUP: all or nothing is taken, and what was counted and learned stays."""
import os
import pathlib
import pty
import signal
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

import private
from cli_test import BAD_CONFIG, FAILED, NO_PERMISSION, OK, STATUS, WEIR, Case, ask, await_ticks, end, start
from restart_test import device_packets, send, silence

RELOADS = 20
PER_RELOAD = 200  # pings meanwhile


class Reload(Case):
    def setUp(self):
        super().setUp()
        self.state = pathlib.Path(self.folder.name, "state")
        self.state.mkdir()
        self.config = self.write("")
        self.sensor = start("-c", self.config, interfaces=())
        self.addCleanup(end, self.sensor)

    def write(self, text, learning="hours: 1"):
        interfaces = "" if "interfaces" in text else "interfaces: [eth0]\n"
        return self.file("weir.yaml", f"learning: {{ directory: {self.state}, {learning} }}\n{interfaces}{text}")

    def reload(self, *options):
        return subprocess.run([WEIR, "reload", "-c", self.config, *options], capture_output=True, text=True, timeout=60)

    def take(self, text, **more):
        self.write(text, **more)
        done = self.reload()
        self.assertEqual((done.returncode, done.stdout), (OK, "reloaded\n"), done.stderr)

    def hang_up(self):
        before = ask()["settings"]
        self.sensor.send_signal(signal.SIGHUP)
        for _ in range(100):
            now = ask()["settings"]
            if now["reloads"] + now["refused"] != before["reloads"] + before["refused"]:
                return now
            time.sleep(0.1)
        raise AssertionError("the sensor says nothing of a reload")

    def stop(self):
        self.sensor.terminate()
        _, log = self.sensor.communicate(timeout=20)
        self.assertEqual(self.sensor.returncode, OK, log)
        return log

    def events(self):
        return [(e["kind"], e["level"]) for e in ask(STATUS.replace("status", "events"))["events"]]

    def threshold(self, rule):
        about = ask(STATUS.replace("status", "hosts/10.88.0.2"))
        return next(r["threshold"] for r in about["rules"] if r["rule"] == rule)

    def test_events_tell_what_has_happened(self):
        self.write("flows: many\n")
        self.assertEqual(self.reload().returncode, BAD_CONFIG)
        refused = self.hang_up()
        self.assertEqual(refused["refused"], 1)
        self.take("")
        await_ticks(1)
        self.assertEqual(self.events(), [("start", "info"), ("attach", "info"), ("learn", "info"), ("reload", "error"),
                                         ("reload", "info")])

    def test_what_lies_in_conf_d_is_taken_too(self):
        self.assertEqual(self.threshold("vertical_scan"), 20)
        folder = pathlib.Path(self.folder.name, "conf.d")
        folder.mkdir()
        drop_in = folder / "10-scans.yaml"
        drop_in.write_text("rules: { vertical_scan: { threshold: 33 } }\n")
        self.take("")
        self.assertEqual(self.threshold("vertical_scan"), 33)
        self.assertEqual(ask()["settings"]["files"], [self.config, str(drop_in)])
        drop_in.write_text("rules: { vertical_scan: { threshold: 0 } }\n")
        done = self.reload()
        self.assertEqual(done.returncode, BAD_CONFIG)
        self.assertIn(f"{drop_in}:1:38: rules.vertical_scan.threshold", done.stderr)
        self.assertEqual(self.threshold("vertical_scan"), 33)

    def test_what_changed_holds_and_what_was_counted_stays(self):
        private.run(*private.at_peer(), "ping", "-q", "-f", "-c", "50", "10.88.0.1")
        await_ticks(2)
        before = ask()
        self.take("rules: { icmp_flood: { threshold: 77 } }\nallow: [{ name: monitoring, hosts: ['10.88.0.2'], kinds: [icmp_flood] }]\n")
        after = ask()
        self.assertEqual(self.threshold("icmp_flood"), 77)
        self.assertEqual(len(ask(STATUS.replace("status", "hosts/10.88.0.2"))["silences"]), 1)
        self.assertEqual(after["pid"], before["pid"])
        self.assertGreaterEqual(after["packets"]["seen"], before["packets"]["seen"])
        self.assertGreaterEqual(before["packets"]["seen"], 100)
        self.assertEqual(after["settings"]["reloads"], 1)
        self.assertIn("reloaded", self.stop())

    def test_a_bad_file_changes_nothing_and_says_why(self):
        self.take("rules: { icmp_flood: { threshold: 77 } }\n")
        self.write("rules: { icmp_flood: { threshold: 78 } }\nflow: 1\n")
        done = self.reload()  # looks itself first
        self.assertEqual(done.returncode, BAD_CONFIG)
        self.assertIn("weir.yaml:4:1: unknown key 'flow'", done.stderr)
        self.assertEqual(ask()["settings"]["refused"], 0)
        settings = self.hang_up()
        self.assertEqual((settings["reloads"], settings["refused"]), (1, 1))
        self.assertIn("weir.yaml:4:1: unknown key 'flow'", settings["refusal"])
        self.assertEqual(self.threshold("icmp_flood"), 77)
        metrics = urllib.request.urlopen(STATUS.replace("api/v1/status", "metrics"), timeout=5).read().decode()
        self.assertIn("weir_config_last_reload_successful 0\n", metrics)
        self.assertIn('weir_config_reloads_total{result="refused"} 1\n', metrics)
        self.take("")
        self.assertEqual(ask()["settings"]["refusal"], "")
        self.assertIn("not reloaded, all stays as it was", self.stop())

    def test_what_only_the_sensor_can_know_is_told_too(self):
        for text, words in (("interfaces: [eth0, eth7]\n", "eth7: no such interface"), ("xdp_mode: tc\n", "restart weir"),
                            ("alerts: { file: /nonexistent/alerts }\n", "/nonexistent/alerts"),
                            ("http: { address: 0.0.0.0 }\n", "change http.port too")):
            self.write("rules: { icmp_flood: { threshold: 78 } }\n" + text)
            done = self.reload("--url", STATUS.replace("/api/v1/status", ""))
            self.assertEqual(done.returncode, BAD_CONFIG, text)
            self.assertIn(words, done.stderr)
            self.assertEqual(self.threshold("icmp_flood"), 300)
        self.assertNotEqual(private.xdp_programs(), "")

    def test_no_packet_is_lost_or_counted_twice(self):
        """Tables of another size, an interface more or less, other thresholds, while pings come and go."""
        silence()
        private.run("ip", "link", "add", "other0", "type", "veth", "peer", "name", "other1")
        self.addCleanup(private.run, "ip", "link", "del", "other0")
        self.take("interfaces: [eth0]\negress: on\n")
        await_ticks(2)
        device, seen = device_packets(), ask()["packets"]["seen"]
        for number in range(RELOADS):
            pings = subprocess.Popen([*private.at_peer(), "ping", "-q", "-f", "-c", str(PER_RELOAD), "10.88.0.1"],
                                     stdout=subprocess.DEVNULL)
            self.take(f"interfaces: [eth0{', other0' if number % 2 else ''}]\negress: on\nflows: {65536 if number % 4 < 2 else 131072}\n"
                      f"rules: {{ icmp_flood: {{ threshold: {100 + number} }} }}\n")
            self.assertEqual(pings.wait(timeout=30), 0)
        send(1)
        await_ticks(2)
        self.assertEqual(ask()["packets"]["seen"] - seen, device_packets() - device)
        self.assertGreaterEqual(device_packets() - device, 2 * RELOADS * PER_RELOAD)
        self.assertEqual(ask()["settings"]["reloads"], RELOADS + 1)

    def test_http_moves_and_closes(self):
        self.write("http: { port: 9478 }\n")
        done = self.reload("--url", STATUS.replace("/api/v1/status", ""))  # asks there, and is answered there no more
        self.assertEqual(done.returncode, FAILED)
        elsewhere = STATUS.replace("9477", "9478")
        self.assertEqual(ask(elsewhere)["settings"]["reloads"], 1)
        with self.assertRaises(OSError):
            ask()
        self.take("http: { port: 9478, allowed_hosts: [gateway.example] }\n")
        named = urllib.request.Request(elsewhere, headers={"Host": "gateway.example"})
        self.assertEqual(urllib.request.urlopen(named, timeout=5).status, 200)
        self.take("http: { port: 9478 }\n")
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.urlopen(named, timeout=5)

    def test_what_was_learned_goes_on_also_in_another_folder(self):
        private.run(*private.at_peer(), "ping", "-q", "-f", "-c", "50", "10.88.0.1")
        await_ticks(11)
        windows = ask()["learning"]["windows"]
        self.assertGreaterEqual(windows, 2)
        self.take("", learning="hours: 2")
        learning = ask()["learning"]
        self.assertEqual((learning["windows"], learning["hours_wanted"], learning["state"]), (windows, 2, "learning"))
        other = pathlib.Path(self.folder.name, "other")
        other.mkdir()
        self.state = other
        self.take("")
        learning = ask()["learning"]
        self.assertEqual((learning["windows"], learning["directory"], learning["state"]), (windows, str(other), "learning"))
        self.take("", learning="enabled: false")
        self.assertEqual(ask()["learning"]["state"], "off")
        self.take("")
        self.assertEqual(ask()["learning"]["windows"], windows)
        self.stop()
        self.assertGreater((other / "lessons").stat().st_size, 0)

    def test_who_may_not_signal_it_is_told(self):
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
        os.chmod(self.folder.name, 0o755)
        done = subprocess.run([*user, WEIR, "reload", "-c", self.config], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, NO_PERMISSION, done.stderr)
        self.assertIn("systemctl reload weir", done.stderr)
        self.assertEqual(ask()["settings"]["reloads"], 0)


class Without(Case):
    def test_nobody_to_ask(self):
        done = subprocess.run([WEIR, "reload"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("does `weir run` run?", done.stderr)

    def test_a_sensor_stops_with_its_terminal(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(WEIR, [WEIR, "run", "eth0"])
        for _ in range(300):
            time.sleep(0.1)
            try:
                if ask()["ticks"] > 0:
                    break
            except OSError:
                pass
        os.close(terminal)
        for _ in range(100):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                break
            time.sleep(0.1)
        else:
            os.kill(pid, signal.SIGKILL)
            self.fail("it goes on without its terminal")
        self.assertEqual(os.waitstatus_to_exitcode(status), OK)
        self.assertEqual(private.xdp_programs(), "")


if __name__ == "__main__":
    private.enter(__file__)
    sys.argv[1:] = sys.argv[2:]
    private.cable = private.lay_cable()
    try:
        unittest.main(verbosity=2)
    finally:
        private.cable.kill()
