"""A network namespace of the test's own: two ends of a cable, `eth0` under the sensor and `peer`, and nothing else."""
import os
import subprocess
import sys

SKIPPED = 77
cable = None  # what lay_cable() gave: the process that holds the peer's namespace


def enter(script):
    """Goes on in a new network namespace; never returns in the old one."""
    if os.environ.get("WEIR_TEST_NAMESPACE") == os.readlink("/proc/self/ns/net"):
        return
    if os.geteuid() != 0:
        print("skipped: network namespaces and XDP need root")
        sys.exit(SKIPPED)
    inside = 'export WEIR_TEST_NAMESPACE=$(readlink /proc/self/ns/net); exec "$@"'
    os.execvp("unshare", ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", inside, "sh", sys.executable, script,
                          *sys.argv[1:]])


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True).stdout


def lay_cable():
    """The peer has a namespace of its own: packets to an address of one's own never reach a wire."""
    run("ip", "link", "set", "lo", "up")
    holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up; echo ready; exec sleep 600"],
                              stdout=subprocess.PIPE, text=True)
    holder.stdout.readline()
    run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "peer", "netns", str(holder.pid))
    run("ip", "address", "add", "10.88.0.1/24", "dev", "eth0")
    run("ip", "link", "set", "eth0", "up")
    run("ip", "route", "add", "default", "via", "10.88.0.2")
    for command in (["address", "add", "10.88.0.2/24", "dev", "peer"], ["link", "set", "peer", "up"]):
        run("nsenter", f"--net=/proc/{holder.pid}/ns/net", "ip", *command)
    return holder


def at_peer():
    """What a command is put behind to run at the other end."""
    return ["nsenter", f"--net=/proc/{cable.pid}/ns/net"]


def xdp_programs(interface="eth0"):
    """What `ip` says is attached: "" or the line about it."""
    return "\n".join(line for line in run("ip", "-d", "link", "show", interface).splitlines() if "prog/xdp" in line)


def pins():
    return sorted(os.listdir("/sys/fs/bpf")) if os.path.isdir("/sys/fs/bpf") else []
