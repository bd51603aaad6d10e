#!/usr/bin/python3
"""The Vagrantfile, as far as that goes without boxes: Vagrant takes it. Its scripts run in tests/kernels/gateway_test.py.

usage: vagrant_test.py
"""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Vagrantfile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copytree(ROOT / "packaging/vm", self.folder / "packaging/vm")
        self.text = (ROOT / "Vagrantfile").read_text()
        (self.folder / "build").mkdir()
        (self.folder / "build/weir_1_amd64.deb").touch()

    def validate(self, text):
        """(exit code, what it says). It asks nobody whether it is the newest."""
        (self.folder / "Vagrantfile").write_text(text)
        environment = {**os.environ, "VAGRANT_HOME": str(self.folder / "home"), "VAGRANT_CHECKPOINT_DISABLE": "1"}
        done = subprocess.run(["vagrant", "validate", "--ignore-provider"], cwd=self.folder, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_vagrant_takes_it(self):
        code, said = self.validate(self.text)
        self.assertEqual(code, 0, said)
        for machine in ("gateway", "server", "client"):
            self.assertIn(f"==> {machine}:", said)

    def test_without_the_package_it_names_the_remedy_and_a_missing_script_is_found(self):
        (self.folder / "build/weir_1_amd64.deb").unlink()
        (self.folder / "packaging/vm/gateway.sh").unlink()
        code, said = self.validate(self.text)
        self.assertEqual(code, 1, said)
        self.assertIn("tools/package", said)
        self.assertIn("gateway.sh", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
