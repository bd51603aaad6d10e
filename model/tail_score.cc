#include "tail_score.h"

#include <algorithm>
#include <numbers>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t kFamiliesThatCount = 3;

/// Beyond the greatest ordinary value one more for each ten times as much, where columns are logarithms.
double surprise_of(const TailScore::Column& column, double x) {
  return column.ordinary.surprise(x) + std::max(0.0, x - column.ordinary.greatest()) / std::numbers::ln10;
}

}  // namespace

TailScore::TailScore(std::vector<Column> columns, std::uint32_t row_columns)
    : columns_(std::move(columns)), row_columns_(row_columns) {
  for (const Column& column : columns_) families_ = std::max(families_, std::size_t{column.family} + 1);
}

/// The most surprising column of each family that counts, the strangest first.
std::vector<TailScore::Finding> TailScore::strangest(const float* row) const {
  std::vector<Finding> found(families_);
  for (const Column& column : columns_) {
    const double surprise = surprise_of(column, row[column.place]);
    if (surprise > found[column.family].surprise) found[column.family] = {surprise, column.place};
  }
  std::ranges::sort(found, [](const Finding& a, const Finding& b) { return a.surprise > b.surprise; });
  found.resize(std::min(found.size(), kFamiliesThatCount));
  return found;
}

void TailScore::score(std::span<const float> rows, std::span<double> scores) const {
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto found = strangest(rows.data() + i * row_columns_);
    double sum = 0;
    for (const Finding& f : found) sum += f.surprise;
    scores[i] = sum / static_cast<double>(found.size());
  }
}

std::vector<double> TailScore::contributions(std::span<const float> row) const {
  std::vector<double> parts(row_columns_);
  const auto found = strangest(row.data());
  for (const Finding& f : found) parts[f.place] += f.surprise / static_cast<double>(found.size());
  return parts;
}

}  // namespace weir
