"""The packets of tunnels_opened, but no tunnel is opened: the flows outside count, and what has none is not decoded."""
import sys

from craft import write_pcap
from tunnels import plain_talks, throng

write_pcap(sys.argv[1], [*plain_talks(), *throng()])
