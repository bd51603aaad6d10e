#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace weir {

class ColumnForest;
class Model;

/// A model that is compiled in is its file's bytes in constants, read by the code that reads files: what is baked and what
/// is loaded cannot differ. Constants, not generated if/else, which are slower to run and to compile; texts, because
/// compilers take a number for each of their bytes' time.

/// A C++ source that defines default_model() or, of a forest over columns, baked_forest(). `file` is one that was read.
std::string baked_source(std::string_view file, bool is_sensor_model);

/// The other way: what such a source calls. Aborts on a file that cannot be read, for then the build is broken.
std::shared_ptr<const Model> open_baked_model(std::span<const std::string_view> parts);
std::shared_ptr<const ColumnForest> open_baked_forest(std::span<const std::string_view> parts);

}  // namespace weir
