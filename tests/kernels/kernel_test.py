#!/usr/bin/python3
"""The product on Debian's stock kernels, each suite in a virtual machine of its own that is thrown away.

    kernel_test.py prepare FOLDER SERIES PROGRAM...  fetch the newest kernel of a series ("6.1"), pack the guest's root
    kernel_test.py run FOLDER SUITE [NAME=VALUE...]  boot it and judge

One by hand, from a finished build (`guest/suites/` holds the suites; NAME=VALUE becomes a variable in the guest):

    tests/kernels/kernel_test.py prepare build/kernels/6.1 6.1 build/release/weir build/release/tests/*/weir_{bpf,netns}_tests
    tests/kernels/kernel_test.py run build/kernels/6.1 bpf 'GTEST_FILTER=Epoch.*'

All of it: `ctest --test-dir build/release -L kernels`. Kernels are kept in FOLDER; the archive is asked once a day. What a
machine said stays in FOLDER/SUITE/output and console.
"""
import dataclasses
import pathlib
import re
import shutil
import sys

import debian_kernel
import guest_root
import machine

SKIP = 77


@dataclasses.dataclass(frozen=True)
class Suite:
    """How a suite's machine looks. A tenth of `timeout_s` is enough on two idle cores."""
    timeout_s: int
    cpus: str = "2"
    memory_mib: int = 1024
    kernel_options: tuple = ()


SUITES = {
    "bpf": Suite(timeout_s=1800, cpus="1"),  # one thread; so two machines run side by side
    "conservation": Suite(timeout_s=1800),
    "stacks": Suite(timeout_s=300),
    "virtio": Suite(timeout_s=300),
    # Not `-smp 2,maxcpus=64`: that 62 more could be plugged in is believed by 6.12 only of hypervisors that it knows.
    "many_cpus": Suite(timeout_s=300, cpus="64", kernel_options=("maxcpus=2",), memory_mib=4096),
}
RAN = re.compile(r"^\[==========\] (\d+) tests? from .* ran\.", re.M)
NOT_RUN = re.compile(r"^\[  SKIPPED \] (\S+)|^  YOU HAVE (\d+) DISABLED", re.M)
VERIFIED = re.compile(r"^(\w+: \d+ instructions verified)$", re.M)


def main(command, folder, *arguments):
    if shutil.which(machine.PROGRAM) is None:
        print(f"SKIP: {machine.PROGRAM} is not installed")
        return SKIP
    return {"prepare": prepare, "run": run}[command](pathlib.Path(folder).resolve(), *arguments)


def prepare(folder, series, *programs):
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{series}: {debian_kernel.fetch(series, folder)}")
    guest_root.pack([pathlib.Path(program) for program in programs], folder / "modules", folder / "initrd")
    return 0


def run(folder, name, *variables):
    suite = SUITES[name]
    outcome = machine.boot(folder / "vmlinuz", folder / "initrd", folder / name, suite.cpus, suite.memory_mib, suite.timeout_s,
                           [*suite.kernel_options, f"suite={name}", *variables])
    print(outcome.text)
    record_verified(folder, outcome.text)
    complaint = judge(outcome)
    if complaint:
        print(f"--- console ---\n{outcome.console}\n--- {folder.name} {name}: {complaint}")
    return 1 if complaint else 0


def judge(outcome):
    """Why the run does not count, "" if it does. In there nothing is lacking, so what is skipped has failed."""
    if outcome.verdict is None:
        return "the machine never came to a verdict"
    if outcome.verdict != 0:
        return f"exit code {outcome.verdict}"
    ran, not_run = RAN.search(outcome.text), NOT_RUN.search(outcome.text)
    if ran and int(ran.group(1)) == 0:
        return "no test ran"
    return f"skipped: {not_run.group(0)}" if not_run else ""


def record_verified(folder, text):
    """What the verifier counted on this kernel; the tests themselves guard its limit."""
    release = (folder / "release").read_text()
    lines = [f"{release} {line}\n" for line in VERIFIED.findall(text)]
    if lines:
        (folder / "verified").write_text("".join(lines))


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in ("prepare", "run"):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
