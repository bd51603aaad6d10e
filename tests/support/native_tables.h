#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sensor/native_meter.h"
#include "sensor/table_reader.h"
#include "support/packet_builder.h"

namespace weir::test {

/// The data plane compiled for the host, over this process's memory, with the clock in the test's hands.
class NativeTables {
 public:
  explicit NativeTables(const weir_config& config);
  NativeTables(const NativeTables&) = delete;
  NativeTables& operator=(const NativeTables&) = delete;

  weir_control& control() { return control_; }
  weir_tables& tables() { return tables_; }

  void count(const Bytes& captured, std::uint32_t wire_bytes);
  void count(const Bytes& frame) { count(frame, static_cast<std::uint32_t>(frame.size())); }

  /// Starts the next generation and reads the last one.
  void drain(Snapshot& out);

 private:
  weir_native_map add(std::uint32_t entries, std::size_t value_size);
  static void keep_sample(void* self, const weir_sample* sample);

  std::vector<std::unique_ptr<std::uint64_t[]>> memory_;
  std::vector<weir_sample> samples_;
  weir_control control_{};
  weir_tables tables_{};
};

}  // namespace weir::test
