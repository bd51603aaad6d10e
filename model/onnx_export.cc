#include "onnx_export.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <initializer_list>
#include <string>

#include "feature_schema.h"
#include "forest_view.h"
#include "model_container.h"
#include "onnx.pb.h"
#include "onnx_names.h"

namespace weir {
namespace {

constexpr std::int64_t kIrVersion = 8, kOperators = 15, kTreeOperators = 3;  // of ONNX 1.11, 2022

// --- the ensemble's output is 32-bit whatever its weights are ---

/// So each leaf's value is written as three targets whose sums over the trees are exact in 24 bits: the value to `coarse`,
/// what is left to `fine`, and the rest, whose rounding no longer shows.
constexpr std::size_t kTargets = 3;
constexpr int kFloatBits = 23;  // one less, for what rounding to the nearest step may add

struct Steps {
  double coarse, fine;
};

/// The smallest power of two of which so many make up `sum`.
double step_of(double sum) { return std::ldexp(1, std::ilogb(sum) + 1 - kFloatBits); }

double largest_sum(const ForestView& forest) {
  double sum = 0;
  for (std::size_t t = 0; t < forest.root.size(); ++t) {
    const std::size_t end = t + 1 < forest.root.size() ? forest.root[t + 1] : forest.value.size();
    sum += *std::max_element(forest.value.begin() + forest.root[t], forest.value.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return std::max(sum, 1.0);
}

Steps steps_of(const ForestView& forest) {
  const double coarse = step_of(largest_sum(forest));
  return {coarse, step_of(coarse * static_cast<double>(forest.root.size()))};
}

std::array<double, kTargets> split(double value, Steps steps) {
  const double coarse = std::nearbyint(value / steps.coarse) * steps.coarse;
  const double fine = std::nearbyint((value - coarse) / steps.fine) * steps.fine;
  return {coarse, fine, value - coarse - fine};
}

// --- messages ---

onnx::Attribute& add_attribute(onnx::Node& node, const std::string& name, onnx::Attribute::Type type) {
  onnx::Attribute& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

void add_number(onnx::Node& node, const std::string& name, std::int64_t value) {
  add_attribute(node, name, onnx::Attribute::INT).set_i(value);
}

void add_text(onnx::Node& node, const std::string& name, const std::string& value) {
  add_attribute(node, name, onnx::Attribute::STRING).set_s(value);
}

auto& add_numbers(onnx::Node& node, const std::string& name) {
  return *add_attribute(node, name, onnx::Attribute::INTS).mutable_ints();
}

auto& add_doubles(onnx::Node& node, const std::string& name, std::size_t count) {
  onnx::Tensor& tensor = *add_attribute(node, name, onnx::Attribute::TENSOR).mutable_t();
  tensor.set_name(name);
  tensor.set_data_type(onnx::Tensor::DOUBLE);
  tensor.add_dims(static_cast<std::int64_t>(count));
  return *tensor.mutable_double_data();
}

class GraphWriter {
 public:
  explicit GraphWriter(onnx::Graph& graph) : graph_(graph) {}

  onnx::Node& add(const std::string& type, std::initializer_list<std::string> inputs, const std::string& output) {
    onnx::Node& node = *graph_.add_node();
    node.set_op_type(type);
    node.set_name(output);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
  }

  void cast(const std::string& input, const std::string& output, onnx::Tensor::Type to) {
    add_number(add("Cast", {input}, output), "to", to);
  }

  void constant(const std::string& name, double value) { add_tensor(name, onnx::Tensor::DOUBLE).add_double_data(value); }

  /// A row that meets every row.
  template <class Of>
  void constant_row(const std::string& name, Of of_feature) {
    onnx::Tensor& tensor = add_tensor(name, onnx::Tensor::DOUBLE);
    tensor.add_dims(1);
    tensor.add_dims(kFeatureCount);
    for (const Feature& feature : kFeatures) tensor.add_double_data(of_feature(feature));
  }

  void axes(const std::string& name, std::int64_t axis) {
    onnx::Tensor& tensor = add_tensor(name, onnx::Tensor::INT64);
    tensor.add_dims(1);
    tensor.add_int64_data(axis);
  }

  static void describe(onnx::ValueInfo& value, const std::string& name, std::size_t columns) {
    value.set_name(name);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::Tensor::DOUBLE);
    type.mutable_shape()->add_dim()->set_dim_param("N");
    type.mutable_shape()->add_dim()->set_dim_value(static_cast<std::int64_t>(columns));
  }

 private:
  onnx::Tensor& add_tensor(const std::string& name, onnx::Tensor::Type type) {
    onnx::Tensor& tensor = *graph_.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    return tensor;
  }

  onnx::Graph& graph_;
};

// --- the ensemble ---

void add_nodes(const ForestView& forest, onnx::Node& node) {
  const std::size_t count = forest.feature.size();
  auto& tree = add_numbers(node, "nodes_treeids");
  auto& id = add_numbers(node, "nodes_nodeids");
  auto& feature = add_numbers(node, "nodes_featureids");
  auto& when_true = add_numbers(node, "nodes_truenodeids");
  auto& when_false = add_numbers(node, "nodes_falsenodeids");
  auto& threshold = add_doubles(node, "nodes_values_as_tensor", count);
  auto& rows = add_doubles(node, "nodes_hitrates_as_tensor", count);
  auto& mode = *add_attribute(node, "nodes_modes", onnx::Attribute::STRINGS).mutable_strings();
  std::size_t at = 0;  // tree
  for (std::size_t i = 0; i < count; ++i) {
    if (at + 1 < forest.root.size() && forest.root[at + 1] == i) ++at;
    const bool is_leaf = forest.is_leaf(i);
    const std::uint32_t root = forest.root[at];
    tree.Add(static_cast<std::int64_t>(at));
    id.Add(static_cast<std::int64_t>(i - root));
    feature.Add(forest.feature[i]);
    when_true.Add(is_leaf ? 0 : forest.left[i] - root);
    when_false.Add(is_leaf ? 0 : forest.right[i] - root);
    threshold.Add(static_cast<double>(forest.threshold[i]));
    rows.Add(forest.rows[i]);
    *mode.Add() = is_leaf ? "LEAF" : "BRANCH_LEQ";
  }
  if (forest.missing_left.empty()) return;
  auto& missing = add_numbers(node, "nodes_missing_value_tracks_true");
  for (const std::uint8_t goes_left : forest.missing_left) missing.Add(goes_left);
}

void add_leaves(const ForestView& forest, onnx::Node& node) {
  const Steps steps = steps_of(forest);
  const auto leaves = static_cast<std::size_t>(std::count(forest.left.begin(), forest.left.end(), 0U));
  auto& tree = add_numbers(node, "target_treeids");
  auto& id = add_numbers(node, "target_nodeids");
  auto& target = add_numbers(node, "target_ids");
  auto& weight = add_doubles(node, "target_weights_as_tensor", leaves * kTargets);
  std::size_t at = 0;
  for (std::size_t i = 0; i < forest.feature.size(); ++i) {
    if (at + 1 < forest.root.size() && forest.root[at + 1] == i) ++at;
    if (!forest.is_leaf(i)) continue;
    const auto parts = split(forest.value[i], steps);
    for (std::size_t k = 0; k < kTargets; ++k) {
      tree.Add(static_cast<std::int64_t>(at));
      id.Add(static_cast<std::int64_t>(i - forest.root[at]));
      target.Add(static_cast<std::int64_t>(k));
      weight.Add(parts[k]);
    }
  }
}

// --- the graph around it ---

/// As transform() in feature_row.h: what is below 0 or NaN counts as 0, then log1p(scale * x) of some. ONNX has no log1p;
/// log(u) of u = 1 + y misses what rounding took from y, so (y - (u - 1)) / u is added, for which an infinite y is cut off.
void add_transform(GraphWriter& graph) {
  constexpr double kLarge = 1e300;
  graph.constant("zero", 0);
  graph.constant("one", 1);
  graph.constant("large", kLarge);
  graph.constant_row("scale", [](const Feature& f) { return f.scale; });
  graph.constant_row("weight_of_log", [](const Feature& f) { return f.transform == Transform::kLog ? 1.0 : 0.0; });
  graph.add("Greater", {"rows", "zero"}, "is_positive");
  graph.add("Where", {"is_positive", "rows", "zero"}, "positive");
  graph.add("Mul", {"positive", "scale"}, "y");
  graph.add("Add", {"one", "y"}, "u");
  graph.add("Log", {"u"}, "log_u");
  graph.add("Min", {"y", "large"}, "finite_y");
  graph.add("Add", {"one", "finite_y"}, "finite_u");
  graph.add("Sub", {"finite_u", "one"}, "kept_of_y");
  graph.add("Sub", {"finite_y", "kept_of_y"}, "lost_of_y");
  graph.add("Div", {"lost_of_y", "finite_u"}, "correction");
  graph.add("Add", {"log_u", "correction"}, "log1p");
  graph.add("Greater", {"weight_of_log", "zero"}, "is_log");
  graph.add("Where", {"is_log", "log1p", "positive"}, "transformed");
}

void add_score(GraphWriter& graph, const ForestView& forest) {
  graph.axes("targets", 1);
  graph.constant("two", 2);
  graph.constant("all_units", static_cast<double>(forest.root.size()) * average_depth(forest.samples));
  graph.cast("depth_parts", "wide_depth_parts", onnx::Tensor::DOUBLE);
  add_number(graph.add("ReduceSum", {"wide_depth_parts", "targets"}, "depth_sum"), "keepdims", 1);
  graph.add("Div", {"depth_sum", "all_units"}, "depth");
  graph.add("Neg", {"depth"}, "exponent");
  graph.add("Pow", {"two", "exponent"}, "score");
}

void write_graph(const ColumnForest& forest, onnx::Graph& message) {
  GraphWriter graph(message);
  message.set_name("isolation_forest");
  GraphWriter::describe(*message.add_input(), "rows", forest.columns().size());
  GraphWriter::describe(*message.add_output(), "score", 1);
  if (forest.is_sensor_model()) add_transform(graph);
  graph.cast(forest.is_sensor_model() ? "transformed" : "rows", "floats", onnx::Tensor::FLOAT);
  graph.cast("floats", "compared", onnx::Tensor::DOUBLE);  // doubles in, or no threshold and no weight may be one
  onnx::Node& node = graph.add("TreeEnsembleRegressor", {"compared"}, "depth_parts");
  node.set_domain("ai.onnx.ml");
  add_number(node, "n_targets", kTargets);
  add_text(node, "aggregate_function", "SUM");
  add_text(node, "post_transform", "NONE");
  add_nodes(forest.forest().view(), node);
  add_leaves(forest.forest().view(), node);
  add_score(graph, forest.forest().view());
}

void add_operators(onnx::Model& model, const std::string& domain, std::int64_t version) {
  onnx::OperatorSet& set = *model.add_opset_import();
  set.set_domain(domain);
  set.set_version(version);
}

void add_entry(onnx::Model& model, const char* key, const std::string& value) {
  onnx::Entry& entry = *model.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

}  // namespace

Result<std::vector<std::uint8_t>> forest_to_onnx(const ColumnForest& forest) {
  constexpr double kLargestSum = 1e30;  // a 32-bit float holds it
  if (largest_sum(forest.forest().view()) > kLargestSum)
    return fail(ERANGE, "value: sums too large for ONNX's 32-bit outputs");
  onnx::Model model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("weir");
  add_operators(model, "", kOperators);
  add_operators(model, "ai.onnx.ml", kTreeOperators);
  add_entry(model, kOnnxFeatures, join_names(forest.columns()));
  add_entry(model, kOnnxOffset, exact(forest.offset()));
  add_entry(model, kOnnxVersion, forest.provenance().version);
  add_entry(model, kOnnxTrainingData, forest.provenance().training_data);
  add_entry(model, kOnnxTrainingRows, std::to_string(forest.provenance().rows));
  add_entry(model, kOnnxSeed, std::to_string(forest.provenance().seed));
  write_graph(forest, *model.mutable_graph());
  std::vector<std::uint8_t> bytes(model.ByteSizeLong());
  if (!model.SerializeToArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail(EFBIG, "too large for an ONNX file");
  return bytes;
}

}  // namespace weir
