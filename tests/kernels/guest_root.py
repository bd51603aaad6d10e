"""The guest's root file system, all of it in the initial RAM disk: no disk, no file system driver, nothing to clean up."""
import os
import pathlib
import re
import shutil
import subprocess

from debian_kernel import output

# The machine's own, with the libraries that they need; all else is busybox. What busybox starts is its own `ip` before any other, so the shell is the machine's too.
TOOLS = ("ethtool", "ip", "ping", "sh", "tc")
GUEST_FILES = pathlib.Path(__file__).parent / "guest"


def pack(programs, modules, archive):
    """Writes archive (cpio): busybox, TOOLS, our programs without debugging symbols, the guest's scripts and modules."""
    root = archive.with_suffix(".root")
    shutil.rmtree(root, ignore_errors=True)
    lay_out(root)
    shutil.copytree(modules, root, dirs_exist_ok=True)
    for program in programs:
        output("strip", "-o", root / "usr/bin" / program.name, program)
        add_libraries(program, root)
    for tool in TOOLS:
        path = shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin")
        if path is None:
            raise FileNotFoundError(f"{tool} is not installed")
        shutil.copy(path, root / "usr/bin" / tool)
        add_libraries(path, root)
    write_archive(root, archive)
    shutil.rmtree(root)


def lay_out(root):
    for folder in ("usr/bin", "usr/lib", "dev", "proc", "run", "sys", "tmp"):
        (root / folder).mkdir(parents=True)
    for name, target in {"bin": "usr/bin", "sbin": "usr/bin", "usr/sbin": "bin", "lib": "usr/lib", "lib64": "usr/lib"}.items():
        (root / name).symlink_to(target)
    shutil.copy("/bin/busybox", root / "usr/bin")
    for applet in output("/bin/busybox", "--list").split():
        if applet != "busybox":
            (root / "usr/bin" / applet).symlink_to("busybox")
    for name in TOOLS:
        (root / "usr/bin" / name).unlink(missing_ok=True)
    shutil.copytree(GUEST_FILES, root, dirs_exist_ok=True)


def add_libraries(program, root):
    for path in re.findall(r"(/\S+) \(0x", output("ldd", program)):
        to = root / "usr" / path.removeprefix("/usr").lstrip("/").replace("lib64/", "lib/", 1)
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)


def write_archive(root, archive):
    names = [str(path.relative_to(root)) for path in sorted(root.rglob("*"))]
    with open(archive, "wb") as to:
        subprocess.run(["busybox", "cpio", "-o", "-H", "newc", "-R", "0:0"], cwd=root, input=os.fsencode("\n".join(names) + "\n"),
                       stdout=to, stderr=subprocess.DEVNULL, check=True)
