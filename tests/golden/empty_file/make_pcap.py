"""Not even a file header: as no_capture."""
import sys

from craft import write

write(sys.argv[1], b"")
