#!/usr/bin/env python3
"""How fast the public engines score an isolation forest, on one thread, for tools/bench forest.

  forest_peers.py prepare DIR [--trees 100] [--columns 18]   trains scikit-learn's forest; writes DIR/model.joblib,
                                                             model.weir, rows.f32 (row after row), depths.f64
                                                             (scikit-learn's depth sums) and, of 100 trees,
                                                             training.f32 (a million rows)
  forest_peers.py measure DIR [--batches 1,64,1000,100000]   one JSON object: CPU time in ns per row, by engine, batch
  forest_peers.py compare FOREST_BENCH DIR... [--json]       the same with weir's own paths in turn, as tables or as
                                                             rows per second; what is not about trees' number, and
                                                             rows_per_s, is of the first

Needs what forest_peers.txt lists, and gcc. Each engine has its best case: the rows are converted to what it takes before
the clock starts, and the ONNX graph is hand-made, one operator in place of the converter's 2,900. Python's call is in the
time; it dominates in batches of 1.
"""
import argparse
import contextlib
import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

# Read when the libraries are loaded, so before any of them is.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
REQUIREMENTS = "tests/bench/forest_peers.txt"
ROWS = 100_000
TRAINING_ROWS = 1_000_000
MANY_TREES = 300  # beyond, only scikit-learn is beside us: the others take minutes to build
SAMPLES = 256  # rows that each tree is grown from
CALLS = 64  # timed together, on different rows: one row again and again would teach the branch predictor its path
ROUNDS = 3
ROUND_SECONDS = 0.7  # for each case


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    prepare_parser = commands.add_parser("prepare")
    prepare_parser.set_defaults(run=prepare)
    prepare_parser.add_argument("folder", metavar="DIR", type=pathlib.Path)
    prepare_parser.add_argument("--trees", type=positive, default=100)
    prepare_parser.add_argument("--columns", type=positive, default=18)
    measure_parser = commands.add_parser("measure")
    measure_parser.set_defaults(run=measure)
    measure_parser.add_argument("folder", metavar="DIR", type=pathlib.Path)
    measure_parser.add_argument("--batches", type=batch_sizes, default=[1, 64, 1000, ROWS], metavar="N,N,...")
    compare_parser = commands.add_parser("compare")
    compare_parser.set_defaults(run=compare)
    compare_parser.add_argument("bench", metavar="FOREST_BENCH", type=pathlib.Path)
    compare_parser.add_argument("folders", metavar="DIR", type=pathlib.Path, nargs="+")
    compare_parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except ImportError as error:
        sys.exit(f"forest_peers: {error.name} cannot be imported: {error}; pip install -r {REQUIREMENTS}")
    except OSError as error:
        sys.exit(f"forest_peers: {error}")


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def batch_sizes(text):
    sizes = [positive(part) for part in text.split(",")]
    if max(sizes) > ROWS:
        raise argparse.ArgumentTypeError(f"there are {ROWS} rows only")
    return sizes


# --- prepare ---

def prepare(arguments):
    import joblib
    import sklearn_export
    from sklearn.ensemble import IsolationForest
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    rows = network_like_rows(arguments.columns)
    forest = IsolationForest(n_estimators=arguments.trees, max_samples=SAMPLES, random_state=1).fit(rows)
    put_on_thresholds(forest, rows)
    joblib.dump(forest, folder / "model.joblib")
    (folder / "model.weir").write_bytes(sklearn_export.to_file(forest))
    rows.astype("<f4").tofile(folder / "rows.f32")
    depth_sums(forest, rows).astype("<f8").tofile(folder / "depths.f64")
    if arguments.trees == 100:
        network_like_rows(arguments.columns, TRAINING_ROWS).tofile(folder / "training.f32")


def network_like_rows(columns, count=ROWS):
    """Four kinds of hosts; rates with heavy tails, sizes, ratios with ties, counters; every tenth row far off."""
    import numpy as np
    random = np.random.default_rng(1)
    host = random.integers(0, 4, count)
    activity = np.exp(random.normal(np.array([0, 2, 4, 6])[host], 0.8))
    kinds = [
        lambda: activity * random.lognormal(0, 1, count),
        lambda: np.clip(random.normal(np.array([90, 400, 900, 1300])[host], 120), 60, 1514),
        lambda: np.where(random.random(count) < 0.4, random.integers(0, 2, count), random.beta(8, 1.5, count)),
        lambda: random.poisson(activity / 10),
        lambda: random.gamma(2, 0.5, count) / activity,
        lambda: random.poisson(np.array([1, 2, 6, 12])[host]) + 1,
        lambda: np.clip(random.normal(6, 1.2, count), 0, 8),
    ]
    rows = np.column_stack([kinds[column % len(kinds)]() for column in range(columns)])
    odd = random.random(count) < 0.1
    rows[odd] *= random.lognormal(0, 1.5, (np.count_nonzero(odd), columns))
    return rows.astype(np.float32)


