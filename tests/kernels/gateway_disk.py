"""What a machine of the gateway's test boots from: a Debian on one disk, on a second one the kernel's modules and the test."""
import os
import pathlib
import re
import shutil
import sys
import tempfile

from debian_kernel import output
from guest_root import write_archive

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "package"))
import scratch_root  # noqa: E402

GUEST_FILES = pathlib.Path(__file__).parent / "gateway"
LAB_SCRIPTS = TESTS.parent / "packaging/vm"
# Beside what the package depends on: a machine's own, and what the lab's scripts ask for.
PACKAGES = ("bpftool", "ethtool", "iproute2", "kmod", "procps", "systemd", "systemd-sysv", "udev",
            "busybox", "curl", "dnsmasq-base", "iperf3", "iputils-ping", "nginx", "nmap")
FILE_SYSTEM = ("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal")
SPARE_MIB = 400  # for what is installed, written and logged
# Nobody logs in, what a timer starts would disturb the counts, and to generate units takes an emulated machine seconds.
LEFT_OUT = ("getty.target", "timers.target", "e2scrub_reap.service", "nginx.service", "systemd-timesyncd.service", "dev-hugepages.mount",
            "dev-mqueue.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "modprobe@.service")
# The kernel lets no disk be mounted before these.
FIRST_MODULES = ("virtio_pci", "virtio_blk")


def make_root_disk(scratch, disk):
    """A Debian without the package, but with all that it depends on, and with a unit that runs the test."""
    scratch_root.enter_own_namespaces()
    folder = scratch_root.MemoryFolder(scratch)
    try:
        root = folder.path / "root"
        install(root, scratch)
        set_up(root)
        make_disk(root, disk, SPARE_MIB)
    finally:
        folder.remove()


def install(root, scratch):
    scratch_root.copy(scratch.base, root)
    in_root = ("chroot", root, "env", "DEBIAN_FRONTEND=noninteractive")
    output(*in_root, "apt-get", "install", "-y", "--no-install-recommends", *PACKAGES, *depends(scratch.deb))
    output(*in_root, "apt-get", "clean")
    output("umount", root / "proc")
    (root / scratch.deb.name).unlink()  # the base's


def depends(deb):
    """Names of packages; of alternatives the first."""
    return re.findall(r"(?:^|, )([a-z0-9][a-z0-9.+-]*)", output("dpkg-deb", "--field", deb, "Depends").strip())


def set_up(root):
    shutil.copytree(GUEST_FILES / "root", root, dirs_exist_ok=True, symlinks=True)
    generators = (path.name for path in (root / "usr/lib/systemd/system-generators").iterdir())
    for name in (*(f"system/{unit}" for unit in LEFT_OUT), *(f"system-generators/{name}" for name in generators)):
        path = root / "etc/systemd" / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to("/dev/null")
    (root / "etc/machine-id").write_text("")
    (root / "usr/lib/modules").mkdir(exist_ok=True)


def make_second_disk(kernel, debs, disk):
    """`kernel` is a folder of debian_kernel's, `debs` are packages by the names that they get."""
    with tempfile.TemporaryDirectory(dir=disk.parent) as folder:
        top = pathlib.Path(folder)
        shutil.copytree(kernel / "modules/usr/lib/modules", top / "modules")
        shutil.copytree(GUEST_FILES / "test", top / "test")
        shutil.copytree(LAB_SCRIPTS, top / "lab")
        for name, deb in debs.items():
            shutil.copy(deb, top / name)
        make_disk(top, disk, 16)


def make_disk(folder, disk, spare_mib):
    used_kib = int(output("du", "--summarize", "--block-size=1K", folder).split()[0])
    disk.unlink(missing_ok=True)
    output(*FILE_SYSTEM, "-d", folder, disk, f"{used_kib // 1024 * 12 // 10 + spare_mib}M")


def pack_initrd(kernel, archive):
    """busybox, the drivers of the disks in the order in which they are to be loaded, and `init`."""
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        root = pathlib.Path(folder)
        for name in ("bin", "dev", "disk", "drivers"):
            (root / name).mkdir()
        shutil.copy("/bin/busybox", root / "bin")
        shutil.copy(GUEST_FILES / "init", root)
        for number, module in enumerate(drivers(kernel)):
            shutil.copy(module, root / "drivers" / f"{number:02}-{os.path.basename(module)}")
        write_archive(root, archive)


def drivers(kernel):
    """Files of modules, each behind what it needs; without those that are part of the kernel."""
    release = (kernel / "release").read_text()
    lines = (line.split() for name in FIRST_MODULES
             for line in output("modprobe", "-d", kernel / "modules/usr", "-S", release, "--show-depends", name).splitlines())
    return list(dict.fromkeys(words[1] for words in lines if words[0] == "insmod"))
