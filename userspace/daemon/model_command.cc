#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "baked_model.h"
#include "column_forest.h"
#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "file_bytes.h"
#include "model_container.h"
#include "model_file.h"
#include "onnx_export.h"
#include "onnx_import.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kManyRows = 1000;

std::size_t deepest_tree(const ForestView& forest) {
  std::vector<std::size_t> depth(forest.feature.size());  // children come after their parents
  for (std::size_t i = 0; i < depth.size(); ++i)
    if (!forest.is_leaf(i)) depth[forest.left[i]] = depth[forest.right[i]] = depth[i] + 1;
  return *std::max_element(depth.begin(), depth.end());
}

Json describe(const ColumnForest& model, const std::vector<std::uint8_t>& bytes) {
  const ForestView& forest = model.forest().view();
  const DepthEngine& engine = model.forest().engine();
  const Provenance& from = model.provenance();
  Json fields = {{"kind", model.is_sensor_model() ? "sensor model" : "forest over columns"},
                 {"features", model.columns()},
                 {"trees", forest.root.size()},
                 {"nodes", forest.feature.size()},
                 {"deepest_tree", deepest_tree(forest)},
                 {"samples", forest.samples}};
  if (model.is_sensor_model()) {
    const Model sensor = model_from_bytes(bytes).value();  // which was read once already
    fields["detectors"] = sensor.partners() ? Json{"forest", "tail", "pca"} : Json{"forest"};
    fields[sensor.partners() ? "surprise_threshold" : "score_threshold"] = sensor.own_threshold();
  } else {
    fields["offset"] = model.offset();
  }
  fields["takes_missing"] = model.takes_missing();
  fields["version"] = from.version;
  fields["training_data"] = from.training_data;
  fields["training_rows"] = from.rows;
  fields["seed"] = from.seed;
  fields["sha256"] = open_model_container(bytes)->metadata.at("sha256");
  fields["bytes"] = bytes.size();
  fields["path_of_many_rows"] = path_name(engine.best_path(kManyRows));
  fields["path_of_one_row"] = path_name(engine.best_path(1));
  return fields;
}

std::string text_of(const Json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value) text += (text.empty() ? "" : ", ") + item.get<std::string>();
  return fmt::format("{}: {}", value.size(), text);
}

void print_text(const Json& fields) {
  for (const auto& [key, value] : fields.items()) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    fmt::print("{:<18} {}\n", name, text_of(value));
  }
}

[[nodiscard]] Result<ColumnForest> read_model(const std::string& path, std::vector<std::uint8_t>& bytes) {
  auto read = read_file(path, kMaxModelBytes);
  if (!read) return tl::make_unexpected(read.error());
  bytes = std::move(*read);
  auto model = ColumnForest::from_bytes(bytes);
  if (!model) return fail(model.error(), path);
  return model;
}

[[nodiscard]] Result<OnnxImport> read_onnx(const std::string& path) {
  const auto bytes = read_file(path, kMaxOnnxBytes);
  if (!bytes) return tl::make_unexpected(bytes.error());
  auto imported = forest_from_onnx(*bytes);
  if (!imported) return fail(imported.error(), path);
  return imported;
}

std::string summary(const ColumnForest& model) {
  const ForestView& forest = model.forest().view();
  return fmt::format("{} trees of {} samples over {} features, {} nodes", forest.root.size(), forest.samples, forest.columns,
                     forest.feature.size());
}

int write_text(const std::string& path, const std::string& text) {
  const auto written = write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return written ? kOk : (complain(written.error()), kFailed);
}

}  // namespace

int model_show_command(const ModelArguments& arguments) {
  std::vector<std::uint8_t> bytes;
  const auto model = read_model(arguments.file, bytes);
  if (!model) return complain(model.error()), kBadConfig;
  const Json fields = describe(*model, bytes);
  if (arguments.json)
    fmt::print("{}\n", fields.dump());
  else
    print_text(fields);
  return kOk;
}

int model_verify_command(const ModelArguments& arguments) {
  const auto model = ColumnForest::load(arguments.file);
  if (!model) return complain(model.error()), kBadConfig;
  fmt::print("{}: ok, {}\n", arguments.file, summary(*model));
  return kOk;
}

int model_import_command(const ModelArguments& arguments) {
  const auto imported = read_onnx(arguments.file);
  if (!imported) return complain(imported.error()), kBadConfig;
  if (imported->compares_doubles)
    fmt::print(stderr, "{}: compares 64-bit values; weir rounds them to 32 bits first, as scikit-learn does\n",
               arguments.file);
  if (auto saved = imported->forest.save(arguments.output); !saved) return complain(saved.error()), kFailed;
  fmt::print(stderr, "{}: {}\n", arguments.output, summary(imported->forest));
  return kOk;
}

int model_export_command(const ModelArguments& arguments) {
  const auto model = ColumnForest::load(arguments.file);
  if (!model) return complain(model.error()), kBadConfig;
  const auto bytes = forest_to_onnx(*model);
  if (!bytes) return complain({bytes.error().code, arguments.file + ": " + bytes.error().what}), kFailed;
  if (auto written = write_file(arguments.output, *bytes); !written) return complain(written.error()), kFailed;
  return kOk;
}

int model_bake_command(const ModelArguments& arguments) {
  std::vector<std::uint8_t> bytes;
  const auto model = read_model(arguments.file, bytes);
  if (!model) return complain(model.error()), kBadConfig;
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return write_text(arguments.output, baked_source(file, model->is_sensor_model()));
}

}  // namespace weir
