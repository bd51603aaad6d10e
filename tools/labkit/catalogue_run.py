"""tools/lab --catalogue."""
from labkit.catalogue import ENTRIES, half


def print_list():
    for entry in ENTRIES:
        print(f"{half(entry):<8}{entry.technique:<11}{entry.name}")
