"""A text file is no capture: nothing printed, one line on stderr that names it, exit 1."""
import sys

from craft import write

write(sys.argv[1], b"# hosts that we watch\n10.0.0.0/8\n" * 20)
