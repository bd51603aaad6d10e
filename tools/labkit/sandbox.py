"""The lab's own mount, process and network namespaces.

The kernel cleans up: when the lab's first process ends, for whatever reason, the kernel kills all others in its process
namespace, and with the last of them go the mounts that hold the network namespaces. So nothing survives a crash or a
kill -9, names in one lab do not meet those of another, and no packet can leave through a real interface.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

MARK = "WEIR_LAB_DIRECTORY"


def is_inside():
    return MARK in os.environ


def directory():
    """For the lab's files; gone with the lab."""
    return pathlib.Path(os.environ[MARK])


def enter():
    """Runs this very command line again inside; returns its exit code."""
    missing = [name for name in ("setpriv", "unshare") if not shutil.which(name)]
    if missing:
        print(f"tools/lab: {' and '.join(missing)} not found: install util-linux", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)  # a shell starts its background jobs with SIGINT ignored
    with tempfile.TemporaryDirectory(prefix="weir-lab-") as folder:
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--net", "--fork", "--kill-child",
                   "--mount-proc", sys.executable, "-c", _INIT, *sys.argv]
        lab = subprocess.Popen(command, env={**os.environ, MARK: folder}, start_new_session=True)
        try:
            return lab.wait()
        except KeyboardInterrupt:
            return _give_up(lab)


# The first process inside stays small: it prepares what needs the new namespaces and becomes the lab.
_INIT = """
import os, subprocess, sys
for folder in ("/run", os.environ["WEIR_LAB_DIRECTORY"]):  # all of /run: daemons leave their files there
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder], check=True)
os.mkdir("/run/netns")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def _interrupt(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _give_up(lab):
    # Nothing inside needs a farewell (nor hears Ctrl-C, in its own session): the kernel takes it all down with the first process.
    lab.kill()
    lab.wait()
    print("tools/lab: interrupted, all removed", file=sys.stderr)
    return 128 + signal.SIGINT
