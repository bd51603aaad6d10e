"""The lab's network. Addresses carry the same last number in IPv4 and IPv6.

    quiet 10.77.1.2 ─┐
                     ├─ bridge ─── lan 10.77.1.1 gateway 10.77.2.1 wan ─── server 10.77.2.2
    loud  10.77.1.3 ─┘
"""
import json

from labkit.shell import check, inside

CLIENTS = ("quiet", "loud")
GATEWAY = "gateway"
GATEWAY_INTERFACES = ("lan", "wan")
ADDRESSES = {  # (IPv4, IPv6)
    "quiet": ("10.77.1.2", "fd77:1::2"),
    "loud": ("10.77.1.3", "fd77:1::3"),
    "server": ("10.77.2.2", "fd77:2::2"),
}
_GATEWAY_INSIDE = ("10.77.1.1", "fd77:1::1")
GATEWAY_OUTSIDE = ("10.77.2.1", "fd77:2::1")

_MASQUERADE = """
table inet lab {
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "wan" masquerade
  }
}
"""


_built = []  # namespaces


def build(mode, clients=CLIENTS):
    for name in (*clients, "bridge", GATEWAY, "server"):
        add_namespace(name)
    check(["ip", "-n", "bridge", "link", "add", "bridge", "type", "bridge"])
    check(["ip", "-n", "bridge", "link", "set", "bridge", "up"])
    for client in clients:
        cable(client, "eth0", "bridge", client)
    cable(GATEWAY, "lan", "bridge", "uplink")
    cable(GATEWAY, "wan", "server", "eth0")
    for port in (*clients, "uplink"):
        check(["ip", "-n", "bridge", "link", "set", port, "master", "bridge"])
    for client in clients:
        address_of(client, "eth0", ADDRESSES[client])
        default_route(client, _GATEWAY_INSIDE)
    address_of(GATEWAY, "lan", _GATEWAY_INSIDE)
    address_of(GATEWAY, "wan", GATEWAY_OUTSIDE)
    address_of("server", "eth0", ADDRESSES["server"])
    check(inside(GATEWAY, ["sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]))
    if mode == "masquerade":
        # The server has no way back to the clients' addresses: it answers only if they really are translated.
        check(inside(GATEWAY, ["nft", "-f", "-"]), stdin=_MASQUERADE)
    else:
        default_route("server", GATEWAY_OUTSIDE)


def add_namespace(name):
    check(["ip", "netns", "add", name])
    _built.append(name)
    check(["ip", "-n", name, "link", "set", "lo", "up"])
    # Duplicate address detection would keep every IPv6 address unusable for its first seconds.
    check(inside(name, ["sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0"]))


def remove():
    while _built:
        check(["ip", "netns", "delete", _built.pop()])


def received_packets():
    """Packets that arrived at the gateway: what the sensor can see."""
    links = json.loads(check(["ip", "-n", GATEWAY, "-j", "-s", "link"]))
    return sum(link["stats64"]["rx"]["packets"] for link in links if link["ifname"] in GATEWAY_INTERFACES)


def cable(namespace, interface, peer_namespace, peer):
    check(["ip", "-n", namespace, "link", "add", interface, "type", "veth", "peer", "name", peer,
           "netns", peer_namespace])
    check(["ip", "-n", namespace, "link", "set", interface, "up"])
    check(["ip", "-n", peer_namespace, "link", "set", peer, "up"])


def send_in_frames(namespace, interface):
    """Packets as a wire would carry them: none that the stack merged or that the device is to cut."""
    check(inside(namespace, ["ethtool", "-K", interface, "tso", "off", "gso", "off", "gro", "off"]))


def address_of(namespace, interface, addresses):
    for address, bits in zip(addresses, (24, 64)):
        check(["ip", "-n", namespace, "address", "add", f"{address}/{bits}", "dev", interface])


def default_route(namespace, gateway):
    for address in gateway:
        check(["ip", "-n", namespace, "route", "add", "default", "via", address])


def mac(namespace, interface):
    return json.loads(check(["ip", "-n", namespace, "-j", "link", "show", interface]))[0]["address"]
