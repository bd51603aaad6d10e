#!/usr/bin/env python3
"""Do onnxruntime and weir score the same, both ways? onnx_test.py WEIR DEPTH_SUMS DEFAULT_MODEL

Out: what `weir model export --onnx` writes, scored by onnxruntime, beside `weir score`. In: what coniferest, LinkedIn's
converter and hand-made graphs hold, scored by onnxruntime, beside `weir score` of what `weir model import` made of it.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import coniferest.isoforest
import coniferest.onnx
import joblib
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import IsolationForest

import linkedin_forest

WEIR, DEPTH_SUMS, DEFAULT_MODEL = sys.argv[1:4]
TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools/sklearn_export.py"
ROWS = 4000
EXACT = 1e-14   # relative; the two may round 2^x differently
FLOATS = 3e-6   # relative; where onnxruntime adds in 32 bits
LEQ, LT, GTE, GT = "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT"


def random_rows(count, columns, seed, missing_ratio=0.0):
    random = np.random.default_rng(seed)
    rows = np.exp(random.normal(0, 3, (count, columns)))
    rows[:, 1::4] = random.integers(0, 4, rows[:, 1::4].shape)
    rows[:, 2::4] *= -1e9
    rows[random.random(rows.shape) < missing_ratio] = np.nan
    return rows


def run_onnx(path, rows, output=0):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    kind = np.float64 if entry.type == "tensor(double)" else np.float32
    return session.run(None, {entry.name: rows.astype(kind)})[output].astype(np.float64).ravel()


def thresholds_of(path):
    """Column to thresholds, from an ONNX file's ensemble."""
    node = next(n for n in onnx.load(path).graph.node if n.op_type.startswith("TreeEnsemble"))
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    name = next(n for n in ("nodes_values_as_tensor", "nodes_splits", "nodes_values") if n in attributes)
    values = attributes[name]
    values = np.array(values) if isinstance(values, list) else numpy_helper.to_array(values)
    columns = np.array(attributes["nodes_featureids"])
    is_split = np.array([m != b"LEAF" for m in attributes["nodes_modes"]]) if "nodes_nodeids" in attributes else values == values
    return {c: values[is_split & (columns == c)].astype(np.float64) for c in set(columns[is_split])}


def trial_rows(columns, thresholds, has_missing, only_floats=False):
    """Ordinary ones; on thresholds and beside them, by a 32-bit step and by a smaller one; infinite; missing."""
    random = np.random.default_rng(3)
    plain, near, infinite = (random_rows(ROWS, columns, seed) for seed in (4, 5, 6))
    for column, of_column in thresholds.items():
        on = random.choice(of_column, ROWS).astype(np.float32)
        side = random.choice(np.array([-np.inf, 0, np.inf], np.float32), ROWS)
        cells = np.where(side == 0, on, np.nextafter(on, side)).astype(np.float64)
        cells *= 1 + random.choice([0, 0, 1e-9, -1e-9], ROWS)
        chosen = random.random(ROWS) < 0.6
        near[chosen, column] = cells[chosen]
    for value in (np.inf, -np.inf):
        infinite[random.random(infinite.shape) < 0.15] = value
    parts = [plain, near, infinite]
    if has_missing:
        missing = near.copy()
        missing[random.random(missing.shape) < 0.3] = np.nan
        parts += [missing, np.full((1, columns), np.nan)]
    rows = np.concatenate(parts)
    return rows.astype(np.float32).astype(np.float64) if only_floats else rows


