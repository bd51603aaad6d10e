#include "onnx_import.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "field_reader.h"
#include "forest_check.h"
#include "model_container.h"
#include "onnx.pb.h"
#include "onnx_attributes.h"
#include "onnx_graph.h"
#include "onnx_layout.h"
#include "onnx_names.h"
#include "onnx_rows.h"

namespace weir {
namespace {

constexpr double kTolerance = 1e-6;          // relative, of a divisor: most files hold 32-bit floats
constexpr double kScikitLearnOffset = -0.5;  // where nobody asked for a share of outliers

// --- what else is handed in ---

bool begins_with(std::span<const std::uint8_t> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin(), [](char a, std::uint8_t b) {
           return static_cast<std::uint8_t>(a) == b;
         });
}

/// Pickle protocols 2 to 5, and what joblib compresses with.
bool is_pickle(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kMagic[] = {"\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05", "\x78\x01", "\x78\x5e", "\x78\x9c",
                                         "\x78\xda", "\x1f\x8b", "BZh",      "\3757zXZ", "\x5d",     "ZF"};
  return std::ranges::any_of(kMagic, [bytes](std::string_view magic) { return begins_with(bytes, magic); });
}

bool is_ours(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kHeaderPlace = 8;
  constexpr std::string_view kFormat = "weir-model-";
  if (bytes.size() <= kHeaderPlace || bytes[kHeaderPlace] != '{') return false;
  const auto header = bytes.first(std::min<std::size_t>(bytes.size(), std::size_t{1} << 18));
  return std::search(header.begin(), header.end(), kFormat.begin(), kFormat.end()) != header.end();
}

[[nodiscard]] Result<onnx::Model> parse(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > kMaxOnnxBytes) return fail(EFBIG, "larger than " + std::to_string(kMaxOnnxBytes >> 20) + " MiB");
  if (is_pickle(bytes))
    return fail(EBADMSG, "a pickle or a joblib file, no ONNX file: weir never unpickles, tools/sklearn_export.py does");
  if (is_ours(bytes)) return fail(EBADMSG, "already a model file of weir: it needs no import");
  onnx::Model model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail(EBADMSG, "no ONNX file, or a damaged one (truncated?)");
  if (!model.has_graph()) return fail(EBADMSG, "graph: none; not an ONNX file?");
  return model;
}

// --- units ---

/// What the weights of leaves are counted in: a leaf's depth is weight / weight_of_depth_1.
struct Unit {
  double weight_of_depth_1;
  std::uint32_t samples;
  bool is_ours;  // the divisor is average_depth(samples)
};

std::optional<Unit> unit_of(double divisor, double weight_of_depth_1) {
  const double tolerance = kTolerance * std::max(1.0, divisor);
  for (const DepthFormula formula : {average_depth, harmonic_depth})
    if (const auto samples = rows_of_depth(divisor, formula, tolerance); samples && *samples >= 2)
      return Unit{weight_of_depth_1, *samples, formula == static_cast<DepthFormula>(average_depth)};
  return std::nullopt;
}

/// The score is 2^(-mean weight / divisor). Where weights are depths, the divisor tells the samples. Where c(samples) was
/// folded into them, a leaf of one row still has its depth as its value, and no leaf has less: that tells the divisor.
[[nodiscard]] Result<Unit> find_unit(const LaidTrees& trees, double divisor) {
  if (const auto unit = unit_of(std::abs(divisor), divisor < 0 ? -1 : 1)) return *unit;
  double told = 0;
  const auto& weight = trees.forest.value;
  for (std::size_t i = 0; i < weight.size(); ++i)
    if (trees.forest.left[i] == 0 && weight[i] != 0) told = std::max(told, trees.depth[i] / (weight[i] / divisor));
  if (const auto unit = unit_of(told, divisor / told)) return Unit{unit->weight_of_depth_1, unit->samples, false};
  return fail(EBADMSG, "depths are divided by " + std::to_string(divisor) +
                           ", which is the average depth of no number of samples; " + "nor is " + std::to_string(told) +
                           ", which the leaves tell");
}

/// Weights become values, so that 2^(-mean value / average_depth(samples)) is the file's score.
[[nodiscard]] Result<void> to_depths(LaidTrees& trees, double exponent, bool has_hitrates) {
  const double divisor = -1 / (exponent * static_cast<double>(trees.forest.root.size()));
  const auto unit = find_unit(trees, divisor);
  if (!unit) return tl::make_unexpected(unit.error());
  trees.forest.samples = unit->samples;
  std::vector<double> depths = trees.forest.value;
  for (double& x : depths) x = x == 0 ? 0 : x / unit->weight_of_depth_1;
  trees.forest.rows = find_rows(trees, depths, has_hitrates, unit->samples);
  const double factor = average_depth(unit->samples) / divisor;
  if (unit->is_ours)
    trees.forest.value = std::move(depths);
  else
    std::ranges::transform(trees.forest.value, trees.forest.value.begin(),
                           [factor](double x) { return x == 0 ? 0 : x * factor; });
  return {};
}

