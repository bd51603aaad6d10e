"""An isolation forest as LinkedIn's Spark library saves it (Avro and JSON), turned to ONNX by LinkedIn's own converter.

Spark itself is not needed: the trees are grown here, with its comparison (x < split goes left) and its c(2) = 0.154.
"""
import json

import avro.schema
import numpy as np
from avro.datafile import DataFileWriter
from avro.io import DatumWriter
from isolationforestonnx.isolation_forest_converter import IsolationForestConverter

NODE = {"type": "record", "name": "nodeData", "fields": [
    {"name": "id", "type": "int"}, {"name": "leftChild", "type": "int"}, {"name": "rightChild", "type": "int"},
    {"name": "splitAttribute", "type": "int"}, {"name": "splitValue", "type": "double"}, {"name": "numInstances", "type": "long"}]}
SCHEMA = {"type": "record", "name": "topLevelRecord", "fields": [{"name": "treeID", "type": "int"},
                                                                 {"name": "nodeData", "type": NODE}]}


def grow(rows, trees, samples):
    """Records of all trees, in pre-order as the converter wants them."""
    random = np.random.default_rng(9)
    records = []
    for tree in range(trees):
        _grow(records, tree, rows[random.choice(len(rows), samples, replace=False)], 0, int(np.ceil(np.log2(samples))), random)
    return records


def _grow(records, tree, rows, depth, deepest, random):
    node = {"id": sum(record["treeID"] == tree for record in records), "leftChild": -1, "rightChild": -1, "splitAttribute": -1,
            "splitValue": 0.0, "numInstances": len(rows)}
    records.append({"treeID": tree, "nodeData": node})
    splittable = np.flatnonzero(rows.min(axis=0) < rows.max(axis=0))
    if depth == deepest or len(rows) <= 1 or len(splittable) == 0:
        return node["id"]
    column = int(random.choice(splittable))
    split = float(random.uniform(rows[:, column].min(), rows[:, column].max()))
    goes_left = rows[:, column] < np.float32(split)
    if goes_left.all() or not goes_left.any():
        return node["id"]
    node.update(splitAttribute=column, splitValue=split, numInstances=-1)
    node["leftChild"] = _grow(records, tree, rows[goes_left], depth + 1, deepest, random)
    node["rightChild"] = _grow(records, tree, rows[~goes_left], depth + 1, deepest, random)
    return node["id"]


def convert(records, samples, columns, threshold, folder, out):
    with open(folder / "forest.avro", "wb") as file, DataFileWriter(file, DatumWriter(), avro.schema.Parse(json.dumps(SCHEMA))) as writer:
        for record in records:
            writer.append(record)
    metadata = {"paramMap": {"numEstimators": records[-1]["treeID"] + 1, "maxFeatures": 1.0, "contamination": 0.1,
                             "maxSamples": samples}, "outlierScoreThreshold": threshold, "numSamples": samples, "numFeatures": columns}
    (folder / "forest.json").write_text(json.dumps(metadata))
    IsolationForestConverter(str(folder / "forest.avro"), str(folder / "forest.json")).convert_and_save(str(out))
