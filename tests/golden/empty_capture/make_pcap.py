"""A capture without a packet is a capture: nothing printed, exit 0."""
import sys

from craft import write_pcap

write_pcap(sys.argv[1], [])
