"""Programs, run in one of the lab's network namespaces or in the lab's own."""
import subprocess


class LabError(Exception):
    """The lab itself is broken: no statement about the sensor is possible."""


def inside(namespace, command):
    # Not `ip netns exec`: that mounts /sys anew and so hides bpffs and the cgroups from the program.
    return ["nsenter", f"--net=/run/netns/{namespace}", "--", *map(str, command)]


def check(command, stdin=None, timeout=30):
    """Standard output of a program that must succeed."""
    try:
        done = subprocess.run(list(map(str, command)), input=stdin, capture_output=True, text=True, timeout=timeout)
    except FileNotFoundError as error:
        raise LabError(f"{error.filename} is not installed: tools/run --lab installs what the lab needs") from None
    except subprocess.TimeoutExpired:
        raise LabError(f"{' '.join(map(str, command))}: still running after {timeout} s") from None
    if done.returncode != 0:
        raise LabError(f"{' '.join(map(str, command))}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def succeeds(command, timeout=10):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=timeout).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def start(namespace, command, log):
    """A program that stays; its output goes to the file `log`."""
    with open(log, "wb") as out:
        # A session of its own: Ctrl-C is for the lab to hear, not for each ping.
        return subprocess.Popen(inside(namespace, command), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                start_new_session=True)


def stop(processes, grace=2):
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
