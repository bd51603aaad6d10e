#pragma once

#include <span>
#include <vector>

#include "survival.h"

namespace weir {

/// Puts scores of any detector on one scale, so that they can be compared: surprise = -log10 of the share of ordinary rows
/// that score at least as high. Beyond the top 2 % of the training rows an exponential tail goes on, so that what is far out
/// is told from what is farther.
class TailScale {
 public:
  /// Where the tail begins, its surprise there, and how much score adds 1 to it.
  struct Tail {
    double cut, surprise_at_cut, per_decade;
  };

  /// From the training rows' scores, not empty.
  static TailScale of(const std::vector<double>& scores);
  TailScale(Survival body, const Tail& tail);

  double surprise(double score) const;
  /// Of each, in place.
  void to_surprises(std::span<double> scores) const;

  const Survival& body() const { return body_; }
  const Tail& tail() const { return tail_; }

 private:
  Survival body_;
  Tail tail_;
};

}  // namespace weir
