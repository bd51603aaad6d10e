#!/usr/bin/python3
"""What lies in systemd's descriptor store outlives the sensor: no packet is lost while none runs, none is counted twice.

The store is played here, by its protocol (sd_pid_notify_with_fds(3), sd_listen_fds(3)); the rest is real. What the sensors
counted is compared with what the device counted.
"""
import array
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest

import private
from cli_test import OK, WEIR, Case, ask, await_ticks

LISTEN_FDS_START = 3
MESSAGE_BYTES, MOST_DESCRIPTORS = 4096, 64


def device_packets():
    """Packets that the driver of eth0 gave to XDP programs and those that it sent, since it exists."""
    arrived = re.findall(r"rx_queue_\d+_xdp_packets: (\d+)", private.run("ethtool", "-S", "eth0"))
    about, = json.loads(private.run("ip", "-s", "-j", "link", "show", "eth0"))
    return sum(map(int, arrived)) + about["stats64"]["tx"]["packets"]


def silence():
    """Nobody speaks on the cable but who is told to: no neighbour discovery, no router solicitation."""
    ends = [([], "eth0", "10.88.0.1"), (private.at_peer(), "peer", "10.88.0.2")]
    for (where, device, address), (others, other, _) in (ends, ends[::-1]):
        private.run(*where, "sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1")
        hardware = json.loads(private.run(*where, "ip", "-j", "link", "show", device))[0]["address"]
        private.run(*others, "ip", "neigh", "replace", address, "lladdr", hardware, "nud", "permanent", "dev", other)


def send(packets):
    subprocess.run([*private.at_peer(), "ping", "-q", "-f", "-c", str(packets), "10.88.0.1"], check=True, capture_output=True)


class Store:
    """The service manager's half."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.held = {}  # name: descriptor

    def listen(self):
        """Carries out what was asked until now."""
        while True:
            try:
                message, ancillary, _, _ = self.socket.recvmsg(MESSAGE_BYTES, socket.CMSG_SPACE(4 * MOST_DESCRIPTORS), socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            fields = dict(line.split("=", 1) for line in message.decode().splitlines() if "=" in line)
            descriptors = array.array("i")
            for _, _, data in ancillary:
                descriptors.frombytes(data)
            if "FDSTORE" in fields:
                assert fields["FDNAME"] not in self.held, fields
                self.held[fields["FDNAME"]] = descriptors[0]
            if "FDSTOREREMOVE" in fields:
                os.close(self.held.pop(fields["FDNAME"]))

    def release(self):
        """As when the unit has stopped."""
        while self.held:
            os.close(self.held.popitem()[1])

    def close(self):
        self.release()
        self.socket.close()

    def environment(self):
        return {**os.environ, "NOTIFY_SOCKET": self.path, "LISTEN_FDS": str(len(self.held)), "LISTEN_FDNAMES": ":".join(self.held)}

    def place(self):
        """In the child: all descriptors in a row from LISTEN_FDS_START."""
        high = [os.dup2(descriptor, 500 + i, inheritable=False) for i, descriptor in enumerate(self.held.values())]
        for i, descriptor in enumerate(high):
            os.dup2(descriptor, LISTEN_FDS_START + i)


class Restart(Case):
    def setUp(self):
        super().setUp()
        self.store = Store(self.folder.name)
        self.addCleanup(self.store.close)

    def start(self, flows=65536):
        """Of one interface both directions count: what arrives by XDP, what leaves by tcx."""
        config = self.file("weir.yaml", f"flows: {flows}\n")
        command = f'LISTEN_PID=$$ exec "{WEIR}" run eth0 --config "{config}"'
        sensor = subprocess.Popen(["sh", "-c", command], env=self.store.environment(), preexec_fn=self.store.place, close_fds=False,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(sensor.stderr.close)
        for _ in range(300):
            time.sleep(0.1)
            self.store.listen()
            try:
                if ask()["ticks"] > 0:
                    return sensor
            except OSError:
                pass
            if sensor.poll() is not None:
                break
        sensor.kill()
        raise AssertionError("the sensor did not come up: " + sensor.stderr.read())

    def seen(self):
        """By the sensor, once it has read all that came before."""
        await_ticks(3)
        status = ask()
        self.assertEqual(status["losses"]["law_errors"], 0)
        self.assertEqual(status["losses"]["tick_errors"], 0)
        return status["packets"]["seen"]

    def end(self, sensor, number):
        sensor.send_signal(number)
        sensor.wait(10)
        self.store.listen()

    def restart(self, number, flows_before=65536, flows_after=65536):
        """Sends with a sensor, with none, and with the next one; all packets are seen by one of the two."""
        first = self.start(flows_before)
        base = device_packets() - self.seen()  # what came before it was attached
        send(300)
        counted = self.seen()
        self.assertEqual(counted, device_packets() - base)
        self.end(first, number)
        self.assertIn("prog/xdp", private.xdp_programs(), "it must stay attached")
        send(500)
        second = self.start(flows_after)
        send(200)
        self.assertEqual(counted + self.seen(), device_packets() - base)
        self.assertGreaterEqual(device_packets() - base, 2000)  # each is answered
        self.end(second, signal.SIGTERM)
        self.assertEqual(second.returncode, OK, "a stop is no failure")
        self.store.release()
        for _ in range(200):  # the kernel drops a link once the last descriptor is gone
            if private.xdp_programs() == "":
                break
            time.sleep(0.05)
        self.assertEqual(private.xdp_programs(), "", "a stop releases all")

    def test_a_crash_loses_no_packet(self):
        self.restart(signal.SIGKILL)

    def test_a_stop_and_start_lose_no_packet(self):
        self.restart(signal.SIGTERM)

    def test_tables_of_another_size_lose_no_packet(self):
        self.restart(signal.SIGKILL, 65536, 2048)

    def test_many_crashes_leave_one_of_each(self):
        for _ in range(4):
            sensor = self.start()
            held = sorted(self.store.held)
            self.end(sensor, signal.SIGKILL)
        sensor = self.start()
        self.assertEqual(len(self.store.held), len(held))
        self.end(sensor, signal.SIGTERM)


if __name__ == "__main__":
    private.enter(__file__)
    sys.argv[1:] = sys.argv[2:]
    private.cable = private.lay_cable()
    silence()
    try:
        unittest.main(verbosity=2)
    finally:
        private.cable.kill()
