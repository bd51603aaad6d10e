#!/usr/bin/python3
"""The Debian package: built from a finished build, looked into, installed into a scratch root, run from there.

usage: package_test.py BUILD_FOLDER
"""
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

from scratch_root import build_package, install, output

SKIP = 77
MODES = {  # what must be in it, and how it may be used
    "./usr/bin/weir": "-rwxr-xr-x",
    "./lib/systemd/system/weir.service": "-rw-r--r--",
    "./usr/lib/systemd/catalog/weir.catalog": "-rw-r--r--",
    "./usr/lib/sysusers.d/weir.conf": "-rw-r--r--",
    "./etc/weir/weir.yaml": "-rw-r--r--",
    "./usr/share/bash-completion/completions/weir": "-rw-r--r--",
    "./usr/share/man/man1/weir.1.gz": "-rw-r--r--",
    "./usr/share/man/man5/weir.yaml.5.gz": "-rw-r--r--",
    "./usr/share/man/man8/weir.8.gz": "-rw-r--r--",
    "./usr/share/doc/weir/copyright": "-rw-r--r--",
}
EXPOSURE = 1.9  # of 10, as `systemd-analyze security` counts; lower is better


def setUpModule():
    global DEB
    DEB = build_package(BUILD)


class Package(unittest.TestCase):
    def test_it_holds_what_it_should_and_no_more(self):
        listing = [line.split() for line in output("dpkg-deb", "--contents", DEB).splitlines()]
        self.assertTrue(all(row[1] == "root/root" for row in listing))
        files = {row[5]: row[0] for row in listing if not row[0].startswith("d")}
        self.assertLessEqual(MODES.items(), files.items())
        self.assertEqual({name for name in files if not name.startswith("./usr/share/doc/weir/")} - MODES.keys(), set())

    def test_it_needs_libraries_only(self):
        depends = output("dpkg-deb", "--field", DEB, "Depends")
        self.assertIn("libbpf", depends)
        for tool in ("clang", "python", "bpftool"):
            self.assertNotIn(tool, depends)

    def test_the_configuration_is_the_administrators(self):
        with tempfile.TemporaryDirectory() as folder:
            output("dpkg-deb", "--control", DEB, folder)
            self.assertEqual((pathlib.Path(folder) / "conffiles").read_text().split(), ["/etc/weir/weir.yaml"])

    def test_installing_starts_nothing_and_removing_stops_it(self):
        with tempfile.TemporaryDirectory() as folder:
            output("dpkg-deb", "--control", DEB, folder)
            scripts = {path.name: path.read_text() for path in pathlib.Path(folder).iterdir()}
        invoked = {name: set(re.findall(r"deb-systemd-invoke (\S+)", text)) for name, text in scripts.items()}
        self.assertEqual({name: verbs for name, verbs in invoked.items() if verbs},
                         {"postinst": {"try-restart"}, "prerm": {"stop"}})

    def test_the_service_is_fenced_in(self):
        with tempfile.TemporaryDirectory() as folder:
            output("dpkg-deb", "--extract", DEB, folder)
            verdict = output("systemd-analyze", "--offline=yes", "security", f"{folder}/lib/systemd/system/weir.service")
        self.assertLessEqual(float(re.search(r"exposure level for weir.service: ([\d.]+)", verdict).group(1)), EXPOSURE)


class Installed(unittest.TestCase):
    """In a minimal Debian 12 that holds nothing but the package and what it depends on."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.root = cls.folder / "root"
        install(DEB, cls.root, "ca-certificates")

    def in_root(self, *command):
        return output("chroot", self.root, *command)

    def test_it_is_installed_whole(self):
        self.assertEqual(self.in_root("dpkg-query", "-W", "-f=${Status}", "weir"), "install ok installed")

    def test_the_binary_runs_and_tells_the_package_s_version(self):
        version = self.in_root("dpkg-query", "-W", "-f=${Version}", "weir")
        self.assertEqual(self.in_root("weir", "--version").strip(), f"weir {version}")

    def test_the_shipped_configuration_is_valid_and_holds_every_key_with_its_default(self):
        self.in_root("weir", "check-config", "--config", "/etc/weir/weir.yaml")
        text = (self.root / "etc/weir/weir.yaml").read_text()
        self.assertEqual(self.in_root("weir", "check-config", "--defaults"), text)

    def test_the_service_is_not_enabled(self):
        self.assertTrue((self.root / "lib/systemd/system/weir.service").exists())
        links = [path for path in (self.root / "etc/systemd/system").rglob("*") if path.name == "weir.service"]
        self.assertEqual(links, [])

    def test_the_user_exists(self):
        self.assertIn("weir", self.in_root("getent", "passwd", "weir"))

    def test_purge_removes_it_all(self):
        # On a copy: the others need it installed.
        copy = self.folder / "copy"
        output("cp", "-a", self.root, copy)
        output("chroot", copy, "dpkg", "--purge", "weir")
        self.assertFalse((copy / "usr/bin/weir").exists())
        self.assertFalse((copy / "etc/weir").exists())


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: package_test.py BUILD_FOLDER")
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    if os.geteuid() != 0:
        print("SKIP: a scratch root needs root")
        sys.exit(SKIP)
    unittest.main(verbosity=2)
