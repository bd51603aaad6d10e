"""A larger network around the lab's: more clients, an internet behind the server, hosts to search through.

    quiet, loud, desk4...  ─┐                                        ┌─ server 10.77.2.2, targets 10.77.2.10...
    shop 10.77.1.20        ─┼─ bridge ─── gateway ─────────── server ┼─ sites 198.51.100.10... (documentation addresses)
    guests 10.77.1.100...  ─┘                                        └─ outside 198.51.100.2: who attacks from there

Whatever is in none of these networks ends at `outside`, which forwards nothing.
"""
from labkit import network
from labkit.network import address_of, cable, default_route
from labkit.shell import check, inside

OUTSIDE = "outside"
DESKS = tuple(f"desk{number}" for number in range(4, 10))
TARGETS = [f"10.77.2.{number}" for number in range(10, 70)]
SITES = [f"198.51.100.{number}" for number in range(10, 30)]  # outside the home networks
_FIRST_GUEST = 100
# As most desktop systems have one: what belongs to no connection gets no answer. `quiet`, `loud` and the servers are without.
_FIREWALL = "table inet firewall { chain input { type filter hook input priority 0; ct state invalid drop; }; }"
_OUTSIDE_LINK = ("198.51.100.1", "fd77:3::1")

network.ADDRESSES.update({desk: (f"10.77.1.{desk[4:]}", f"fd77:1::{desk[4:]}") for desk in DESKS},
                         shop=("10.77.1.20", "fd77:1::20"), outside=("198.51.100.2", "fd77:3::2"))


def guest(number):
    return f"guest{number}"


def build(mode, guests=0):
    """The network of `mode`, with so many guests; returns the namespaces of all clients that talk."""
    talkers = [*network.CLIENTS, *DESKS, *(guest(number) for number in range(guests))]
    for number in range(guests):
        network.ADDRESSES[guest(number)] = (f"10.77.1.{_FIRST_GUEST + number}", f"fd77:1::{_FIRST_GUEST + number}")
    network.build(mode, (*talkers, "shop"))
    network.add_namespace(OUTSIDE)
    cable("server", "uplink", OUTSIDE, "eth0")
    address_of("server", "uplink", _OUTSIDE_LINK)
    address_of(OUTSIDE, "eth0", network.ADDRESSES[OUTSIDE])
    default_route(OUTSIDE, _OUTSIDE_LINK)
    for address in (*TARGETS, *(f"10.77.2.{_FIRST_GUEST + number}" for number in range(guests))):
        check(["ip", "-n", "server", "address", "add", f"{address}/24", "dev", "eth0"])
    for address in SITES:
        check(["ip", "-n", "server", "address", "add", f"{address}/32", "dev", "lo"])
    for name, interfaces in [*((client, ["eth0"]) for client in (*talkers, "shop", OUTSIDE)), ("server", ["eth0", "uplink"]),
                             (network.GATEWAY, network.GATEWAY_INTERFACES), ("bridge", (*talkers, "shop", "uplink"))]:
        for interface in interfaces:
            network.send_in_frames(name, interface)
    for client in set(talkers) - set(network.CLIENTS):
        check(inside(client, ["nft", "-f", "-"]), stdin=_FIREWALL)
    _route_the_internet(mode)
    return talkers


def target_of_guest(number):
    return f"10.77.2.{_FIRST_GUEST + number}"


def _route_the_internet(mode):
    default_route(network.GATEWAY, network.ADDRESSES["server"])
    # Packets with forged sources must get as far as on a network without filters against them.
    for name in (network.GATEWAY, "server", OUTSIDE):
        check(inside(name, ["sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
                            "net.ipv4.icmp_ratelimit=0"]))
    check(inside("server", ["sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]))
    for family, prefix, gateway, outside in zip(("-4", "-6"), ("10.77.1.0/24", "fd77:1::/64"), network.GATEWAY_OUTSIDE,
                                                network.ADDRESSES[OUTSIDE]):
        check(["ip", "-n", "server", family, "route", "replace", "default", "via", outside])
        if mode == "routed":
            check(["ip", "-n", "server", family, "route", "add", prefix, "via", gateway])