def put_on_thresholds(forest, rows):
    """One cell in every fifth row becomes a threshold or a neighbour of one, where an engine that rounds goes wrong."""
    import numpy as np
    random = np.random.default_rng(2)
    splits = [(feature, threshold) for tree in forest.estimators_
              for feature, threshold in zip(tree.tree_.feature, tree.tree_.threshold) if feature >= 0]
    for row in range(0, ROWS, 5):
        feature, threshold = splits[random.integers(len(splits))]
        nearest = np.float32(threshold)
        rows[row, feature] = random.choice([nearest, np.nextafter(nearest, np.float32(np.inf)),
                                            np.nextafter(nearest, np.float32(-np.inf))])


def depth_sums(forest, rows):
    """The sum inside of IsolationForest._compute_score_samples, term for term; it is not to be had from outside."""
    import numpy as np
    sums = np.zeros(len(rows))
    for place, tree in enumerate(forest.estimators_):
        leaf = tree.apply(rows, check_input=False)
        sums += forest._decision_path_lengths[place][leaf] + forest._average_path_length_per_tree[place][leaf] - 1.0
    return sums


# --- measure ---

def measure(arguments):
    ns_per_row = measure_engines(arguments.folder, arguments.batches)
    print(json.dumps({"versions": versions(), "cpu": cpu_name(), "ns_per_row": ns_per_row}))


def compare(arguments):
    results = {}
    for folder in arguments.folders:
        result = compare_on(arguments.bench, folder)
        results[result.pop("trees")] = result
        if not arguments.json:
            print_table(folder, result)
    if arguments.json:
        first = next(iter(results.values()))
        others = {"rows_per_s_by_trees": {trees: result["rows_per_s"] for trees, result in results.items()},
                  "rows_by_trees": {trees: result["rows"] for trees, result in results.items()},
                  "differences_by_trees": {trees: result["differences"] for trees, result in results.items()}}
        print(json.dumps({**first, **others, "versions": versions(), "cpu": cpu_name()}))
    else:
        print(f"{cpu_name()}; {versions()}")


def compare_on(bench, folder):
    """In one run: weir's paths are measured before each round over the others and after the last."""
    import sklearn_export
    trees = len(sklearn_export.load_forest(folder / "model.joblib").estimators_)
    ours, costs = {}, {}

    def measure_ours():
        one = json.loads(subprocess.run([bench, "--on", folder], check=True, stdout=subprocess.PIPE, text=True).stdout)
        for path, of_batch in one["ns_per_row"].items():
            for batch, ns in of_batch.items():
                best = ours.setdefault(path, {})
                best[batch] = min(ns, best.get(batch, ns))
        least = {"load_ms": one["load_ms"], **{f"explain us, weir {how}": us for how, us in one["explain_us_per_row"].items()}}
        if trees <= MANY_TREES:
            least["explain us, shap"] = shap_us_per_row(folder)
        if one["train_ms"]:
            least |= {"train ms, weir": one["train_ms"], "train ms, sklearn": sklearn_train_ms(folder)}
        for name, cost in least.items():
            costs[name] = min(cost, costs.get(name, cost))
        costs["two_threads_gain"] = max(one["two_threads_gain"], costs.get("two_threads_gain", 0))
        costs.update(rows=one["rows"], differences=one["differences"])

    batches = [1, 64, 1000, ROWS]
    peers = measure_engines(folder, batches, before_round=measure_ours, names=None if trees <= MANY_TREES else ["sklearn"])
    measure_ours()
    best_path = {str(batch): min(of_batch[str(batch)] for path, of_batch in ours.items() if path != "walk") for batch in batches}
    ns_per_row = {"weir": best_path, **{f"weir, {path}": of_batch for path, of_batch in ours.items()}, **peers}
    rows_per_s = {name: {batch: round(1e9 / ns) for batch, ns in of_batch.items()} for name, of_batch in ns_per_row.items()}
    return {"trees": trees, "rows_per_s": rows_per_s, "ns_per_row": ns_per_row,
            "explain_us_per_row": {name.removeprefix("explain us, "): cost for name, cost in costs.items() if "explain" in name},
            "train_ms": {name.removeprefix("train ms, "): cost for name, cost in costs.items() if "train" in name},
            **{name: costs[name] for name in ("load_ms", "two_threads_gain", "rows", "differences")}}


