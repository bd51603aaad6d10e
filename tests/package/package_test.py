#!/usr/bin/python3
"""The Debian package, looked into.

usage: package_test.py BUILD_FOLDER    after scratch_root.py
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from scratch_root import SKIP, Scratch, output

MODES = {  # what must be in it, and how it may be used
    "./usr/bin/weir": "-rwxr-xr-x",
    "./lib/systemd/system/weir.service": "-rw-r--r--",
    "./usr/lib/systemd/catalog/weir.catalog": "-rw-r--r--",
    "./usr/share/doc/weir/README.gateway.md.gz": "-rw-r--r--",
    "./usr/lib/sysusers.d/weir.conf": "-rw-r--r--",
    "./usr/lib/tmpfiles.d/weir.conf": "-rw-r--r--",
    "./etc/weir/weir.yaml": "-rw-r--r--",
    "./usr/share/bash-completion/completions/weir": "-rw-r--r--",
    "./usr/share/man/man1/weir.1.gz": "-rw-r--r--",
    "./usr/share/man/man5/weir.yaml.5.gz": "-rw-r--r--",
    "./usr/share/man/man8/weir.8.gz": "-rw-r--r--",
    "./usr/share/doc/weir/changelog.gz": "-rw-r--r--",
    "./usr/share/doc/weir/copyright": "-rw-r--r--",
}
EMPTY_FOLDER = "./etc/weir/conf.d/"
HARDENED = {  # what readelf says where it is
    "at an address of chance": r"Type:\s+DYN",
    "constants that need relocation are constant": "GNU_RELRO",
    "so is the table of functions": r"FLAGS_1\).*NOW",
    "the stack is not executed": r"GNU_STACK .* RW ",
    "the stack is guarded": "__stack_chk_fail",
    "copies are checked": r"__\w+_chk@GLIBC",
}
EXPOSURE = 1.9  # of 10, as `systemd-analyze security` counts; lower is better


class Package(unittest.TestCase):
    def test_it_holds_what_it_should_and_no_more(self):
        listing = [line.split() for line in output("dpkg-deb", "--contents", DEB).splitlines()]
        self.assertTrue(all(row[1] == "root/root" for row in listing))
        self.assertEqual({row[5]: row[0] for row in listing if not row[0].startswith("d")}, MODES)
        self.assertEqual({row[0] for row in listing if row[0].startswith("d")}, {"drwxr-xr-x"})
        self.assertEqual([row[5] for row in listing if row[5].startswith(EMPTY_FOLDER)], [EMPTY_FOLDER])

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

    def test_the_program_is_hardened(self):
        with tempfile.TemporaryDirectory() as folder:
            output("dpkg-deb", "--extract", DEB, folder)
            told = output("readelf", "--wide", "--file-header", "--segments", "--dynamic", "--dyn-syms", f"{folder}/usr/bin/weir")
        self.assertEqual([what for what, pattern in HARDENED.items() if not re.search(pattern, told)], [])

    def test_lintian_has_nothing_to_say(self):
        """Of errors, warnings and what pedants see."""
        done = subprocess.run(["lintian", "--allow-root", "--pedantic", "--info", str(SCRATCH.changes)], capture_output=True, text=True)
        self.assertEqual((re.findall(r"(?m)^[EWP]: .*$", done.stdout), done.stderr), ([], ""), done.stdout)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: package_test.py BUILD_FOLDER")
    if os.geteuid() != 0:
        print("SKIP: the package is made as root")
        sys.exit(SKIP)
    SCRATCH = Scratch(pathlib.Path(sys.argv.pop(1)).resolve())
    DEB = SCRATCH.deb
    unittest.main(verbosity=2)
