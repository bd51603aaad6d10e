"""Conversations as hosts really have them, made of craft's packets. Every function yields packets of both directions."""
import random

from craft import ACK, FIN, ICMP, ICMP6, PSH, RST, SYN, TCP, UDP, frame, icmp, tcp, udp

MSS_OPTIONS = bytes.fromhex("020405b40402080a000000010000000001030307")
TIMESTAMPS = bytes.fromhex("0101080a0000000100000001")
SEGMENT = 1448
RTT = 0.004


def text(size, seed=0):
    """What a protocol in plain text looks like to a byte histogram."""
    return bytes(random.Random(seed).choices(b"etaoin shrdlu GET/HTTP:0123456789\r\n", k=size))


def noise(size, seed=0):
    """What encrypted or compressed payload looks like."""
    return random.Random(seed).randbytes(size)


def tcp_session(start, client, server, sport, dport, request=b"", reply=b""):
    """An accepted connection: handshake, one request, its reply with an ACK for every second segment, orderly end."""
    def to_server(flags, payload=b"", options=TIMESTAMPS):
        return frame(now, client, server, TCP, tcp(sport, dport, flags, payload, options))

    def to_client(flags, payload=b"", options=TIMESTAMPS):
        return frame(now, server, client, TCP, tcp(dport, sport, flags, payload, options))

    now = start
    yield to_server(SYN, options=MSS_OPTIONS)
    now += RTT
    yield to_client(SYN | ACK, options=MSS_OPTIONS)
    now += 0.0001
    yield to_server(ACK)
    now += 0.0002
    yield to_server(PSH | ACK, request)
    now += RTT
    for n, offset in enumerate(range(0, len(reply), SEGMENT)):
        yield to_client(ACK, reply[offset:offset + SEGMENT])
        now += 0.0003
        if n % 2:
            yield to_server(ACK)
    yield to_server(FIN | ACK)
    now += RTT
    yield to_client(FIN | ACK)
    now += 0.0001
    yield to_server(ACK)


def refused(start, client, server, sport, dport):
    """A connection attempt on a closed port."""
    yield frame(start, client, server, TCP, tcp(sport, dport, SYN, options=MSS_OPTIONS))
    yield frame(start + RTT, server, client, TCP, tcp(dport, sport, RST | ACK))


def dns(start, client, server, sport, seed=0):
    query = text(36, seed)
    yield frame(start, client, server, UDP, udp(sport, 53, query))
    yield frame(start + RTT, server, client, UDP, udp(53, sport, query + text(60, seed + 1)))


def ping(start, client, server, sequence):
    request, reply, proto = (128, 129, ICMP6) if ":" in client else (8, 0, ICMP)
    yield frame(start, client, server, proto, icmp(request, sequence))
    yield frame(start + RTT, server, client, proto, icmp(reply, sequence))


def browsing(client, resolver, server, start, end, seed):
    """A person at a browser: every few seconds a name is looked up and a few pages are fetched, now and then a ping."""
    rng = random.Random(seed)
    now, sport = start + rng.random(), rng.randrange(32768, 50000)
    while now < end - 2:
        yield from dns(now, client, resolver, sport, seed=sport)
        for n in range(rng.randrange(1, 5)):
            sport += 1
            reply = noise(rng.randrange(600, 40000), sport)
            request = text(rng.randrange(80, 700), sport)
            yield from tcp_session(now + 0.02 + n * 0.15, client, server, sport, 443, request, reply)
        if rng.random() < 0.3:
            yield from ping(now + 1, client, server, sport)
        sport += 1
        now += rng.uniform(1.0, 4.0)
