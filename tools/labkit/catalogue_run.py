"""tools/lab --catalogue: each entry in a lab of its own, to a capture; then what the sensor says of the captures.

Before each entry the sensor is given the same ordinary minute, re-timed, so that it knows the hosts.
"""
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

from labkit import catalogue_report, captures
from labkit.catalogue import ENTRIES, half
from labkit.office_session import REACTION_SECONDS, OfficeSession
from labkit.recorder import labels_of, read_labels
from labkit.shell import LabError

_LAB = pathlib.Path(sys.argv[0]).resolve()
_LEAD_SECONDS, _TAIL_SECONDS = 10, 5  # of ordinary traffic around each entry
_STOPPED = 124  # exit code of timeout(1)
_GAVE_UP = 255  # of programs that could not begin


def print_list():
    for entry in ENTRIES:
        print(f"{half(entry):<8}{entry.technique:<11}{entry.name}")


def run(arguments):
    entries = _chosen(arguments.catalogue)
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    before = folder / "ordinary.pcap"
    broken = {}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as labs:
        waiting = {labs.submit(_lab, "--record", before, "--ordinary", str(arguments.ordinary), "--mode", arguments.mode): None} \
            if not labels_of(before).exists() else {}
        waiting |= {labs.submit(_lab, "--catalogue", entry.name, "--record", folder / f"{entry.name}.pcap", "--mode", arguments.mode): entry
                    for entry in entries if not labels_of(folder / f"{entry.name}.pcap").exists()}
        for done in concurrent.futures.as_completed(waiting):
            if done.result():
                broken[waiting[done].name if waiting[done] else "ordinary"] = done.result()
        if "ordinary" in broken:
            raise LabError(broken["ordinary"])
        models = [None, *(model.resolve() for model in arguments.model)]
        rows = list(labs.map(lambda entry: _judged(entry, folder, arguments.weir.resolve(), models, broken.get(entry.name)), entries))
    if arguments.json:
        print(json.dumps({"models": [str(model or "compiled in") for model in models], "entries": rows}, indent=1))
    else:
        catalogue_report.print_all(rows, models)
    return 1 if any(row["broken"] for row in rows) else 0


def record(arguments):
    """One entry, to a capture: within the lab."""
    capture = arguments.record.resolve()
    # An office does not do the same things during each attack.
    with OfficeSession(arguments.mode, _chosen(arguments.catalogue), False, capture=capture, seed=arguments.catalogue) as session:
        session.work(_LEAD_SECONDS)
        session.attack(lambda s: all([run.is_over() for run, _ in s.running]))
        session.work(_TAIL_SECONDS)
        session.finish()
        for running, _ in session.running:
            print(f"{running.attack.name} ended with {running.exit_code}: {running.log()[-1500:]}")
    return 0


def _chosen(names):
    entries = {entry.name: entry for entry in ENTRIES}
    if names == "all":
        return ENTRIES
    unknown = set(names.split(",")) - entries.keys()
    if unknown:
        raise LabError(f"the catalogue has no {', '.join(sorted(unknown))}: tools/lab --catalogue list names all")
    return [entries[name] for name in names.split(",")]


def _lab(*options):
    """Another lab; what was wrong with it."""
    done = subprocess.run([sys.executable, _LAB, *map(str, options)], capture_output=True, text=True)
    capture = pathlib.Path(options[options.index("--record") + 1])
    capture.with_suffix(".log").write_text(done.stdout + done.stderr)
    return "" if labels_of(capture).exists() else (done.stderr or done.stdout).strip() or f"ended with {done.returncode}"


def _judged(entry, folder, weir, models, broken):
    row = {"name": entry.name, "technique": entry.technique, "half": half(entry), "broken": broken}
    if broken:
        return row
    capture = folder / f"{entry.name}.pcap"
    label = read_labels(capture)[0]
    start, end, victims = float(label["start"]), float(label["end"]), label["victims"].split()
    attackers = [] if label["attacker"] == "forged" else [label["attacker"], *_ipv6_of(label["attacker"])]
    row["packets"] = captures.count_between(capture, start, end, attackers, victims)
    if row["packets"] == 0 or label["exit_code"] == str(_GAVE_UP):  # no miss of the sensor's
        return row | {"broken": "the program gave up: " + capture.with_suffix(".log").read_text().strip()[-300:]}
    row["exit_code"] = int(label["exit_code"]) if label["exit_code"] not in ("", str(_STOPPED)) else 0
    row["seconds"] = round(end - start, 1)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".pcap") as joined:
        begin = captures.join(folder / "ordinary.pcap", capture, pathlib.Path(joined.name))
        row["judged"] = [_verdict(_replay(weir, model, joined.name), begin, start, end, attackers, victims) for model in models]
    return row


def _replay(weir, model, capture):
    options = ["--model", model] if model else []
    done = subprocess.run([weir, "replay", *options, capture], capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"weir replay {capture}: {done.stderr.strip()}")
    return [line for line in map(json.loads, done.stdout.splitlines()) if line["type"] == "alert"]


def _verdict(alerts, begin, start, end, attackers, victims):
    """A hit: the attacker as source or a victim as destination, while it goes on or just after."""
    hits, false = [], []
    for alert in alerts:
        alert = {name: alert[name] for name in ("time", "host", "role", "kind", "text")} | {"after": round(alert["time"] - start, 1)}
        in_time = start <= alert["time"] <= end + REACTION_SECONDS
        if in_time and alert["host"] in (attackers if alert["role"] == "source" else victims):
            hits.append(alert)
        elif alert["time"] > begin and not (in_time and alert["host"] in {*attackers, *victims}):
            false.append(alert)
    return {"hits": sorted(hits, key=lambda hit: hit["time"]), "false": false}


def _ipv6_of(address):
    """Addresses carry the same last number in both."""
    parts = address.split(".")
    return [f"fd77:{parts[2]}::{parts[3]}"] if parts[0] == "10" else ["fd77:3::2"]
