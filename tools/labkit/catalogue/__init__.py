"""Attacks by real programs that no rule was tuned to. One half is for design; the other is only scored, and reported apart.

Which half an entry is in depends on its name alone, so nobody chooses. To rename an entry is to choose: don't.
"""
import hashlib

from labkit.catalogue import flooding, guessing, leaving, scanning, spreading, web

ENTRIES = [*scanning.ENTRIES, *flooding.ENTRIES, *guessing.ENTRIES, *web.ENTRIES, *leaving.ENTRIES, *spreading.ENTRIES]


def half(entry):
    return "design" if hashlib.sha256(entry.name.encode()).digest()[0] % 2 == 0 else "scored"
