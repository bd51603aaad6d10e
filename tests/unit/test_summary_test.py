#!/usr/bin/python3
"""A test that did not run must never look like one that passed."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools/test_summary.py"


def case(name, status, inner=""):
    return f'<testcase name="{name}" status="{status}">{inner}</testcase>'


def summary(reports=None, stages=None, ci="false"):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (reports or {}).items():
            (pathlib.Path(folder) / f"{name}.xml").write_text(text)
        if stages:
            (pathlib.Path(folder) / "stages").write_text(stages)
        done = subprocess.run([sys.executable, TOOL, folder], capture_output=True, text=True,
                              env={**os.environ, "CI": ci}, check=False)
    return done.returncode, done.stdout.splitlines()


def suite(*cases):
    return f"<testsuite>{''.join(cases)}</testsuite>"


class Summary(unittest.TestCase):
    def test_reports_and_stages_add_up(self):
        code, lines = summary({"a": suite(case("x", "run"), case("y", "run")), "b": suite(case("z", "run"))},
                              "passed\tbuild\n")
        self.assertEqual((code, lines[-1]), (0, "4 passed, 0 failed, 0 skipped"))

    def test_a_failure_fails_and_is_named(self):
        code, lines = summary({"a": suite(case("x", "fail", "<failure/>"), case("y", "run"))})
        self.assertEqual((code, lines), (1, ["failed: a: x", "1 passed, 1 failed, 0 skipped"]))

    def test_a_failed_stage_fails(self):
        code, lines = summary(stages="failed\tbuild\n")
        self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))

    def test_a_skip_is_a_failure_in_ci_only(self):
        reports = {"a": suite(case("x", "notrun", '<skipped message="SKIP_RETURN_CODE=77"/>'), case("y", "disabled"))}
        self.assertEqual(summary(reports)[0], 0)
        self.assertEqual(summary(reports, ci="true")[0], 1)
        self.assertEqual(summary(reports)[1][-1], "0 passed, 0 failed, 2 skipped")

    def test_a_missing_program_is_no_skip(self):
        self.assertEqual(summary({"a": suite(case("x", "notrun", '<skipped message="Unable to find executable"/>'))})[0], 1)

    def test_an_empty_report_fails(self):
        self.assertEqual(summary({"a": suite()})[0], 1)

    def test_a_report_cut_short_fails(self):
        self.assertEqual(summary({"a": suite(case("x", "run"))[:-5]})[0], 1)


if __name__ == "__main__":
    unittest.main()
