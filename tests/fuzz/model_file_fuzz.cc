#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "column_forest.h"
#include "model_file.h"
#include "model_seal.h"
#include "tree_shap.h"

namespace {

constexpr std::size_t kRows = 70;  // more than a register holds

/// The file's own bytes as floats: thresholds among them, NaN and infinities too.
std::vector<float> rows_from(const std::vector<std::uint8_t>& file, std::size_t columns) {
  std::vector<float> rows(kRows * columns);
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::memcpy(&rows[i], file.data() + i * sizeof(float) % (file.size() - sizeof(float) + 1), sizeof(float));
  return rows;
}

/// Each path adds the same values in the same order, so the sums are the same bits.
void compare_paths(const weir::ColumnForest& loaded, const std::vector<std::uint8_t>& file) {
  const weir::DepthEngine& engine = loaded.forest().engine();
  const std::vector<float> rows = rows_from(file, loaded.columns().size());
  std::vector<double> expected(kRows), sums(kRows);
  engine.sum(rows, expected, weir::DepthPath::kWalk);
  for (const auto path : {weir::DepthPath::kPortable, weir::DepthPath::kAvx2, weir::DepthPath::kAvx512}) {
    if (!engine.is_available(path)) continue;
    engine.sum(rows, sums, path);
    if (std::memcmp(sums.data(), expected.data(), kRows * sizeof(double)) != 0) std::abort();
  }
}

/// Rows with NaN among them. What the parts are is the unit tests' business.
void explain(const weir::ColumnForest& loaded, const std::vector<std::uint8_t>& file) {
  const std::size_t columns = loaded.columns().size();
  const std::vector<float> rows = rows_from(file, columns);
  std::vector<double> parts(2 * columns);
  const auto first = std::span(rows).first(parts.size());
  loaded.forest().contributions(first, parts);
  weir::TreeShap(loaded.forest().view()).explain(first, parts);
}

void score_as_ours(const std::vector<std::uint8_t>& file) {
  const auto model = weir::model_from_bytes(file);
  if (!model) return;
  weir::FeatureVector features{};
  features.fill(static_cast<double>(file.size()));
  (void)model->score(features);
  (void)model->contributions(features);
}

}  // namespace

/// Model files are read as if an enemy had written them: whatever loads must also be safe to score with. Once as the bytes
/// are, once with their hash put right, or no input would get past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> file(data, data + size);
  for (const bool is_sealed : {false, true}) {
    if (is_sealed && !weir::seal(file)) break;
    score_as_ours(file);
    const auto loaded = weir::ColumnForest::from_bytes(file);
    if (!loaded) continue;
    compare_paths(*loaded, file);
    explain(*loaded, file);
  }
  return 0;
}
