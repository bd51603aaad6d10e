#include "column_forest.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <set>
#include <utility>

#include "feature_row.h"
#include "field_reader.h"
#include "file_bytes.h"
#include "forest_check.h"
#include "model_container.h"
#include "model_file.h"

namespace weir {
namespace {

[[nodiscard]] Result<std::vector<std::string>> read_columns(const Safetensors& content) {
  FieldReader fields(content);
  std::vector<std::string> names = split_names(fields.text("features"));
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (names.empty() || names.size() > kMaxColumns)
    return fail(EBADMSG, "features: " + std::to_string(names.size()) + ", expected 1 to " + std::to_string(kMaxColumns));
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size())
    return fail(EBADMSG, "features: a name is there twice");
  if (std::find(names.begin(), names.end(), "") != names.end()) return fail(EBADMSG, "features: an empty name");
  return names;
}

}  // namespace

Result<ColumnForest> ColumnForest::load(const std::string& path) {
  const auto bytes = read_file(path, kMaxModelBytes);
  if (!bytes) return tl::make_unexpected(bytes.error());
  auto forest = from_bytes(*bytes);
  if (!forest) return fail(forest.error(), path);
  return forest;
}

Result<ColumnForest> ColumnForest::from_bytes(std::span<const std::uint8_t> bytes) {
  const auto content = open_model_container(bytes);
  if (!content) return tl::make_unexpected(content.error());
  auto columns = read_columns(*content);
  if (!columns) return tl::make_unexpected(columns.error());
  if (content->metadata.contains("schema_id")) {
    const auto model = model_from_bytes(bytes);
    if (!model) return tl::make_unexpected(model.error());
    return ColumnForest(model->forest(), std::move(*columns), model->provenance(), -0.5, true);
  }
  auto forest = read_forest(*content, static_cast<std::uint32_t>(columns->size()));
  if (!forest) return tl::make_unexpected(forest.error());
  FieldReader fields(*content);
  Provenance provenance = read_provenance(fields, forest->view());
  const auto offset = fields.number<double>("offset");
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (!std::isfinite(offset)) return fail(EBADMSG, "offset: not a finite number");
  return ColumnForest(Forest(std::move(*forest)), std::move(*columns), std::move(provenance), offset);
}

Result<std::vector<std::uint8_t>> ColumnForest::to_bytes() const {
  if (is_ours_) return fail(EINVAL, "a model of the sensor: columns alone are not all of it");
  Safetensors content;
  content.metadata = {{"features", join_names(columns_)}, {"offset", exact(offset_)}};
  put_provenance(provenance_, content);
  put_forest(forest_.view(), content);
  auto bytes = close_model_container(std::move(content));
  if (!bytes) return bytes;
  // What this weir writes it can read: a name with a line break, say, is refused here.
  const auto readable = from_bytes(*bytes);
  if (!readable) return tl::make_unexpected(readable.error());
  if (readable->columns() != columns_) return fail(EINVAL, "features: a name with a comma");
  return bytes;
}

Result<void> ColumnForest::save(const std::string& path) const {
  const auto bytes = to_bytes();
  if (!bytes) return fail(bytes.error(), path);
  return write_file(path, *bytes);
}

std::vector<float> ColumnForest::compared(std::span<const double> rows) const {
  std::vector<float> compared(rows.size());
  std::transform(rows.begin(), rows.end(), compared.begin(), [](double x) { return static_cast<float>(x); });
  for (std::size_t i = 0; is_ours_ && i < rows.size(); i += kFeatureCount) {
    FeatureVector features;
    std::ranges::copy(rows.subspan(i, kFeatureCount), features.begin());
    std::ranges::copy(transform(features), compared.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return compared;
}

void ColumnForest::score(std::span<const double> rows, std::span<double> scores) const {
  forest_.score(compared(rows), scores);
}

}  // namespace weir
