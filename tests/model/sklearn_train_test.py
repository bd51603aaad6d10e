#!/usr/bin/env python3
"""Does `weir train` grow the forests that scikit-learn grows? Run by a Python that has it: sklearn_train_test.py WEIR.

The same estimator with another seed gives somewhat other scores. How far scikit-learn's own seeds are apart is what ours may
differ from them: in the order of the rows (Spearman), in the level of the scores, in the size of the trees.
"""
import itertools
import pathlib
import struct
import json
import subprocess
import sys
import tempfile

import numpy as np
import sklearn
from scipy.stats import spearmanr
from sklearn.ensemble import IsolationForest

WEIR = sys.argv[1]
ROWS, TREES, SEEDS = 20_000, 100, 5


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, rows, samples in tables():
            wrong += not is_alike(pathlib.Path(folder), name, rows.astype(np.float32), samples)
    print(f"scikit-learn {sklearn.__version__}: {wrong} tables with forests that differ")
    return 1 if wrong else 0


def tables():
    random = np.random.default_rng(1)
    activity = np.exp(random.normal(0, 2, (ROWS, 1)))
    traffic = activity ** random.uniform(-1, 1, 18) * np.exp(random.normal(0, 1, (ROWS, 18)))
    traffic[:, ::4] = np.floor(traffic[:, ::4])
    yield "heavy tails and counters, 18 columns", traffic, 256
    yield "log of these", np.log1p(traffic), 256
    yield "uniform, 5 columns, 64 samples", random.random((ROWS, 5)), 64
    yield "ties and a constant", np.column_stack([random.integers(0, 3, ROWS), random.integers(0, 50, ROWS), np.full(ROWS, 7)]), 256
    yield "1 column, 1000 samples", random.normal(size=(ROWS, 1)), 1000
    yield "64 columns", random.normal(size=(ROWS, 64)), 256


def is_alike(folder, name, rows, samples):
    theirs = [IsolationForest(n_estimators=TREES, max_samples=samples, random_state=seed).fit(rows) for seed in range(SEEDS)]
    their_scores = [-forest.score_samples(rows) for forest in theirs]
    ours = [trained(folder, rows, samples, seed) for seed in range(SEEDS)]
    our_scores = [scored(folder, rows, model) for model in ours]
    among = [spearmanr(a, b)[0] for a, b in itertools.combinations(their_scores, 2)]
    between = [spearmanr(a, b)[0] for a in our_scores for b in their_scores]
    nodes = np.array([sum(tree.tree_.node_count for tree in forest.estimators_) for forest in theirs])
    our_nodes = np.array([node_count(model) for model in ours])
    level, our_level = (np.array([scores.mean() for scores in of]) for of in (their_scores, our_scores))
    alike = np.mean(between) >= np.min(among) and within_spread(our_nodes, nodes) and within_spread(our_level, level)
    print(f"{name}: Spearman among scikit-learn's seeds {np.min(among):.4f} to {np.max(among):.4f}, with ours {np.mean(between):.4f}; "
          f"nodes {nodes.mean():.0f}, ours {our_nodes.mean():.0f}; mean score {level.mean():.4f}, ours {our_level.mean():.4f}"
          + ("" if alike else "  DIFFERENT"))
    return alike


def within_spread(ours, theirs):
    """Means of so many seeds each: no more apart than 5 standard errors, or half a percent."""
    error = np.sqrt((ours.var(ddof=1) + theirs.var(ddof=1)) / SEEDS)
    return abs(ours.mean() - theirs.mean()) <= max(5 * error, 0.005 * theirs.mean())


def trained(folder, rows, samples, seed):
    table, model = folder / "rows.csv", folder / f"{seed}.model"
    if seed == 0:
        header = ",".join(f"f{i}" for i in range(rows.shape[1]))
        np.savetxt(table, rows, fmt="%.9g", delimiter=",", header=header, comments="")
    subprocess.run([WEIR, "train", "--from-file", table, "-o", model, "--trees", str(TREES), "--samples", str(samples),
                    "--seed", str(seed)], check=True, stderr=subprocess.DEVNULL)
    return model


def scored(folder, rows, model):
    done = subprocess.run([WEIR, "score", "--model", model, "--csv", folder / "rows.csv"], check=True, stdout=subprocess.PIPE)
    scores = np.array(done.stdout.split()[1:], dtype=float)
    assert len(scores) == len(rows)
    return scores


def node_count(model):
    file = model.read_bytes()
    (length,) = struct.unpack_from("<Q", file)
    return json.loads(file[8:8 + length])["value"]["shape"][0]


if __name__ == "__main__":
    sys.exit(main())
