#!/usr/bin/env python3
"""Is what tools/sklearn_export.py writes the same forest to the last bit, and what weir makes of it too?

Run by a Python that has scikit-learn: sklearn_export_test.py DEPTH_SUMS WEIR. Walks the written file in plain numpy, as
MODEL.md tells it, and by each path of the engine, beside scikit-learn's own depth sums and scores.
"""
import contextlib
import hashlib
import importlib.util
import io
import json
import pathlib
import pickle
import struct
import subprocess
import sys
import tempfile
import threading
import unittest.mock

import joblib
import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest, RandomForestRegressor
from sklearn.ensemble._iforest import _parallel_compute_tree_depths

DEPTH_SUMS, WEIR = sys.argv[1:3]
TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools/sklearn_export.py"
_spec = importlib.util.spec_from_file_location("sklearn_export", TOOL)
sklearn_export = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sklearn_export)

DTYPES = {"F64": "<f8", "F32": "<f4", "U32": "<u4", "U16": "<u2", "U8": "u1"}
TRAINING_ROWS = 5000
ROWS_OF_A_KIND = 2000


def main():
    rows = differences = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, forest in forests():
            tried, differing = compare(forest, folder, name)
            rows += tried
            differences += differing
        wrong = check_formats(folder) + check_refusals(folder)
    for what in wrong:
        print(f"wrong: {what}")
    print(f"scikit-learn {sklearn.__version__}: {rows} rows tried, {differences} differences; "
          f"formats and refusals: {len(wrong)} wrong")
    return 1 if differences or wrong else 0


def forests():
    def trained(columns, missing_ratio=0.0, **options):
        return IsolationForest(random_state=1, **options).fit(random_rows(TRAINING_ROWS, columns, 1, missing_ratio))

    yield "default", trained(18)
    yield "max_features 0.5", trained(18, max_features=0.5)
    yield "contamination 0.05", trained(18, contamination=0.05)
    yield "1 feature", trained(1)
    yield "64 features", trained(64)
    yield "1000 samples", trained(18, max_samples=1000)
    yield "2 samples", trained(3, max_samples=2, n_estimators=7)
    yield "bootstrap", trained(18, bootstrap=True)
    try:
        yield "NaN in training", trained(18, missing_ratio=0.1)
        yield "NaN in training, max_features 3", trained(18, missing_ratio=0.3, max_features=3)
    except ValueError as error:  # older versions, such as 1.5, do not train on them
        print(f"NaN in training: not tried, {error}")


def random_rows(count, columns, seed, missing_ratio=0.0):
    """Heavy tails, ties, a constant and large numbers, as float32, which scikit-learn would make of anything else."""
    random = np.random.default_rng(seed)
    rows = np.exp(random.normal(0, 3, (count, columns)))
    rows[:, 1::4] = random.integers(0, 4, rows[:, 1::4].shape)
    rows[:, 2::4] *= -1e9
    rows[:, 11::12] = 7
    rows[random.random(rows.shape) < missing_ratio] = np.nan
    return rows.astype(np.float32)


def compare(forest, folder, name):
    joblib.dump(forest, folder / "model.joblib")
    code, said = export(folder / "model.joblib", folder / "model.weir")
    assert code == 0 and not said, said
    metadata, arrays = read_model((folder / "model.weir").read_bytes())
    check_content(metadata, arrays, forest)
    rows = trial_rows(forest)
    depths = walk(arrays, rows)
    expected = sklearn_depths(forest, rows)
    depth_differences = np.count_nonzero(bits(depths) != bits(expected))
    for path, sums in engine_depths(folder, rows).items():
        differing = np.count_nonzero(bits(sums) != bits(expected))
        print(f"{name}, {path}: {differing} depth sums differ")
        depth_differences += differing
    scores = 2.0 ** (-depths / (len(arrays["root"]) * c(int(metadata["samples"]))))
    theirs = -forest.score_samples(rows)
    score_differences = np.count_nonzero(np.abs(scores - theirs) > np.spacing(theirs))
    ours = weir_scores(folder, rows)
    score_differences += np.count_nonzero(np.abs(ours - theirs) > np.spacing(theirs))
    decisions = -ours - float(metadata["offset"])
    score_differences += np.count_nonzero(np.abs(decisions - forest.decision_function(rows)) > np.spacing(theirs))
    print(f"{name}: {len(rows)} rows, {len(arrays['value'])} nodes: {depth_differences} depth sums differ, "
          f"{score_differences} scores or decisions by more than 1 ulp of the score, {np.count_nonzero(scores != theirs)} by 1 ulp")
    return len(rows), depth_differences + score_differences


