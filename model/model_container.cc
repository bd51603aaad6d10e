#include "model_container.h"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "forest_check.h"
#include "model_seal.h"

namespace weir {
namespace {

constexpr const char* kUnsealed = "0000000000000000000000000000000000000000000000000000000000000000";

}  // namespace

Result<Safetensors> open_model_container(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > kMaxModelBytes) return fail(EFBIG, "larger than " + std::to_string(kMaxModelBytes >> 20) + " MiB");
  auto content = parse_safetensors(bytes);
  if (!content) return content;
  const auto format = content->get_text("format");
  if (!format) return tl::make_unexpected(format.error());
  if (*format != kModelFormat) return fail(EBADMSG, std::string("format: not ") + kModelFormat);
  if (!is_sealed(bytes)) return fail(EBADMSG, "sha256: the content does not match it, the file is damaged");
  return content;
}

Result<std::vector<std::uint8_t>> close_model_container(Safetensors content) {
  content.metadata["format"] = kModelFormat;
  content.metadata["sha256"] = kUnsealed;
  auto bytes = write_safetensors(content);
  if (bytes) seal(*bytes);
  return bytes;
}

Result<ForestArrays> read_forest(const Safetensors& content, std::uint32_t columns) {
  FieldReader fields(content);
  ForestArrays forest;
  forest.columns = columns;
  forest.samples = fields.number<std::uint32_t>("samples");
  forest.root = fields.array<std::uint32_t>("root");
  forest.feature = fields.array<std::uint16_t>("feature");
  forest.threshold = fields.array<float>("threshold");
  forest.left = fields.array<std::uint32_t>("left");
  forest.right = fields.array<std::uint32_t>("right");
  forest.rows = fields.array<std::uint32_t>("rows");
  forest.value = fields.array<double>("value");
  if (content.arrays.contains("missing_left")) forest.missing_left = fields.array<std::uint8_t>("missing_left");
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (auto ok = check_forest(forest.view()); !ok) return tl::make_unexpected(ok.error());
  return forest;
}

void put_forest(const ForestView& forest, Safetensors& content) {
  content.metadata["samples"] = std::to_string(forest.samples);
  content.put("root", forest.root);
  content.put("feature", forest.feature);
  content.put("threshold", forest.threshold);
  content.put("left", forest.left);
  content.put("right", forest.right);
  content.put("rows", forest.rows);
  content.put("value", forest.value);
  if (!forest.missing_left.empty()) content.put("missing_left", forest.missing_left);
}

Provenance read_provenance(FieldReader& fields, const ForestView& forest) {
  return {fields.text("version"),
          fields.text("training_data"),
          fields.number<std::uint64_t>("training_rows"),
          fields.number<std::uint64_t>("seed"),
          static_cast<std::uint32_t>(forest.root.size()),
          forest.samples};
}

void put_provenance(const Provenance& from, Safetensors& content) {
  content.metadata["version"] = from.version;
  content.metadata["training_data"] = from.training_data;
  content.metadata["training_rows"] = std::to_string(from.rows);
  content.metadata["seed"] = std::to_string(from.seed);
}

std::string exact(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::vector<std::string> split_names(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; !text.empty() && at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    names.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return names;
}

std::string join_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

}  // namespace weir
