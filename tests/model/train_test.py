#!/usr/bin/env python3
"""`weir train` on tables as a person meets it: windows or anything else, long ones in little memory, faults named by place."""
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

WEIR = sys.argv[1]
FEATURES = ("packets_per_second,bytes_per_second,avg_packet_size,packet_size_variance,total_packets,total_bytes,"
            "inter_arrival_mean,inter_arrival_std,burst_rate,session_duration,tcp_ratio,udp_ratio,icmp_ratio,unique_ports,"
            "uncommon_port_ratio,payload_entropy,avg_payload_size,payload_size_variance,services_tried,hosts_tried,tcp_failed,"
            "udp_failed,ports_failed,hosts_failed,half_open_to_service,connections_to_service,icmp_to_host,hosts_pinged,"
            "udp_unanswered,odd_tcp_packets").split(",")
MANY_ROWS = 10_000_000
MOST_KIB = 64 * 1024


def table(columns, rows):
    return "".join(",".join(map(str, row)) + "\n" for row in (columns, *rows))


def plain_rows(count, columns=3, seed=1):
    source = random.Random(seed)
    return [[round(source.gauss(0, 1), 6) for _ in range(columns)] for _ in range(count)]


def window(source):
    packets = source.randint(10, 300)
    return [packets / 10, packets * 50, 500, 9e4, packets, packets * 500, 0.3, 0.4, packets / 4, 9, 0.9, 0.1, 0,
            source.randint(1, 5), 0.1, 5, 450, 9e4, source.randint(1, 5), 1, 0, 0, 0, 0, 0, source.randint(1, 3), 0, 0, 0, 0]