// --- names and origin ---

Safetensors metadata_of(const onnx::Model& model) {
  Safetensors content;
  for (const onnx::Entry& entry : model.metadata_props()) content.metadata[entry.key()] = entry.value();
  return content;
}

[[nodiscard]] Result<std::vector<std::string>> read_columns(const Safetensors& metadata, FieldReader& fields,
                                                            const OnnxScore& score) {
  std::size_t used = 0;
  for (const OnnxTreeNode& node : score.trees.nodes) used = std::max(used, node.feature + 1);
  const std::size_t count = score.columns != 0 ? score.columns : used;
  if (count > kMaxColumns)
    return fail(EBADMSG, "input: " + std::to_string(count) + " columns, at most " + std::to_string(kMaxColumns));
  if (used > count)
    return fail(EBADMSG, "nodes_featureids: column " + std::to_string(used - 1) + " of " + std::to_string(count));
  std::vector<std::string> names;
  if (metadata.metadata.contains(kOnnxFeatures)) {
    names = split_names(fields.text(kOnnxFeatures));
    if (fields.result() && names.size() != count)
      return fail(EBADMSG, std::string(kOnnxFeatures) + ": " + std::to_string(names.size()) + " names for " +
                               std::to_string(count) + " columns");
    return names;
  }
  for (std::size_t i = 0; i < count; ++i) names.push_back("f" + std::to_string(i));
  return names;
}

/// Ours where the file has it, else who wrote the file.
Provenance read_origin(const Safetensors& metadata, FieldReader& fields, const onnx::Model& model,
                       const ForestArrays& forest) {
  Provenance from;
  from.trees = static_cast<std::uint32_t>(forest.root.size());
  from.samples = forest.samples;
  if (!metadata.metadata.contains(kOnnxVersion)) {
    from.version = shown("ONNX " + model.producer_name() + " " + model.producer_version());
    return from;
  }
  from.version = fields.text(kOnnxVersion);
  from.training_data = fields.text(kOnnxTrainingData);
  from.rows = fields.number<std::uint64_t>(kOnnxTrainingRows);
  from.seed = fields.number<std::uint64_t>(kOnnxSeed);
  return from;
}

double read_offset(const Safetensors& metadata, FieldReader& fields, const OnnxScore& score) {
  if (metadata.metadata.contains(kOnnxOffset)) return fields.number<double>(kOnnxOffset);
  // LinkedIn's forests have a threshold of -1 where none was asked for.
  return score.threshold && *score.threshold > 0 ? -*score.threshold : kScikitLearnOffset;
}

[[nodiscard]] Result<ColumnForest> to_forest(const onnx::Model& model, const OnnxScore& score, ForestArrays forest) {
  const Safetensors metadata = metadata_of(model);
  FieldReader fields(metadata);
  auto columns = read_columns(metadata, fields, score);
  if (!columns) return tl::make_unexpected(columns.error());
  Provenance provenance = read_origin(metadata, fields, model, forest);
  const double offset = read_offset(metadata, fields, score);
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (!std::isfinite(offset)) return fail(EBADMSG, "offset: not a finite number");
  forest.columns = static_cast<std::uint32_t>(columns->size());
  if (auto ok = check_forest(forest.view()); !ok) return tl::make_unexpected(ok.error());
  return ColumnForest(Forest(std::move(forest)), std::move(*columns), std::move(provenance), offset);
}

}  // namespace

Result<OnnxImport> forest_from_onnx(std::span<const std::uint8_t> bytes) {
  const auto model = parse(bytes);
  if (!model) return tl::make_unexpected(model.error());
  const auto score = read_onnx_graph(*model);
  if (!score) return tl::make_unexpected(score.error());
  auto trees = lay_out(score->trees);
  if (!trees) return tl::make_unexpected(trees.error());
  if (auto ok = to_depths(*trees, score->exponent, score->trees.has_hitrates); !ok) return tl::make_unexpected(ok.error());
  auto forest = to_forest(*model, *score, std::move(trees->forest));
  if (!forest) return tl::make_unexpected(forest.error());
  return OnnxImport{std::move(*forest), score->compares_doubles};
}

}  // namespace weir
