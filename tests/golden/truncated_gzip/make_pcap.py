"""A compressed capture cut off just where a packet ends: only the compression's own trailer is missing.

To a reader that looks at the unpacked bytes alone this is a whole capture. What was before the damage is processed and
printed; then one line names the file, and the exit code is 1.
"""
import sys
import zlib

from craft import pcap_bytes, write
from talk import refused

GZIP_FORMAT = 31


def packets():
    for n in range(100):
        yield from refused(0.5 + n * 0.2, "10.0.0.66", "10.0.0.80", 50000 + n, 8000 + n)


packer = zlib.compressobj(wbits=GZIP_FORMAT)
write(sys.argv[1], packer.compress(pcap_bytes(packets())) + packer.flush(zlib.Z_SYNC_FLUSH))
