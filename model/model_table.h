#pragma once

#include <string>

#include "column_forest.h"
#include "model.h"

namespace weir {

/// A C++ source that defines default_model() over constant tables: what is compiled in is the same arrays that a model file
/// holds, read by the same code. Tables, not generated if/else: those are slower to run and to compile. Numbers are written
/// in hexadecimal, so that no digit is lost.
std::string model_table(const Model& model);

/// The same of a forest over columns: baked_forest().
std::string model_table(const ColumnForest& forest);

}  // namespace weir
