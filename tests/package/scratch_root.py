#!/usr/bin/python3
"""What all tests of the package share, made once: the package of a finished build, a minimal Debian 12 with systemd, and one
where the package is installed.

usage: scratch_root.py BUILD_FOLDER    makes all anew, in BUILD_FOLDER/scratch
"""
import ctypes
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIP = 77
INSTALL = ("apt-get", "install", "-y", "--no-install-recommends")


CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000  # sched.h; Python knows them from 3.12


def enter_own_namespaces(flags=CLONE_NEWNS):
    """From here on our mounts, or network devices, are nobody else's, and end with us."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    output("mount", "--make-rprivate", "/")


def output(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class MemoryFolder:
    """On disk, hundreds of small files and dpkg's care for them would take longer than the tests. In namespaces of our own."""

    def __init__(self, scratch):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="memory-", dir=scratch.folder))
        output("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self.path)

    def remove(self):
        output("umount", "--recursive", "--lazy", self.path)
        self.path.rmdir()


def copy(root, to):
    """Of a root, with /proc, which systemd-tmpfiles wants."""
    output("cp", "-a", "--one-file-system", root, to)
    output("mount", "-t", "proc", "proc", to / "proc")


class Scratch:
    """Where they lie, below a build folder."""

    def __init__(self, build):
        self.build = build
        self.folder = build / "scratch"
        self.base = self.folder / "base"
        self.installed = self.folder / "installed"

    @property
    def deb(self):
        deb, = self.folder.glob("weir_*.deb")
        return deb

    @property
    def changes(self):
        changes, = self.folder.glob("weir_*.changes")
        return changes

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        output(ROOT / "tools/package", self.build, self.folder)
        # Translations of apt's descriptions are most of what an update fetches. What the package needs is fetched once for all.
        output("mmdebstrap", "--mode=root", "--variant=minbase", "--include=systemd,iproute2", f"--customize-hook=copy-in {self.deb} /",
               "--aptopt=Acquire::Languages none", '--customize-hook=chroot "$1" apt-get clean',
               f'--customize-hook=chroot "$1" {" ".join(INSTALL)} --download-only /{self.deb.name}', "--skip=cleanup/apt",
               "bookworm", self.base, timeout=400)
        enter_own_namespaces()
        copy(self.base, self.installed)
        output("chroot", self.installed, *INSTALL, f"/{self.deb.name}", env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})

    def pack_higher_version(self, path, configuration=""):
        """The same with a version above, and these lines more in its configuration."""
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder, "tree")
            output("dpkg-deb", "--raw-extract", self.deb, tree)
            control = tree / "DEBIAN/control"
            control.write_text(re.sub(r"(?m)^(Version: .*)$", r"\1+1", control.read_text()))
            with open(tree / "etc/weir/weir.yaml", "a") as file:
                file.write(configuration)
            output("dpkg-deb", "--build", "--root-owner-group", "-Znone", tree, path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: scratch_root.py BUILD_FOLDER")
    if os.geteuid() != 0:
        print("SKIP: a scratch root needs root")
        sys.exit(SKIP)
    Scratch(pathlib.Path(sys.argv[1]).resolve()).make()
