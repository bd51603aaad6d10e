#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <span>

namespace weir {

/// Byte values of many payload heads, pooled.
class ByteHistogram {
 public:
  void add(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t b : bytes) ++counts_[b];
    total_ += static_cast<std::uint32_t>(bytes.size());
  }

  /// Shannon entropy in bit/byte, 0..8; 0 without bytes.
  double entropy() const {
    double sum = 0;
    for (const std::uint32_t n : counts_) {
      if (n == 0) continue;
      const double p = static_cast<double>(n) / total_;
      sum -= p * std::log2(p);
    }
    return sum;
  }

 private:
  std::array<std::uint32_t, 256> counts_{};
  std::uint32_t total_ = 0;
};

}  // namespace weir
