#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sensor/flow_snapshot.h"

struct sender;       // bpftool's skeleton
struct sender_lane;  // of sender_abi.h

namespace weir::test {

/// What live traffic looks like.
struct Traffic {
  std::uint32_t flows = 1024;  ///< a power of two, on each CPU
  bool every_packet_new = false;
  std::uint64_t packets = 0;  ///< to be sent by each of the two senders
};

/// What a device says about itself (`ethtool -S`), summed over its queues.
struct DeviceCounts {
  std::uint64_t received_packets = 0, received_bytes = 0;
  std::uint64_t sent_packets = 0, refused_packets = 0;  ///< by the peer's full ring: these never reached it
};
DeviceCounts read_device(const std::string& interface);

/// Two threads, each on a CPU of its own if there are two, one sending IPv4, the other IPv6: lengths mixed, one frame in 16
/// no IP, some cut short inside their headers.
class LiveSender {
 public:
  LiveSender(const std::string& interface, const Traffic& traffic);
  LiveSender(const LiveSender&) = delete;
  LiveSender& operator=(const LiveSender&) = delete;
  ~LiveSender();

  bool is_done() const { return running_ == 0; }
  void stop() { stopped_ = true; }  ///< sooner than after all packets
  void join();                      ///< then the counts below are final
  std::uint64_t packets() const;
  std::uint64_t bytes() const;
  std::uint64_t not_ip() const;

 private:
  void send(int cpu, std::uint64_t packets);
  std::uint64_t sum(std::uint64_t (*of)(const sender_lane&)) const;

  struct Unload {
    void operator()(sender*) const;
  };
  std::unique_ptr<sender, Unload> program_;
  std::atomic<int> running_{0};
  std::atomic<bool> stopped_{false};
  std::vector<std::jthread> threads_;
};

}  // namespace weir::test
