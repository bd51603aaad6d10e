#!/usr/bin/python3
"""The package installed, broken off, upgraded and purged in minimal Debians that hold nothing but it and what it depends on.

usage: install_test.py BUILD_FOLDER    after scratch_root.py
"""
import os
import pathlib
import subprocess
import sys
import time
import unittest

from scratch_root import SKIP, MemoryFolder, Scratch, copy, enter_own_namespaces, output

CONFIG, EDITED = "etc/weir/weir.yaml", "interfaces: [lan7]\n"


class Root:
    def __init__(self, path):
        self.path = path

    def run(self, *command):
        return output("chroot", self.path, *command, stdin=subprocess.DEVNULL)

    def fails(self, *command):
        return subprocess.run(["chroot", self.path, *command], stdin=subprocess.DEVNULL, capture_output=True).returncode != 0

    def status(self):
        return self.run("dpkg-query", "-W", "-f=${Status}", "weir")

    def traces(self):
        """What has the name of weir on it, or lies where it does; not what a package manager writes of all packages."""
        found = self.run("find", "/etc", "/usr", "/var", "/run", "-xdev", "(", "-path", "*weir*", "-o", "-path", "*WEIR*", ")")
        return [path for path in found.split() if not path.startswith("/var/cache/apt/")]


def installed(case):
    """A copy, to be changed."""
    folder = MemoryFolder(SCRATCH)
    case.addCleanup(folder.remove)
    copy(SCRATCH.installed, folder.path / "root")
    return Root(folder.path / "root")


class Installed(unittest.TestCase):
    def setUp(self):
        self.root = Root(SCRATCH.installed)

    def test_it_is_installed_whole(self):
        self.assertEqual(self.root.status(), "install ok installed")

    def test_the_binary_runs_and_tells_the_package_s_version(self):
        version = self.root.run("dpkg-query", "-W", "-f=${Version}", "weir")
        self.assertEqual(self.root.run("weir", "--version").strip(), f"weir {version}")

    def test_the_shipped_configuration_is_valid_and_holds_every_key_with_its_default(self):
        self.root.run("weir", "check-config", "--config", "/etc/weir/weir.yaml")
        text = (self.root.path / CONFIG).read_text()
        self.assertEqual(self.root.run("weir", "check-config", "--defaults"), text)

    def test_the_service_is_not_enabled(self):
        self.assertTrue((self.root.path / "lib/systemd/system/weir.service").exists())
        links = [path for path in (self.root.path / "etc/systemd/system").rglob("*") if path.name == "weir.service"]
        self.assertEqual(links, [])

    def test_the_user_exists_and_has_his_folder_alone(self):
        self.assertIn("weir", self.root.run("getent", "passwd", "weir"))
        self.assertEqual(self.root.run("stat", "-c", "%U %G %a", "/var/lib/weir").strip(), "weir weir 750")


class Upgrade(unittest.TestCase):
    """By a package whose configuration changed, where that matters."""

    def setUp(self):
        self.root = installed(self)
        (self.root.path / CONFIG).write_text(EDITED)

    def upgrade(self, *options, configuration=""):
        SCRATCH.pack_higher_version(self.root.path / "higher.deb", configuration)
        self.root.run("dpkg", *options, "-i", "/higher.deb")
        self.assertEqual(self.root.status(), "install ok installed")

    def test_what_was_edited_by_hand_stays_and_nobody_is_asked(self):
        self.upgrade()
        self.assertEqual((self.root.path / CONFIG).read_text(), EDITED)

    def test_it_stays_beside_a_changed_one(self):
        self.upgrade("--force-confdef", "--force-confold", configuration="# changed\n")
        self.assertEqual((self.root.path / CONFIG).read_text(), EDITED)
        self.assertIn("# changed", (self.root.path / f"{CONFIG}.dpkg-dist").read_text())

    def test_what_was_learned_stays(self):
        model = self.root.path / "var/lib/weir/models/1.model"
        model.parent.mkdir()
        model.write_text("a model")
        fragment = self.root.path / "etc/weir/conf.d/10.yaml"
        fragment.write_text(EDITED)
        self.upgrade()
        self.assertEqual((model.read_text(), fragment.read_text()), ("a model", EDITED))


class BrokenOff(unittest.TestCase):
    """Whatever broke an installation off, `dpkg --configure -a` ends it."""

    def setUp(self):
        """As before the installation, but with what it needs: that is not the package's to fail."""
        self.root = installed(self)
        self.root.run("dpkg", "--purge", "weir")
        self.sysusers = self.root.path / self.root.run("sh", "-c", "command -v systemd-sysusers").strip().lstrip("/")

    def replace_sysusers(self, script):
        """postinst calls it. To be called again with None."""
        good = self.sysusers.with_name("sysusers.good")
        if script is None:
            good.rename(self.sysusers)
        else:
            self.sysusers.rename(good)
            self.sysusers.write_text(f"#!/bin/sh\n{script}\n")
            self.sysusers.chmod(0o755)

    def install(self):
        return ["chroot", str(self.root.path), "dpkg", "-i", f"/{SCRATCH.deb.name}"]

    def recover(self):
        self.root.run("dpkg", "--configure", "-a")
        self.assertEqual(self.root.status(), "install ok installed")
        self.root.run("weir", "check-config")
        self.assertIn("weir", self.root.run("getent", "passwd", "weir"))

    def test_between_unpacking_and_configuring(self):
        self.root.run("dpkg", "--unpack", f"/{SCRATCH.deb.name}")
        self.assertEqual(self.root.status(), "install ok unpacked")
        self.recover()

    def test_by_a_script_that_fails(self):
        self.replace_sysusers("exit 1")
        self.assertTrue(self.root.fails("dpkg", "-i", f"/{SCRATCH.deb.name}"))
        self.assertEqual(self.root.status(), "install ok half-configured")
        self.replace_sysusers(None)
        self.recover()

    def test_by_a_kill(self):
        self.replace_sysusers("touch /reached; exec sleep 60")
        dpkg = subprocess.Popen(self.install(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                start_new_session=True)
        while not (self.root.path / "reached").exists():
            self.assertIsNone(dpkg.poll())
            time.sleep(0.05)
        os.killpg(dpkg.pid, 9)
        dpkg.wait()
        self.replace_sysusers(None)
        self.assertEqual(self.root.status(), "install ok half-configured")
        self.recover()


class Purged(unittest.TestCase):
    def test_nothing_is_left_but_the_user(self):
        root = installed(self)
        (root.path / "var/lib/weir/models").mkdir()
        (root.path / "var/lib/weir/models/1.model").write_text("a model")
        (root.path / "etc/weir/conf.d/10.yaml").write_text(EDITED)
        root.run("dpkg", "--remove", "weir")
        self.assertIn("/var/lib/weir/models/1.model", root.traces())
        root.run("dpkg", "--purge", "weir")
        self.assertEqual(root.traces(), [])
        self.assertIn("weir", root.run("getent", "passwd", "weir"))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: install_test.py BUILD_FOLDER")
    if os.geteuid() != 0:
        print("SKIP: a scratch root needs root")
        sys.exit(SKIP)
    SCRATCH = Scratch(pathlib.Path(sys.argv.pop(1)).resolve())
    enter_own_namespaces()
    unittest.main(verbosity=2)
