"""oracle_test.py WEIR OUT_DIR [CASE...]: every window and feature of `weir replay --windows` against the oracle's."""
import re

from oracle_compare import differences
from oracle_packets import OPENED_BY_DEFAULT
from replay import chosen_cases, expectations, make_capture, out_dir, replay, report, settings, weir_binary


def opened_in(config):
    """The tunnels that the case's configuration opens."""
    line = re.search(r"^decapsulate: \[(.*)\]$", config, re.M)
    return OPENED_BY_DEFAULT if line is None else [name for name in line[1].split(", ") if name]


def main():
    problems = []
    for case in chosen_cases():
        capture = make_capture(case, out_dir())
        run = replay(weir_binary(), capture, "--windows", *settings(case, capture))
        found = differences(capture, run.windows, opened_in(expectations(case).get("config", "")))
        print(f"{case.name}: {len(run.windows)} windows, {len(found)} differences", flush=True)
        problems += [f"{case.name}: {line}" for line in found]
    report(problems)


if __name__ == "__main__":
    main()
