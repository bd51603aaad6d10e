"""What the clients do: ordinary traffic without end, and two attacks that end by themselves."""
import collections
import random
import re
import subprocess
import threading

from labkit import network, services
from labkit.shell import LabError, check, inside, start, stop, succeeds

_BANDWIDTH = "3M"
_FLOODERS = 2
_FLOOD_PER_SECOND = 1000  # and flooder: nping counts its pause in whole milliseconds, above 1,000 it does not pause at all
_FLOOD_PACKETS = 3000  # and flooder


class OrdinaryTraffic:
    """Each client fetches pages, asks the resolver, pings and moves a steady stream, over IPv4 and IPv6 in turn."""

    def __init__(self, folder):
        self._folder = folder
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._talk, args=(client,), daemon=True) for client in network.CLIENTS]
        self._streams = {}
        self.outcomes = collections.Counter()  # (program, succeeded) -> number

    def start(self):
        for index, client in enumerate(network.CLIENTS):
            for version, address in zip((4, 6), network.ADDRESSES["server"]):
                self._stream(client, f"ping-{client}-{version}", ["ping", "-n", "-i", "1", address])
            self._stream(client, f"iperf3-{client}",
                         ["iperf3", "--client", network.ADDRESSES["server"][index], "--bitrate", _BANDWIDTH,
                          "--length", "8K",  # the default of 128K makes three bursts a second, no steady stream
                          "--port", services.BANDWIDTH_PORTS[client], "--time", "3600"])
        for thread in self._threads:
            thread.start()

    def check_streams(self):
        for name, process in self._streams.items():
            if process.poll() is not None:
                raise LabError(f"{name} ended: {(self._folder / f'{name}.log').read_text().strip()[-300:]}")

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            if thread.ident:
                thread.join(timeout=15)
        stop(self._streams.values())

    def summary(self):
        result = {}
        for (program, succeeded), number in sorted(self.outcomes.items()):
            result.setdefault(program, {"ok": 0, "failed": 0})["ok" if succeeded else "failed"] = number
        return result

    def _stream(self, client, name, command):
        self._streams[name] = start(client, command, self._folder / f"{name}.log")

    def _talk(self, client):
        # Seeded: each run asks for the same things in the same order.
        choice = random.Random(client)
        while not self._stopping.wait(choice.uniform(0.3, 1.2)):
            version = choice.choice((4, 6))
            self._ask_resolver(client, version, choice.choice(("A", "AAAA")))
            self._fetch(client, version, choice.choices(list(services.PAGES), weights=(5, 3, 1))[0])

    def _ask_resolver(self, client, version, kind):
        resolver = network.ADDRESSES["server"][version == 6]
        command = ["dig", f"@{resolver}", "+tries=1", "+time=3", "+short", services.NAME, kind]
        done = subprocess.run(inside(client, command), capture_output=True, text=True)
        self.outcomes["dig", done.stdout.strip() in network.ADDRESSES["server"]] += 1

    def _fetch(self, client, version, path):
        address = network.ADDRESSES["server"][version == 6]
        host = f"[{address}]" if version == 6 else address
        command = ["curl", "--silent", "--fail", "--max-time", "5", "--output", "/dev/null", f"http://{host}{path}"]
        self.outcomes["curl", succeeds(inside(client, command))] += 1


def scan(client):
    """nmap's usual 1,000 ports over IPv4, then over IPv6; returns the open ones that it found, by IP version."""
    ip4, ip6 = network.ADDRESSES["server"]
    found = {}
    for version, command in ((4, ["nmap", ip4]), (6, ["nmap", "-6", ip6])):
        output = check(inside(client, [*command, "-sS", "-n", "-Pn", "-oG", "-"]), timeout=60)
        found[str(version)] = sorted(int(port) for port in re.findall(r"(\d+)/open/tcp", output))
    return found


def flood(client):
    """A bounded SYN flood against the web port, over IPv4; returns how many packets were sent."""
    command = ["nping", "--tcp", "--flags", "syn", "--dest-port", "80", "--rate", _FLOOD_PER_SECOND,
               "--count", _FLOOD_PACKETS, "-v-1", network.ADDRESSES["server"][0]]
    flooders = [subprocess.Popen(inside(client, command), stdout=subprocess.PIPE, text=True) for _ in range(_FLOODERS)]
    outputs = [flooder.communicate(timeout=60)[0] for flooder in flooders]
    return sum(int(sent) for output in outputs for sent in re.findall(r"Raw packets sent: (\d+)", output))
