"""evaluate_tool_test.py WEIR OUT_DIR: tools/evaluate trains, replays, hands the lines to the scorer with the labels that
lie beside a capture, and counts alarms on kinds that the model was not trained on.
"""
import gzip
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from replay import HERE, make_capture

WEIR, OUT = sys.argv[1], pathlib.Path(sys.argv[2])
TOOL = HERE.parent.parent / "tools/evaluate"
SCORER = """
import json, sys
capture, lines, *options = sys.argv[1:]
types = [json.loads(line)["type"] for line in open(lines)]
assert open(capture, "rb").read(4) == bytes.fromhex("d4c3b2a1")
print("windows", types.count("window"), [option.split("=")[0] for option in options])
"""


class Evaluate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.capture = self.folder / "resolver.pcap.gz"
        self.capture.write_bytes(gzip.compress(make_capture(HERE / "busy_resolver", OUT).read_bytes()))

    def run_tool(self, *arguments):
        return subprocess.run([TOOL, "--weir", WEIR, *arguments], capture_output=True, text=True)

    def test_found(self):
        scorer = self.folder / "scorer.py"
        scorer.write_text(SCORER)
        (self.folder / "resolver.manifest.csv").write_text("kind\n")
        done = self.run_tool("found", "--scorer", scorer, self.capture, self.capture)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines()[-1], "windows 10050 ['--manifest']")

    def test_unseen(self):
        rows = ["kind,source_file,original_ip,mapped_ip,offset_s,packets,duration_s"]
        rows += [f"benign,app{n % 14}.pcap,-,10.0.1.{n},0,1,40" for n in range(1, 201)]
        (self.folder / "resolver.manifest.csv").write_text("\n".join(rows) + "\n")
        done = self.run_tool("unseen", "--draws", "1", self.capture)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"6\d\d windows in 0\.0 h, 14 kinds\n")
        self.assertEqual(len(re.findall(r"(?m)^wanted +\d+ a day, of the +\d+% of the windows .* +\d+\.\d: mean +\d+\.\d, ", done.stdout)), 3, done.stdout)

    def test_faults_are_named(self):
        done = self.run_tool("unseen", self.folder / "none.pcap")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.pcap", done.stderr)
        self.assertEqual(self.run_tool("found").returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