def print_table(folder, result):
    ns_per_row, explain, train = result["ns_per_row"], result["explain_us_per_row"], result["train_ms"]
    print(f"{folder.name}: ns a row, in batches of" + "".join(f"{batch:>12}" for batch in ns_per_row["weir"])
          + "    weir is so many times as fast")
    for name, of_batch in ns_per_row.items():
        print(f"{name:24}" + "".join(f"{ns:12.1f}" for ns in of_batch.values())
              + "".join(f"{ns / ns_per_row['weir'][batch]:8.1f}" for batch, ns in of_batch.items()))
    print("us a row to explain: " + ", ".join(f"{how} {us:.2f}" for how, us in explain.items()))
    if train:
        print(f"ms to train 100 x {SAMPLES} from {TRAINING_ROWS} rows: {train['weir']:.2f}, scikit-learn {train['sklearn']:.0f}, "
              f"{train['sklearn'] / train['weir']:.0f} times as fast")
    print(f"ms to load the file and build: {result['load_ms']:.2f}; two threads: {result['two_threads_gain']:.2f} times as fast")
    print(f"depth sums other than scikit-learn's, of {result['rows']} rows: {result['differences']}\n", flush=True)


def sklearn_train_ms(folder):
    """CPU time of one fit of 100 trees on one thread, least of three."""
    import numpy as np
    import sklearn_export
    from sklearn.ensemble import IsolationForest
    columns = sklearn_export.load_forest(folder / "model.joblib").n_features_in_
    rows = np.fromfile(folder / "training.f32", "<f4").reshape(-1, columns)
    best = float("inf")
    for seed in range(3):
        begin = time.process_time()
        IsolationForest(n_estimators=100, max_samples=SAMPLES, random_state=seed, n_jobs=1).fit(rows)
        best = min(best, time.process_time() - begin)
    return round(best * 1e3, 1)


def shap_us_per_row(folder):
    """CPU time of the package shap for the exact values of the same forest, least of some batches of the first rows."""
    import numpy as np
    import shap
    import sklearn_export
    forest = sklearn_export.load_forest(folder / "model.joblib")
    rows = np.fromfile(folder / "rows.f32", "<f4").reshape(ROWS, forest.n_features_in_)[:1000].astype(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        explainer = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        explainer.shap_values(rows, check_additivity=False)
        best = min(best, time.process_time() - begin)
    return round(best / len(rows) * 1e6, 2)


def measure_engines(folder, batches, before_round=lambda: None, names=None):
    """CPU time in ns per row, by engine and batch; least of all rounds."""
    import numpy as np
    import sklearn_export
    forest = sklearn_export.load_forest(folder / "model.joblib")
    rows = np.fromfile(folder / "rows.f32", "<f4").reshape(ROWS, forest.n_features_in_)
    depths = np.fromfile(folder / "depths.f64", "<f8")
    with tempfile.TemporaryDirectory() as build_folder, contextlib.redirect_stdout(sys.stderr):  # treelite talks
        engines = {name: build(forest, rows, pathlib.Path(build_folder)) for name, build in ENGINES.items()
                   if names is None or name in names}
        for name, (convert, score) in engines.items():
            check_agreement(name, np.ravel(score(convert(rows))), forest.score_samples(rows), depths)
        ns_per_row = {name: dict.fromkeys(map(str, batches), float("inf")) for name in engines}
        # Round after round over everything, so that a slow moment of the machine hits no case alone.
        for _ in range(ROUNDS):
            before_round()
            for name, (convert, score) in engines.items():
                for size in batches:
                    ns_per_row[name][str(size)] = min(ns_per_row[name][str(size)], cpu_ns(convert, score, rows, size))
    return ns_per_row


def cpu_ns(convert, score, rows, size):
    """CPU time of the whole process, so that a thread which an engine starts in spite of all settings is seen."""
    batches = [convert(rows[begin:begin + size]) for begin in range(0, min(ROWS - size + 1, CALLS * size), size)]
    best, end = float("inf"), time.monotonic() + ROUND_SECONDS
    while time.monotonic() < end:
        begin = time.process_time()
        for batch in batches:
            score(batch)
        best = min(best, time.process_time() - begin)
    return round(best / (len(batches) * size) * 1e9, 1)


def as_is(rows):
    return rows


def as_float64(rows):
    import numpy as np
    return rows.astype(np.float64)


# Each trains or builds its engine and returns how it wants its rows, and the call that scores them.

def tl2cgen_engine(forest, rows, build_folder):
    import tl2cgen
    import treelite
    library = build_folder / "forest.so"
    tl2cgen.export_lib(treelite.sklearn.import_model(forest), toolchain="gcc", libpath=library, nthread=2,
                       params={"parallel_comp": 8})
    predictor = tl2cgen.Predictor(library, nthread=1)
    return tl2cgen.DMatrix, predictor.predict


def onnxruntime_engine(forest, rows, build_folder):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx_model(forest), options, providers=["CPUExecutionProvider"])
    return as_is, lambda batch: session.run(None, {"rows": batch})[0]


