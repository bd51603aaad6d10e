#!/usr/bin/python3
"""The traffic model as a capture: the same bytes for the same seed, and every packet read back. usage: ... TRAFFIC_CAPTURE WEIR"""
import filecmp
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest


def capture(path, seed):
    made = subprocess.run([TRAFFIC_CAPTURE, seed, "60", path], capture_output=True, text=True, check=True)
    return int(made.stdout.split()[0])


class TrafficCapture(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.paths = [pathlib.Path(self.folder.name, f"{name}.pcap") for name in "abc"]

    def test_a_seed_gives_the_same_bytes_and_another_seed_others(self):
        for path, seed in zip(self.paths, ("1", "1", "2")):
            capture(path, seed)
        self.assertTrue(filecmp.cmp(*self.paths[:2], shallow=False))
        self.assertFalse(filecmp.cmp(*self.paths[1:], shallow=False))

    def test_weir_reads_back_every_packet(self):
        packets = capture(self.paths[0], "1")
        said = subprocess.run([WEIR, "replay", self.paths[0]], capture_output=True, text=True, check=True).stderr
        self.assertGreater(packets, 1000)
        self.assertEqual(re.match(r"(\d+) packets, .*: (\d+) in flows", said).groups(), (str(packets), str(packets)))

    def test_a_wrong_number_is_refused(self):
        for seed, seconds in (("one", "60"), ("1", "0"), ("1", "1e9"), ("1", "nan")):
            done = subprocess.run([TRAFFIC_CAPTURE, seed, seconds, self.paths[0]], capture_output=True, text=True)
            self.assertEqual((done.returncode, self.paths[0].exists()), (2, False))
            self.assertIn("usage", done.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    TRAFFIC_CAPTURE, WEIR = sys.argv[1:3]
    del sys.argv[1:3]
    unittest.main(verbosity=2)
