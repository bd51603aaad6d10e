"""One request with SQL injection, percent-encoded twice, names its sender and says so; 30 pages of a shop that sells SELECT shoes name nobody.

25 guessed paths of 30 that the server does not have are a scan of it; a page with 25 broken images of 60 is none.
"""
import sys

from craft import write_pcap
from talk import tcp_session


def pages(source, server, port, paths, statuses, start):
    for n, (path, status) in enumerate(zip(paths, statuses)):
        request = f"GET {path} HTTP/1.1\r\nHost: shop\r\n\r\n".encode()
        yield from tcp_session(start + n * 0.3, source, server, port + n, 80, request, f"HTTP/1.1 {status} X\r\n\r\n".encode())


def packets():
    yield from pages("10.0.0.66", "10.0.0.80", 40000, ["/item?id=1%2527%2520UNION%2520SELECT%2520pass%2520FROM%2520users"], [200], 10)
    yield from pages("10.0.0.11", "10.0.0.80", 40000, [f"/shoes?q=select+shoes+from+{n}" for n in range(30)], [200] * 30, 10)
    yield from pages("10.0.0.67", "10.0.0.81", 40000, [f"/{n}.bak" for n in range(30)], [404] * 25 + [200] * 5, 10)
    yield from pages("10.0.0.12", "10.0.0.81", 40000, [f"/{n}.png" for n in range(60)], [200, 200, 404] * 20, 10)


write_pcap(sys.argv[1], sorted(packets()))
