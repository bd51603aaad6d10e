#include "onnx_graph.h"

#include <cerrno>
#include <cmath>
#include <map>
#include <numbers>
#include <set>
#include <string_view>
#include <utility>

#include "onnx_attributes.h"

namespace weir {
namespace {

constexpr const char* kTreeDomain = "ai.onnx.ml";
constexpr std::int64_t kNewestTreeOperators = 5;

/// What the name of a value stands for.
struct Value {
  enum class Kind {
    kRows,      // the input; is_rounded: as 32-bit floats
    kConstant,  // numbers
    kTargets,   // the ensemble's output, a column a target
    kDepth,     // factor * the ensemble's output, summed over targets
    kScore,     // sign * 2^(factor * ...)
    kOrdinary,  // score < threshold
    kOutlier,   // not that
  };
  Kind kind = Kind::kRows;
  bool is_rounded = false;
  std::vector<double> numbers = {};
  double factor = 1;
  double sign = 1;
};
using Kind = Value::Kind;

class GraphReader {
 public:
  [[nodiscard]] Result<OnnxScore> run(const onnx::Model& model);

 private:
  using Operator = Result<Value> (GraphReader::*)(const onnx::Node&, OnnxAttributes&);

  [[nodiscard]] static Result<void> check_model(const onnx::Model& model);
  [[nodiscard]] Result<void> read_constants(const onnx::Graph& graph);
  [[nodiscard]] Result<void> read_input(const onnx::Graph& graph);
  [[nodiscard]] Result<void> read_node(const onnx::Node& node);
  [[nodiscard]] Result<void> read_outputs(const onnx::Graph& graph);
  [[nodiscard]] Result<void> define(const std::string& name, Value value);

  [[nodiscard]] Result<Value> trees(const onnx::Node& node, OnnxAttributes& attributes);
  [[nodiscard]] Result<Value> constant(const onnx::Node& node, OnnxAttributes& attributes);
  [[nodiscard]] Result<Value> cast(const onnx::Node& node, OnnxAttributes& attributes);
  [[nodiscard]] Result<Value> identity(const onnx::Node& node, OnnxAttributes& attributes);
  [[nodiscard]] Result<Value> reduce_sum(const onnx::Node& node, OnnxAttributes& attributes);
  [[nodiscard]] Result<Value> scale(const onnx::Node& node, OnnxAttributes& attributes);
  [[nodiscard]] Result<Value> negative(const onnx::Node& node, OnnxAttributes& attributes);
  [[nodiscard]] Result<Value> exponential(const onnx::Node& node, OnnxAttributes& attributes);
  [[nodiscard]] Result<Value> power(const onnx::Node& node, OnnxAttributes& attributes);
  [[nodiscard]] Result<Value> less(const onnx::Node& node, OnnxAttributes& attributes);
  [[nodiscard]] Result<Value> negation(const onnx::Node& node, OnnxAttributes& attributes);

  static const std::map<std::string_view, Operator>& operators();

  /// nullptr where there is no such input, or nothing has computed it.
  const Value* input(const onnx::Node& node, int place) const {
    const auto it = place < node.input_size() ? values_.find(node.input(place)) : values_.end();
    return it == values_.end() ? nullptr : &it->second;
  }
  const Value* only_input(const onnx::Node& node) const { return node.input_size() == 1 ? input(node, 0) : nullptr; }
  /// A constant of one element.
  std::optional<double> number(const onnx::Node& node, int place) const {
    const Value* value = input(node, place);
    if (value == nullptr || value->kind != Kind::kConstant || value->numbers.size() != 1) return std::nullopt;
    return value->numbers[0];
  }

