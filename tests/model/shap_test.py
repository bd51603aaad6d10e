#!/usr/bin/env python3
"""Is `weir score --explain shap` what the package shap says of the same forest of scikit-learn's?

Run by a Python that has scikit-learn and shap: shap_test.py WEIR. shap explains the mean depth, weir the score's exponent:
shap's values are weir's times -c(samples). Differences are measured by the greatest value of the row.
"""
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import shap
from sklearn.ensemble import IsolationForest

WEIR = sys.argv[1]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import sklearn_export  # noqa: E402

ROWS = 500
ALLOWED = 1e-12
# tests/unit/model/tree_shap_test.cc has these beside sums over all subsets.
NOT_COMPARED = {"1 column": "shap looks its leaves up among the columns and fails",
                "bootstrap": "shap weighs a branch by drawn rows, scikit-learn's depths and weir by distinct ones"}


def main():
    wrong, tried, greatest = [], 0, 0.0
    for name, forest, rows in cases():
        difference, missing = compare(forest, rows)
        print(f"{name}: {len(rows)} rows, greatest difference {difference:.2g} of the row's greatest value, "
              f"sum off by {missing:.2g}")
        wrong += [name] if not (difference <= ALLOWED and missing <= ALLOWED) else []
        tried, greatest = tried + len(rows), max(greatest, difference)
    for what, reason in NOT_COMPARED.items():
        print(f"not compared: {what}, {reason}")
    print(f"shap {shap.__version__}: {tried} rows tried, greatest difference {greatest:.2g}; wrong: {wrong or 'none'}")
    return 1 if wrong else 0


def cases():
    def trained(columns, missing_ratio=0.0, **options):
        forest = IsolationForest(random_state=1, **options).fit(random_rows(5000, columns, 1, missing_ratio))
        return forest, random_rows(ROWS, columns, 2, missing_ratio)

    yield "default", *trained(18)
    yield "300 trees", *trained(18, n_estimators=300)
    yield "64 columns, 2000 samples", *trained(64, max_samples=2000, n_estimators=30)
    yield "3 columns, 500 samples", *trained(3, max_samples=500)
    yield "2 columns", *trained(2)
    yield "max_features 0.5", *trained(18, max_features=0.5)
    yield "NaN", *trained(18, missing_ratio=0.2)
    yield "NaN, max_features 3", *trained(18, missing_ratio=0.3, max_features=3)


def random_rows(count, columns, seed, missing_ratio):
    """Heavy tails and ties."""
    random = np.random.default_rng(seed)
    rows = np.exp(random.normal(0, 2, (count, columns)))
    rows[:, 1::4] = random.integers(0, 4, rows[:, 1::4].shape)
    rows[random.random(rows.shape) < missing_ratio] = np.nan
    return rows.astype(np.float32)


def compare(forest, rows):
    """The greatest difference by row, and of the sums from the depth that is explained."""
    scores, parts = explained(forest, rows)
    samples = forest.max_samples_
    unit = 2 * (np.log(samples - 1) + 0.5772156649015329) - 2 * (samples - 1) / samples
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        explainer = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
        theirs = explainer.shap_values(rows.astype(np.float64), check_additivity=False)
    difference = np.abs(-unit * parts - theirs).max(axis=1) / np.abs(theirs).max(axis=1)
    sums = parts.sum(axis=1) - np.log2(scores)
    return difference.max(), np.ptp(sums)


def explained(forest, rows):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "model").write_bytes(sklearn_export.to_file(forest))
        names = [f"f{i}" for i in range(rows.shape[1])]
        np.savetxt(folder / "rows.csv", rows, fmt="%.9g", delimiter=",", header=",".join(names), comments="")
        command = [WEIR, "score", "--model", folder / "model", "--csv", folder / "rows.csv", "--explain", "shap"]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert lines[0].split(",") == ["score", *names] and len(lines) == len(rows) + 1
    table = np.array([line.split(",") for line in lines[1:]], np.float64)
    return table[:, 0], table[:, 1:]


if __name__ == "__main__":
    sys.exit(main())
