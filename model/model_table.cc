#include "model_table.h"

#include <cmath>
#include <concepts>
#include <cstdio>
#include <optional>
#include <span>

namespace weir {
namespace {

constexpr const char* kGenerated = "// Generated from a model file (weir model bake); do not edit.\n";

std::string literal(double value) {
  if (value == 0 && !std::signbit(value)) return "0";  // most of what leaves and splits do not use; quicker to compile
  char text[40];
  std::snprintf(text, sizeof text, "%a", value);
  return text;
}
std::string literal(float value) {
  const std::string text = literal(static_cast<double>(value));
  return text == "0" ? text : text + "F";
}
std::string literal(std::unsigned_integral auto value) { return std::to_string(value) + "U"; }

/// Everything but plain letters and digits as three octal digits, which cannot run into what follows.
std::string literal(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    char escaped[8];
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte >= ' ' && byte < 0x7f && c != '"' && c != '\\' && c != '?';
    std::snprintf(escaped, sizeof escaped, is_plain ? "%c" : "\\%03o", byte);
    text += escaped;
  }
  return text + "\"";
}

template <class T>
std::string table(const char* type, const char* name, std::span<const T> values) {
  std::string text = std::string("constexpr ") + type + " " + name + "[] = {";
  for (std::size_t i = 0; i < values.size(); ++i) text += (i % 16 == 0 ? "\n" : "") + literal(values[i]) + ",";
  return text + "\n};\n";
}

std::string tables(const ForestView& forest) {
  return "namespace {\n" + table("std::uint32_t", "kRoot", forest.root) +
         table("std::uint16_t", "kFeature", forest.feature) + table("float", "kThreshold", forest.threshold) +
         table("std::uint32_t", "kLeft", forest.left) + table("std::uint32_t", "kRight", forest.right) +
         table("std::uint32_t", "kRows", forest.rows) + table("double", "kValue", forest.value) +
         (forest.missing_left.empty() ? "" : table("std::uint8_t", "kMissingLeft", forest.missing_left)) +
         "}  // namespace\n\n";
}

std::string forest_of_tables(const ForestView& forest) {
  return "Forest(ForestView{" + literal(forest.samples) + ", " + literal(forest.columns) +
         ", kRoot, kFeature, kThreshold, kLeft, kRight, kRows, kValue, " +
         (forest.missing_left.empty() ? "{}" : "kMissingLeft") + "})";
}

std::string name_list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + literal(name);
  return "{" + text + "}";
}

std::string normal_list(const Model& model) {
  std::string text;
  for (const NormalRange& range : model.normal())
    text += "{" + literal(range.name) + ", " + literal(range.p50) + ", " + literal(range.p99) + "},\n";
  return "{\n" + text + "}";
}

std::string numbers(std::span<const double> values) {
  std::string text = "{";
  for (const double value : values) text += literal(value) + ",";
  return text + "}";
}

std::string survival(const Survival& of) { return "Survival(" + literal(of.rows()) + ", " + numbers(of.knots()) + ")"; }

std::string scale(const TailScale& of) {
  const TailScale::Tail& tail = of.tail();
  return "TailScale(" + survival(of.body()) + ", " + numbers({{tail.cut, tail.surprise_at_cut, tail.per_decade}}) + ")";
}

/// Eigen reads the numbers column by column.
std::string matrix(const char* type, const auto& of) {
  return "Eigen::Map<const Eigen::" + std::string(type) + ">(std::initializer_list<double>" +
         numbers({of.data(), static_cast<std::size_t>(of.size())}) + ".begin(), " + std::to_string(of.rows()) + ", " +
         std::to_string(of.cols()) + ")";
}

std::string partners(const std::optional<Partners>& of) {
  if (!of) return "";
  std::string columns;
  for (const TailScore::Column& column : of->tail.columns())
    columns += "{" + literal(column.place) + ", " + literal(column.family) + ", " + survival(column.ordinary) + "},\n";
  return ",\n      Partners{TailScore({" + columns + "}, kFeatureCount),\n      PcaResidual(" +
         matrix("MatrixXd", of->pca.center()) + ",\n" + matrix("MatrixXd", of->pca.spread()) + ",\n" +
         matrix("MatrixXd", of->pca.axes()) + "),\n" + scale(of->forest_scale) + ",\n" + scale(of->tail_scale) + ",\n" +
         scale(of->pca_scale) + "}";
}

std::string provenance(const Provenance& from) {
  return "{" + literal(from.version) + ", " + literal(from.training_data) + ", " + literal(from.rows) + ", " +
         literal(from.seed) + ", " + literal(from.trees) + ", " + literal(from.samples) + "}";
}

}  // namespace

std::string model_table(const Model& model) {
  const ForestView& forest = model.forest().view();
  char schema[24];
  std::snprintf(schema, sizeof schema, "0x%016llxU", static_cast<unsigned long long>(schema_id()));
  return std::string(kGenerated) + "#include \"model.h\"\n\nnamespace weir {\nstatic_assert(schema_id() == " + schema +
         ", \"the model was baked for another feature schema\");\n" + tables(forest) +
         "const Model& default_model() {\n  static const Model model(\n      " + "Detectors(" + forest_of_tables(forest) +
         partners(model.partners()) + "),\n      " + literal(model.own_threshold()) + ", " + normal_list(model) +
         ",\n      " + provenance(model.provenance()) + ");\n  return model;\n}\n\n}  // namespace weir\n";
}

std::string model_table(const ColumnForest& forest) {
  const ForestView& view = forest.forest().view();
  return std::string(kGenerated) + "#include \"column_forest.h\"\n\nnamespace weir {\n" + tables(view) +
         "const ColumnForest& baked_forest();\n\nconst ColumnForest& baked_forest() {\n"
         "  static const ColumnForest forest(\n      " +
         forest_of_tables(view) + ",\n      " + name_list(forest.columns()) + ",\n      " + provenance(forest.provenance()) +
         ", " + literal(forest.offset()) + ");\n  return forest;\n}\n\n}  // namespace weir\n";
}

}  // namespace weir
