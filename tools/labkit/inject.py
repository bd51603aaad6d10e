"""tools/lab --inject: attacks on demand, and whether the alerts came that were to be expected."""
import re
import time

from labkit import sandbox
from labkit.catalogue import ENTRIES
from labkit.injections import INJECTIONS
from labkit.office_session import WINDOW_SECONDS, OfficeSession
from labkit.shell import LabError, check


def choose(names, weir, modes):
    """The attacks of these names; 'all' is those of which this sensor has the rule and that this gateway lets it see."""
    rules = set(re.findall(r"^  (\w+):$", check([weir, "check-config", "--defaults"]), re.M)) | {"backscatter"}
    if names == ["all"]:
        return [injection for injection in INJECTIONS.values() if {kind for kind, _ in injection.expects} <= rules
                and ("masquerade" not in modes or (injection.attacker == "inside" and not injection.needs_answers))]
    known = INJECTIONS | {entry.name: entry for entry in ENTRIES}
    for name in names:
        if name not in known:
            raise LabError(f"no attack is called '{name}': tools/lab --inject list names them all")
    return [known[name] for name in names]


def print_list():
    for name, injection in INJECTIONS.items():
        kinds = ", ".join(f"{kind} ({role})" for kind, role in injection.expects)
        note = f"; its rule learns for a day, so without --config the sensor's is {' '.join(injection.config.split())}" if injection.config else ""
        print(f"{name:<20}{kinds}{note}\n{'':<20}  {injection.command}")
    print("\nThe entries of the catalogue can be injected too; of these no particular alert is expected (tools/lab --catalogue list).")


def run(mode, attacks, ordinary_seconds, weir, config, capture, seed):
    own_config = "".join(dict.fromkeys(attack.config for attack in attacks))
    if own_config and not config:
        config = sandbox.directory() / f"{mode}.yaml"
        config.write_text(own_config)
    with OfficeSession(mode, attacks, True, weir, config, capture, seed) as session:
        session.work(ordinary_seconds)
        begin = time.time()
        session.attack(lambda s: all(attack.expects and not _alerts_and_missing(s, number)[1] for number, attack in enumerate(attacks)))
        session.work(WINDOW_SECONDS + 2)  # who else is accused with it is told when the window closes
        injections = [_outcome(session, number) for number in range(len(attacks))]
        stray = [alert for alert in session.sensor.alerts if not any(
            alert["host"] in run.attack.accused(where) for run, where in session.running)]
        result = {"mode": mode, "injections": injections, "begin": begin, "alerts": session.sensor.alerts, "bystanders": stray,
                  "early": [alert for alert in session.sensor.alerts if alert["seen"] < begin]}
        return result | session.finish()


def complaints(result):
    for injection in result["injections"]:
        for kind, role in injection["missing"]:
            yield f"{injection['name']}: no {kind} ({role}); the program said: {injection['said'][-300:]}"
    for alert in result["early"]:
        yield f"alert on ordinary traffic: {alert['kind']} {alert['host']} ({alert['role']})"
    for alert in result["bystanders"]:
        if alert not in result["early"]:
            yield f"alert on a bystander: {alert['kind']} {alert['host']} ({alert['role']}): {alert['text']}"


def print_result(result):
    print(f"\n== gateway {result['mode']}")
    print(f"   {'injected':<20}{'expected':<34}{'after':>8}  text; also raised")
    for injection in result["injections"]:
        for kind, role in injection["expects"] or [("", "")]:
            alert = next((a for a in injection["alerts"] if (a["kind"], a["role"]) == (kind, role)), None)
            after = f"{alert['seen'] - injection['start']:.1f} s" if alert else "-"
            others = [f"{a['kind']} ({a['role']})" for a in injection["alerts"] if (a["kind"], a["role"]) not in injection["expects"]]
            expected = f"{kind} ({role})" if kind else "(nothing in particular)"
            print(f"   {injection['name']:<20}{expected:<34}{after:>8}  {alert['text'] if alert else 'NOT RAISED' if kind else ''}"
                  f"{'; ' + ', '.join(others) if others else ''}")
    requests = sum(outcome["ok"] for outcome in result["requests"].values())
    print(f"   ordinary traffic meanwhile: {requests} requests answered, "
          f"{sum(outcome['failed'] for outcome in result['requests'].values())} not")


def _alerts(session, number):
    run, where = session.running[number]
    return [alert for alert in session.sensor.alerts if alert["host"] in run.attack.accused(where) and alert["seen"] >= run.start]


def _alerts_and_missing(session, number):
    """(alerts of this attack, what is still missing)"""
    run, where = session.running[number]
    alerts = _alerts(session, number)
    hosts = {"source": {where["attacker"]},
             "destination": {where["attacker" if run.attack.attacker == "forged" else "target"]}}
    missing = [(kind, role) for kind, role in run.attack.expects if not any(
        (alert["kind"], alert["role"]) == (kind, role) and alert["host"] in hosts[role] for alert in alerts)]
    return alerts, missing


def _outcome(session, number):
    run, where = session.running[number]
    alerts, missing = _alerts_and_missing(session, number)
    return {"name": run.attack.name, "attacker": where["attacker"], "start": run.start, "end": run.end, "exit_code": run.exit_code,
            "expects": list(run.attack.expects), "missing": missing, "alerts": alerts, "said": run.log()}