class Onnx(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def weir(self, *arguments, code=0, **options):
        done = subprocess.run([WEIR, *arguments], capture_output=True, text=True, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def show(self, model):
        return json.loads(self.weir("model", "show", "--json", model).stdout)

    def scores(self, model, rows):
        lines = [",".join(self.show(model)["features"])] + [",".join(map(repr, row)) for row in rows.tolist()]
        done = self.weir("score", "--model", model, "--csv", "-", input="\n".join(lines) + "\n")
        return np.array([float(line) for line in done.stdout.split()[1:]])

    def depth_sums(self, model, rows):
        rows.astype("<f4").tofile(self.folder / "rows")
        subprocess.run([DEPTH_SUMS, model, self.folder / "rows", self.folder / "sums"], check=True)
        sums = {path.suffix: path.read_bytes() for path in self.folder.glob("sums.*")}
        self.assertGreaterEqual(len(sums), 2)
        return sums

    def sklearn_model(self, **options):
        columns, missing = options.pop("columns", 18), options.pop("missing", 0.0)
        rows = random_rows(3000, columns, 1, missing).astype(np.float32)
        joblib.dump(IsolationForest(random_state=1, **options).fit(rows), self.folder / "forest.joblib")
        subprocess.run([sys.executable, TOOL, self.folder / "forest.joblib", self.folder / "sklearn.model"], check=True)
        return self.folder / "sklearn.model"

    def imported(self, graph):
        """The model file made of a graph or an ONNX file."""
        path = graph
        if isinstance(graph, onnx.ModelProto):
            path = self.folder / "in.onnx"
            path.write_bytes(graph.SerializeToString())
        done = self.weir("model", "import", path, "-o", self.folder / "in.model")
        self.said = done.stderr
        self.weir("model", "verify", self.folder / "in.model")
        return self.folder / "in.model"

    def same(self, what, theirs, ours, tolerance):
        self.assertTrue(((ours > 0) & (ours < 1)).all())
        worst = np.max(np.abs(ours / theirs - 1))
        print(f"{what}: {len(ours)} rows, {np.count_nonzero(ours != theirs)} differ, at most {worst:.1e} of the score")
        self.assertLessEqual(worst, tolerance, what)

    # --- out ---

    def test_onnxruntime_scores_an_export_as_weir_does(self):
        for name, options in {"default": {}, "NaN in training": {"missing": 0.1}, "1 feature": {"columns": 1},
                              "64 features": {"columns": 64}, "deep": {"max_samples": 3000}, "one leaf": {"max_samples": 2},
                              "1000 trees": {"n_estimators": 1000}}.items():
            model, out = self.sklearn_model(**options), self.folder / "out.onnx"
            self.weir("model", "export", "--onnx", model, "-o", out)
            onnx.checker.check_model(onnx.load(out), full_check=True)
            shown = self.show(model)
            rows = trial_rows(len(shown["features"]), thresholds_of(out), shown["takes_missing"])
            self.same(name, run_onnx(out, rows), self.scores(model, rows), EXACT)
            self.comes_back(model, out, rows)

    def comes_back(self, model, out, rows):
        back, again = self.folder / "back.model", self.folder / "again.onnx"
        self.weir("model", "import", out, "-o", back)
        self.assertEqual(self.depth_sums(back, rows), self.depth_sums(model, rows))
        shown = self.show(model)
        self.assertEqual({**self.show(back), "sha256": 0, "bytes": 0}, {**shown, "sha256": 0, "bytes": 0})
        self.weir("model", "export", "--onnx", back, "-o", again)
        self.assertEqual(again.read_bytes(), out.read_bytes())  # so rows of nodes and all else came back, too

    def test_a_model_of_the_sensor_takes_untransformed_features(self):
        out = self.folder / "out.onnx"
        self.weir("model", "export", "--onnx", DEFAULT_MODEL, "-o", out)
        thresholds = {c: np.expm1(t) for c, t in thresholds_of(out).items() if c not in (10, 11, 12, 14, 15)}
        rows = trial_rows(30, {}, False)
        random = np.random.default_rng(8)
        rows[:, 10:13] = random.random((len(rows), 3))
        rows[random.random(rows.shape) < 0.2] *= 1e-12
        for column, scale in enumerate([10, 1, 1, 1, 1, 1, 1000, 1000, 1, 1]):
            chosen = random.random(len(rows)) < 0.5
            rows[chosen, column] = random.choice(thresholds[column], chosen.sum()) / scale
        self.same("sensor", run_onnx(out, rows), self.scores(DEFAULT_MODEL, rows), EXACT)
        self.refused(out, "Greater")

    # --- in ---

    def test_coniferest(self):
        rows = random_rows(2000, 5, 1).astype(np.float32)
        for samples in (256, 100):
            forest = coniferest.isoforest.IsolationForest(n_trees=50, n_subsamples=samples, random_seed=1).fit(rows.astype(np.float64))
            path = self.folder / "coniferest.onnx"
            path.write_bytes(coniferest.onnx.to_onnx(forest, rows).SerializeToString())
            model = self.imported(path)
            self.assertEqual(self.show(model)["samples"], samples)
            trial = trial_rows(5, thresholds_of(path), False, only_floats=True)
            self.same(f"coniferest {samples}", -run_onnx(path, trial), self.scores(model, trial), FLOATS)

    def test_linkedin(self):
        rows = random_rows(2000, 6, 1).astype(np.float32)
        for samples, threshold in ((256, 0.6), (64, -1)):
            path = self.folder / "linkedin.onnx"
            linkedin_forest.convert(linkedin_forest.grow(rows, 40, samples), samples, 6, threshold, self.folder, path)
            model = self.imported(path)
            shown = self.show(model)
            self.assertEqual((shown["samples"], shown["trees"]), (samples, 40))
            self.assertAlmostEqual(shown["offset"], -threshold if threshold > 0 else -0.5, places=6)
            self.assertIn("IsolationForestSparkMlToOnnxConverter", shown["version"])
            trial = trial_rows(6, thresholds_of(path), True, only_floats=True)
            ours = self.scores(model, trial)
            self.same(f"LinkedIn {samples}", run_onnx(path, trial), ours, FLOATS)
            clear = np.abs(ours - threshold) > 1e-5
            self.assertEqual(run_onnx(path, trial, output=1)[clear].tolist(), (ours >= threshold)[clear].astype(float).tolist())

    def test_each_comparison_and_where_a_missing_value_goes(self):
        for seed in range(20):
            random = np.random.default_rng(seed)
            is_double, is_average = seed % 2 == 0, seed % 3 == 0
            graph = regressor(random_trees(random, is_double), is_double, is_average, missing=seed % 4 != 3)
            model = self.imported(graph)
            shown = self.show(model)
            self.assertEqual((shown["samples"], shown["takes_missing"]), (256, seed % 4 != 3))
            rows = trial_rows(3, thresholds_of(self.folder / "in.onnx"), shown["takes_missing"], only_floats=True)
            self.same(f"comparisons {seed}", run_onnx(self.folder / "in.onnx", rows), self.scores(model, rows),
                      FLOATS)  # the operator's output is 32-bit
            self.assertEqual("64-bit" in self.said, is_double)

    def test_the_operator_of_version_5(self):
        for seed in range(10):
            graph = ensemble(random_trees(np.random.default_rng(seed), seed % 2 == 0), seed % 2 == 0)
            model = self.imported(graph)
            rows = trial_rows(3, thresholds_of(self.folder / "in.onnx"), True, only_floats=True)
            self.same(f"version 5, {seed}", run_onnx(self.folder / "in.onnx", rows), self.scores(model, rows),
                      EXACT if seed % 2 == 0 else FLOATS)

    # --- refused ---

    def refused(self, graph, *words):
        path = graph
        if not isinstance(graph, pathlib.Path):
            path = self.folder / "bad.onnx"
            path.write_bytes(graph if isinstance(graph, bytes) else graph.SerializeToString())
        done = self.weir("model", "import", path, "-o", self.folder / "bad.model", code=78)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in (path.name, *words):
            self.assertIn(word, done.stderr)
        self.assertFalse((self.folder / "bad.model").exists())

    def test_what_is_not_understood_is_named(self):
        def changed(change):
            graph = regressor(random_trees(np.random.default_rng(1), True), True, False, missing=True)
            change(graph, next(n for n in graph.graph.node if n.op_type == "TreeEnsembleRegressor"))
            return graph

        def attribute(name, value):
            def change(_, node):
                for old in [a for a in node.attribute if a.name == name]:
                    node.attribute.remove(old)
                node.attribute.append(helper.make_attribute(name, value))
            return changed(change)

        def element(name, place, value):
            def change(_, node):
                kept = next(a for a in node.attribute if a.name == name)
                (kept.strings if kept.strings else kept.ints)[place] = value
            return changed(change)

        self.refused(attribute("aggregate_function", "MAX"), "TreeEnsembleRegressor", "aggregate_function", "MAX")
        self.refused(attribute("post_transform", "LOGISTIC"), "post_transform", "LOGISTIC")
        self.refused(attribute("base_values", [0.5]), "base_values")
        self.refused(attribute("novelty", 1), "attribute 'novelty'")
        self.refused(attribute("n_targets", 2), "nodes_nodeids", "target")
        self.refused(attribute("nodes_modes", 3), "nodes_modes", "type")
        self.refused(attribute("nodes_treeids", [0]), "nodes_treeids", "1 elements")
        self.refused(element("nodes_modes", 0, b"BRANCH_EQ"), "nodes_modes[0]", "BRANCH_EQ")
        self.refused(element("nodes_modes", 0, b"BRANCH_\x1b[31m"), "nodes_modes[0]", "BRANCH_?[31m")
        self.refused(element("nodes_featureids", 0, 3), "nodes_featureids", "column 3")
        self.refused(element("nodes_featureids", 0, 1 << 40), "nodes_featureids[0]")
        self.refused(element("nodes_truenodeids", 0, 99999), "nodes_truenodeids[0]", "99999")
        self.refused(element("nodes_truenodeids", 0, 0), "node 0", "twice")
        self.refused(element("nodes_truenodeids", 0, 2), "twice")
        self.refused(element("target_nodeids", 0, 0), "target_nodeids[0]")
        self.refused(changed(lambda graph, node: setattr(node, "op_type", "TreeEnsembleClassifier")), "TreeEnsembleClassifier")
        self.refused(changed(lambda graph, node: setattr(node, "domain", "com.acme")), "com.acme.TreeEnsembleRegressor")
        self.refused(changed(lambda graph, _: graph.graph.node.append(helper.make_node("Sigmoid", ["score"], ["other"]))), "Sigmoid")
        self.refused(changed(lambda graph, _: setattr(graph.graph.output[0], "name", "depth")), "output 'depth'")
        self.refused(changed(lambda graph, _: setattr(graph.opset_import[1], "version", 6)), "ai.onnx.ml 6")
        self.refused(changed(lambda graph, _: graph.functions.append(
            helper.make_function("ai.onnx.ml", "TreeEnsembleRegressor", ["x"], ["y"], [], []))), "functions")
        self.refused(regressor(random_trees(np.random.default_rng(1), True), True, False, unit=9.9), "divided by 9.9")

    def test_other_files(self):
        model, out = self.sklearn_model(), self.folder / "out.onnx"
        self.refused(self.folder / "forest.joblib", "tools/sklearn_export.py")
        joblib.dump([1], self.folder / "packed.joblib", compress=("zlib", 3))
        self.refused(self.folder / "packed.joblib", "tools/sklearn_export.py")
        self.refused(model, "needs no import")
        self.refused(b"", "ONNX")
        self.refused(b"just a text", "ONNX")
        self.weir("model", "export", "--onnx", model, "-o", out)
        whole = out.read_bytes()
        for size in (10, 1000, len(whole) - 1):
            self.refused(whole[:size])
        self.refused(whole.replace(b"TreeEnsembleRegressor", b"TreeEnsembleRegresso\xff"), "TreeEnsembleRegresso?")
        self.refused(whole[:1000] + b"\xff" * 8 + whole[1008:])
        self.weir("model", "import", self.folder / "nowhere", "-o", out, code=78)
        self.assertEqual(out.read_bytes(), whole)
        self.weir("model", "import", out, "-o", "/nowhere/out.model", code=1)
        self.weir("model", "export", model, "-o", out, code=2)  # the format is to be named


# --- graphs made by hand ---

def c(n):
    return 0.0 if n <= 1 else 1.0 if n == 2 else 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n


def random_trees(random, is_double, count=5):
    """Trees as nested tuples (column, mode, threshold, missing is true, true child, false child), leaves as numbers."""
    def grow(depth):
        if depth == 5 or depth > 0 and random.random() < 0.2:
            return depth + c(int(random.integers(1, 9)))
        threshold = random.integers(-20, 20) / 7
        mode = [LEQ, LT, GTE, GT][random.integers(4)]
        return (int(random.integers(3)), mode, threshold if is_double else float(np.float32(threshold)),
                int(random.integers(2)), grow(depth + 1), grow(depth + 1))
    return [grow(0) for _ in range(count)]


def around(node, domain, is_double, count, unit, is_average):
    """The graph from rows to score; leaves are depths, so that `unit` is c(256)."""
    kind = TensorProto.DOUBLE if is_double else TensorProto.FLOAT
    out = kind if node.op_type == "TreeEnsemble" else TensorProto.FLOAT
    by = unit if is_average else unit * count
    constants = [helper.make_tensor("by", out, [], [-by]), helper.make_tensor("two", out, [], [2.0])]
    graph = helper.make_graph(
        [node, helper.make_node("Div", ["depth", "by"], ["exponent"]), helper.make_node("Pow", ["two", "exponent"], ["score"])],
        "forest", [helper.make_tensor_value_info("x", kind, [None, 3])],
        [helper.make_tensor_value_info("score", out, [None, 1])], constants)
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", domain)])


def regressor(trees, is_double, is_average, missing=True, unit=c(256)):
    nodes = {name: [] for name in ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids",
                                   "missing_value_tracks_true")}
    target = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}

    def add(tree, number):
        place = len(nodes["nodeids"])
        node_id = nodes["treeids"].count(number)
        is_leaf = not isinstance(tree, tuple)
        for name, value in zip(nodes, [number, node_id, 0, "LEAF", 0.0, 0, 0, 0] if is_leaf else
                               [number, node_id, tree[0], tree[1], tree[2], 0, 0, tree[3]]):
            nodes[name].append(value)
        if is_leaf:
            for name, value in zip(target, [number, node_id, 0, tree]):
                target[name].append(value)
        else:
            nodes["truenodeids"][place] = add(tree[4], number)
            nodes["falsenodeids"][place] = add(tree[5], number)
        return node_id

    for number, tree in enumerate(trees):
        add(tree, number)
    values, weights = nodes.pop("values"), target.pop("weights")
    if not missing:
        del nodes["missing_value_tracks_true"]
    reals = {"nodes_values": values, "target_weights": weights}
    if is_double:
        reals = {f"{name}_as_tensor": numpy_helper.from_array(np.array(v)) for name, v in reals.items()}
    node = helper.make_node("TreeEnsembleRegressor", ["x"], ["depth"], domain="ai.onnx.ml", n_targets=1,
                            aggregate_function="AVERAGE" if is_average else "SUM", **reals,
                            **{f"nodes_{name}": v for name, v in nodes.items()}, **{f"target_{name}": v for name, v in target.items()})
    return around(node, 3 if is_double else 1, is_double, len(trees), unit, is_average)


