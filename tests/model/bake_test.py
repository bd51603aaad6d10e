#!/usr/bin/env python3
"""What `weir model bake` makes: does it compile, how long does that take, does it score the same bits?

bake_test.py WEIR DEFAULT_MODEL COMPILER INCLUDES LIBRARIES, the last two separated by colons.
"""
import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest

import joblib
import numpy as np
from sklearn.ensemble import IsolationForest

WEIR, DEFAULT_MODEL, COMPILER, INCLUDES, LIBRARIES = sys.argv[1:6]
TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools/sklearn_export.py"
FLAGS = ["-std=c++20", "-O2", *(f"-I{folder}" for folder in INCLUDES.split(":"))]
GOAL_S = 0.2     # for 100 trees, beyond an empty file with the same headers
ALLOWED_S = 0.6  # two busy cores
ROWS = 2000

# Scores rows of doubles from standard input.
MAIN = """
#include <cstdio>
#include <vector>
#include "column_forest.h"
#include "feature_row.h"
#include "model.h"
namespace weir { const ColumnForest& baked_forest(); }
using namespace weir;
int main() {
  std::vector<double> rows(%d * %d), scores(%d);
  if (std::fread(rows.data(), sizeof(double), rows.size(), stdin) != rows.size()) return 1;
  %s
  std::fwrite(scores.data(), sizeof(double), scores.size(), stdout);
}
"""
AS_COLUMNS = "baked_forest().score(rows, scores);"
AS_SENSOR = """for (std::size_t i = 0; i < scores.size(); ++i) {
    FeatureVector features;
    for (std::size_t k = 0; k < kFeatureCount; ++k) features[k] = rows[i * kFeatureCount + k];
    scores[i] = default_model().forest().score(transform(features));
  }"""


class Bake(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def sklearn_model(self, missing_ratio, columns=18):
        random = np.random.default_rng(1)
        rows = random.normal(0, 3, (5000, columns))
        rows[random.random(rows.shape) < missing_ratio] = np.nan
        joblib.dump(IsolationForest(random_state=1).fit(rows), self.folder / "forest.joblib")
        subprocess.run([sys.executable, TOOL, self.folder / "forest.joblib", self.folder / "forest.model"], check=True)
        return self.folder / "forest.model"

    def bake(self, model):
        subprocess.run([WEIR, "model", "bake", model, "-o", self.folder / "baked.cc"], check=True)

    def compile(self, source, *more):
        """CPU seconds, the least of three tries."""
        def once():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([COMPILER, *FLAGS, "-Wall", "-Wextra", "-Werror", source, *more], check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return min(once() for _ in range(3))

    def same_bits(self, model, expression, columns, rows):
        main, baked = self.folder / "main.cc", self.folder / "baked.cc"
        main.write_text(MAIN % (ROWS, columns, ROWS, expression))
        subprocess.run([COMPILER, *FLAGS, main, baked, *LIBRARIES.split(":"), "-lnettle", "-o", self.folder / "main"], check=True)
        done = subprocess.run([self.folder / "main"], input=rows.astype("<f8").tobytes(), stdout=subprocess.PIPE, check=True)
        names = subprocess.run([WEIR, "model", "show", "--json", model], capture_output=True, text=True, check=True).stdout
        names = names.split('"features":["')[1].split('"]')[0].replace('"', "")
        text = "\n".join([names, *(",".join(map(repr, row)) for row in rows.tolist())]) + "\n"
        loaded = subprocess.run([WEIR, "score", "--model", model, "--csv", "-"], input=text, capture_output=True, text=True, check=True)
        loaded = np.array([float(line) for line in loaded.stdout.split()[1:]])
        self.assertEqual(len(loaded), ROWS)
        self.assertGreater(len(set(loaded)), 100)
        self.assertEqual(done.stdout, loaded.astype("<f8").tobytes())

    def test_100_trees_compile_quickly(self):
        model = self.sklearn_model(0)
        self.bake(model)
        (self.folder / "empty.cc").write_text('#include "baked_model.h"\n')
        nowhere = ["-c", "-o", self.folder / "out.o"]
        seconds = self.compile(self.folder / "baked.cc", *nowhere) - self.compile(self.folder / "empty.cc", *nowhere)
        print(f"100 trees, {model.stat().st_size} bytes: {seconds:.2f} s beyond an empty file, goal {GOAL_S} s")
        self.assertLess(seconds, ALLOWED_S)

    def test_scores_are_the_loaded_ones(self):
        random = np.random.default_rng(2)
        for ratio in (0, 0.1):
            model = self.sklearn_model(ratio)
            self.bake(model)
            rows = random.normal(0, 3, (ROWS, 18))
            rows[random.random(rows.shape) < ratio] = np.nan
            self.same_bits(model, AS_COLUMNS, 18, rows)

    def test_a_model_of_the_sensor(self):
        self.bake(DEFAULT_MODEL)
        self.assertEqual(self.text_of_default(), (self.folder / "baked.cc").read_text())
        self.same_bits(DEFAULT_MODEL, AS_SENSOR, 30, np.exp(np.random.default_rng(3).normal(0, 4, (ROWS, 30))))

    @staticmethod
    def text_of_default():
        """What the build compiled in."""
        return pathlib.Path(DEFAULT_MODEL).with_name("weir_default_model.cc").read_text()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[6:]])
