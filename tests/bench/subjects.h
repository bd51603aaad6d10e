#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "sensor/flow_meter.h"
#include "support/packet_builder.h"

struct bench;  // bpftool's skeletons
struct conventional;

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
  enum Kind { kEmptyDirect, kEmpty, kConventional, kWeir, kKinds };

  /// Throws std::runtime_error where something cannot be loaded.
  explicit Subjects(const Case& what);
  ~Subjects();
  Subjects(const Subjects&) = delete;
  Subjects& operator=(const Subjects&) = delete;

  /// Puts every flow into every table, so that tries meet a table as it is after a while.
  void warm_up();
  /// CPU time of this thread for a packet, in nanoseconds.
  double measure(Kind kind, int packets);

 private:
  struct Unload {
    void operator()(bench*) const;
    void operator()(conventional*) const;
  };
  void load_conventional();
  void run(Kind kind, int packets);
  int program_of(Kind kind) const;
  void empty_tables();

  Case case_;
  Bytes frame_;
  std::unique_ptr<bench, Unload> wrapper_;
  std::unique_ptr<conventional, Unload> conventional_;
  std::optional<FlowMeter> meter_;
};

}  // namespace weir::test