  std::map<std::string, Value> values_;
  OnnxScore score_;
  bool has_trees_ = false;
};

auto unclear(const std::string& what = "not understood here") { return fail(EBADMSG, what); }

const std::map<std::string_view, GraphReader::Operator>& GraphReader::operators() {
  static const std::map<std::string_view, Operator> kOperators = {
      {"TreeEnsembleRegressor", &GraphReader::trees},
      {"TreeEnsemble", &GraphReader::trees},
      {"Constant", &GraphReader::constant},
      {"Cast", &GraphReader::cast},
      {"Identity", &GraphReader::identity},
      {"ReduceSum", &GraphReader::reduce_sum},
      {"Div", &GraphReader::scale},
      {"Mul", &GraphReader::scale},
      {"Neg", &GraphReader::negative},
      {"Exp", &GraphReader::exponential},
      {"Pow", &GraphReader::power},
      {"Less", &GraphReader::less},
      {"Not", &GraphReader::negation},
  };
  return kOperators;
}

Result<void> GraphReader::check_model(const onnx::Model& model) {
  if (model.functions_size() != 0) return fail(EBADMSG, "functions: operators of the file's own are not understood");
  if (model.graph().sparse_initializer_size() != 0) return fail(EBADMSG, "sparse_initializer: not understood");
  for (const onnx::OperatorSet& set : model.opset_import())
    if (set.domain() == kTreeDomain && set.version() > kNewestTreeOperators)
      return fail(EBADMSG, std::string("opset_import: ") + kTreeDomain + " " + std::to_string(set.version()) +
                               ", this weir knows 1 to " + std::to_string(kNewestTreeOperators));
  return {};
}

Result<void> GraphReader::define(const std::string& name, Value value) {
  if (name.empty()) return fail(EBADMSG, "a value without a name");
  if (!values_.emplace(name, std::move(value)).second) return fail(EBADMSG, "'" + shown(name) + "' is defined twice");
  return {};
}

Result<void> GraphReader::read_constants(const onnx::Graph& graph) {
  for (const onnx::Tensor& tensor : graph.initializer()) {
    auto numbers = read_tensor(tensor);
    if (!numbers) return fail(numbers.error(), "initializer '" + shown(tensor.name()) + "'");
    if (auto ok = define(tensor.name(), {.kind = Kind::kConstant, .numbers = std::move(*numbers)}); !ok) return ok;
  }
  return {};
}

/// Old files list constants among the inputs.
Result<void> GraphReader::read_input(const onnx::Graph& graph) {
  const onnx::ValueInfo* rows = nullptr;
  for (const onnx::ValueInfo& candidate : graph.input()) {
    if (values_.contains(candidate.name())) continue;
    if (rows != nullptr) return fail(EBADMSG, "input '" + shown(candidate.name()) + "': a second one");
    rows = &candidate;
  }
  if (rows == nullptr) return fail(EBADMSG, "input: none");
  const auto& type = rows->type().tensor_type();
  const std::string name = "input '" + shown(rows->name()) + "'";
  if (type.elem_type() != onnx::Tensor::FLOAT && type.elem_type() != onnx::Tensor::DOUBLE)
    return fail(EBADMSG, name + ": elements of type " + std::to_string(type.elem_type()) + ", expected float or double");
  if (type.shape().dim_size() != 0 && type.shape().dim_size() != 2)
    return fail(EBADMSG, name + ": " + std::to_string(type.shape().dim_size()) + " dimensions, expected rows and columns");
  if (type.shape().dim_size() == 2 && type.shape().dim(1).dim_value() > 0)
    score_.columns = static_cast<std::size_t>(type.shape().dim(1).dim_value());
  return define(rows->name(), {.kind = Kind::kRows, .is_rounded = type.elem_type() == onnx::Tensor::FLOAT});
}

Result<void> GraphReader::read_node(const onnx::Node& node) {
  const auto found = operators().find(node.op_type());
  const bool is_known = found != operators().end() &&
                        (found->second == &GraphReader::trees ? node.domain() == kTreeDomain
                                                              : node.domain().empty() || node.domain() == "ai.onnx");
  const std::string name = shown((node.domain().empty() ? "" : node.domain() + ".") + node.op_type());
  if (!is_known) return fail(EBADMSG, "operator " + name + " is not understood; rows, one tree ensemble and its score are");
  if (node.output_size() != 1) return fail(EBADMSG, name + ": " + std::to_string(node.output_size()) + " outputs");
  OnnxAttributes attributes(node);
  auto value = (this->*found->second)(node, attributes);
  if (!value) return fail(value.error(), name + " '" + shown(node.output(0)) + "'");
  return define(node.output(0), std::move(*value));
}

Result<Value> GraphReader::trees(const onnx::Node& node, OnnxAttributes&) {
  const Value* rows = only_input(node);
  if (rows == nullptr || rows->kind != Kind::kRows) return unclear("its input is not the rows");
  if (has_trees_) return unclear("a second ensemble");
  auto trees = node.op_type() == "TreeEnsemble" ? read_tree_ensemble(node) : read_tree_ensemble_regressor(node);
  if (!trees) return tl::make_unexpected(trees.error());
  has_trees_ = true;
  score_.trees = std::move(*trees);
  score_.compares_doubles = !rows->is_rounded;
  return Value{.kind = score_.trees.targets == 1 ? Kind::kDepth : Kind::kTargets};
}

Result<Value> GraphReader::constant(const onnx::Node& node, OnnxAttributes& attributes) {
  if (node.input_size() != 0) return unclear();
  Value value{.kind = Kind::kConstant, .numbers = attributes.tensor("value")};
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  return value;
}

Result<Value> GraphReader::cast(const onnx::Node& node, OnnxAttributes& attributes) {
  const std::int64_t to = attributes.number("to", 0);
  attributes.ignore("saturate");  // of 8-bit floats
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  const Value* from = only_input(node);
  if (from == nullptr) return unclear();
  const bool is_label = from->kind == Kind::kOrdinary || from->kind == Kind::kOutlier;
  const bool is_whole = to == onnx::Tensor::INT32 || to == onnx::Tensor::INT64;
  if (to != onnx::Tensor::FLOAT && to != onnx::Tensor::DOUBLE && !(is_label && is_whole))
    return unclear("to type " + std::to_string(to));
  Value value = *from;
  value.is_rounded = from->is_rounded || to == onnx::Tensor::FLOAT;
  return value;
}

Result<Value> GraphReader::identity(const onnx::Node& node, OnnxAttributes& attributes) {
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  const Value* value = only_input(node);
  if (value == nullptr) return unclear();
  return *value;
}

/// Over the targets.
Result<Value> GraphReader::reduce_sum(const onnx::Node& node, OnnxAttributes& attributes) {
  (void)attributes.number("keepdims", 1);
  if (attributes.number("noop_with_empty_axes", 0) != 0) return unclear();
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  const Value* value = input(node, 0);
  const auto axis = number(node, 1);
  if (node.input_size() != 2 || value == nullptr || value->kind != Kind::kTargets || !axis || (*axis != 1 && *axis != -1))
    return unclear();
  return Value{.kind = Kind::kDepth};
}

Result<Value> GraphReader::scale(const onnx::Node& node, OnnxAttributes& attributes) {
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  const bool is_division = node.op_type() == "Div";
  const bool is_turned = !is_division && number(node, 0).has_value();
  const Value* depth = input(node, is_turned ? 1 : 0);
  const auto by = number(node, is_turned ? 0 : 1);
  if (node.input_size() != 2 || depth == nullptr || depth->kind != Kind::kDepth || !by) return unclear();
  return Value{.kind = Kind::kDepth, .factor = is_division ? depth->factor / *by : depth->factor * *by};
}

Result<Value> GraphReader::negative(const onnx::Node& node, OnnxAttributes& attributes) {
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  const Value* value = only_input(node);
  if (value == nullptr) return unclear();
  if (value->kind == Kind::kDepth) return Value{.kind = Kind::kDepth, .factor = -value->factor};
  if (value->kind == Kind::kScore) return Value{.kind = Kind::kScore, .factor = value->factor, .sign = -value->sign};
  return unclear();
}

Result<Value> GraphReader::exponential(const onnx::Node& node, OnnxAttributes& attributes) {
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  const Value* depth = only_input(node);
  if (depth == nullptr || depth->kind != Kind::kDepth) return unclear();
  return Value{.kind = Kind::kScore, .factor = depth->factor * std::numbers::log2e};
}

Result<Value> GraphReader::power(const onnx::Node& node, OnnxAttributes& attributes) {
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  const auto base = number(node, 0);
  const Value* depth = input(node, 1);
  if (node.input_size() != 2 || !base || !(*base > 0) || depth == nullptr || depth->kind != Kind::kDepth) return unclear();
  return Value{.kind = Kind::kScore, .factor = depth->factor * std::log2(*base)};
}

Result<Value> GraphReader::less(const onnx::Node& node, OnnxAttributes& attributes) {
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  const Value* score = input(node, 0);
  const auto threshold = number(node, 1);
  if (node.input_size() != 2 || score == nullptr || score->kind != Kind::kScore || score->sign < 0 || !threshold)
    return unclear();
  score_.threshold = threshold;
  return Value{.kind = Kind::kOrdinary};
}

Result<Value> GraphReader::negation(const onnx::Node& node, OnnxAttributes& attributes) {
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  const Value* value = only_input(node);
  if (value == nullptr || value->kind != Kind::kOrdinary) return unclear();
  return Value{.kind = Kind::kOutlier};
}

Result<void> GraphReader::read_outputs(const onnx::Graph& graph) {
  bool has_score = false;
  for (const onnx::ValueInfo& output : graph.output()) {
    const std::string name = "output '" + shown(output.name()) + "'";
    const auto it = values_.find(output.name());
    if (it == values_.end()) return fail(EBADMSG, name + ": nothing computes it");
    const Value& value = it->second;
    if (value.kind == Kind::kOrdinary || value.kind == Kind::kOutlier) continue;
    if (value.kind != Kind::kScore) return fail(EBADMSG, name + ": not a score of the form 2^(-depth / c)");
    if (has_score) return fail(EBADMSG, name + ": a second score");
    has_score = true;
    score_.exponent = value.factor;
  }
  return has_score ? Result<void>() : fail(EBADMSG, "output: none is a score");
}

Result<OnnxScore> GraphReader::run(const onnx::Model& model) {
  const onnx::Graph& graph = model.graph();
  if (auto ok = check_model(model); !ok) return tl::make_unexpected(ok.error());
  if (auto ok = read_constants(graph); !ok) return tl::make_unexpected(ok.error());
  if (auto ok = read_input(graph); !ok) return tl::make_unexpected(ok.error());
  for (const onnx::Node& node : graph.node())
    if (auto ok = read_node(node); !ok) return tl::make_unexpected(ok.error());
  if (auto ok = read_outputs(graph); !ok) return tl::make_unexpected(ok.error());
  if (score_.trees.is_average) score_.exponent /= static_cast<double>(score_.trees.roots.size());
  return std::move(score_);
}

}  // namespace

Result<OnnxScore> read_onnx_graph(const onnx::Model& model) { return GraphReader().run(model); }

}  // namespace weir
