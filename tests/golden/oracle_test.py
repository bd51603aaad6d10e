"""oracle_test.py WEIR OUT_DIR [CASE...]: every window and feature of `weir replay --windows` against the oracle's."""
from oracle_compare import differences
from oracle_packets import OPENED_BY_DEFAULT
from replay import chosen_cases, expectations, make_capture, out_dir, replay, report, settings, weir_binary


def main():
    problems = []
    for case in chosen_cases():
        capture = make_capture(case, out_dir())
        run = replay(weir_binary(), capture, "--windows", *settings(case, capture))
        found = differences(capture, run.windows, expectations(case).get("decapsulate", OPENED_BY_DEFAULT))
        print(f"{case.name}: {len(run.windows)} windows, {len(found)} differences", flush=True)
        problems += [f"{case.name}: {line}" for line in found]
    report(problems)


if __name__ == "__main__":
    main()
