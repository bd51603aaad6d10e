"""Three payload packets a second in each of two flows: exactly what the sampler takes, so the entropy is certain.

Of each payload only the first 128 bytes count. What follows them is noise, which would show as too high an entropy.
"""
import sys

from craft import ACK, PSH, TCP, UDP, frame, tcp, udp, write_pcap
from talk import noise, text

HEAD = 128


def packets():
    for second in range(20):
        for n, size in enumerate((10, HEAD, HEAD + 600)):
            body = text(min(size, HEAD), second + n) + noise(max(0, size - HEAD), n)
            yield frame(second + 0.1 + n * 0.3, "10.0.0.5", "10.0.0.6", UDP, udp(4000, 53, body))
            yield frame(second + 0.2 + n * 0.3, "2001:db8::5", "2001:db8::6", TCP, tcp(4001, 80, PSH | ACK, body))


write_pcap(sys.argv[1], packets())
