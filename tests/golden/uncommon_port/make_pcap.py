"""After a day in which five hosts use ports 443 and two of them 8009, one talks to port 4444 outside and another serves 5555.

Not named: one that uses what its neighbour used all day, one with FTP and telephony, one with peer-to-peer, and a newcomer.
"""
import random
import sys

from craft import UDP, frame, udp, write_pcap
from talk import noise, tcp_session

DAY, OUTSIDE = 86400, "198.51.100.80"
HOSTS = [f"10.0.0.{n}" for n in range(11, 16)]


def session(now, client, server, sport, dport, seed=1):
    return tcp_session(now, client, server, sport, dport, noise(300, seed), noise(500, seed))


def the_day():
    rng = random.Random(4)
    for n, now in enumerate(range(0, DAY + 3000, 290)):
        for host in HOSTS:
            yield from session(now + rng.uniform(0, 200), host, OUTSIDE, 40000 + n, 443)
        if n % 12 == 0:
            yield from session(now + 2, HOSTS[0], OUTSIDE, 41000 + n, 8009)


def ftp_data(now, client):
    """Passive: a port that the server took. Active: from the server's port 20 to a port that the client took."""
    yield from session(now, client, OUTSIDE, 42000, 21)
    yield from session(now + 1, client, OUTSIDE, 42001, 50123)
    yield from session(now + 2, OUTSIDE, client, 20, 5001)


def call(now, client):
    for n in range(200):
        yield frame(now + n * 0.02, client, OUTSIDE, UDP, udp(16384, 17002, noise(172, n)))
        yield frame(now + n * 0.02 + 0.01, OUTSIDE, client, UDP, udp(17002, 16384, noise(172, n)))


def packets():
    yield from the_day()
    yield from session(DAY + 600, HOSTS[0], "203.0.113.9", 43000, 4444)
    yield from session(DAY + 700, HOSTS[1], OUTSIDE, 43001, 8009)
    yield from ftp_data(DAY + 800, HOSTS[2])
    yield from call(DAY + 900, HOSTS[2])
    for n in range(6):
        yield from session(DAY + 1000 + n, HOSTS[3], f"203.0.113.{20 + n}", 43010 + n, 6881 + 1111 * n)
    yield from session(DAY + 1100, "203.0.113.66", HOSTS[4], 43020, 5555)
    yield from session(DAY + 1200, "10.0.0.99", "203.0.113.9", 43030, 4445)


write_pcap(sys.argv[1], packets())
