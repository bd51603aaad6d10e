#include "partners_file.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "feature_schema.h"
#include "field_reader.h"

namespace weir {
namespace {

constexpr std::uint32_t kMaxScaleRows = 1u << 31;
constexpr std::size_t kScales = 3;  // forest, tail, PCA
constexpr std::size_t kTailNumbers = 3;

bool is_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
}

/// Several tables of knots, one after the other.
[[nodiscard]] Result<std::vector<Survival>> read_survivals(FieldReader& fields, const std::string& name, std::size_t count,
                                                           std::uint32_t rows) {
  const auto knots = fields.array<double>(name);
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  const std::size_t each = Survival::knot_count(rows);
  if (knots.size() != count * each)
    return fail(EBADMSG, name + ": " + std::to_string(knots.size()) + " numbers, expected " + std::to_string(count * each));
  if (!is_finite(knots)) return fail(EBADMSG, name + ": a number is not finite");
  std::vector<Survival> survivals;
  for (auto from = knots.begin(); from != knots.end(); from += static_cast<std::ptrdiff_t>(each)) {
    std::vector<double> own(from, from + static_cast<std::ptrdiff_t>(each));
    if (!std::is_sorted(own.rbegin(), own.rend())) return fail(EBADMSG, name + ": not falling");
    survivals.emplace_back(rows, std::move(own));
  }
  return survivals;
}

[[nodiscard]] Result<TailScore> read_tail(FieldReader& fields, std::uint32_t rows) {
  const auto place = fields.array<std::uint16_t>("tail_column");
  const auto family = fields.array<std::uint8_t>("tail_family");
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (place.empty() || place.size() > kFeatureCount || family.size() != place.size())
    return fail(EBADMSG, "tail_column, tail_family: expected 1 to " + std::to_string(kFeatureCount) + " of both");
  const auto ordinary = read_survivals(fields, "tail_knots", place.size(), rows);
  if (!ordinary) return tl::make_unexpected(ordinary.error());
  std::vector<TailScore::Column> columns;
  for (std::size_t i = 0; i < place.size(); ++i) {
    if (place[i] >= kFeatureCount) return fail(EBADMSG, "tail_column: no such feature: " + std::to_string(place[i]));
    if (family[i] >= TailScore::kMaxFamilies) return fail(EBADMSG, "tail_family: " + std::to_string(family[i]));
    columns.push_back({place[i], family[i], (*ordinary)[i]});
  }
  return TailScore(std::move(columns), kFeatureCount);
}

[[nodiscard]] Result<std::vector<TailScale>> read_scales(FieldReader& fields, std::uint32_t rows) {
  auto bodies = read_survivals(fields, "scale_knots", kScales, rows);
  if (!bodies) return tl::make_unexpected(bodies.error());
  const auto tails = fields.array<double>("scale_tails");
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (tails.size() != kScales * kTailNumbers || !is_finite(tails))
    return fail(EBADMSG, "scale_tails: expected " + std::to_string(kScales * kTailNumbers) + " finite numbers");
  std::vector<TailScale> scales;
  for (std::size_t i = 0; i < kScales; ++i) {
    const double* t = tails.data() + i * kTailNumbers;
    if (t[1] < 0 || t[2] <= 0) return fail(EBADMSG, "scale_tails: a surprise below 0, or a tail without length");
    scales.emplace_back(std::move((*bodies)[i]), TailScale::Tail{t[0], t[1], t[2]});
  }
  return scales;
}

[[nodiscard]] Result<PcaResidual> read_pca(FieldReader& fields) {
  auto center = fields.array<double>("pca_center");
  auto spread = fields.array<double>("pca_spread");
  auto axes = fields.array<double>("pca_axes");
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (center.size() != kFeatureCount || spread.size() != kFeatureCount ||
      axes.size() != kFeatureCount * PcaResidual::components(kFeatureCount))
    return fail(EBADMSG, "pca_center, pca_spread, pca_axes: not for " + std::to_string(kFeatureCount) + " features");
  if (!is_finite(center) || !is_finite(spread) || !is_finite(axes))
    return fail(EBADMSG, "pca_center, pca_spread, pca_axes: a number is not finite");
  if (*std::min_element(spread.begin(), spread.end()) <= 0) return fail(EBADMSG, "pca_spread: not above 0");
  return PcaResidual(std::move(center), std::move(spread), std::move(axes));
}

}  // namespace

Result<std::optional<Partners>> read_partners(const Safetensors& content) {
  if (!content.metadata.contains("scale_rows")) return std::optional<Partners>();
  FieldReader fields(content);
  const auto rows = fields.number<std::uint32_t>("scale_rows");
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (rows < 1 || rows > kMaxScaleRows) return fail(EBADMSG, "scale_rows: " + std::to_string(rows));
  auto tail = read_tail(fields, rows);
  if (!tail) return tl::make_unexpected(tail.error());
  auto scales = read_scales(fields, rows);
  if (!scales) return tl::make_unexpected(scales.error());
  auto pca = read_pca(fields);
  if (!pca) return tl::make_unexpected(pca.error());
  return Partners{std::move(*tail), std::move(*pca), std::move((*scales)[0]), std::move((*scales)[1]),
                  std::move((*scales)[2])};
}

void put_partners(const Partners& partners, Safetensors& content) {
  std::vector<std::uint16_t> place;
  std::vector<std::uint8_t> family;
  std::vector<double> tail_knots, scale_knots, scale_tails;
  const auto append = [](std::span<const double> from, std::vector<double>& to) {
    to.insert(to.end(), from.begin(), from.end());
  };
  for (const TailScore::Column& column : partners.tail.columns()) {
    place.push_back(column.place);
    family.push_back(column.family);
    append(column.ordinary.knots(), tail_knots);
  }
  for (const TailScale* scale : {&partners.forest_scale, &partners.tail_scale, &partners.pca_scale}) {
    append(scale->body().knots(), scale_knots);
    append({{scale->tail().cut, scale->tail().surprise_at_cut, scale->tail().per_decade}}, scale_tails);
  }
  content.metadata["scale_rows"] = std::to_string(partners.forest_scale.body().rows());
  content.put<std::uint16_t>("tail_column", place);
  content.put<std::uint8_t>("tail_family", family);
  content.put<double>("tail_knots", tail_knots);
  content.put<double>("scale_knots", scale_knots);
  content.put<double>("scale_tails", scale_tails);
  content.put("pca_center", partners.pca.center());
  content.put("pca_spread", partners.pca.spread());
  content.put("pca_axes", partners.pca.axes());
}

}  // namespace weir