def read_model(file):
    (length,) = struct.unpack_from("<Q", file)
    header = json.loads(file[8:8 + length])
    metadata = header.pop("__metadata__")
    seal = f'"sha256":"{metadata["sha256"]}"'.encode()
    assert file.count(seal) == 1
    assert hashlib.sha256(file.replace(seal, b'"sha256":"%s"' % (b"0" * 64))).hexdigest() == metadata["sha256"]
    arrays, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end_before = entry["data_offsets"][0], end
        arrays[name] = np.frombuffer(file, DTYPES[entry["dtype"]], entry["shape"][0], 8 + length + begin)
        end = begin + arrays[name].nbytes
        assert (begin, end) == (end_before, entry["data_offsets"][1]), name
    assert length % 8 == 0 and 8 + length + end == len(file)
    return metadata, arrays


def check_content(metadata, arrays, forest):
    """What MODEL.md promises beyond the walk."""
    assert metadata["format"] == "weir-model-1" and "schema_id" not in metadata
    assert metadata["features"] == ",".join(f"f{i}" for i in range(forest.n_features_in_))
    assert float(metadata["offset"]) == forest.offset_
    assert {name: array.dtype.str for name, array in arrays.items()} == {
        "value": "<f8", "threshold": "<f4", "root": "<u4", "left": "<u4", "right": "<u4", "rows": "<u4", "feature": "<u2",
        "missing_left": "|u1"}
    root, left, right, rows = (arrays[name].astype(np.int64) for name in ("root", "left", "right", "rows"))
    places = np.arange(len(left))
    tree_end = np.append(root[1:], len(left))[np.searchsorted(root, places, side="right") - 1]
    split = left > 0
    for child in (left[split], right[split]):
        assert (child > places[split]).all() and (child < tree_end[split]).all()
    assert sorted([*left[split], *right[split], *root]) == places.tolist()  # each node has one parent, roots have none
    assert (rows[split] == rows[left[split]] + rows[right[split]]).all() and (rows > 0).all()
    for name in ("right", "feature", "threshold", "missing_left"):
        assert not arrays[name][~split].any(), name
    assert np.isfinite(arrays["threshold"]).all() and not arrays["value"][split].any() and arrays["value"].min() >= 0
    assert (arrays["feature"] < forest.n_features_in_).all() and arrays["missing_left"].max() <= 1


def trial_rows(forest):
    """As in training; with cells on thresholds and beside them; with infinite cells; with missing ones."""
    columns = forest.n_features_in_
    random = np.random.default_rng(2)
    on_thresholds, infinite, missing = (random_rows(ROWS_OF_A_KIND, columns, seed) for seed in (4, 5, 6))
    put_on_thresholds(forest, on_thresholds, random)
    infinite[random.random(infinite.shape) < 0.15] = np.inf
    infinite[random.random(infinite.shape) < 0.15] = -np.inf
    missing[random.random(missing.shape) < 0.3] = np.nan
    everything = on_thresholds.copy()
    everything[random.random(everything.shape) < 0.1] = np.nan
    everything[random.random(everything.shape) < 0.1] = np.inf
    return np.concatenate([random_rows(ROWS_OF_A_KIND, columns, 3), on_thresholds, infinite, missing, everything,
                           np.full((1, columns), np.nan, np.float32), np.zeros((1, columns), np.float32)])


