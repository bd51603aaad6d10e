"""A Debian in a folder, booted: systemd is its first process, in namespaces of its own (systemd-nspawn)."""
import os
import pathlib
import subprocess
import time

from scratch_root import output

CGROUPS = pathlib.Path("/sys/fs/cgroup")
# Killed, nspawn leaves its machine running. In a process namespace of its own the kernel ends both, also where we are killed.
MORTAL = ("setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--mount-proc", "--fork", "--kill-child")
# The capabilities and the call are what the service asks for.
NSPAWN = ("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--boot", "--console=pipe",
          "--capability=CAP_BPF,CAP_NET_ADMIN,CAP_PERFMON", "--system-call-filter=bpf perf_event_open")


def children(process):
    return pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()


class Machine:
    """Dies with us. To be used in namespaces of the caller's own."""

    def __init__(self, root, boot_seconds=60):
        self.root = root
        # Debian's own layout of the groups, whatever this machine has; and none of this machine's groups is touched.
        output("mount", "-t", "cgroup2", "cgroup2", CGROUPS)
        self._group = CGROUPS / f"weir-service-test-{os.getpid()}"
        self._group.mkdir()
        self._console = open(root.parent / "console", "wb")
        join = f'echo $$ >"{self._group}/cgroup.procs" && exec "$@"'
        self._unshare = subprocess.Popen(["sh", "-c", join, "sh", *MORTAL, *NSPAWN, f"--directory={root}"],
                                         stdin=subprocess.DEVNULL, stdout=self._console, stderr=subprocess.STDOUT)
        self._wait_until_up(time.monotonic() + boot_seconds)

    def run(self, *command, check=True):
        """What a command inside prints."""
        # Its root too: of a caller in a chroot the namespace alone would give the root that lies under all mounts.
        inside = ["nsenter", f"--target={self.leader}", "--all", "--root", *map(str, command)]
        if check:
            return output(*inside)
        return subprocess.run(inside, capture_output=True, text=True).stdout

    def in_network(self, *command):
        """A program of ours on the network in there."""
        return output("nsenter", f"--net=/proc/{self.leader}/ns/net", *command)

    def off(self):
        self._unshare.kill()
        self._unshare.wait()
        self._console.close()
        self._remove_group(time.monotonic() + 10)
        output("umount", CGROUPS)

    def _remove_group(self, deadline):
        """Its processes are killed by now, but some still on their way out."""
        while self._group.exists():
            try:
                for folder, _, _ in os.walk(self._group, topdown=False):
                    os.rmdir(folder)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _wait_until_up(self, deadline):
        while time.monotonic() < deadline and self._unshare.poll() is None:
            for self.leader in [leader for nspawn in children(self._unshare.pid) for leader in children(nspawn)]:
                if self.run("systemctl", "is-system-running", check=False).strip() in ("running", "degraded"):
                    return
            time.sleep(0.1)
        console = pathlib.Path(self._console.name).read_text(errors="replace")
        self.off()
        raise AssertionError(f"the machine did not come up:\n{console}")
