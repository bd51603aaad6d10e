#!/usr/bin/env python3
"""Writes a scikit-learn IsolationForest as a model file (model/MODEL.md) that scores to the same last bit.

MODEL is a pickle or joblib file, or a folder that MLflow wrote. Reading it unpickles it, and a pickle can run any
command: only for files that you trust. Needs scikit-learn, best in the version that trained the forest.
"""
import argparse
import hashlib
import json
import pathlib
import re
import struct
import sys

try:
    import joblib
    import numpy as np
    import sklearn
    from sklearn.ensemble import IsolationForest
except ImportError as error:  # --help works all the same
    not_importable = error
else:
    not_importable = None

DTYPES = {"F64": "<f8", "F32": "<f4", "U32": "<u4", "U16": "<u2", "U8": "u1"}
UNSEALED = "0" * 64
MAX_FILE_BYTES = 64 << 20  # weir refuses larger ones
FITTED = ("estimators_", "estimators_features_", "_average_path_length_per_tree", "_decision_path_lengths", "_max_samples",
          "_max_features", "offset_")


class Refused(Exception):
    """One line for the person who gave us the file."""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", metavar="MODEL", type=pathlib.Path, help="pickle or joblib file, or MLflow folder")
    parser.add_argument("out", metavar="OUT", type=pathlib.Path, help="the model file to write")
    arguments = parser.parse_args()
    if not_importable:
        return complain(f"needs scikit-learn: {not_importable}")
    try:
        file = to_file(load_forest(arguments.model))
        arguments.out.write_bytes(file)
    except Refused as why:
        return complain(f"{arguments.model}: {why}")
    except OSError as error:
        return complain(error)
    return 0


def complain(what):
    print(f"sklearn_export: {' '.join(str(what).split())}", file=sys.stderr)
    return 1


def load_forest(path):
    file = mlflow_pickle(path) if path.is_dir() else path
    try:
        forest = joblib.load(file)  # reads plain pickles as well
    except OSError:
        raise
    except Exception as error:  # what unpickling raises on damaged or foreign bytes can be anything
        raise Refused(f"cannot be unpickled: {type(error).__name__}: {error}") from error
    if not isinstance(forest, IsolationForest):
        raise Refused(f"holds a {type(forest).__name__}, not an IsolationForest")
    if not all(hasattr(forest, name) for name in FITTED):
        raise Refused("its IsolationForest is not fitted, or was by a scikit-learn before 1.3")
    return forest


def mlflow_pickle(folder):
    """The pickle that MLmodel names for flavor sklearn. MLflow writes plain block YAML: no YAML library is needed."""
    try:
        text = (folder / "MLmodel").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Refused("a folder without MLflow's MLmodel") from None
    flavor = re.search(r"^  sklearn:\n((?:    .*\n?)+)", text, re.MULTILINE)
    name = flavor and re.search(r"^    pickled_model: *(['\"]?)(.+?)\1 *$", flavor[1], re.MULTILINE)
    if not name:
        raise Refused("its MLmodel names no pickled_model of flavor sklearn")
    return folder / name[2]


def to_file(forest):
    arrays = to_arrays(forest)
    metadata = {
        "format": "weir-model-1",
        "sha256": UNSEALED,
        "features": ",".join(feature_names(forest)),
        "samples": str(int(forest._max_samples)),
        "offset": repr(float(forest.offset_)),
        "version": f"scikit-learn {sklearn.__version__}",
        # A fitted forest does not tell these.
        "training_data": "",
        "training_rows": "0",
        "seed": "0",
    }
    file = seal(safetensors(metadata, arrays))
    if len(file) > MAX_FILE_BYTES:
        raise Refused(f"would need a model file of {len(file)} bytes, the largest is {MAX_FILE_BYTES}")
    return file


def feature_names(forest):
    names = [str(name) for name in getattr(forest, "feature_names_in_", [f"f{i}" for i in range(forest.n_features_in_)])]
    for name in names:
        if not name or "," in name or not name.isprintable():
            raise Refused(f"feature name {name!a}: empty, or with a comma or a control character")
    return names


def to_arrays(forest):
    """Name to (element type, values): a tree's nodes in scikit-learn's order, in which children follow parents."""
    if forest._max_samples < 2:
        raise Refused(f"its trees were grown from {forest._max_samples} row, which gives no scores")
    if forest.n_features_in_ > np.iinfo(np.uint16).max + 1:
        raise Refused(f"has {forest.n_features_in_} features, more than 65536")
    roots, trees, nodes = [], [], 0
    for place in range(len(forest.estimators_)):
        roots.append(nodes)
        trees.append(tree_arrays(forest, place, root=nodes))
        nodes += len(trees[-1]["value"])
    whole = {name: np.concatenate([tree[name] for tree in trees]) for name in trees[0]}
    # Wide elements first: each array is then aligned for readers that map the file.
    return {
        "value": ("F64", whole["value"]),
        "left": ("U32", whole["left"]),
        "right": ("U32", whole["right"]),
        "root": ("U32", np.array(roots)),
        "rows": ("U32", whole["rows"]),
        "threshold": ("F32", whole["threshold"]),
        "feature": ("U16", whole["feature"]),
        "missing_left": ("U8", whole["missing_left"]),
    }


def tree_arrays(forest, place, root):
    tree = forest.estimators_[place].tree_
    columns = np.arange(forest.n_features_in_)
    if forest._max_features != forest.n_features_in_:
        # Otherwise scikit-learn does not look at estimators_features_ either.
        columns = forest.estimators_features_[place]
    is_leaf = tree.children_left < 0
    # The three terms in the order of _parallel_compute_tree_depths: floating-point sums depend on it.
    value = forest._decision_path_lengths[place] + forest._average_path_length_per_tree[place] - 1.0
    threshold = float32_not_above(tree.threshold)
    if not np.isfinite(threshold[~is_leaf]).all():
        raise Refused(f"tree {place} has a threshold that is no finite number; infinite values in its training data?")
    return {
        "value": np.where(is_leaf, value, 0.0),
        "left": np.where(is_leaf, 0, root + tree.children_left),
        "right": np.where(is_leaf, 0, root + tree.children_right),
        "rows": tree.n_node_samples,
        "threshold": np.where(is_leaf, np.float32(0), threshold),
        "feature": np.where(is_leaf, 0, columns[np.where(is_leaf, 0, tree.feature)]),
        # In a leaf scikit-learn leaves it unset.
        "missing_left": np.where(is_leaf, 0, tree.__getstate__()["nodes"]["missing_go_to_left"]),
    }


def float32_not_above(thresholds):
    """The largest float32 not above each: `x <= t` then decides the same for every float32 x."""
    with np.errstate(over="ignore"):
        nearest = thresholds.astype(np.float32)
    return np.where(nearest > thresholds, np.nextafter(nearest, np.float32(-np.inf)), nearest)


def safetensors(metadata, arrays):
    header, data = {"__metadata__": metadata}, b""
    for name, (dtype, values) in arrays.items():
        array = values.astype(DTYPES[dtype]).tobytes()
        header[name] = {"dtype": dtype, "shape": [len(values)], "data_offsets": [len(data), len(data) + len(array)]}
        data += array
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def seal(file):
    """Puts the file's own SHA-256, taken while its digits are 0, in its place (model/model_seal.cc)."""
    unsealed = f'"sha256":"{UNSEALED}'.encode()
    assert unsealed in file
    return file.replace(unsealed, f'"sha256":"{hashlib.sha256(file).hexdigest()}'.encode(), 1)


if __name__ == "__main__":
    sys.exit(main())
