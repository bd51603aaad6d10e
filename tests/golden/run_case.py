"""run_case.py WEIR OUT_DIR CASE: replays the capture of one case and compares with its expect.json.

Keys of expect.json, all but "alerts" optional:
  capture   file name of the capture; its ending says the format (default capture.pcap)
  config    text of the configuration, where it is not the default
  exit      exit code (default 0); if not 0, stderr must be one line that names the file
  alerts    [[host, role, kind, how often]]: exactly these; null: not looked at
  ignore_anomalies  true where traffic is made to show a format: that the forest may find it strange does not matter
  hosts     exactly the hosts that have windows, in either role
  starts    exactly the window starts, in seconds after START
  windows   [[start (as above), host, role, packets]]: these windows exist
  kinds     [[host, role, kind, how many windows name it]]
  incidents how many alerts each incident has, in their order
  stderr    patterns that standard error matches
"""
import re
import sys
from collections import Counter
from ipaddress import ip_address

from craft import START
from replay import HERE, expectations, make_capture, out_dir, replay, report, settings, weir_binary


def differences(name, expected, got):
    expected, got = Counter(expected), Counter(got)
    return [f"{name}: missing {e} x{n}" for e, n in (expected - got).items()] + \
           [f"{name}: unexpected {e} x{n}" for e, n in (got - expected).items()]


def host_of(line):
    return str(ip_address(line["host"]))


def check_exit(expect, run, capture):
    wanted = expect.get("exit", 0)
    if run.exit != wanted:
        return [f"exit code {run.exit}, expected {wanted}; stderr: {run.stderr.strip()}"]
    stderr = run.stderr.strip().splitlines()
    complaints = [line for line in stderr if capture.name in line]
    if wanted != 0 and len(complaints) != 1:
        return [f"expected one line on stderr that names {capture.name}, got: {stderr}"]
    return []


def check_alerts(expect, run):
    if expect["alerts"] is None:
        return []
    got = [(host_of(a), a["role"], a["kind"]) for a in run.alerts
           if a["kind"] != "anomaly" or not expect.get("ignore_anomalies")]
    expected = [tuple(key) for *key, count in expect["alerts"] for _ in range(count)]
    problems = differences("alerts", expected, got)
    return problems + [f"  {alert}" for alert in run.alerts if problems]


def check_incidents(expect, run):
    sizes = Counter(a["incident"] for a in run.alerts)
    problems = []
    if "incidents" in expect and [sizes[key] for key in sorted(sizes)] != expect["incidents"]:
        problems.append(f"incidents: {sorted(sizes.items())}, expected {expect['incidents']}")
    return problems + [f"stderr does not match {pattern}: {run.stderr}"
                       for pattern in expect.get("stderr", []) if not re.search(pattern, run.stderr)]


def check_windows(expect, run):
    problems = []
    if "hosts" in expect:
        problems += differences("hosts", expect["hosts"], {host_of(w) for w in run.windows})
    if "starts" in expect:
        problems += differences("starts", expect["starts"], {w["start"] - START for w in run.windows})
    there = {(w["start"] - START, host_of(w), w["role"], w["packets"]) for w in run.windows}
    problems += [f"windows: missing {w}" for w in expect.get("windows", []) if tuple(w) not in there]
    kinds = Counter((host_of(w), w["role"], kind) for w in run.windows for kind in w["kinds"])
    problems += [f"kinds: {key} in {kinds[tuple(key)]} windows, expected {count}"
                 for *key, count in expect.get("kinds", []) if kinds[tuple(key)] != count]
    return problems


def main():
    case, expect = HERE / sys.argv[3], expectations(HERE / sys.argv[3])
    capture = make_capture(case, out_dir())
    run = replay(weir_binary(), capture, "--windows", *settings(case, capture))
    report(check_exit(expect, run, capture) + check_alerts(expect, run) + check_incidents(expect, run) + check_windows(expect, run))


if __name__ == "__main__":
    main()
