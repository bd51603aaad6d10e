#pragma once

#include <utility>
#include <vector>

#include "sensor/flow_source.h"

namespace weir::test {

/// Hands out given ticks, then an error if one is set, then nothing.
class FakeFlowSource : public FlowSource {
 public:
  explicit FakeFlowSource(std::vector<Snapshot> ticks) : ticks_(std::move(ticks)) {}

  void fail_at_the_end(Error error) { error_ = tl::make_unexpected(std::move(error)); }

  [[nodiscard]] Result<bool> read_tick(Snapshot& out) override {
    out.clear();
    if (next_ < ticks_.size()) {
      out = ticks_[next_++];
      return true;
    }
    return std::exchange(error_, false);
  }

 private:
  std::vector<Snapshot> ticks_;
  std::size_t next_ = 0;
  Result<bool> error_ = false;
};

}  // namespace weir::test
