"""Where the sensor's windows and the oracle's differ."""
import math
from ipaddress import ip_address

import oracle
import oracle_signs
from oracle_packets import OPENED_BY_DEFAULT

RELATIVE = 1e-6
# What sums of squares lose in double precision: variance is the difference of two numbers near the squared mean.
CANCELLATION = 1e-12
# A stamp is a packet's time rounded down to 1.024 us. A time span, the mean of spans, and their standard deviation (it is
# a seminorm of the errors, and each error lies within 1.024 us) each move by 1.024 us at most; 3 us leaves room for
# rounding in double precision.
STAMPS_S = 3e-6
TIMES = {"inter_arrival_mean", "inter_arrival_std", "session_duration"}
MEAN_OF = {"packet_size_variance": "avg_packet_size", "payload_size_variance": "avg_payload_size"}
FILTER_COUNTERS = 65536  # of the sampler, with the default table size; two flows may fall upon one counter


def differences(capture, lines, opened=OPENED_BY_DEFAULT):
    """One line of text for each disagreement about windows, packet counts or features."""
    packets = list(oracle.read_packets(capture, opened))
    expected = oracle.windows_of(packets)
    signs = oracle_signs.read_signs(packets, oracle.WINDOW_S * oracle.TICK_NS)
    got = {(line["start"], str(ip_address(line["host"])), line["role"]): line for line in lines}
    problems = [f"{len(lines) - len(got)} windows are printed twice"] if len(got) != len(lines) else []
    problems += [f"{name(key)}: missing" for key in sorted(expected.keys() - got.keys())]
    problems += [f"{name(key)}: should not exist" for key in sorted(got.keys() - expected.keys())]
    both = [(key, expected[key], got[key]) for key in sorted(expected.keys() & got.keys())]
    for key, window, line in both:
        problems += window_differences(key, window, line, signs.get(key[:2]))
    return problems + entropy_differences([(key, w, line["features"]) for key, w, line in both if key[2] == "source"])


def name(key):
    start, host, role = key
    return f"window {start} {host} {role}"


def window_differences(key, window, line, signs):
    if line["packets"] != len(window.packets):
        return [f"{name(key)}: packets: expected {len(window.packets)}, got {line['packets']}"]
    if key[2] != "source":
        return []
    expected, got = oracle.features(window) | signs, line["features"]
    if expected.keys() != got.keys():
        return [f"{name(key)}: features: {sorted(expected.keys() ^ got.keys())} on one side only"]
    return [f"{name(key)}: {feature}: expected {expected[feature]!r}, got {got[feature]!r}"
            for feature in expected if feature != "payload_entropy" and
            not math.isclose(expected[feature], got[feature], rel_tol=RELATIVE, abs_tol=tolerance(feature, expected))]


def tolerance(feature, expected):
    if feature in TIMES:
        return STAMPS_S
    if feature in MEAN_OF:
        return CANCELLATION * max(1, expected[MEAN_OF[feature]] ** 2)
    return 1e-12


def entropy_differences(source_windows):
    """Which payload heads are sampled is certain only in calm windows whose flows send three payload packets a second
    at most; elsewhere bounds must do. Even then two flows may share a counter of the sampler's filter, which is up to
    a hash: as many windows may be off as chance explains, and that is none in most captures."""
    problems, off, certain = [], [], []
    for key, window, got in source_windows:
        if not 0 <= got["payload_entropy"] <= 8:
            problems.append(f"{name(key)}: payload_entropy {got['payload_entropy']} out of bounds")
    for key, window, got in certain_windows(source_windows):
        certain += window.packets
        expected = oracle.features(window)["payload_entropy"]
        if not math.isclose(expected, got["payload_entropy"], rel_tol=RELATIVE, abs_tol=1e-9):
            off.append(f"{name(key)}: payload_entropy: expected {expected!r}, got {got['payload_entropy']!r}")
    return problems + (off if len(off) > 2 * likely_collisions(oracle.confusable_flows(certain)) else [])


def certain_windows(source_windows):
    together = {}  # start: what all hosts sent
    for (start, _, _), window, _ in source_windows:
        together.setdefault(start, []).extend(window.packets)
    calm = {start for start, packets in together.items() if oracle.is_calm(sorted(packets, key=lambda p: p.time_ns))}
    return [entry for entry in source_windows if entry[0][0] in calm and oracle.has_certain_samples(entry[1])]


def likely_collisions(pairs):
    """The smallest number that Poisson chance exceeds for less than one hash key in a thousand; replay's key is constant.
    Each spoils two windows at most."""
    mean = pairs / FILTER_COUNTERS
    term = math.exp(-mean)
    below, count = term, 0
    while 1 - below > 1e-3:
        count += 1
        term *= mean / count
        below += term
    return count
