"""oracle_test.py WEIR OUT_DIR [CASE...]: every window and feature of `weir replay --windows` against the oracle's."""
from oracle_compare import differences
from replay import chosen_cases, make_capture, out_dir, replay, report, weir_binary


def main():
    problems = []
    for case in chosen_cases():
        capture = make_capture(case, out_dir())
        run = replay(weir_binary(), capture, "--windows")
        found = differences(capture, run.windows)
        print(f"{case.name}: {len(run.windows)} windows, {len(found)} differences", flush=True)
        problems += [f"{case.name}: {line}" for line in found]
    report(problems)


if __name__ == "__main__":
    main()
