#!/usr/bin/python3
"""How `weir run` lives and ends: signals, faults under way, restarts, and where its alerts arrive."""
import json
import os
import signal
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

import private
from cli_test import BAD_CONFIG, OK, STATUS, USAGE, WEIR, Case, ask, await_ticks, end, start


class Life(Case):
    def test_runs_without_the_kernels_btf(self):
        """Nothing is relocated against it, so a kernel that has none will do."""
        if os.path.isdir("/sys/kernel/btf"):
            private.run("mount", "-t", "tmpfs", "none", "/sys/kernel/btf")
            self.addCleanup(private.run, "umount", "/sys/kernel/btf")
        done = subprocess.run([WEIR, "run", "eth0", "--duration", "1"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, OK, done.stderr)

    def test_a_signal_ends_it_within_two_seconds(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            sensor = start()
            self.assertIn("prog/xdp", private.xdp_programs())
            begin = time.monotonic()
            sensor.send_signal(number)
            out, err = sensor.communicate(timeout=10)
            self.assertLess(time.monotonic() - begin, 2)
            self.assertEqual(sensor.returncode, OK, err)
            self.assertEqual(out, "")
            self.assertIn("packets", err)
            self.assertEqual(private.xdp_programs(), "")

    def test_a_schedule_attaches_and_ends(self):
        def date(seconds):
            return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time.time() + seconds))
        sensor = subprocess.Popen([WEIR, "run", "eth0", "--start-date", date(4), "--end-date", date(14)], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        self.addCleanup(end, sensor)
        time.sleep(1.5)
        self.assertEqual((sensor.poll(), private.xdp_programs()), (None, ""))
        for _ in range(100):
            if private.xdp_programs():
                break
            time.sleep(0.1)
        self.assertIn("prog/xdp", private.xdp_programs())
        _, log = sensor.communicate(timeout=20)
        self.assertEqual((sensor.returncode, private.xdp_programs()), (OK, ""), log)
        self.assertIn("nothing is attached outside of the schedule: from 20", log)
        self.assertIn("the schedule is over", log)

    def test_a_schedule_that_cannot_be_is_refused(self):
        for dates, code in ((["--start-date", "2027-01-02", "--end-date", "2027-01-01"], BAD_CONFIG), (["--end-date", "soon"], USAGE)):
            done = subprocess.run([WEIR, "run", "eth0", *dates], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, code, done.stderr)

    def test_killed_and_restarted_leaves_nothing_behind(self):
        before = private.pins()
        for _ in range(3):
            sensor = start()
            sensor.kill()
            sensor.wait()
            sensor.stdout.close()
            sensor.stderr.close()
            for _ in range(200):  # the kernel drops the link once the last descriptor is gone
                if private.xdp_programs() == "":
                    break
                time.sleep(0.05)
            self.assertEqual(private.xdp_programs(), "")
            self.assertEqual(private.pins(), before)

    def test_duration_ends_it_and_sums_up_each_host(self):
        private.run("ping", "-q", "-c", "1", "10.88.0.2")
        ping = subprocess.Popen(["ping", "-q", "-i", "0.1", "10.88.0.2"], stdout=subprocess.DEVNULL)
        done = subprocess.run([WEIR, "run", "eth0", "--duration", "3"], capture_output=True, text=True, timeout=30)
        ping.kill()
        ping.wait()
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertRegex(done.stderr, r"10\.88\.0\.2 +source +\d+")
        self.assertIn("0 alerts", done.stderr)

    def test_default_route_names_the_interface(self):
        done = subprocess.run([WEIR, "run", "--duration", "1"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("eth0: XDP native", done.stderr)

    def test_a_reader_of_alerts_that_goes_away_costs_nothing_else(self):
        sensor = start()
        sensor.stdout.close()
        await_ticks(2)
        sensor.terminate()
        self.assertEqual(sensor.wait(10), OK)
        sensor.stderr.close()

    def add_cable(self, name, peer):
        private.run("ip", "link", "add", name, "type", "veth", "peer", "name", peer)
        self.addCleanup(private.run, "ip", "link", "del", name, check=False)
        for end in (name, peer):
            private.run("ip", "link", "set", end, "up")

    def wait_for(self, condition):
        for _ in range(100):
            if condition():
                return
            time.sleep(0.1)
        self.fail(f"waited in vain: {self.interfaces()}")

    @staticmethod
    def interfaces():
        return {i["name"]: i for i in ask()["interfaces"]}

    def state(self, name):
        return self.interfaces().get(name, {}).get("state")

    @staticmethod
    def readiness():
        """"" or what the sensor says is missing."""
        try:
            urllib.request.urlopen(STATUS.replace("api/v1/status", "readyz"), timeout=5).read()
        except urllib.error.HTTPError as error:
            return json.loads(error.read())["reason"]
        return ""

    def test_an_interface_that_vanishes_is_waited_for_and_watched_again(self):
        self.add_cable("eth1", "other")
        sensor = start("eth1")
        self.assertEqual(self.readiness(), "")
        private.run("ip", "link", "del", "eth1")
        self.wait_for(lambda: self.state("eth1") == "waiting")
        self.assertEqual(self.readiness(), "eth1: waiting, no such interface")
        self.assertIn("waiting: no such interface", private.run(WEIR, "status"))
        self.add_cable("eth1", "other")
        self.wait_for(lambda: self.state("eth1") == "attached")
        self.assertIn("prog/xdp", private.xdp_programs("eth1"))
        self.wait_for(lambda: self.readiness() == "")
        self.assertEqual(ask()["losses"]["tick_errors"], 0)
        sensor.terminate()
        log = sensor.communicate(timeout=10)[1]
        self.assertEqual(sensor.returncode, OK)
        self.assertEqual(log.count("eth1: XDP native"), 2, log)
        self.assertIn("eth1: waiting: no such interface", log)

    def test_a_pattern_follows_what_comes_and_goes(self):
        sensor = start("lan*")
        self.assertEqual(self.state("lan*"), "waiting")
        self.assertEqual(self.readiness(), "")  # eth0 is watched, a pattern may match nothing
        self.add_cable("lan1", "other1")
        self.wait_for(lambda: self.state("lan1") == "attached")
        private.run("ip", "link", "del", "lan1")
        self.wait_for(lambda: self.state("lan1") is None)
        self.assertEqual(self.state("lan*"), "waiting")
        sensor.terminate()
        log = sensor.communicate(timeout=10)[1]
        self.assertIn("lan*: waiting: no interface matches", log)
        self.assertIn("lan1: no longer watched", log)

    def test_a_mirror_ends_with_the_first_address(self):
        self.add_cable("span0", "other0")
        config = self.file("weir.yaml", "interfaces: [{name: eth0, role: outside}, {name: span0, mirror: true}]\n")
        sensor = subprocess.Popen([WEIR, "run", "-c", config], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(sensor.kill)
        self.wait_for(lambda: self.is_up() and self.interfaces()["span0"]["mirror"])
        self.assertEqual(self.interfaces()["eth0"]["role"], "outside")
        private.run("ip", "address", "add", "10.89.0.1/24", "dev", "span0")
        self.wait_for(lambda: not self.interfaces()["span0"]["mirror"])
        metrics = urllib.request.urlopen(STATUS.replace("api/v1/status", "metrics"), timeout=5).read().decode()
        self.assertRegex(metrics, r'weir_attach_info{interface="eth0",state="attached",mode="native.*",role="outside",mirror="false"')
        sensor.terminate()
        log = sensor.communicate(timeout=10)[1]
        self.assertIn("span0: XDP native", log)
        self.assertIn("warning: span0: mirror is off, packets pass: it has an address", log)

    @staticmethod
    def is_up():
        try:
            return ask()["ticks"] > 0
        except OSError:
            return False

    def test_a_failed_tick_is_counted_and_loses_nothing(self):
        """A real fault: the kernel has no memory for the update that waits for the old generation, twice."""
        sensor = start()
        inject = ["strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=bpf", "-e", "inject=bpf:error=ENOMEM:when=1..2",
                  "-p", str(sensor.pid)]
        tracer = subprocess.Popen(inject)
        subprocess.run([*private.at_peer(), "ping", "-q", "-c", "20", "-i", "0.1", "10.88.0.1"], check=True, capture_output=True)
        self.wait_for(lambda: ask()["losses"]["tick_errors"] >= 2)
        tracer.terminate()
        tracer.wait()
        await_ticks(2)
        status = ask()
        sensor.terminate()
        _, log = sensor.communicate(timeout=10)
        self.assertEqual(status["losses"]["tick_errors"], 2, log)
        self.assertEqual(status["losses"]["law_errors"], 0)
        self.assertGreaterEqual(status["packets"]["in_flows"], 20)
        self.assertIn("Cannot allocate memory", status["last_error"])
        self.assertEqual(log.count("Cannot allocate memory"), 1)  # told once a minute

    def test_one_interface_is_counted_in_both_directions_unless_egress_is_off(self):
        for egress, coverage in (("auto", "both directions"), ("off", "arrivals only")):
            sensor = start("-c", self.file("weir.yaml", f"egress: {egress}\nnetworks: {{ home: [10.88.0.0/24] }}\n"))
            subprocess.run([*private.at_peer(), "ping", "-q", "-c", "7", "-i", "0.01", "10.88.0.1"], check=True, capture_output=True)
            await_ticks(2)
            eth0 = ask()["interfaces"][0]
            metrics = urllib.request.urlopen("http://127.0.0.1:9477/metrics", timeout=5).read().decode()
            sensor.terminate()
            _, log = sensor.communicate(timeout=10)
            self.assertEqual((eth0["coverage"], eth0["counts"]), (coverage, "exact"), log)
            self.assertGreaterEqual(eth0["packets"] - eth0["sent_packets"], 7)
            if egress == "auto":  # the answers, and whatever the machine says on its own
                self.assertGreaterEqual(eth0["sent_packets"], 7)
            else:
                self.assertIn('weir_interface_packets_total{interface="eth0",direction="out"} 0\n', metrics)
            self.assertIn(f'coverage="{coverage}",counts="exact"', metrics)
            self.assertIn(f"eth0: {coverage}", log)

    def test_what_is_expected_is_judged_and_counted_but_delivered_to_nobody(self):
        config = self.file("weir.yaml", "groups: [{name: pingers, hosts: 10.88.0.2, thresholds: {icmp_flood: 301}}]\n"
                                        "allow: [{name: we ping, hosts: 'source:10.88.0.2', kinds: [icmp_flood]}]\n")
        sensor = start("-c", config)
        subprocess.run([*private.at_peer(), "ping", "-f", "-q", "-c", "400", "10.88.0.1"], check=True, capture_output=True)
        alerts = STATUS.replace("status", "alerts")
        self.wait_for(lambda: ask(alerts)["alerts"])
        self.assertEqual(ask(alerts)["alerts"][0]["silenced"], {"by": "allow", "name": "we ping"})
        self.assertEqual(ask()["alerts_silenced"]["allow"], 1)
        self.wait_for(lambda: ask(STATUS.replace("status", "hosts/10.88.0.2"))["windows"])
        self.assertEqual(ask(STATUS.replace("status", "incidents")), {"begun": 0, "incidents": []})
        text = private.run(WEIR, "explain", "10.88.0.2")
        sensor.terminate()
        out, err = sensor.communicate(timeout=10)
        self.assertEqual(out, "")
        self.assertRegex(err, r"0 alerts in 0 incidents\n\d+ more delivered to nobody \(allow\)")
        self.assertIn("10.88.0.2: in group 'pingers'", text)
        self.assertRegex(text, r"icmp_flood +301 \(of the group\)")
        self.assertIn("allow 'we ping' of source:10.88.0.2/32: icmp_flood, holds now", text)
        self.assertIn("silenced: icmp_flood", text)
        self.assertRegex(text, r"sent \d+ ICMP packets to 10\.88\.0\.1")
        self.assertRegex(text, r"seldom over")

    def test_status_of_the_running_sensor(self):
        sensor = start()
        text = private.run(WEIR, "status")
        self.assertIn("eth0", text)
        self.assertIn("threshold", text)
        self.assertEqual(json.loads(private.run(WEIR, "status", "--json"))["interfaces"][0]["name"], "eth0")
        sensor.terminate()
        sensor.communicate(timeout=10)


class Journal(Case):
    JOURNALD = "/lib/systemd/systemd-journald"

    def setUp(self):
        super().setUp()
        private.run("mount", "-t", "tmpfs", "none", "/run")  # in this test's own mount namespace
        self.addCleanup(private.run, "umount", "--lazy", "/run")
        os.makedirs("/run/systemd")
        os.makedirs("/run/log/journal")
        self.journald = subprocess.Popen([self.JOURNALD], stderr=subprocess.DEVNULL)
        self.addCleanup(self.journald.wait)
        self.addCleanup(self.journald.kill)
        self.wait_for(lambda: os.path.exists("/run/systemd/journal/socket"))

    def wait_for(self, condition):
        for _ in range(100):
            found = condition()
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError("waited in vain")

    def entries(self):
        lines = private.run("journalctl", "--directory=/run/log/journal", "--output=json", "WEIR_KIND=icmp_flood", check=False)
        return [json.loads(line) for line in lines.splitlines()]

    def test_an_alert_is_the_same_in_the_journal_on_standard_output_and_over_http(self):
        sensor = start()
        subprocess.run([*private.at_peer(), "ping", "-f", "-q", "-c", "400", "10.88.0.1"],
                       check=True, capture_output=True)
        alerts = self.wait_for(lambda: ask(STATUS.replace("status", "alerts"))["alerts"])
        entry = self.wait_for(self.entries)[0]
        sensor.terminate()
        line = json.loads(sensor.communicate(timeout=10)[0].splitlines()[0])
        self.assertEqual(line, alerts[0])
        self.assertEqual(line, json.loads(entry["WEIR_ALERT"]))
        self.assertEqual(line["kind"], "icmp_flood")
        self.assertEqual((line["incident"], entry["WEIR_INCIDENT"]), (1, "1"))
        self.assertEqual((entry["WEIR_HOST"], entry["WEIR_ROLE"], entry["PRIORITY"]), ("10.88.0.2", "source", "1"))
        self.assertIn("ICMP packets to 10.88.0.1", entry["MESSAGE"])


if __name__ == "__main__":
    private.enter(__file__)
    sys.argv[1:] = sys.argv[2:]
    private.cable = private.lay_cable()
    try:
        unittest.main(verbosity=2)
    finally:
        private.cable.kill()
