#!/usr/bin/python3
"""A gateway's life with the package, under systemd and Debian's stock kernels, in a virtual machine that is thrown away.

    gateway_test.py prepare BUILD        the package of a finished build, unless it is there, and the machines' disk
    gateway_test.py run BUILD KERNEL     boot it with the kernel that kernel_test.py keeps in the folder KERNEL, and judge

What happens in there is gateway/test/run. What a machine said stays in KERNEL/gateway/output and console.
"""
import os
import pathlib
import re
import shutil
import sys

import gateway_disk
import machine
from gateway_disk import scratch_root

TIMEOUT_S = 900  # a tenth of it is enough on two idle cores
MEMORY_MIB = 768
STEP = re.compile(r"^STEP (\d+) (.*)$", re.M)


def main(command, build, *kernel):
    if shutil.which(machine.PROGRAM) is None or os.geteuid() != 0:
        print(f"SKIP: needs {machine.PROGRAM}, and root for a Debian in a folder")
        return scratch_root.SKIP
    scratch = scratch_root.Scratch(pathlib.Path(build).resolve())
    return {"prepare": prepare, "run": run}[command](scratch, *(pathlib.Path(folder).resolve() for folder in kernel))


def prepare(scratch):
    if not is_newer(scratch.folder / "base", [scratch.build / "weir", *(scratch_root.ROOT / "packaging/deb").rglob("*")]):
        scratch.make()
    scratch.pack_higher_version(scratch.folder / "higher.deb", "# a line more\n")
    if not is_newer(disk_of(scratch), [scratch.deb, *gateway_disk.GUEST_FILES.rglob("*"), gateway_disk.__file__]):
        gateway_disk.make_root_disk(scratch, disk_of(scratch))
    return 0


def disk_of(scratch):
    return scratch.folder / "gateway.disk"


def is_newer(path, sources):
    return path.exists() and path.stat().st_mtime >= max(os.lstat(source).st_mtime for source in sources)


def run(scratch, kernel):
    folder = kernel / "gateway"
    folder.mkdir(exist_ok=True)
    gateway_disk.pack_initrd(kernel, folder / "initrd")
    gateway_disk.make_second_disk(kernel, {"before.deb": scratch.deb, "weir.deb": scratch.folder / "higher.deb"}, folder / "second.disk")
    # One processor: two machines run side by side, and what several do to the counts is other tests' matter.
    outcome = machine.boot(kernel / "vmlinuz", folder / "initrd", folder, "1", MEMORY_MIB, TIMEOUT_S, ["mitigations=off", "rcupdate.rcu_expedited=1"],
                           [disk_of(scratch), folder / "second.disk"])
    print(outcome.text)
    if outcome.verdict != 0:
        print(f"--- console ---\n{outcome.console}\n--- {kernel.name}: " +
              ("no verdict" if outcome.verdict is None else f"exit code {outcome.verdict}"))
        return 1
    print_table((kernel / "release").read_text(), outcome.text)
    return 0


def print_table(release, text):
    print(f"{release}, seconds in the machine:")
    for tenths, name in STEP.findall(text):
        print(f"  {int(tenths) / 10:6.1f}  {name}")


if __name__ == "__main__":
    if len(sys.argv) < 3 or (sys.argv[1], len(sys.argv)) not in (("prepare", 3), ("run", 4)):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
