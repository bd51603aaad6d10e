"""What the lab saw, for people, and what is wrong with it."""
import datetime

from labkit import session

_EXPECTED = {  # phase -> (kind, role); by whom follows from the role
    "scan": [("vertical_scan", "source")],
    "flood": [("syn_flood", "source"), ("syn_flood", "destination")],
}


def print_run(run):
    print(f"\n== gateway {run['mode']}: attacker {run['attacker'][0]}, server {run['server'][0]}")
    for phase in run["phases"]:
        print(f"   {phase['name']:<9}{phase['end'] - phase['start']:6.1f} s {phase['packets_per_second']:9.1f} packets/s"
              + _attack_text(phase))
    answered = ", ".join(f"{program} {outcome['ok']} answered, {outcome['failed']} not"
                         for program, outcome in run["requests"].items())
    print(f"   {answered}; sensor stopped in {run['sensor']['stop_seconds']} s\n")
    print(f"   {'time':<9}{'phase':<10}{'after':>7}  {'host':<16}{'role':<12}{'kind':<15}{'score':>5}  first reason")
    for alert in run["alerts"]:
        clock = datetime.datetime.fromtimestamp(alert["time"]).strftime("%H:%M:%S")
        print(f"   {clock:<9}{alert['phase']:<10}{alert['after_seconds']:5.1f} s  {alert['host']:<16}{alert['role']:<12}"
              f"{alert['kind']:<15}{alert['score']:5.2f}  {_first_reason(alert)}")
    if not run["alerts"]:
        print("   (no alert)")


def print_verdict(runs, complaints):
    for complaint in complaints:
        print(f"   {complaint}")
    modes = " and ".join(run["mode"] for run in runs)
    seen = "as expected: silent on ordinary traffic, scan and flood seen within two windows"
    print(f"\nlab {modes}: {'NOT as expected' if complaints else seen}")


def complaints(runs):
    found = [f"{run['mode']}: {text}" for run in runs for text in _complaints_about(run)]
    if len({frozenset(identities(run)) for run in runs}) > 1:
        found.append("the modes do not raise the same alerts: "
                     + "; ".join(f"{run['mode']} {sorted(identities(run))}" for run in runs))
    return found


def identities(run):
    return {(alert["host"], alert["role"], alert["kind"]) for alert in run["alerts"]}


def _complaints_about(run):
    for program, outcome in run["requests"].items():
        if outcome["failed"]:
            yield f"{outcome['failed']} {program} requests failed"
    for alert in run["alerts"]:
        if alert["phase"] == "ordinary":
            yield f"alert on ordinary traffic: {alert['kind']} {alert['host']} ({alert['role']})"
        elif alert["host"] not in run["attacker"] + run["server"]:
            yield f"alert on a bystander: {alert['kind']} {alert['host']} ({alert['role']})"
        if not alert["why"]:
            yield f"no reason given: {alert['kind']} {alert['host']}"
    for phase, wanted in _EXPECTED.items():
        for kind, role in wanted:
            yield from _complaints_about_attack(run, phase, kind, role)
    sensor = run["sensor"]
    if sensor["exit_code"] != 0 or sensor["stop_seconds"] > 2:
        yield f"the sensor ended with {sensor['exit_code']} after {sensor['stop_seconds']} s"
    if sensor["left_attached"] or sensor["left_pinned"]:
        yield f"the sensor left behind: {sensor['left_attached'] + sensor['left_pinned']}"


def _complaints_about_attack(run, phase, kind, role):
    host = run["attacker" if role == "source" else "server"][0]
    seen = [alert for alert in run["alerts"]
            if (alert["phase"], alert["kind"], alert["role"], alert["host"]) == (phase, kind, role, host)]
    if not seen:
        yield f"no {kind} of {host} ({role})"
    elif seen[0]["after_seconds"] > session.REACTION_SECONDS:
        yield f"{kind} of {host} ({role}) only after {seen[0]['after_seconds']} s"


def _attack_text(phase):
    if phase["name"] == "scan":
        return f"   nmap found open ports {phase['attack']['4']} (IPv4), {phase['attack']['6']} (IPv6)"
    return f"   {phase['attack']} SYN packets" if phase["name"] == "flood" else ""


def _first_reason(alert):
    if not alert["why"]:
        return ""
    why = alert["why"][0]
    normal = f" (normal {why['p50']:g}, rarely above {why['p99']:g})" if why.get("p99") is not None else ""
    return f"{why['feature']} = {why['value']:g}{normal}"
