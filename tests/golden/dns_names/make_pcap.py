"""Names that a program computed: 40 that do not exist, each asked once. Data in names: 80 in a minute with labels of 40 letters. A wrong search suffix that asks one name 60 times is neither.
"""
import random
import struct
import sys

from craft import UDP, frame, udp, write_pcap
from talk import RTT


def name(labels):
    return b"".join(bytes([len(label)]) + label.encode() for label in labels.split(".")) + bytes(1)


def asked(now, client, labels, sport, code):
    question = name(labels) + struct.pack(">HH", 1, 1)
    yield frame(now, client, "10.0.0.53", UDP, udp(sport, 53, struct.pack(">HHHHHH", sport, 0x0100, 1, 0, 0, 0) + question))
    yield frame(now + RTT, "10.0.0.53", client, UDP, udp(53, sport, struct.pack(">HHHHHH", sport, 0x8180 | code, 1, 0, 0, 0) + question))


def packets():
    rng = random.Random(8)
    letters = lambda count: "".join(rng.choices("abcdefghijklmnopqrstuvwxyz234567", k=count))
    for n in range(40):
        yield from asked(10 + n, "10.0.0.66", letters(12) + ".example", 40000 + n, 3)
    for n in range(80):
        yield from asked(10 + n * 0.6, "10.0.0.67", letters(40) + ".t.example", 40000 + n, 0)
    for n in range(60):
        yield from asked(10 + n * 0.8, "10.0.0.11", "printer.corp.example", 40000 + n, 3)


write_pcap(sys.argv[1], sorted(packets()))
