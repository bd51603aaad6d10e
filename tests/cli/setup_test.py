#!/usr/bin/python3
"""`weir setup`: names interfaces in a configuration file, and what it refuses. With a systemd: tests/package/service_test.py."""
import os
import pathlib
import pty
import subprocess
import sys
import unittest

import private
from cli_test import BAD_CONFIG, NO_PERMISSION, OK, UNAVAILABLE, USAGE, WEIR, Case

SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "packaging/deb/weir.yaml"


class Setup(Case):
    def setUp(self):
        super().setUp()
        self.config = pathlib.Path(self.file("weir.yaml", SHIPPED.read_text()))

    def setup(self, *words, code=OK, prefix=(), **how):
        done = subprocess.run([*prefix, WEIR, "setup", "-c", str(self.config), "--no-start", *words], capture_output=True, text=True,
                              timeout=60, **how)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_one_line_changes_and_nothing_else_of_the_file(self):
        os.chmod(self.config, 0o640)
        os.chown(self.config, 65534, 65533)
        self.setup("eth0")
        self.assertEqual(self.config.read_text(), SHIPPED.read_text().replace("\ninterfaces: []\n", "\ninterfaces: [eth0]\n"))
        about = self.config.stat()
        self.assertEqual((about.st_mode & 0o7777, about.st_uid, about.st_gid), (0o640, 65534, 65533))
        self.assertIn("as before", self.setup("eth0"))
        self.assertEqual(self.config.stat(), about)
        self.assertEqual([path.name for path in self.config.parent.iterdir()], ["weir.yaml"])

    def test_a_link_to_the_file_stays_a_link(self):
        link = self.config.with_name("link.yaml")
        link.symlink_to(self.config)
        self.config, file = link, self.config
        self.setup("eth0", "lan*")
        self.assertTrue(link.is_symlink())
        self.assertIn('\ninterfaces: [eth0, "lan*"]\n', file.read_text())

    def test_the_order_of_names_says_nothing(self):
        self.setup("eth0", "lan*")
        self.assertIn("as before", self.setup("lan*", "eth0"))

    def test_a_later_file_that_names_others_is_told(self):
        folder = self.config.with_name("conf.d")
        folder.mkdir()
        (folder / "50-names.yaml").write_text("interfaces: [peer0]\n")
        self.assertIn("a file in conf.d beside it names peer0", self.setup("eth0", code=BAD_CONFIG))
        (folder / "50-names.yaml").write_text("flows: 4096\n")
        self.assertIn("as before", self.setup("eth0"))

    def test_names_that_cannot_be_watched_change_nothing(self):
        private.run("ip", "link", "add", "link", "eth0", "name", "top0", "type", "macvlan")
        self.addCleanup(private.run, "ip", "link", "del", "top0")
        for names, word in ((["etho0"], "etho0: no such interface; did you mean eth0?"), (["lo"], "lo: the loopback"),
                            (["eth0", "top0"], "top0 lies on top of eth0")):
            self.assertIn(word, self.setup(*names, code=UNAVAILABLE))
        self.assertEqual(self.config.read_text(), SHIPPED.read_text())

    def test_a_file_that_is_wrong_or_cannot_be_written_stays(self):
        self.config.write_text("flows: 7\n")
        self.assertIn("weir.yaml:1:8: flows:", self.setup("eth0", code=BAD_CONFIG))
        self.assertEqual(self.config.read_text(), "flows: 7\n")
        self.config.write_text("{flows: 4096}\n")
        self.assertIn("by hand: interfaces: [eth0]", self.setup("eth0", code=BAD_CONFIG))
        self.config.write_text("flows: 4096\n")
        os.chmod(self.config.parent, 0o755)
        said = self.setup("eth0", code=NO_PERMISSION, prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        self.assertIn("sudo weir setup", said)
        self.assertEqual(self.config.read_text(), "flows: 4096\n")

    def test_without_a_name_it_shows_what_there_is(self):
        said = self.setup(code=USAGE, stdin=subprocess.DEVNULL)
        self.assertRegex(said, r"(?m)^eth0 +up +veth +1, default route$")
        self.assertIn("sudo weir setup eth0", said)
        self.assertEqual(self.config.read_text(), SHIPPED.read_text())

    def test_on_a_terminal_it_asks(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(WEIR, [WEIR, "setup", "-c", str(self.config), "--no-start"])
        said = b""
        while b"[eth0]" not in said:
            said += os.read(terminal, 4096)
        os.write(terminal, b"\n")
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:
            pass  # it has ended
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), OK)
        os.close(terminal)
        self.assertIn("\ninterfaces: [eth0]\n", self.config.read_text())


if __name__ == "__main__":
    private.enter(__file__)
    sys.argv[1:] = sys.argv[2:]
    private.cable = private.lay_cable()
    try:
        unittest.main(verbosity=2)
    finally:
        private.cable.kill()
