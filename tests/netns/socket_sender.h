#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace weir::test {

/// Two threads, each on a CPU of its own if there are two, that send out of an interface through the whole stack, unlike
/// LiveSender: one frames of many flows and lengths, the other merged frames that the wire carries as up to 40 packets.
class SocketSender {
 public:
  SocketSender(std::string interface, unsigned flows);
  SocketSender(const SocketSender&) = delete;
  SocketSender& operator=(const SocketSender&) = delete;
  ~SocketSender() { join(); }

  void stop() { stopped_ = true; }
  void join() { threads_.clear(); }                   ///< then the counts below are final
  std::uint64_t packets() const { return packets_; }  ///< as the wire carries them
  std::uint64_t bytes() const { return bytes_; }

 private:
  void send_frames(int cpu, bool merged);

  std::string interface_;
  unsigned flows_;
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> packets_{0}, bytes_{0};
  std::vector<std::jthread> threads_;
};

}  // namespace weir::test
