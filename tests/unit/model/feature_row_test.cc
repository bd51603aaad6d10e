#include "feature_row.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace weir {
namespace {

TEST(Transform, TakesTheLogarithmOfHeavyTailsOnly) {
  FeatureVector values{};
  values[feature_index("packets_per_second")] = 12.5;
  values[feature_index("inter_arrival_mean")] = 0.02;
  values[feature_index("total_bytes")] = 1e6;
  values[feature_index("tcp_ratio")] = 0.75;
  values[feature_index("payload_entropy")] = 7.9;
  const FeatureRow row = transform(values);
  EXPECT_FLOAT_EQ(row[feature_index("packets_per_second")], std::log(126.0F));
  EXPECT_FLOAT_EQ(row[feature_index("inter_arrival_mean")], std::log(21.0F));
  EXPECT_FLOAT_EQ(row[feature_index("total_bytes")], std::log(1'000'001.0F));
  EXPECT_FLOAT_EQ(row[feature_index("tcp_ratio")], 0.75F);
  EXPECT_FLOAT_EQ(row[feature_index("payload_entropy")], 7.9F);
  EXPECT_EQ(row[feature_index("unique_ports")], 0.0F);
}

TEST(Transform, TreatsRoundingBelowZeroAndNanAsZero) {
  FeatureVector values{};
  values[feature_index("packet_size_variance")] = -3;
  values[feature_index("payload_size_variance")] = std::numeric_limits<double>::quiet_NaN();
  const FeatureRow row = transform(values);
  EXPECT_EQ(row[feature_index("packet_size_variance")], 0.0F);
  EXPECT_EQ(row[feature_index("payload_size_variance")], 0.0F);
}

}  // namespace
}  // namespace weir
