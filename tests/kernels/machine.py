"""One throw-away virtual machine under plain qemu: no KVM, no way out of it but two serial ports. What it writes to a disk is lost."""
import dataclasses
import re
import subprocess

PROGRAM = "qemu-system-x86_64"
# Under qemu 7.2 one boot in a few ended in a double fault right behind a cmpxchg16b, garbage in the flags. Without the
# instruction the kernel does what it does on CPUs that never had it, and 24 boots of 24 came up.
CPU = "max,cx16=off"
# setpriv: the machine dies with us, also where we are killed ourselves.
QEMU = ("setpriv", "--pdeathsig", "KILL", PROGRAM, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
        "-machine", "q35", "-cpu", CPU, "-accel", "tcg,thread=multi")
# A panic ends the machine. How fast the time stamp counter runs is measured at boot, and wrongly where the host is busy: guests
# whose seconds were half as long were seen. The check of the timer was seen to complain there.
KERNEL_OPTIONS = ("console=ttyS0", "quiet", "panic=-1", "clocksource=hpet", "no_timer_check", "GTEST_COLOR=no")
# Two cards on one hub, with nobody else.
CARDS = [option for number in (0, 1) for option in (
    "-netdev", f"hubport,id=n{number},hubid=0", "-device", f"virtio-net-pci,netdev=n{number},mac=52:54:00:00:00:0{number + 1}")]
# The emulator's threads do not see each other's writes to code as processors do: while its kernel patches itself at boot, now and
# then a machine runs into a half-written instruction ("Oops: int3").
BOOTS = 3
STILL_RUNNING = "still running"
VERDICT = re.compile(r"^VERDICT (\d+)\s*$", re.M)


@dataclasses.dataclass(frozen=True)
class Outcome:
    verdict: int | None  # the suite's exit code, None if the machine never came to say it
    text: str  # what the suite said
    console: str  # what the kernel said, and qemu's last words


def boot(*arguments):
    """As boot_once(), again where the machine died before the suite said a word: then nothing was tested."""
    for _ in range(BOOTS):
        outcome = boot_once(*arguments)
        if outcome.verdict is not None or outcome.text or STILL_RUNNING in outcome.console:
            break
    return outcome


def boot_once(vmlinuz, initrd, folder, cpus, memory_mib, timeout_s, options, disks=()):
    """Boots with more kernel options, waits for the end, at most timeout_s. What the machine said stays in `folder`. `disks` are
    files, which may be others' too: they are only read."""
    folder.mkdir(parents=True, exist_ok=True)
    console, said = folder / "console", folder / "output"
    for path in (console, said):
        path.write_bytes(b"")
    problem = run_for(timeout_s, *QEMU, "-smp", cpus, "-m", str(memory_mib), "-kernel", vmlinuz, "-initrd", initrd,
                      "-append", " ".join([*KERNEL_OPTIONS, *options]), *CARDS, *drives(disks),
                      "-serial", f"file:{console}", "-serial", f"file:{said}")
    text = read(said)
    verdict = VERDICT.search(text)
    return Outcome(int(verdict.group(1)) if verdict else None, VERDICT.sub("", text), read(console) + problem)


def drives(disks):
    return [option for disk in disks for option in ("-drive", f"file={disk},if=virtio,format=raw,snapshot=on,cache=unsafe")]


def run_for(timeout_s, *command):
    """What went wrong with qemu itself, "" if nothing did."""
    try:
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return f"\nqemu: {STILL_RUNNING} after {timeout_s} s, killed"
    return f"\nqemu: exit code {done.returncode}: {done.stdout}" if done.returncode else ""


def read(path):
    return path.read_text(errors="replace").replace("\r\n", "\n")
