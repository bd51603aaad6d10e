#pragma once

#include <cstdint>

#include "bench/test_run.h"

namespace weir::test {

/// What packets a measurement is made of.
struct Case {
  const char* name;
  bool is_v6;
  std::uint32_t flows;  ///< a power of two
  bool every_packet_new;
  int tries;
};

/// The programs that are compared, loaded and sized for one case. All but the direct one run behind the same wrapper, which
/// varies the packet and tail-calls them.
class Subjects {
 public:
  /// kConventional meets its maps as the product meets its tables: with every packet new they were drained just before.
  /// kConventionalFull, of interest only there, has its maps full of what came before, so that each new flow evicts one.
  enum Kind { kEmptyDirect, kEmpty, kConventional, kConventionalFull, kWeir, kKinds };

  /// Throws std::runtime_error where something cannot be loaded.
  explicit Subjects(const Case& what);

  /// Puts every flow into every table, so that tries meet a table as it is after a while.
  void warm_up();
  /// CPU time of this thread for a packet, in nanoseconds.
  double measure(Kind kind, int packets);

 private:
  int program_of(Kind kind) const;
  void prepare(Kind kind);
  void empty_tables();

  Case case_;
  Wrapper wrapper_;
  Conventional conventional_;
  FlowMeter meter_;
};

}  // namespace weir::test
