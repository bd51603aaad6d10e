#include "detectors.h"

#include <algorithm>

#include "feature_schema.h"

namespace weir {
namespace {

std::vector<double> column_of(const RowTable& table, std::size_t column) {
  std::vector<double> values(table.rows());
  for (std::size_t row = 0; row < values.size(); ++row) values[row] = static_cast<double>(table.row(row)[column]);
  return values;
}

TailScore fit_tail(const RowTable& table) {
  std::vector<TailScore::Column> columns;
  for (std::uint16_t f = 0; f < kFeatureCount; ++f)
    if (kFeatures[f].family != Family::kNone)
      columns.push_back({f, static_cast<std::uint8_t>(kFeatures[f].family), Survival::of(column_of(table, f))});
  return {std::move(columns), table.columns};
}

template <class Detector>
std::vector<double> scores_of(const Detector& detector, std::span<const float> rows, std::size_t count) {
  std::vector<double> scores(count);
  detector.score(rows, scores);
  return scores;
}

template <class Detector>
std::vector<double> surprises_of(const Detector& detector, const TailScale& scale, std::span<const float> rows,
                                 std::size_t count) {
  std::vector<double> scores = scores_of(detector, rows, count);
  scale.to_surprises(scores);
  return scores;
}

}  // namespace

std::vector<Surprise> Detectors::surprises(std::span<const float> rows) const {
  const std::size_t count = rows.size() / forest.view().columns;
  const auto by_forest = surprises_of(forest, partners->forest_scale, rows, count);
  const auto by_tail = surprises_of(partners->tail, partners->tail_scale, rows, count);
  const auto by_pca = surprises_of(partners->pca, partners->pca_scale, rows, count);
  std::vector<Surprise> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = {by_forest[i], by_tail[i], by_pca[i]};
  return all;
}

std::vector<double> Detectors::own_scores(std::span<const float> rows) const {
  if (!partners) return scores_of(forest, rows, rows.size() / forest.view().columns);
  const std::vector<Surprise> all = surprises(rows);
  std::vector<double> scores(all.size());
  std::ranges::transform(all, scores.begin(), &Surprise::most);
  return scores;
}

Detectors fit_detectors(const RowTable& table, const GrowOptions& options) {
  Forest forest(grow_forest(table, options));
  TailScore tail = fit_tail(table);
  PcaResidual pca = PcaResidual::of(table);
  const auto scale_of = [&](const auto& detector) { return TailScale::of(scores_of(detector, table.values, table.rows())); };
  TailScale forest_scale = scale_of(forest), tail_scale = scale_of(tail), pca_scale = scale_of(pca);
  return {std::move(forest),
          {std::move(tail), std::move(pca), std::move(forest_scale), std::move(tail_scale), std::move(pca_scale)}};
}

}  // namespace weir
