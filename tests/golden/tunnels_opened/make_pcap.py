"""Packets in tunnels in tunnels, some damaged, all kinds of tunnels opened; and a talk of two hosts in each kind.

The tunnels' ends are 198.51.100.1 and .2 or 2001:db8:ff::1 and ::2: they count only where nothing else can be told.
"""
import sys

from craft import write_pcap
from tunnels import plain_talks, throng

write_pcap(sys.argv[1], [*plain_talks(), *throng()])
