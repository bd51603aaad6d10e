#include "model_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <utility>

#include "field_reader.h"
#include "file_bytes.h"
#include "model_container.h"
#include "partners_file.h"

namespace weir {
namespace {

constexpr const char* kScoreThreshold = "score_threshold";
constexpr const char* kSurpriseThreshold = "surprise_threshold";
constexpr const char* kBeacons = "known_beacons";

std::string hex_id(std::uint64_t id) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, id, 16).ptr;
  const std::string text(digits, end);
  return "0x" + std::string(16 - text.size(), '0') + text;
}

std::string schema_features() {
  std::vector<std::string> names;
  names.reserve(kFeatureCount);
  for (const Feature& feature : kFeatures) names.emplace_back(feature.name);
  return join_names(names);
}

bool is_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

[[nodiscard]] Result<void> check_schema(const Safetensors& content) {
  FieldReader fields(content);
  const std::string id = fields.text("schema_id");
  const std::string version = fields.text("version");
  const std::string features = fields.text("features");
  if (!fields.result()) return fields.result();
  if (id != hex_id(schema_id()))
    return fail(EBADMSG, "model \"" + version + "\" was trained on schema " + id + ", this weir needs " +
                             hex_id(schema_id()) + ": train it again with this version");
  if (features != schema_features()) return fail(EBADMSG, "features: not those of schema " + id);
  return {};
}

/// Our trees are grown from rows drawn without replacement.
[[nodiscard]] Result<void> check_roots(const ForestArrays& forest) {
  for (const std::uint32_t root : forest.root)
    if (forest.rows[root] != forest.samples)
      return fail(EBADMSG, "rows[" + std::to_string(root) + "]: a root that not all samples came through");
  return {};
}

[[nodiscard]] Result<std::vector<NormalRange>> read_normal(const Safetensors& content) {
  FieldReader fields(content);
  const auto it = content.metadata.find("normal");
  if (it == content.metadata.end()) return fail(EBADMSG, "normal: missing");
  const auto names = split_names(it->second);
  const auto p50 = fields.array<double>("normal_p50");
  const auto p99 = fields.array<double>("normal_p99");
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (p50.size() != names.size() || p99.size() != names.size())
    return fail(EBADMSG, "normal, normal_p50, normal_p99: they differ in length");
  std::vector<NormalRange> normal;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!is_name(names[i])) return fail(EBADMSG, "normal: a name has other characters than a-z, 0-9 and _");
    if (!std::isfinite(p50[i]) || !std::isfinite(p99[i])) return fail(EBADMSG, "normal: " + names[i] + " is not finite");
    normal.push_back({names[i], p50[i], p99[i]});
  }
  return normal;
}

/// Optional: only models that were trained on packets know any.
[[nodiscard]] Result<std::vector<std::string>> read_beacons(const Safetensors& content) {
  const auto it = content.metadata.find(kBeacons);
  if (it == content.metadata.end()) return std::vector<std::string>();
  auto beacons = split_names(it->second);
  for (const std::string& beacon : beacons)
    if (beacon.empty() || beacon.find_first_not_of("0123456789abcdef:. ") != beacon.npos)
      return fail(EBADMSG, "known_beacons: one is no pair of addresses with a port");
  return beacons;
}

[[nodiscard]] Result<Model> read_model(const Safetensors& content) {
  auto forest = read_forest(content, kFeatureCount);
  if (!forest) return tl::make_unexpected(forest.error());
  if (auto ok = check_roots(*forest); !ok) return tl::make_unexpected(ok.error());
  auto normal = read_normal(content);
  if (!normal) return tl::make_unexpected(normal.error());

  auto beacons = read_beacons(content);
  if (!beacons) return tl::make_unexpected(beacons.error());
  auto partners = read_partners(content);
  if (!partners) return tl::make_unexpected(partners.error());

  FieldReader fields(content);
  const auto threshold = fields.number<double>(*partners ? kSurpriseThreshold : kScoreThreshold);
  const Provenance provenance = read_provenance(fields, forest->view());
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (!*partners && !(threshold > 0 && threshold < 1)) return fail(EBADMSG, "score_threshold: not between 0 and 1");
  if (!(threshold > 0 && std::isfinite(threshold))) return fail(EBADMSG, "surprise_threshold: not finite and above 0");
  Detectors detectors(Forest(std::move(*forest)));
  detectors.partners = std::move(*partners);
  Model model(std::move(detectors), threshold, std::move(*normal), provenance);
  model.set_known_beacons(std::move(*beacons));
  return model;
}

void put_normal(const std::vector<NormalRange>& normal, Safetensors& content) {
  std::vector<std::string> names;
  std::vector<double> p50, p99;
  for (const NormalRange& range : normal) {
    names.push_back(range.name);
    p50.push_back(range.p50);
    p99.push_back(range.p99);
  }
  content.metadata["normal"] = join_names(names);
  content.put<double>("normal_p50", p50);
  content.put<double>("normal_p99", p99);
}

}  // namespace

Result<Model> model_from_bytes(std::span<const std::uint8_t> bytes) {
  const auto content = open_model_container(bytes);
  if (!content) return tl::make_unexpected(content.error());
  if (auto ok = check_schema(*content); !ok) return tl::make_unexpected(ok.error());
  return read_model(*content);
}

Result<std::vector<std::uint8_t>> model_to_bytes(const Model& model) {
  Safetensors content;
  content.metadata = {{"schema_id", hex_id(schema_id())},
                      {"features", schema_features()},
                      {model.partners() ? kSurpriseThreshold : kScoreThreshold, exact(model.own_threshold())}};
  if (model.partners()) put_partners(*model.partners(), content);
  put_provenance(model.provenance(), content);
  put_forest(model.forest().view(), content);
  put_normal(model.normal(), content);
  if (!model.known_beacons().empty()) content.metadata[kBeacons] = join_names(model.known_beacons());
  auto bytes = close_model_container(std::move(content));
  if (!bytes) return bytes;
  // What this weir writes it can read: a version with a line break, say, is refused here and not at the next start.
  if (const auto readable = model_from_bytes(*bytes); !readable) return tl::make_unexpected(readable.error());
  return bytes;
}

std::string model_hash(const Model& model) {
  const auto bytes = model_to_bytes(model);
  return bytes ? open_model_container(*bytes)->metadata.at("sha256") : "";  // what was closed just now opens
}

Result<Model> load_model(const std::string& path) {
  const auto bytes = read_file(path, kMaxModelBytes);
  if (!bytes) return tl::make_unexpected(bytes.error());
  auto model = model_from_bytes(*bytes);
  if (!model) return fail(model.error(), path);
  return model;
}

Result<void> save_model(const Model& model, const std::string& path) {
  const auto bytes = model_to_bytes(model);
  if (!bytes) return fail(bytes.error(), path);
  return write_file(path, *bytes);
}

}  // namespace weir
