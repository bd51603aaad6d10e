#!/usr/bin/python3
"""What Debian asks of a package: piuparts and autopkgtest pass, and it can be made again, byte by byte.

usage: policy_test.py BUILD_FOLDER    after scratch_root.py
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from scratch_root import ROOT, SKIP, MemoryFolder, Scratch, copy, enter_own_namespaces, output

# One of each way in which a file comes to be: C++, C, for some processors only, made by bpftool, by protoc, by the configuration.
SAMPLE = {"userspace/base/CMakeFiles/weir_base.dir/ip_address.cc.o", "userspace/sensor/CMakeFiles/weir_sensor.dir/native_meter.c.o",
          "userspace/sensor/CMakeFiles/weir_sensor.dir/flow_meter.cc.o", "model/CMakeFiles/weir_model.dir/rank_avx2.cc.o",
          "model/CMakeFiles/weir_onnx_messages.dir/__/generated/onnx.pb.cc.o", "generated/flow_meter.bpf.o", "generated/flow_meter.skel.h",
          "generated/version.h"}
SOURCES = ("CMakeLists.txt", "CMakePresets.json", "bpf", "model", "packaging", "tools", "userspace")


def memory(case):
    folder = MemoryFolder(SCRATCH)
    case.addCleanup(folder.remove)
    return folder.path


class Policy(unittest.TestCase):
    def test_piuparts(self):
        done = subprocess.run(["piuparts", "--distribution=bookworm", f"--existing-chroot={SCRATCH.base}", "--no-eatmydata",
                               "--keep-sources-list", "--pedantic-purge-test", "--fail-on-broken-symlinks",
                               f"--tmpdir={memory(self)}", str(SCRATCH.deb)],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr)

    def test_autopkgtest(self):
        """What cannot run in a root that did not boot, service_test.py runs."""
        folder = memory(self)
        copy(SCRATCH.installed, folder / "root")
        # Two slashes: it is built, and needs no more packages for that.
        done = subprocess.run(["autopkgtest", "--no-built-binaries", f"{ROOT}/packaging/deb//", "--summary-file", str(folder / "summary"),
                               "--", "chroot", str(folder / "root")], capture_output=True, text=True)
        summary = (folder / "summary").read_text() if (folder / "summary").exists() else ""
        self.assertRegex(summary, r"commands +PASS", done.stdout[-4000:] + done.stderr[-4000:])
        self.assertNotIn("FAIL", summary)


class MadeAgain(unittest.TestCase):
    def test_the_package_of_another_caller(self):
        again = memory(self)
        environment = {**os.environ, "LC_ALL": "C", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Auckland"}
        output("sh", "-c", 'umask 077 && exec "$@"', "sh", ROOT / "tools/package", SCRATCH.build, again, env=environment)
        for deb in SCRATCH.folder.glob("*.deb"):
            self.assertEqual(deb.read_bytes(), (again / deb.name).read_bytes(), deb.name)

    def test_objects_in_another_folder(self):
        """A sample: all of them would take minutes."""
        temporary_folder = tempfile.TemporaryDirectory(prefix="weir-again-")
        self.addCleanup(temporary_folder.cleanup)
        folder = pathlib.Path(temporary_folder.name)
        # As deep as the tree: ccache may be told to make paths relative.
        tree = folder.joinpath(*["deeper"] * (len(ROOT.parts) - len(folder.parts)))
        tree.mkdir(parents=True, exist_ok=True)
        for name in SOURCES:
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tree / name)
        launchers = [line for line in (SCRATCH.build / "CMakeCache.txt").read_text().splitlines() if "_COMPILER_LAUNCHER" in line]
        output("cmake", "--preset", "release", "-DWEIR_TESTS=OFF", *(f"-D{line}" for line in launchers), cwd=tree)
        output("ninja", "-C", tree / "build/release", *(SAMPLE - {"generated/version.h"}), env={**os.environ, "CCACHE_RECACHE": "1"})
        for name in SAMPLE:
            self.assertEqual((tree / "build/release" / name).read_bytes(), (SCRATCH.build / name).read_bytes(), name)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: policy_test.py BUILD_FOLDER")
    if os.geteuid() != 0:
        print("SKIP: a scratch root needs root")
        sys.exit(SKIP)
    SCRATCH = Scratch(pathlib.Path(sys.argv.pop(1)).resolve())
    enter_own_namespaces()
    unittest.main(verbosity=2)
