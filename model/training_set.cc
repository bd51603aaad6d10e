#include "training_set.h"

#include <algorithm>
#include <string>

#include "quantile.h"

namespace weir {

void TrainingSet::set_windows(std::span<const FeatureVector> windows) {
  features.resize(static_cast<Eigen::Index>(windows.size()), static_cast<Eigen::Index>(kFeatureCount));
  for (std::size_t i = 0; i < windows.size(); ++i)
    std::ranges::copy(transform(windows[i]), features.row(static_cast<Eigen::Index>(i)).data());
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    std::vector<double> values;
    values.reserve(windows.size());
    for (const FeatureVector& window : windows) values.push_back(window[f]);
    add_normal(kFeatures[f].name, std::move(values));
  }
}

void TrainingSet::add_normal(std::string_view name, std::vector<double> values) {
  if (values.empty()) return;
  std::ranges::sort(values);
  normal.push_back({std::string(name), quantile(values, 0.5), quantile(values, 0.99)});
}

}  // namespace weir