def put_on_thresholds(forest, rows, random):
    """By column, about half of the cells; the thresholds are scikit-learn's, so that rounding of the export shows."""
    thresholds = [[] for _ in range(forest.n_features_in_)]
    for tree, features in zip(forest.estimators_, forest.estimators_features_):
        if forest._max_features == forest.n_features_in_:
            features = np.arange(forest.n_features_in_)
        for node in np.flatnonzero(tree.tree_.children_left >= 0):
            thresholds[features[tree.tree_.feature[node]]].append(tree.tree_.threshold[node])
    for column, of_column in enumerate(thresholds):
        if not of_column:
            continue
        nearest = random.choice(of_column, len(rows)).astype(np.float32)
        side = random.choice(np.array([-np.inf, 0, np.inf], np.float32), len(rows))
        cells = np.where(side == 0, nearest, np.nextafter(nearest, side))
        chosen = random.random(len(rows)) < 0.5
        rows[chosen, column] = cells[chosen]


def walk(arrays, rows):
    """The depth sums, by MODEL.md alone."""
    depths = np.zeros(len(rows))
    places = np.arange(len(rows))
    for root in arrays["root"]:
        node = np.full(len(rows), root, np.int64)
        while (arrays["left"][node] > 0).any():
            x = rows[places, arrays["feature"][node]]
            goes_left = np.where(np.isnan(x), arrays["missing_left"][node] == 1, x <= arrays["threshold"][node])
            child = np.where(goes_left, arrays["left"][node], arrays["right"][node])
            node = np.where(arrays["left"][node] > 0, child, node)
        depths += arrays["value"][node]
    return depths


def sklearn_depths(forest, rows):
    """The sum inside of IsolationForest._compute_score_samples, which it does not hand out."""
    depths = np.zeros(len(rows), order="f")
    is_subset = forest._max_features != rows.shape[1]
    for place, (tree, features) in enumerate(zip(forest.estimators_, forest.estimators_features_)):
        _parallel_compute_tree_depths(tree, rows, features if is_subset else None, forest._decision_path_lengths[place],
                                      forest._average_path_length_per_tree[place], depths, threading.Lock())
    return depths


def engine_depths(folder, rows):
    """By path of the engine, as many as this processor has."""
    rows.tofile(folder / "rows")
    subprocess.run([DEPTH_SUMS, folder / "model.weir", folder / "rows", folder / "sums"], check=True)
    paths = {file.suffix[1:]: np.fromfile(file) for file in folder.glob("sums.*")}
    for file in folder.glob("sums.*"):
        file.unlink()
    assert "walk" in paths and "portable" in paths
    return paths