def isotree_engine(forest, rows, build_folder):
    from isotree import IsolationForest
    theirs = IsolationForest(ndim=1, ntrees=len(forest.estimators_), sample_size=SAMPLES, max_depth=8, missing_action="fail",
                             standardize_data=False, nthreads=1, random_seed=1).fit(as_float64(rows))
    return as_float64, theirs.predict


def coniferest_engine(forest, rows, build_folder):
    from coniferest.isoforest import IsolationForest
    theirs = IsolationForest(n_trees=len(forest.estimators_), n_subsamples=SAMPLES, n_jobs=1, random_seed=1)
    return as_float64, theirs.fit(as_float64(rows)).score_samples


def sklearn_engine(forest, rows, build_folder):
    return as_is, forest.score_samples


ENGINES = {"tl2cgen": tl2cgen_engine, "onnxruntime": onnxruntime_engine, "isotree": isotree_engine,
           "coniferest": coniferest_engine, "sklearn": sklearn_engine}


def onnx_model(forest):
    """One TreeEnsembleRegressor that sums the leaf values."""
    import numpy as np
    import sklearn_export
    from onnx import TensorProto, helper
    arrays = {name: values for name, (_, values) in sklearn_export.to_arrays(forest).items()}
    places = np.arange(len(arrays["value"]))
    tree = np.searchsorted(arrays["root"], places, side="right") - 1
    is_leaf = arrays["left"] == 0
    in_tree = {name: np.where(is_leaf, 0, arrays[name] - arrays["root"][tree]) for name in ("left", "right")}
    node_of_tree = places - arrays["root"][tree]
    trees = helper.make_node(
        "TreeEnsembleRegressor", ["rows"], ["depths"], domain="ai.onnx.ml", n_targets=1, aggregate_function="SUM",
        post_transform="NONE", nodes_treeids=tree.tolist(), nodes_nodeids=node_of_tree.tolist(),
        nodes_featureids=arrays["feature"].tolist(), nodes_values=arrays["threshold"].tolist(),
        nodes_modes=["LEAF" if leaf else "BRANCH_LEQ" for leaf in is_leaf], nodes_truenodeids=in_tree["left"].tolist(),
        nodes_falsenodeids=in_tree["right"].tolist(), nodes_missing_value_tracks_true=arrays["missing_left"].tolist(),
        target_treeids=tree[is_leaf].tolist(), target_nodeids=node_of_tree[is_leaf].tolist(),
        target_ids=[0] * np.count_nonzero(is_leaf), target_weights=arrays["value"][is_leaf].tolist())
    graph = helper.make_graph(
        [trees], "forest", [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, forest.n_features_in_])],
        [helper.make_tensor_value_info("depths", TensorProto.FLOAT, [None, 1])])
    # The last version before the operator was marked as deprecated.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)])
    model.ir_version = 8
    return model.SerializeToString()


def check_agreement(name, results, scores, depths):
    """An engine that computes something else has no place in the comparison."""
    import numpy as np
    expected = {"tl2cgen": -scores, "onnxruntime": depths, "sklearn": scores}.get(name)
    if expected is not None:
        agrees = np.allclose(results, expected, rtol=1e-5, atol=0)
    else:  # a forest of its own, so only the order of the rows is alike; isotree's scores have the other sign
        agrees = abs(np.corrcoef(ranks(results), ranks(scores))[0, 1]) > 0.9
    if not agrees:
        sys.exit(f"forest_peers: {name} scores differently than scikit-learn")


def ranks(values):
    import numpy as np
    return np.argsort(np.argsort(values))


def versions():
    names = ("tl2cgen", "treelite", "onnxruntime", "isotree", "coniferest", "scikit-learn", "shap", "numpy")
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    return {name: importlib.metadata.version(name) for name in names} | {"gcc": gcc, "python": sys.version.split()[0]}


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main()
