#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "sensor/departures.h"
#include "sensor/flow_meter.h"
#include "sensor/flow_snapshot.h"
#include "support/packet_builder.h"

namespace weir::test {

/// What a command line prints.
std::string output_of(const std::string& command);

/// A second network namespace beside the test's own.
class OtherNetwork {
 public:
  OtherNetwork();
  /// Runs `what` there, in this thread. Sockets and links that it makes stay there.
  template <class Callable>
  auto run_inside(Callable what) const {
    const Inside inside(*this);
    return what();
  }
  /// As `ip link set ... netns` takes it.
  std::string path() const;

 private:
  struct Inside {
    explicit Inside(const OtherNetwork& other);
    ~Inside();
    UniqueFd back;
  };
  UniqueFd network_;
};

/// A TCP connection to `address` in the other network: the client here sends `up` bytes, the server there answers with
/// `down`, both close.
void transfer(const OtherNetwork& there, const char* address, std::uint16_t port, std::size_t up, std::size_t down);

/// One interface watched: arrivals by XDP or tc, departures by tc, all in the tables of one meter.
class Watch {
 public:
  static constexpr TableSize kSize{.sets4 = 1024, .sets6 = 64, .host_sets = 16, .filter_words = 64};

  Watch(const std::string& interface, XdpMode mode, EgressMode egress, TcWay way = TcWay::kAuto,
        const std::vector<Tunnel>& opened = SensorOptions{}.decapsulate);
  /// All that was counted so far; the law must hold.
  const Snapshot& read();

  FlowMeter& meter() { return *meter_; }
  Attachment& attachment() { return *attachment_; }
  void detach() { attachment_.reset(); }

 private:
  std::optional<FlowMeter> meter_;
  std::optional<Attachment> attachment_;
  Snapshot all_;
};

/// Sends frames as a virtual machine does.
class FrameSocket {
 public:
  explicit FrameSocket(const char* interface);
  /// If `segment_payload` is not 0, the stack has to cut the frame into segments behind `headers` bytes. `linear`: bytes
  /// that are to lie in one piece (frames longer than a page only). What the peer has no room for counts as sent: it has
  /// left.
  void send(const Bytes& frame, std::uint16_t headers, std::uint16_t segment_payload, std::uint16_t linear) const;

 private:
  UniqueFd socket_;
};
/// One frame of a socket of its own.
void send_merged(const char* interface, const Bytes& frame, std::uint16_t headers, std::uint16_t segment_payload,
                 std::uint16_t linear);

}  // namespace weir::test
