"""60 hosts begin to scan, one a second, where the alarm budget is 24 a day: each is named, all in one incident."""
import sys

from craft import SYN, TCP, frame, tcp, write_pcap


def packets():
    for scanner in range(60):
        for n in range(45):
            yield frame(scanner + n * 0.02, f"10.0.1.{scanner + 1}", f"10.0.5.{n + 1}", TCP, tcp(41000, 445, SYN))


write_pcap(sys.argv[1], sorted(packets()))