class Train(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = self.folder / "my.model"

    def run_train(self, text, *options, name="rows.csv"):
        path = self.folder / name
        path.write_text(text)
        return subprocess.run([WEIR, "train", "--from-file", path, "-o", self.model, "--trees", "20", *options],
                              capture_output=True, text=True)

    def train(self, text, *options):
        done = self.run_train(text, *options)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        return done.stderr

    def metadata(self):
        file = self.model.read_bytes()
        metadata = json.loads(file[8:8 + int.from_bytes(file[:8], "little")])["__metadata__"]
        seal = metadata["sha256"].encode()
        self.assertEqual(hashlib.sha256(file.replace(seal, b"0" * 64)).hexdigest().encode(), seal)
        return metadata

    def scores(self, text):
        path = self.folder / "scored.csv"
        path.write_text(text)
        done = subprocess.run([WEIR, "score", "--model", self.model, "--csv", path], check=True, capture_output=True, text=True)
        return [float(line) for line in done.stdout.splitlines()[1:]]

    def refuses(self, text, *words, options=(), code=1):
        done = self.run_train(text, *options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertFalse(self.model.exists())
        if code == 1:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_any_table_gives_a_forest_over_its_columns(self):
        said = self.train(table(["a", "b c", "d"], plain_rows(1000)))
        self.assertIn("20 trees from 1000 of 1000 rows, 3 columns", said)
        self.assertEqual(self.metadata()["features"], "a,b c,d")
        self.assertEqual((self.metadata()["training_rows"], self.metadata()["offset"]), ("1000", "-0.5"))
        ordinary, strange = self.scores(table(["d", "b c", "a"], [[0, 0, 0], [9, 9, 9]]))
        self.assertLess(ordinary, strange)

    def test_columns_are_chosen(self):
        text = table(["id", "a", "b"], [[f"row {i}", *row] for i, row in enumerate(plain_rows(200, 2))])
        self.train(text, "--columns", "b,a")
        self.assertEqual(self.metadata()["features"], "b,a")

    def test_the_same_on_any_number_of_threads(self):
        text, files = table("abc", plain_rows(2000)), set()
        for threads in "1", "2", "7":
            self.train(text, "--threads", threads)
            files.add(self.model.read_bytes())
        self.assertEqual(len(files), 1)
        self.train(text, "--seed", "2")
        self.assertNotIn(self.model.read_bytes(), files)

    def test_a_longer_table_is_sampled(self):
        said = self.train(table("abc", plain_rows(5000)), "--rows", "1000")
        self.assertIn("from 1000 of 5000 rows", said)
        self.assertEqual(self.metadata()["training_rows"], "1000")

    def test_contamination_sets_the_offset(self):
        rows = plain_rows(2000)
        self.train(table("abc", rows), "--contamination", "0.1")
        limit = -float(self.metadata()["offset"])
        self.assertEqual(sum(score > limit for score in self.scores(table("abc", rows))), 200)

    def test_a_table_of_windows_gives_a_model_of_the_sensor(self):
        source = random.Random(1)
        rows = [[*window(source), f"10.0.0.{i % 30}", 1700000000 + 10 * (i // 30)] for i in range(3000)]
        said = self.train(table([*FEATURES, "host", "time"], rows))
        self.assertRegex(said, r"20 trees from 3000 of 3000 windows, alarms above surprise \d\.\d+ for 24 a day")
        metadata = self.metadata()
        self.assertIn("schema_id", metadata)
        self.assertTrue(1 <= float(metadata["surprise_threshold"]) < 20)
        done = subprocess.run([WEIR, "replay", "--model", self.model, "/dev/null"], capture_output=True, text=True)
        self.assertIn("/dev/null", done.stderr)  # it came as far as the capture: the sensor takes the model
        self.assertNotIn("my.model", done.stderr)

    def test_windows_without_host_and_time_are_one_host_s(self):
        source = random.Random(1)
        self.train(table(FEATURES, [window(source) for _ in range(500)]))
        self.assertIn("schema_id", self.metadata())

    def test_faults_are_named(self):
        good = [[1, 2, 3]] * 200
        self.refuses("", "rows.csv", "header")
        self.refuses("a,b,c\n", "rows.csv", "0 rows")
        self.refuses(table("abc", [*good, [1, "", 3]]), "rows.csv", "row 201", "'b'", "no value")
        self.refuses(table("abc", [*good, [1, "nan", 3]]), "rows.csv", "row 201", "'b'", "no value")
        self.refuses(table("abc", [*good, [1, "inf", 3]]), "row 201", "'b'", "infinite")
        self.refuses(table("abc", [*good, [1, 1e39, 3]]), "row 201", "'b'", "too large")
        self.refuses(table("abc", [*good, [1, "text", 3]]), "row 201", "'b'", "'text' is not a number")
        self.refuses(table("abc", [*good, [1, 2]]), "row 201", "2 cells", "3")
        self.refuses(table("aba", good), "two columns 'a'")
        self.refuses(table("abc", good), "no column 'x'", options=["--columns", "a,x"])
        self.refuses(table([f"c{i}" for i in range(65)], [range(65)] * 5), "65 columns, at most 64", "--columns")
        self.refuses(table(["a", ""], [[1, 2]] * 200), "features", "empty")
        self.refuses(table("abc", good), options=["--contamination", "0.7"], code=2)
        source = random.Random(1)
        few = table(FEATURES, [window(source) for _ in range(99)])
        self.refuses(few, "rows.csv", "99 windows are too few")

    def test_no_table_and_no_room(self):
        done = subprocess.run([WEIR, "train", "--from-file", "/nowhere.csv", "-o", self.model], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere.csv: No such file", done.stderr)
        (self.folder / "rows.csv").write_text(table("abc", plain_rows(200)))
        done = subprocess.run([WEIR, "train", "--from-file", self.folder / "rows.csv", "-o", "/nowhere/my.model"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/my.model", done.stderr)

    def stream(self, *command):
        """Many rows through a pipe: what was said, and the greatest memory in KiB."""
        block = "".join(f"{a},{b},{c}\n" for a, b, c in plain_rows(10_000)).encode()
        said = self.folder / "said"
        with open(said, "w") as stderr:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stderr)
            process.stdin.write(b"a,b,c\n")
            for _ in range(MANY_ROWS // 10_000):
                process.stdin.write(block)
            process.stdin.close()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, said.read_text())
        return said.read_text(), usage.ru_maxrss

    def test_ten_million_rows_take_little_memory_and_show_progress(self):
        said, most_kib = self.stream(WEIR, "train", "--from-file", "-", "-o", self.model)
        self.assertIn("10 million rows", said)
        self.assertIn(f"of {MANY_ROWS} rows", said)
        self.assertLess(most_kib, MOST_KIB)
        said, most_kib = self.stream(WEIR, "score", "--model", self.model, "--csv", "-")
        self.assertIn("10 million rows", said)
        self.assertLess(most_kib, MOST_KIB)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