def weir_scores(folder, rows):
    header = ",".join(f"f{i}" for i in range(rows.shape[1]))
    np.savetxt(folder / "rows.csv", rows, fmt="%.9g", delimiter=",", header=header, comments="")
    command = [WEIR, "score", "--model", folder / "model.weir", "--csv", folder / "rows.csv"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert lines[0] == "score" and len(lines) == len(rows) + 1
    return np.array(lines[1:], np.float64)


def c(samples):
    return 1.0 if samples == 2 else 2 * (np.log(samples - 1) + 0.5772156649015329) - 2 * (samples - 1) / samples


def bits(values):
    return values.view(np.uint64)


def export(*arguments):
    """Exit code and stderr of the tool; in this process, since importing scikit-learn takes a second and more."""
    stderr = io.StringIO()
    with unittest.mock.patch.object(sys, "argv", [TOOL.name, *map(str, arguments)]), contextlib.redirect_stderr(stderr):
        try:
            code = sklearn_export.main()
        except SystemExit as done:
            code = done.code
    return code, stderr.getvalue()


def small_forest():
    return IsolationForest(n_estimators=3, random_state=1).fit(random_rows(300, 2, 7))


def check_formats(folder):
    """A joblib file, compressed or not, a plain pickle and an MLflow folder give the same file; names are kept."""
    forest = small_forest()
    forest.feature_names_in_ = np.array(["packet rate", "größe"], dtype=object)
    joblib.dump(forest, folder / "plain.joblib")
    joblib.dump(forest, folder / "compressed.joblib", compress=3)
    mlflow = folder / "mlflow"
    mlflow.mkdir()
    for pickled in (folder / "forest.pkl", mlflow / "forest.pkl"):
        pickled.write_bytes(pickle.dumps(forest))
    (mlflow / "MLmodel").write_text(
        "artifact_path: model\nflavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n"
        "  sklearn:\n    code: null\n    pickled_model: forest.pkl\n    serialization_format: cloudpickle\n"
        "mlflow_version: 2.9.2\n")
    files, wrong = set(), []
    for name in ("plain.joblib", "compressed.joblib", "forest.pkl", "mlflow"):
        code, said = export(folder / name, folder / "out.weir")
        if code != 0 or said:
            wrong.append(f"{name}: {said}")
        else:
            files.add((folder / "out.weir").read_bytes())
    if len(files) != 1:
        wrong.append(f"{len(files)} different files from the same forest")
    wrong += [f"features {metadata['features']}" for metadata, _ in map(read_model, files)
              if metadata["features"] != "packet rate,größe"]
    return wrong


def check_refusals(folder):
    """One line that names the reason, exit code 1, no file."""
    rows = random_rows(300, 2, 7)

    def named(*names):
        forest = small_forest()
        forest.feature_names_in_ = np.array(names, dtype=object)
        return forest

    models = [
        ("not an IsolationForest", {"not": "a forest"}),
        ("not an IsolationForest", RandomForestRegressor(n_estimators=2).fit(rows, rows[:, 0])),
        ("not fitted", IsolationForest()),
        ("grown from 1 row", IsolationForest(max_samples=1, n_estimators=2).fit(rows)),
        ("'a,b'", named("a,b", "c")),
        ("'c\\n'", named("a", "c\n")),
        ("'c\\x00'", named("a", "c\0")),
        ("'\\udc80'", named("a", "\udc80")),
        ("''", named("a", "")),
    ]
    cases = []
    for place, (reason, model) in enumerate(models):
        cases.append((reason, folder / f"refused{place}"))
        joblib.dump(model, cases[-1][1])
    (folder / "text").write_text("not a pickle\n")
    (folder / "empty").write_bytes(b"")
    (folder / "folder").mkdir()
    (folder / "torch").mkdir()
    (folder / "torch/MLmodel").write_text("flavors:\n  pytorch:\n    model_data: data\n    pickled_model: x\n")
    cases += [("cannot be unpickled", folder / "text"), ("cannot be unpickled", folder / "empty"),
              ("No such file", folder / "absent"), ("without MLflow's MLmodel", folder / "folder"),
              ("no pickled_model of flavor sklearn", folder / "torch")]
    wrong = []
    for reason, source in cases:
        code, said = export(source, folder / "refused.weir")
        if code != 1 or said.count("\n") != 1 or reason not in said or (folder / "refused.weir").exists():
            wrong.append(f"expected {reason!r}: exit code {code}, {said!r}")
    for usage in ([], ["one"], ["one", "two", "three"], ["--unknown", "one", "two"]):
        if export(*usage)[0] != 2:
            wrong.append(f"exit code with {usage}")
    # As commands, once each: where scikit-learn is missing, --help still tells that it is needed and what it risks.
    command = subprocess.run([sys.executable, TOOL, folder / "text", folder / "out"], capture_output=True, text=True)
    if command.returncode != 1 or "Traceback" in command.stderr:
        wrong.append(f"as a command: exit code {command.returncode}, {command.stderr!r}")
    bare = [sys.executable, "-I", "-S", TOOL]  # -S: without installed packages
    if "only for files that you trust" not in subprocess.run([*bare, "--help"], capture_output=True, text=True).stdout:
        wrong.append("--help does not warn of unpickling")
    if subprocess.run([*bare, "one", "two"], capture_output=True).returncode != 1:
        wrong.append("exit code without scikit-learn")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
