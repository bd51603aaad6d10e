#pragma once

#include <cstdint>
#include <string>

namespace weir {

/// How far a long command is, on standard error: a bar where that is a terminal, else a plain line after each tenth.
class Progress {
 public:
  Progress();
  /// Ends the bar's line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `share`: 0 to 1.
  void show(double share, const std::string& note);

 private:
  void draw(double share, const std::string& note);

  bool is_terminal_, is_drawn_ = false;
  std::int64_t drawn_ns_ = 0;
  int tenths_ = 0;
};

}  // namespace weir
