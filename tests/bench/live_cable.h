#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/unique_fd.h"
#include "bench/test_run.h"

namespace weir::test {

constexpr int kSenderCpu = 0;  ///< the receiving side of a veth runs on it too

/// What sending cost, and how much of it arrived.
struct Sent {
  std::uint64_t packets = 0;  ///< that the peer's ring took
  std::uint64_t refused = 0;  ///< by that ring, full: these never reached it
  double cpu_ns = 0;          ///< of the sender, the receiving softirq in its context included, and of ksoftirqd

  double ns_per_packet() const { return cpu_ns / static_cast<double>(packets); }
};

/// Cables (veth) from a private namespace of the sender's into the private one that the caller is in.
///
/// How CPU time is taken: this kernel does not account interrupts apart (CONFIG_IRQ_TIME_ACCOUNTING is off), so the time of
/// the softirq in which a veth receives belongs to the thread it interrupts: the sender's own, pinned to CPU 0, or
/// ksoftirqd. Both clocks are exact to the nanosecond; /proc/stat's samples are not, and other processes spoil it.
class LiveCable {
 public:
  /// Throws std::runtime_error. The caller must be in a network namespace of its own (enter_private_network).
  LiveCable();

  /// Lays one more cable; `name` is its receiving end, up and silent.
  void lay(const std::string& name);

  /// Sends 64-byte frames into the cable `name`, one after another at top speed, half TCP, half UDP, evenly drawn from
  /// `flows` flows (a power of two), 16 a host, until `is_enough`, which is asked each 50,000 packets.
  Sent send(const std::string& name, std::uint32_t flows, const std::function<bool(std::uint64_t sent)>& is_enough);
  Sent send(const std::string& name, std::uint32_t flows, std::uint64_t packets);

  int empty_program() const { return wrapper_.empty(); }

 private:
  void in_senders_namespace(const std::function<void()>& work) const;

  Wrapper wrapper_;
  Bytes frame_;
  UniqueFd senders_;
};

/// Packets that a device says its receive queues were given (ethtool -S).
std::uint64_t received_packets(const std::string& name);

}  // namespace weir::test
