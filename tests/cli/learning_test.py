#!/usr/bin/python3
"""A sensor that learns what is ordinary on its own gateway, and `weir train` on live traffic."""
import json
import os
import pathlib
import pty
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

import private
from cli_test import FAILED, NO_PERMISSION, OK, STATUS, UNAVAILABLE, USAGE, WEIR, Case, ask, await_ticks, end, start

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from lessons import lessons  # noqa: E402

HOUR = 3600
HOSTS = 60  # at the other end

# So many addresses each send twenty packets a second; of nobody else.
SPEAKERS = f"""
import socket, time
sockets = []
for host in range({HOSTS}):
    speaker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    speaker.bind((f"10.88.0.{{100 + host}}", 0))
    sockets.append(speaker)
while True:
    for number, speaker in enumerate(sockets):
        for _ in range(20):
            try:
                speaker.sendto(bytes(40 + number), ("10.88.0.1", 9))
            except OSError:
                pass  # refused before: the answer to an earlier one
    time.sleep(1)
"""


CALL = """
import socket
with socket.create_connection(("10.88.0.1", 4444)) as caller:
    caller.sendall(bytes(5000))
"""


class Learning(Case):
    def setUp(self):
        super().setUp()
        self.state = pathlib.Path(self.folder.name, "state")
        self.state.mkdir()
        self.config = self.file("weir.yaml", f"learning: {{ hours: 1, directory: {self.state} }}\n")

    def run_sensor(self):
        sensor = start("-c", self.config)
        self.addCleanup(end, sensor)
        return sensor

    def stop(self, sensor):
        sensor.terminate()
        out, log = sensor.communicate(timeout=20)
        self.assertEqual(sensor.returncode, OK, log)
        return log

    def test_a_first_start_observes_and_says_when_it_expects_to_switch(self):
        sensor = self.run_sensor()
        status = ask()
        learning = status["learning"]
        self.assertEqual((learning["state"], status["model"]["only_observes"]), ("learning", True))
        self.assertAlmostEqual(learning["switches_at"], time.time() + 800 * 10, delta=60)  # 800 windows, one each 10 s
        text = private.run(WEIR, "status", "-c", self.config)
        self.assertIn("learning since 20", text)
        self.assertIn("the model only observes; expects to switch at 20", text)
        metrics = urllib.request.urlopen(STATUS.replace("api/v1/status", "metrics"), timeout=5).read().decode()
        self.assertIn('weir_learning_state{state="learning"} 1\n', metrics)
        self.assertIn('weir_learning_state{state="learned"} 0\n', metrics)
        log = self.stop(sensor)
        self.assertRegex(log, r"learning: rules alert, the model default-1 only observes; expects to switch to a model of its own at "
                              r"20\d\d-\d\d-\d\dT\d\d:\d\dZ \(0\.0 of 1 h, 0 of at least 800 windows\)")

    def test_what_was_learned_outlives_a_restart(self):
        sensor = self.run_sensor()
        private.run(*private.at_peer(), "ping", "-q", "-f", "-c", "50", "10.88.0.1")
        await_ticks(11)
        self.stop(sensor)
        before = (self.state / "lessons").stat().st_size
        self.assertGreater(before, 0)
        sensor = self.run_sensor()
        learning = ask()["learning"]
        self.stop(sensor)
        self.assertGreater(learning["hours"], 0)
        self.assertGreaterEqual(learning["windows"], 2)  # who asked, and who answered
        self.assertEqual((learning["directory"], learning["not_kept"]), (str(self.state), ""))

    def test_it_switches_by_itself_and_a_restart_stays_switched(self):
        (self.state / "lessons").write_bytes(lessons(2, 8, int(time.time()) - 2 * HOUR))
        sensor = self.run_sensor()
        for _ in range(300):
            status = ask()
            if status["learning"]["state"] == "learned":
                break
            time.sleep(0.1)
        log = self.stop(sensor)
        self.assertEqual(status["learning"]["state"], "learned", log)
        self.assertFalse(status["model"]["only_observes"])
        self.assertTrue(status["model"]["version"].startswith("learned-"))
        self.assertAlmostEqual(status["learning"]["calibrates_at"], time.time() + 24 * HOUR, delta=120)
        model, = (self.state / "models").iterdir()
        self.assertIn("ok", private.run(WEIR, "model", "verify", str(model)))
        self.assertRegex(log, r"learning: switched to learned-\S+: alarms above surprise \d+\.\d+ \(24 a day\), from 5760 windows of "
                              rf"8 hosts in 2\.0 h, made in \d+\.\d s, kept as {model}")
        sensor = self.run_sensor()
        again = ask()
        self.stop(sensor)
        self.assertEqual((again["learning"]["state"], again["learning"]["models"]), ("learned", 1))
        self.assertEqual(again["model"], status["model"])

    def test_a_damaged_file_is_set_aside_and_told(self):
        (self.state / "lessons").write_bytes(lessons(2, 8, int(time.time()))[:-1])
        sensor = self.run_sensor()
        learning = ask()["learning"]
        log = self.stop(sensor)
        self.assertEqual((learning["state"], learning["files_set_aside"], learning["windows"]), ("learning", 1, 0))
        self.assertIn(f"{self.state}/lessons.bad", log)

    def test_a_full_disk_is_told_once_and_written_to_once_there_is_room(self):
        private.run("mount", "-t", "tmpfs", "-o", "size=4m", "full", str(self.state))
        self.addCleanup(private.run, "umount", str(self.state))
        (self.state / "lessons").write_bytes(lessons(2, 8, int(time.time()) - 2 * HOUR))
        filler, alerts = self.state / "filler", self.state / "alerts"
        self.config = self.file("weir.yaml", f"learning: {{ hours: 1, directory: {self.state} }}\nalerts: {{ file: {alerts} }}\n"
                                             "rules: { icmp_flood: { threshold: 10 } }\n")
        with self.assertRaises(OSError), open(filler, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        sensor = self.run_sensor()
        self.addCleanup(end, sensor)
        for _ in range(300):
            if ask()["learning"]["write_errors"] >= 2:  # the model, and then both
                break
            time.sleep(0.1)
        private.run(*private.at_peer(), "ping", "-q", "-f", "-c", "50", "10.88.0.1")
        for _ in range(100):
            if ask()["losses"]["alert_write_errors"] >= 1:
                break
            time.sleep(0.1)
        self.assertEqual(ask()["learning"]["state"], "learned")
        verify = subprocess.run([WEIR, "verify", "--quick", "-c", self.config], capture_output=True, text=True, timeout=60)
        self.assertEqual(verify.returncode, FAILED, verify.stdout)
        self.assertRegex(verify.stdout, rf"disk +FAIL  {self.state}, 0 MB free; writing failed \d+ times\n +> make room there")
        filler.unlink()
        log = self.stop(sensor)
        self.assertEqual(log.count("No space left on device; it goes on in memory, next try in ten minutes; make room there"), 1, log)
        self.assertIn("learning: can be written again, after it failed", log)
        self.assertEqual(log.count(f"alerts: {alerts}: No space left on device; this sink goes without those that fail; make room"), 1, log)
        self.assertEqual(len(list((self.state / "models").iterdir())), 1)
        sensor = self.run_sensor()
        self.assertEqual(ask()["learning"]["state"], "learned")
        self.stop(sensor)

    def baselines_status(self):
        return ask()["baselines"]

    def test_a_restart_keeps_what_rules_learned_of_hosts_whatever_judges(self):
        self.config = self.file("weir.yaml", f"learning: {{ enabled: false, directory: {self.state} }}\n"
                                             "rules: { uncommon_port: { history_s: 10 } }\n")
        sensor = self.run_sensor()
        self.assertEqual(self.baselines_status()["hosts_restored"], 0)
        private.run(*private.at_peer(), "ping", "-q", "-f", "-c", "50", "10.88.0.1")
        await_ticks(11)
        self.stop(sensor)
        self.assertEqual(os.listdir(self.state), ["baselines"])
        sensor = self.run_sensor()
        status = self.baselines_status()
        log = self.stop(sensor)
        self.assertGreaterEqual(status["hosts_restored"], 2)  # who asked, and who answered
        self.assertEqual((status["left_out"], status["write_errors"], status["files_set_aside"]), (0, 0, 0))
        self.assertIn(f"baselines: goes on with the past of {status['hosts_restored']} hosts", log)

    def test_a_restarted_sensor_knows_hosts_well_enough_to_judge_their_ports(self):
        self.config = self.file("weir.yaml", f"learning: {{ directory: {self.state} }}\nrules: {{ uncommon_port: {{ history_s: 10 }} }}\n")
        sensor = self.run_sensor()
        private.run("ping", "-q", "-f", "-c", "50", "10.88.0.2")
        await_ticks(11)
        self.stop(sensor)
        for expected in (["uncommon_port"], []):  # with its past; then without
            sensor = self.run_sensor()
            self.serve_and_call()
            self.stop_and_take_alerts(sensor, expected)
            (self.state / "baselines").unlink()

    def serve_and_call(self):
        """The peer sends a paper to a port of ours."""
        with socket.create_server(("10.88.0.1", 4444)) as server:
            caller = subprocess.Popen([*private.at_peer(), sys.executable, "-c", CALL])
            connection, _ = server.accept()
            while connection.recv(65536):
                pass
            connection.close()
            self.assertEqual(caller.wait(10), 0)

    def stop_and_take_alerts(self, sensor, expected):
        sensor.terminate()
        out, log = sensor.communicate(timeout=20)
        self.assertEqual(sensor.returncode, OK, log)
        self.assertEqual([alert["kind"] for alert in map(json.loads, out.splitlines())], expected, out)

    def test_a_damaged_file_of_baselines_is_set_aside_and_told(self):
        (self.state / "baselines").write_bytes(b"not what was written")
        sensor = self.run_sensor()
        status = self.baselines_status()
        log = self.stop(sensor)
        self.assertEqual((status["hosts_restored"], status["files_set_aside"]), (0, 1))
        self.assertIn(f"set aside as {self.state}/baselines.bad", log)
        self.assertEqual((self.state / "baselines.bad").read_bytes(), b"not what was written")

    def test_a_sensor_without_a_folder_leaves_nothing_behind(self):
        self.state.rmdir()
        sensor = self.run_sensor()
        not_kept = ask()["learning"]["not_kept"]
        log = self.stop(sensor)
        self.assertIn(f"{self.state}: No such file or directory", not_kept)
        self.assertIn("name a folder of this user's own in learning.directory", log)
        self.assertEqual(os.listdir(self.folder.name), ["weir.yaml"])

    def test_a_replay_never_learns(self):
        capture = self.capture()
        private.run(WEIR, "replay", "-c", self.config, capture)
        self.assertEqual(list(self.state.iterdir()), [])

    def capture(self):
        path = os.path.join(self.folder.name, "capture.pcap")
        subprocess.run([sys.executable, ROOT / "tests/golden/random_mix/make_pcap.py", path], check=True,
                       env={**os.environ, "PYTHONPATH": str(ROOT / "tests/golden")})
        return path


class Train(Case):
    def setUp(self):
        super().setUp()
        self.model = os.path.join(self.folder.name, "my.model")

    def train(self, *arguments, **options):
        return subprocess.run([WEIR, "train", *arguments, "-o", self.model], capture_output=True, text=True, timeout=120, **options)

    def speak(self):
        for host in range(HOSTS):
            private.run(*private.at_peer(), "ip", "address", "add", f"10.88.0.{100 + host}/24", "dev", "peer")
        speakers = subprocess.Popen([*private.at_peer(), sys.executable, "-c", SPEAKERS])
        self.addCleanup(speakers.wait)
        self.addCleanup(speakers.kill)

    def test_live_traffic_gives_a_model_and_a_report(self):
        self.speak()
        done = self.train("--duration", "25", "eth0")
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertEqual(private.xdp_programs(), "")
        windows, hosts = map(int, re.search(r"(?m)^(\d+) windows of (\d+) hosts in 0\.0\d hours$", done.stderr).groups())
        self.assertGreaterEqual(windows, 2 * HOSTS)
        self.assertGreaterEqual(hosts, HOSTS)
        self.assertRegex(done.stderr, r"alarms above surprise \d+\.\d\d, set for 24 a day on hosts not seen before; this traffic itself "
                                      r"raises \d+\n")
        self.assertRegex(done.stderr, r"(?m)^100 %  \d+ windows$")
        shown = json.loads(private.run(WEIR, "model", "show", "--json", self.model))
        self.assertEqual((shown["kind"], shown["training_rows"]), ("sensor model", windows))

    def test_a_signal_ends_it_early_and_too_little_is_an_error(self):
        process = subprocess.Popen([WEIR, "train", "--duration", "600", "eth0", "-o", self.model], stderr=subprocess.PIPE, text=True)
        for _ in range(100):
            time.sleep(0.1)
            if private.xdp_programs():
                break
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=20)[1]
        self.assertEqual(process.returncode, FAILED, errors)
        self.assertRegex(errors, r"stopped after \d+ of 600 seconds")
        self.assertIn("windows are too few: at least 100 are needed", errors)
        self.assertFalse(os.path.exists(self.model))
        self.assertEqual(private.xdp_programs(), "")

    def test_what_cannot_be_watched_is_told_as_run_tells_it(self):
        self.assertEqual(self.train("--duration", "1", "eth7").returncode, UNAVAILABLE)
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
        done = subprocess.run([*user, WEIR, "train", "--duration", "1", "eth0", "-o", self.model], capture_output=True, text=True)
        self.assertEqual(done.returncode, NO_PERMISSION, done.stderr)

    def test_either_a_file_or_a_duration(self):
        for arguments in ([], ["--from-file", "x", "--duration", "1"], ["--from-file", "x", "eth0"], ["--duration", "0"]):
            self.assertEqual(self.train(*arguments).returncode, USAGE, arguments)

    def test_on_a_terminal_there_is_a_bar(self):
        capture = Learning.capture(self)
        master, slave = pty.openpty()
        done = subprocess.run([WEIR, "train", "--from-file", capture, "-o", self.model], stderr=slave, timeout=60)
        os.close(slave)
        said = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            said += part
        os.close(master)
        self.assertEqual(done.returncode, OK, said)
        self.assertRegex(said.decode(), r"\r\[#*\.*\] +\d+ %  \d+ windows\x1b\[K")


if __name__ == "__main__":
    private.enter(__file__)
    sys.argv[1:] = sys.argv[2:]
    private.cable = private.lay_cable()
    try:
        unittest.main(verbosity=2)
    finally:
        private.cable.kill()
