"""The catalogue's table, both halves apart."""
HALVES = ("design", "scored")
_WEAK = {"anomaly", "traffic_spike", "beacon"}  # that an ordinary day may raise as well


def print_all(rows, models):
    names = [model.name if model else "compiled in" for model in models]
    for half in HALVES:
        chosen = [row for row in rows if row["half"] == half]
        if not chosen:
            continue
        print(f"\n## {half}\n\n| entry | technique | packets | " + " | ".join(f"{name}: found by, after" for name in names) + " | false |")
        print("|---|---|---:|" + "---|" * len(models) + "---|")
        for row in chosen:
            print(_line(row, len(models)))
        for number, name in enumerate(names):
            print(f"\n{half}, {name}: {_summary(chosen, number)}")
    for text in (f"{row['name']}: not run: {row['broken']}" for row in rows if row["broken"]):
        print(text)


def _line(row, models):
    if row["broken"]:
        return f"| {row['name']} | {row['technique']} | - |" + " not run |" * models + " |"
    ended = f" (ended with {row['exit_code']})" if row["exit_code"] else ""
    false = sorted({f"{alert['kind']} {alert['host']}" for judged in row["judged"] for alert in judged["false"]})
    found = " | ".join(_found(judged["hits"]) for judged in row["judged"])
    return f"| {row['name']} | {row['technique']} | {row['packets']}{ended} | {found} | {', '.join(false)} |"


def _found(hits):
    first = {}
    for hit in hits:
        first.setdefault(hit["kind"], hit["after"])
    return ", ".join(f"{kind} {after:.0f} s" for kind, after in first.items()) or "**missed**"


def _summary(rows, number):
    ran = [row["judged"][number] for row in rows if not row["broken"]]
    found = [judged for judged in ran if judged["hits"]]
    named = [judged for judged in found if {hit["kind"] for hit in judged["hits"]} - _WEAK]
    false = [alert["kind"] for judged in ran for alert in judged["false"]]
    by_kind = ", ".join(f"{kind} {false.count(kind)}" for kind in sorted(set(false)))
    return (f"{len(found)} of {len(ran)} found, {len(named)} of them by a rule other than spike and beacon; "
            f"{len(false)} false alarms{' (' + by_kind + ')' if false else ''}")
