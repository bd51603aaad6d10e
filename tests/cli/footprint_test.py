#!/usr/bin/python3
"""What the sensor takes of a gateway: memory with 10,000 hosts, CPU time while nothing passes, time to the first metrics."""
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest
import urllib.request

import private
from cli_test import WEIR, Case, ask, await_ticks, end, start

HOSTS = 10_000
# Besides the kernel's tables, which `weir check-config` declares. Of hosts that do what rules look at, more is kept meanwhile.
LARGEST_MIB = {"ordinary": 64, "strange": 100}
IDLE_SECONDS = 10
SEND = """
import socket, struct, sys, time
to = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
to.bind(("peer", 0))
ethernet = bytes.fromhex(sys.argv[1].replace(":", "")) + b"\\x02\\0\\0\\0\\0\\1\\x08\\0"
ports = struct.pack("!HH", 40000, 443)
protocol, packet = {"ordinary": (6, ports + struct.pack("!IIBBHHH", 1, 1, 0x50, 0x18, 512, 0, 0)),  # an answered connection's data
                    "strange": (17, ports + struct.pack("!HH", 20, 0))}[sys.argv[4]]  # nobody answers
packet += bytes(46 - 20 - len(packet))
for _ in range(int(sys.argv[3])):
    for host in range(int(sys.argv[2])):
        source = struct.pack("!I", 0x0a580000 + (1 << 16) + host)
        to.send(ethernet + struct.pack("!HHHHBBH", 0x4500, 46, 0, 0, 64, protocol, 0) + source + b"\\x0a\\x58\\0\\x09" + packet)
        if host % 64 == 0: time.sleep(0.002)
"""


def resident_mib(process):
    """Without the kernel's tables, which are mapped to be read."""
    total = 0
    is_table = False
    for line in pathlib.Path(f"/proc/{process}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            is_table = "bpf-map" in line
        elif line.startswith("Rss:") and not is_table:
            total += int(line.split()[1])
    return total / 1024


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Footprint(Case):
    def test_ten_thousand_hosts_take_little_memory(self):
        sensor = start("-c", self.file("weir.yaml", "networks: { home: [10.0.0.0/8] }\n"))
        self.addCleanup(end, sensor)
        address = private.run("cat", "/sys/class/net/eth0/address").strip()
        for traffic, most in LARGEST_MIB.items():
            for _ in range(2):  # windows of all of them, closed and judged
                subprocess.run([*private.at_peer(), sys.executable, "-c", SEND, address, str(HOSTS), "4", traffic], check=True, timeout=60)
                await_ticks(12)
            status = ask()
            self.assertGreaterEqual(status["hosts"], HOSTS)
            mib = resident_mib(sensor.pid)
            print(f"{status['hosts']} hosts, {traffic}: {mib:.1f} MiB besides {status['table_bytes'] >> 20} MiB of tables")
            self.assertLess(mib, most)

    def test_idle(self):
        sensor = start()
        self.addCleanup(end, sensor)
        await_ticks(2)
        before = cpu_seconds(sensor.pid)
        time.sleep(IDLE_SECONDS)
        used = cpu_seconds(sensor.pid) - before
        print(f"idle: {100 * used / IDLE_SECONDS:.1f} % of a core, {resident_mib(sensor.pid):.1f} MiB")

    def test_metrics_come_at_once(self):
        began = time.monotonic()
        sensor = subprocess.Popen([WEIR, "run", "eth0"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(end, sensor)
        while time.monotonic() - began < 30:
            with contextlib.suppress(OSError):
                if b"\nweir_ticks_total " in urllib.request.urlopen("http://127.0.0.1:9477/metrics", timeout=5).read():
                    break
            time.sleep(0.02)
        else:
            self.fail("no metrics within 30 s")
        print(f"metrics after {time.monotonic() - began:.2f} s")


if __name__ == "__main__":
    private.enter(__file__)
    sys.argv[1:] = sys.argv[2:]
    private.cable = private.lay_cable()
    try:
        unittest.main(verbosity=2)
    finally:
        private.cable.kill()
