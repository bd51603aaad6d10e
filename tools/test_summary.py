#!/usr/bin/python3
"""Adds up what tools/test found: ctest's JUnit reports (*.xml) and the file `stages` in one folder.

Names what failed or was skipped, ends with one line `N passed, N failed, N skipped`. Exits 1 if anything failed; where
CI=true, a skip is a failure too: a test that never runs protects nothing.
"""
import collections
import os
import pathlib
import sys
import xml.etree.ElementTree

OUTCOMES = ("passed", "failed", "skipped")


def main():
    if len(sys.argv) != 2:
        print("usage: test_summary.py FOLDER", file=sys.stderr)
        return 2
    outcomes = collect(pathlib.Path(sys.argv[1]))
    for outcome in ("skipped", "failed"):
        for name in outcomes[outcome]:
            print(f"{outcome}: {name}")
    print(", ".join(f"{len(outcomes[outcome])} {outcome}" for outcome in OUTCOMES))
    return 1 if outcomes["failed"] or (os.environ.get("CI") == "true" and outcomes["skipped"]) else 0


def collect(folder):
    """Names by outcome."""
    outcomes = collections.defaultdict(list)
    stages = folder / "stages"
    for line in stages.read_text().splitlines() if stages.exists() else ():
        outcome, name = line.split("\t")
        outcomes[outcome].append(name)
    for report in sorted(folder.glob("*.xml")):
        for outcome, name in _cases(report):
            outcomes[outcome].append(name)
    return outcomes


def _cases(report):
    try:
        cases = list(xml.etree.ElementTree.parse(report).getroot().iter("testcase"))
    except xml.etree.ElementTree.ParseError as error:
        yield "failed", f"{report.stem}: the report is cut short ({error})"
        return
    if not cases:
        yield "failed", f"{report.stem}: no test ran"
    for case in cases:
        yield _outcome(case), f"{report.stem}: {case.get('name')}"


def _outcome(case):
    # ctest calls a test "notrun" that asked to be skipped, and one whose program is missing; only the former is a skip.
    status = case.get("status")
    if status == "run":
        return "passed"
    skipped = case.find("skipped")
    if status == "disabled" or (skipped is not None and skipped.get("message", "").startswith("SKIP_")):
        return "skipped"
    return "failed"


if __name__ == "__main__":
    sys.exit(main())