def ensemble(trees, is_double):
    modes = {LEQ: 0, LT: 1, GTE: 2, GT: 3}
    roots, leaves, nodes = [], [], []  # a node: column, mode, threshold, missing, true, is leaf, false, is leaf

    def add(tree):
        if not isinstance(tree, tuple):
            leaves.append(tree)
            return len(leaves) - 1, 1
        place = len(nodes)
        nodes.append(None)
        nodes[place] = (tree[0], modes[tree[1]], tree[2], tree[3], *add(tree[4]), *add(tree[5]))
        return place, 0

    for tree in trees:
        roots.append(add(tree)[0])
    roots.append(len(nodes))
    leaves.append(3.0)  # a tree of one leaf, as the operator wants it
    nodes.append((0, 0, 0.0, 0, len(leaves) - 1, 1, len(leaves) - 1, 1))
    column, mode, threshold, missing, when_true, true_is_leaf, when_false, false_is_leaf = zip(*nodes)
    kind = np.float64 if is_double else np.float32
    node = helper.make_node(
        "TreeEnsemble", ["x"], ["depth"], domain="ai.onnx.ml", n_targets=1, aggregate_function=1, tree_roots=roots,
        nodes_featureids=column, nodes_modes=numpy_helper.from_array(np.array(mode, np.uint8)),
        nodes_splits=numpy_helper.from_array(np.array(threshold, kind)), nodes_missing_value_tracks_true=missing,
        nodes_truenodeids=when_true, nodes_trueleafs=true_is_leaf, nodes_falsenodeids=when_false, nodes_falseleafs=false_is_leaf,
        leaf_targetids=[0] * len(leaves), leaf_weights=numpy_helper.from_array(np.array(leaves, kind)))
    return around(node, 5, is_double, len(trees) + 1, c(256), False)


if __name__ == "__main__":
    print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}, coniferest {coniferest.__version__}"
          if hasattr(coniferest, "__version__") else f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}")
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
