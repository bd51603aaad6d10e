"""One mode of the lab, from an empty network to the sensor's end."""
import concurrent.futures
import os
import platform
import re
import time

from labkit import network, sandbox, services, traffic
from labkit.sensor import Sensor
from labkit.shell import check

WINDOW_SECONDS = 10
REACTION_SECONDS = 2 * WINDOW_SECONDS + 3  # two windows, and the tick in which the second one is judged
ATTACKER = "loud"
_AFTER_WINDOW = (2, 4)  # seconds into a window: the one before has been judged by then


def run(mode, ordinary_seconds, weir, config):
    folder = sandbox.directory() / mode
    folder.mkdir()
    network.build(mode)
    programs = services.Services(folder)
    ordinary = traffic.OrdinaryTraffic(folder)
    sensor = Sensor(weir, config and config.resolve(), folder)
    try:
        programs.start()
        sensor.start()
        phases = _run_phases(ordinary, ordinary_seconds, sensor)
        ordinary.check_streams()
        result = {"mode": mode, "attacker": network.ADDRESSES[ATTACKER], "server": network.ADDRESSES["server"],
                  "phases": phases, "alerts": [_with_phase(alert, phases) for alert in sensor.alerts],
                  "requests": ordinary.summary(), "sensor": sensor.stop()}
    finally:
        sensor.kill()
        ordinary.stop()
        programs.stop()
        network.remove()
    return result


def versions(weir):
    patterns = {"nmap": r"version (\S+)", "nginx": r"nginx/(\S+)", "dnsmasq": r"version (\S+)", "iperf3": r"iperf (\S+)",
                "curl": r"curl (\S+)"}
    options = {"nginx": "-v"}
    found = {"kernel": platform.release(), "weir": check([weir, "--version"]).strip()}
    for program, pattern in patterns.items():
        with os.popen(f"{program} {options.get(program, '--version')} 2>&1") as output:
            match = re.search(pattern, output.read())
        found[program] = match and match.group(1)
    return found


def _run_phases(ordinary, ordinary_seconds, sensor):
    ordinary.start()
    phases = [_phase("ordinary", sensor, ordinary_seconds)]
    ordinary.check_streams()
    for name, attack in (("scan", traffic.scan), ("flood", traffic.flood)):
        phases.append(_phase(name, sensor, REACTION_SECONDS, attack))
    return phases


def _phase(name, sensor, seconds, attack=None):
    """Runs for `seconds`, then on to the start of a window: what a phase did is judged before the next one begins."""
    start, packets = time.time(), network.received_packets()
    with concurrent.futures.ThreadPoolExecutor() as attacker:
        outcome = attacker.submit(attack, ATTACKER) if attack else None
        while time.time() < start + seconds or not _AFTER_WINDOW[0] <= time.time() % WINDOW_SECONDS < _AFTER_WINDOW[1]:
            sensor.poll()
            time.sleep(0.5)
    end = time.time()
    rate = (network.received_packets() - packets) / (end - start)
    return {"name": name, "start": start, "end": end, "packets_per_second": round(rate, 1),
            "attack": outcome and outcome.result(), "highest_scores": _highest_scores(sensor.scores, start), **sensor.state()}


def _highest_scores(scores, start):
    """Of each source since the window in which the phase began: what came before it there is a small part."""
    highest = {}
    for (window, host, role), score in scores.items():
        if role == "source" and window > start - WINDOW_SECONDS:
            highest[host] = max(score, highest.get(host, 0))
    return highest


def _with_phase(alert, phases):
    during = [phase for phase in phases if phase["start"] <= alert["time"]] or phases[:1]
    return {**alert, "phase": during[-1]["name"], "after_seconds": round(alert["seen"] - during[-1]["start"], 1)}
