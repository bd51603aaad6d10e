"""evaluate_contract.py WEIR OUT_DIR [CASE...]: replay's lines have the shape that scoring programs rely on.

Looked at line by line (names, types, ranges) and together: windows are 10 s long and aligned, no window is printed twice,
an alert lies in a window that names its kind and scores at least as high, and without --windows the same alerts are
printed and nothing else.
"""
import math
from collections import Counter
from ipaddress import ip_address

import oracle_signs
from oracle import WINDOW_S, Window, features
from oracle_packets import UDP, Packet
from replay import chosen_cases, make_capture, out_dir, replay, report, weir_binary

ROLES = ("source", "destination")
ANY_PACKET = Packet(0, "192.0.2.1", "192.0.2.2", UDP, 1, 2, 0, 60, 0, 0, None)
FEATURE_NAMES = features(Window([ANY_PACKET])).keys() | set(oracle_signs.NAMES)


def is_number(value, low=-math.inf, high=math.inf):
    return type(value) in (int, float) and math.isfinite(value) and low <= value <= high


def common_faults(line):
    try:
        ip_address(line["host"])
    except ValueError:
        yield "host is no address"
    if line["role"] not in ROLES:
        yield "role is neither source nor destination"
    if not is_number(line["score"], 0, 1):
        yield "score is no number in 0..1"


def window_faults(line):
    yield from common_faults(line)
    if not is_number(line["start"]) or line["start"] % WINDOW_S or line["end"] != line["start"] + WINDOW_S:
        yield "not an aligned window of 10 s"
    if type(line["packets"]) is not int or line["packets"] < 1:
        yield "packets is no positive integer"
    if not isinstance(line["kinds"], list) or not all(isinstance(kind, str) for kind in line["kinds"]):
        yield "kinds is no list of strings"
    if line["alert"] is not bool(line["kinds"]):
        yield "alert and kinds disagree"
    if not all(is_number(value) for value in line["features"].values()):
        yield "a feature is no finite number"
    if line["role"] == "source" and line["features"].keys() != FEATURE_NAMES:
        yield "not the features of a source"


def alert_faults(line):
    yield from common_faults(line)
    if not is_number(line["time"]):
        yield "time is no number"
    if not all(isinstance(line[key], str) and line[key] for key in ("kind", "severity")):
        yield "kind and severity must be words"
    if not line["why"]:
        yield "an alert must say why"
    for reason in line["why"]:
        if not isinstance(reason["feature"], str) or not is_number(reason["value"]):
            yield "a reason without feature and value"
        if not all(reason[key] is None or is_number(reason[key]) for key in ("p50", "p99", "contribution")):
            yield "p50, p99 and contribution must be numbers, or null where nothing is known"


def line_faults(line):
    faults = {"window": window_faults, "alert": alert_faults}.get(line.get("type"))
    if faults is None:
        return ["unknown type"]
    try:
        return list(faults(line))
    except (KeyError, TypeError, AttributeError) as error:
        return [f"{type(error).__name__}: {error}"]


def explains(window, alert):
    return (window["host"], window["role"]) == (alert["host"], alert["role"]) and alert["kind"] in window["kinds"] and \
        window["start"] <= alert["time"] <= window["end"] and alert["score"] <= window["score"]


def faults_together(windows, alerts):
    seen = Counter((w["start"], w["host"], w["role"]) for w in windows)
    yield from (f"window {key} printed {count} times" for key, count in seen.items() if count > 1)
    yield from (f"no window explains the alert {alert}" for alert in alerts if not any(explains(w, alert) for w in windows))


def main():
    problems = []
    for case in chosen_cases():
        capture = make_capture(case, out_dir())
        run, quiet = replay(weir_binary(), capture, "--windows"), replay(weir_binary(), capture)
        found = [f"{fault}: {line}" for line in run.lines for fault in line_faults(line)]
        found = found or list(faults_together(run.windows, run.alerts))
        keys = [[(a["time"], a["host"], a["role"], a["kind"]) for a in lines] for lines in (run.alerts, quiet.lines)]
        if keys[0] != keys[1]:
            found.append(f"alerts differ without --windows: {keys[0]} became {keys[1]}")
        problems += [f"{case.name}: {fault}" for fault in found]
    report(problems)


if __name__ == "__main__":
    main()
