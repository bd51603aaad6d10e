#!/usr/bin/python3
"""What a virtual machine said must be judged strictly, and a kernel must come from Debian's archive and no other."""
import pathlib
import sys
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "kernels"))
import debian_kernel
import kernel_test
import machine

PASSED = "[==========] 5 tests from 1 test suite ran. (91105 ms total)\n[  PASSED  ] 5 tests.\n"


def verdict_on(text, code=0):
    return kernel_test.judge(machine.Outcome(code, text, ""))


class Judge(unittest.TestCase):
    def test_zero_and_all_run_is_a_pass(self):
        self.assertEqual(verdict_on(PASSED), "")
        self.assertEqual(verdict_on("no GoogleTest"), "")

    def test_a_machine_that_died_before_the_suite_spoke_boots_again(self):
        died, said = machine.Outcome(None, "", "Oops: int3"), machine.Outcome(None, "[ RUN ] ...", "")
        hung, passed = machine.Outcome(None, "", "\nqemu: still running after 9 s, killed"), machine.Outcome(0, "", "")
        for outcomes, expected in (([died, passed], passed), ([died] * 3 + [passed], died), ([said, passed], said),
                                   ([hung, passed], hung), ([passed, died], passed)):
            with mock.patch.object(machine, "boot_once", side_effect=outcomes):
                self.assertIs(machine.boot(), expected)

    def test_a_machine_without_a_verdict_failed(self):
        self.assertIn("never", verdict_on(PASSED, None))

    def test_an_exit_code_is_named(self):
        self.assertIn("3", verdict_on(PASSED, 3))

    def test_a_filter_that_fits_nothing_failed(self):
        self.assertTrue(verdict_on("[==========] 0 tests from 0 test suites ran. (0 ms total)\n"))

    def test_what_was_skipped_or_disabled_failed(self):
        self.assertIn("X.Y", verdict_on(f"[  SKIPPED ] X.Y (0 ms)\n{PASSED}"))
        self.assertTrue(verdict_on(f"{PASSED}\n  YOU HAVE 1 DISABLED TEST\n"))


class Mirrors(unittest.TestCase):
    def mirrors_of(self, *rows):
        with mock.patch.object(debian_kernel, "output", return_value="\n".join(rows)):
            return debian_kernel.machine_mirrors()

    def test_backports_lie_beside_bookworm(self):
        mirrors = self.mirrors_of("bookworm main http://mirror/debian/", "bookworm-security main http://mirror/security/")
        self.assertEqual(mirrors, {"bookworm": "http://mirror/debian/", "bookworm-backports": "http://mirror/debian/",
                                   "bookworm-security": "http://mirror/security/"})

    def test_other_peoples_archives_are_passed_over(self):
        self.assertEqual(self.mirrors_of("bookworm stable http://other/debian/", "nodistro main http://other/"), {})


if __name__ == "__main__":
    unittest.main()
