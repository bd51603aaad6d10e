#include "model_container.h"

#include <algorithm>
#include <cerrno>

#include "field_reader.h"
#include "forest_check.h"
#include "model_seal.h"

namespace weir {

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
