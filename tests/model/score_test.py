#!/usr/bin/env python3
"""`weir score` as a person meets it: tables as they come, faults named by row and column."""
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

WEIR, MODEL = sys.argv[1], sys.argv[2]
COLUMNS = ("packets_per_second,bytes_per_second,avg_packet_size,packet_size_variance,total_packets,total_bytes,"
           "inter_arrival_mean,inter_arrival_std,burst_rate,session_duration,tcp_ratio,udp_ratio,icmp_ratio,unique_ports,"
           "uncommon_port_ratio,payload_entropy,avg_payload_size,payload_size_variance,services_tried,hosts_tried,tcp_failed,"
           "udp_failed,ports_failed,hosts_failed,half_open_to_service,connections_to_service,icmp_to_host,hosts_pinged,"
           "udp_unanswered,odd_tcp_packets").split(",")
ORDINARY = [3, 2400, 800, 90000, 30, 24000, 0.3, 0.4, 8, 9, 0.9, 0.1, 0, 3, 0.1, 5, 700, 90000,
            3, 2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]
FLOOD = [100000, 6e6, 60, 0, 1e6, 6e7, 1e-5, 1e-5, 1e5, 10, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1e6, 1e6, 0, 0, 0, 0]


class Score(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def score(self, text, path=None):
        path = path or pathlib.Path(self.folder.name, "rows.csv")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return subprocess.run([WEIR, "score", "--model", MODEL, "--csv", path], capture_output=True, text=True)

    def scores(self, text):
        done = self.score(text)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        header, *lines = done.stdout.splitlines()
        self.assertEqual(header, "score")
        return [float(line) for line in lines]

    def refuses(self, text, *words):
        done = self.score(text)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in ("rows.csv", *words):
            self.assertIn(word, done.stderr)

    def table(self, *rows, columns=COLUMNS):
        return "".join(",".join(map(str, row)) + "\n" for row in (columns, *rows))

    def test_strange_rows_score_higher(self):
        ordinary, strange = self.scores(self.table(ORDINARY, FLOOD))
        self.assertTrue(0 < ordinary < strange < 1, (ordinary, strange))

    def test_columns_match_by_name_and_others_are_ignored(self):
        expected = self.scores(self.table(ORDINARY))
        turned = self.table([*reversed(ORDINARY), "text"], columns=[*reversed(COLUMNS), "comment"])
        self.assertEqual(self.scores(turned), expected)

    def test_quotes_spaces_line_ends_and_a_byte_order_mark_change_nothing(self):
        expected = self.scores(self.table(ORDINARY))
        quoted = "\ufeff" + self.table([f'"{x}"' for x in ORDINARY], columns=[f' "{name}" ' for name in COLUMNS])
        self.assertEqual(self.scores(quoted.replace("\n", "\r\n")), expected)
        self.assertEqual(self.scores(self.table(ORDINARY).rstrip("\n")), expected)

    def test_a_table_larger_than_one_part_is_scored_whole(self):
        rows = [[x * (1 + i % 7) for x in ORDINARY] for i in range(5000)]
        scores = self.scores(self.table(*rows))
        self.assertEqual(len(scores), 5000)
        for i in range(7):  # alone as in a batch, to the last digit
            self.assertEqual(self.scores(self.table(rows[i])), [scores[i]])
            self.assertEqual(set(scores[i::7]), {scores[i]})

    def test_no_row_is_no_score(self):
        self.assertEqual(self.scores(self.table()), [])

    def test_faults_are_named(self):
        self.refuses("", "header")
        self.refuses(self.table(ORDINARY[1:], columns=COLUMNS[1:]), "no column 'packets_per_second'")
        self.refuses(self.table(columns=[*COLUMNS, "tcp_ratio"]), "two columns 'tcp_ratio'")
        self.refuses(self.table(ORDINARY, [*ORDINARY[:3], "many", *ORDINARY[4:]]), "row 2", "'packet_size_variance'", "'many'")
        self.refuses(self.table([*ORDINARY[:3], "", *ORDINARY[4:]]), "row 1", "'packet_size_variance'", "no value")
        self.refuses(self.table([*ORDINARY[:3], "nan", *ORDINARY[4:]]), "row 1", "'packet_size_variance'", "no value")
        self.refuses(self.table(ORDINARY, ORDINARY[:-1]), "row 2", "29 cells", "30")
        self.refuses(self.table([*ORDINARY, 1]), "row 1", "31 cells", "30")
        self.refuses(self.table() + '"never closed' + "x" * 3_000_000, "row 1")
        self.refuses(self.table() + "\0" * 100_000, "row 1")

    def test_a_file_that_is_not_there(self):
        done = subprocess.run([WEIR, "score", "--model", MODEL, "--csv", "/nowhere.csv"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("/nowhere.csv: No such file", done.stderr)
        done = subprocess.run([WEIR, "score", "--model", "/nowhere.model", "--csv", "-"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 78)
        self.assertIn("/nowhere.model", done.stderr)

    def test_standard_input(self):
        done = subprocess.run([WEIR, "score", "--model", MODEL, "--csv", "-"], input=self.table(ORDINARY), capture_output=True,
                              text=True, check=True)
        self.assertEqual([float(x) for x in done.stdout.splitlines()[1:]], self.scores(self.table(ORDINARY)))

    def test_parts_sum_to_the_exponent(self):
        text = self.table(*[ORDINARY, FLOOD] * 2000)
        scores = self.scores(text)
        for how in ("path", "shap"):
            done = subprocess.run([WEIR, "score", "--model", MODEL, "--csv", "-", "--explain", how], input=text,
                                  capture_output=True, text=True, check=True)
            header, *lines = done.stdout.splitlines()
            self.assertEqual(header.split(","), ["score", *COLUMNS])
            rows = [[float(cell) for cell in line.split(",")] for line in lines]
            self.assertEqual([row[0] for row in rows], scores)
            constant = math.log2(scores[0]) - sum(rows[0][1:])
            for score, *parts in rows:
                self.assertAlmostEqual(math.log2(score) - sum(parts), constant, delta=1e-13)
            self.assertGreater(sum(rows[1][1:]), sum(rows[0][1:]))

    def test_other_explanations_are_refused(self):
        done = subprocess.run([WEIR, "score", "--model", MODEL, "--csv", "-", "--explain", "guess"], input="",
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("guess not in {path,shap}", done.stderr)

    def test_a_full_disk_is_an_error(self):
        rows = pathlib.Path(self.folder.name, "rows.csv")
        rows.write_text(self.table(ORDINARY))
        with open("/dev/full", "w") as full:
            done = subprocess.run([WEIR, "score", "--model", MODEL, "--csv", rows], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("No space left", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
