#!/usr/bin/python3
"""Faults at the start of `weir run`: one clear line, the documented exit code, nothing left attached."""
import hashlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import private

OK, FAILED, USAGE, UNAVAILABLE, NO_PERMISSION, BAD_CONFIG = 0, 1, 2, 69, 77, 78
WEIR = sys.argv[1] if len(sys.argv) > 1 else "build/release/weir"
STATUS = "http://127.0.0.1:9477/api/v1/status"


def ask(url=STATUS):
    return json.loads(urllib.request.urlopen(url, timeout=5).read())


def start(*arguments, interfaces=("eth0",)):
    """A sensor that has answered its first tick."""
    process = subprocess.Popen([WEIR, "run", *interfaces, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(300):
        time.sleep(0.1)
        try:
            if ask()["ticks"] > 0:
                return process
        except OSError:
            pass
        if process.poll() is not None:
            break
    process.kill()
    raise AssertionError("the sensor did not come up: " + process.stderr.read())


def await_ticks(number):
    """Until the sensor has ticked this often again: the second tick has read all that came before."""
    until = ask()["ticks"] + number
    for _ in range(300):
        if ask()["ticks"] >= until:
            return
        time.sleep(0.1)
    raise AssertionError(f"{number} ticks did not come within 30 s: {ask()}")


def end(sensor):
    """Whatever has become of the test: the next one needs its port."""
    sensor.kill()
    sensor.communicate()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, text):
        path = pathlib.Path(self.folder.name, name)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def refuses(self, code, *words, command, prefix=()):
        """The command fails with this code and one line that holds the words; eth0 is free afterwards."""
        done = subprocess.run([*prefix, WEIR, *command], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertEqual(private.xdp_programs(), "")


class Faults(Case):
    def test_no_such_interface(self):
        self.refuses(UNAVAILABLE, "eth7", "no such interface", "ip link", command=["run", "eth7"])

    def test_second_interface_missing_releases_the_first(self):
        self.refuses(UNAVAILABLE, "eth7", command=["run", "eth0", "eth7"])

    def test_an_interface_named_twice(self):
        self.refuses(FAILED, "named twice", command=["run", "eth0", "eth0"])

    def test_a_device_on_top_of_another(self):
        private.run("ip", "link", "add", "link", "eth0", "name", "top0", "type", "macvlan")
        self.addCleanup(private.run, "ip", "link", "del", "top0")
        self.refuses(UNAVAILABLE, "top0 lies on top of eth0", "twice", "name one of the two", command=["run", "eth0", "top0"])

    def test_a_mirror_with_an_address(self):
        config = self.file("weir.yaml", "interfaces: [{name: eth0, mirror: true}]\n")
        self.refuses(UNAVAILABLE, "eth0: mirror", "it has an address", "mirror: false", command=["run", "-c", config])

    def test_a_name_in_the_configuration_that_is_not_there(self):
        config = self.file("weir.yaml", "interfaces: [eth0, {name: eth7, role: inside}, 'ppp*']\n")
        self.refuses(UNAVAILABLE, "eth7", "no such interface", command=["run", "-c", config])

    def test_a_real_time_kernel(self):
        version = self.file("version", "Linux version 6.1.0-18-rt-amd64 (debian) #1 SMP PREEMPT_RT Debian 6.1.76-1\n")
        private.run("mount", "--bind", version, "/proc/version")  # in this test's own mount namespace
        self.addCleanup(private.run, "umount", "/proc/version")
        self.refuses(UNAVAILABLE, "PREEMPT_RT", "boot the kernel without it", command=["run", "eth0"])

    def test_an_old_kernel(self):
        """The personality gives its number, strace its refusal of what it does not know."""
        old = ["setarch", "--uname-2.6", "strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=bpf", "-e", "inject=bpf:error=EINVAL"]
        self.refuses(FAILED, "load the BPF programs", "kernel 2.6.", "is older than 5.18", "6.1", command=["run", "eth0"], prefix=old)

    def test_no_default_route(self):
        private.run("ip", "route", "del", "default")
        self.addCleanup(private.run, "ip", "route", "add", "default", "via", "10.88.0.2")
        self.refuses(UNAVAILABLE, "default route", "weir run eth0", "sudo weir setup eth0", command=["run"])

    def test_missing_capability(self):
        without = ["setpriv", "--bounding-set=-bpf,-sys_admin,-perfmon", "--inh-caps=-all", "--"]
        self.refuses(NO_PERMISSION, "CAP_BPF", "root", command=["run", "eth0"], prefix=without)

    def test_plain_user(self):
        self.refuses(NO_PERMISSION, "CAP_BPF", command=["run", "eth0"],
                     prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"])

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 9477)):
            self.refuses(UNAVAILABLE, "127.0.0.1:9477", "http.port", command=["run", "eth0"])

    def test_alert_file_that_cannot_be_written(self):
        config = self.file("weir.yaml", "alerts: { file: /nonexistent/alerts }\n")
        self.refuses(FAILED, "/nonexistent/alerts", "alerts.file", command=["run", "eth0", "-c", config])

    def test_off_loopback_without_a_key(self):
        config = self.file("weir.yaml", "http: { address: 0.0.0.0 }\n")
        self.refuses(FAILED, "0.0.0.0", "WEIR_API_KEY", command=["run", "eth0", "-c", config])

    def test_unknown_configuration_key(self):
        config = self.file("weir.yaml", "flows: 65536\ninterface: eth0\n")
        for command in (["run", "eth0"], ["check-config"], ["replay", "/nonexistent"]):
            self.refuses(BAD_CONFIG, "weir.yaml:2:1", "'interface'", "interfaces", command=[*command, "-c", config])

    def test_the_package_ships_the_configuration_of_all_defaults(self):
        shipped = pathlib.Path(__file__).resolve().parents[2] / "packaging/deb/weir.yaml"
        self.assertEqual(private.run(WEIR, "check-config", "--defaults"), shipped.read_text())
        self.assertIn("MiB", private.run(WEIR, "check-config", "-c", str(shipped)))

    def test_missing_configuration_file(self):
        self.refuses(BAD_CONFIG, "/nonexistent.yaml", command=["check-config", "-c", "/nonexistent.yaml"])

    def test_tables_larger_than_memory(self):
        config = self.file("weir.yaml", "flows: 262144\n")
        done = subprocess.run(["prlimit", f"--as={200 << 20}", WEIR, "run", "eth0", "-c", config], capture_output=True, text=True)
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertIn("flows", done.stderr)
        self.assertEqual(private.xdp_programs(), "")

    def test_model_that_is_none(self):
        model = self.file("model", b"\x10\0\0\0\0\0\0\0{\"not\": \"a model\"")
        config = self.file("weir.yaml", f"model: {{ file: {model} }}\n")
        self.refuses(BAD_CONFIG, model, command=["run", "eth0", "-c", config])

    def test_model_of_another_schema(self):
        trained = self.trained_model()
        header_size = int.from_bytes(trained[:8], "little")
        header = json.loads(trained[8:8 + header_size])
        key, schema = next((k, v) for k, v in header["__metadata__"].items() if "schema" in k)
        foreign = schema[:-1] + ("0" if schema[-1] != "0" else "1")
        model = self.file("other", self.seal(trained.replace(schema.encode(), foreign.encode(), 1)))
        config = self.file("weir.yaml", f"model: {{ file: {model} }}\n")
        self.refuses(BAD_CONFIG, model, schema, foreign, command=["run", "eth0", "-c", config])

    @staticmethod
    def seal(model):
        """The digest is over the file with zeros in its own place."""
        place = model.index(b'"sha256":"') + len(b'"sha256":"')
        blank = model[:place] + b"0" * 64 + model[place + 64:]
        return model[:place] + hashlib.sha256(blank).hexdigest().encode() + model[place + 64:]

    def trained_model(self):
        return pathlib.Path(WEIR).resolve().parent.joinpath("generated/default.model").read_bytes()

    def test_another_program_attached(self):
        """It stays, and its id is told."""
        section = private.run("ip", "link", "set", "dev", "eth0", "xdp", "obj", self.foreign_program(), "sec", "xdp")
        self.assertEqual(section, "")
        self.addCleanup(private.run, "ip", "link", "set", "dev", "eth0", "xdp", "off")
        attached = private.xdp_programs()
        number = attached.split(" id ")[1].split()[0]
        done = subprocess.run([WEIR, "run", "eth0"], capture_output=True, text=True)
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn(f"XDP program {number}", done.stderr)
        self.assertIn("name pass, tag " + attached.split(" tag ")[1].split()[0], done.stderr)
        self.assertEqual(private.xdp_programs(), attached)
        service = ["setpriv", "--bounding-set=-all,+bpf,+net_admin,+perfmon", "--"]
        done = subprocess.run([*service, WEIR, "run", "eth0"], capture_output=True, text=True)
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn(f"XDP program {number}", done.stderr)
        self.assertIn(f"as root, `bpftool prog show id {number}`", done.stderr)
        self.assertEqual(private.xdp_programs(), attached)

    def test_another_weir(self):
        sensor = start()
        config = self.file("weir.yaml", "http: { port: 9478 }\n")
        done = subprocess.run([WEIR, "run", "eth0", "-c", config], capture_output=True, text=True)
        sensor.terminate()
        sensor.communicate(timeout=10)
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn("another weir watches this interface; stop that one", done.stderr)

    def foreign_program(self):
        source = self.file("pass.c", '__attribute__((section("xdp"), used)) int pass(void *c) { return 2; }\n'
                                     'char l[] __attribute__((section("license"), used)) = "GPL";\n')
        private.run("clang", "-O2", "-target", "bpf", "-c", source, "-o", source + ".o")
        return source + ".o"

    def test_usage(self):
        for command in ([], ["watch"], ["run", "--duration", "soon"], ["replay"], ["train", "--from-file", "x"]):
            done = subprocess.run([WEIR, *command], capture_output=True, text=True)
            self.assertEqual(done.returncode, USAGE, command)

    def test_questions_without_a_sensor(self):
        self.refuses(FAILED, "9477", "weir run", command=["status"])
        self.refuses(FAILED, "9477", "weir run", command=["explain", "10.0.0.1"])
        self.refuses(USAGE, "'10.0.0'", "IPv4 or IPv6", command=["explain", "10.0.0"])


if __name__ == "__main__":
    private.enter(__file__)
    sys.argv[1:] = sys.argv[2:]
    private.cable = private.lay_cable()
    try:
        unittest.main(verbosity=2)
    finally:
        private.cable.kill()
