"""Tagged frames: one VLAN, QinQ, priority tag; three tags are one more than is decoded.

Two VLANs may use the same addresses: the flows stay apart (their gaps are not mixed), the host is one. 10.9.9.9 sends
only three-tagged frames and has no window.
"""
import sys

from craft import ACK, PSH, TCP, UDP, at, ether, ipv4, ipv6, tcp, udp, write_pcap
from talk import text


def packets():
    for n in range(100):
        now, body = 0.05 + n * 0.15, text(40 + n, n)
        request = ipv4("10.0.0.5", "10.0.0.6", TCP, tcp(4000, 443, PSH | ACK, body))
        yield at(now), ether(request, vlans=[100])
        yield at(now + 0.01), ether(request, vlans=[200])
        yield at(now + 0.02), ether(request, vlans=[30, 100])
        yield at(now + 0.03), ether(ipv6("2001:db8::5", "2001:db8::6", UDP, udp(4001, 53, body)), vlans=[7, 8])
        yield at(now + 0.04), ether(ipv4("10.0.0.6", "10.0.0.5", TCP, tcp(443, 4000, ACK)), vlans=[0])
        yield at(now + 0.05), ether(ipv4("10.9.9.9", "10.0.0.5", UDP, udp(1, 2)), vlans=[1, 2, 3])


write_pcap(sys.argv[1], packets())
