#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "features/flat_index.h"
#include "features/sign_figures.h"

namespace weir {

enum class SignKind : std::uint8_t {
  kFailedTcp,
  kAcceptedTcp,  // behind kFailedTcp: figured with it
  kProbedUdp,
  kFailedUdp,
  kAnsweredUdp,  // behind both, likewise
  kSilentEcho,
  kAnsweredEcho,
  kHalfOpen,
  kEmptyConnection,
  kHeldConnection,
  kLogin,
  kUnansweredUdp,
  kLargePayload,
  kServiceUsed,    // counts payload bytes
  kServiceServed,  // likewise
  kSshBanner,
  kLoginCommand,
  kLoginRefused,
  kCommunity,  // its hash stands where a port does
  kWebAttack,
  kHttpAnswer,
  kHttpError,
  kNameAnswer,
  kMissingName,
  kNameQuestion,
  kLongName,
  kSilentSource,
  kUnaskedSynAck,
  kUnaskedReset,
  kUnaskedDatagram,
  kProbedSctp,
  kProbedByFin,
  kProbedProtocol,  // its number stands where a port does
};

/// Something that a host did to another (or had done to it by another: the kinds from kSilentSource to kUnaskedDatagram, and
/// kServiceServed), and how often.
struct Sign {
  struct Key {
    IpAddress host, other;
    std::uint64_t what = 0;  ///< kind << 16 | port

    SignKind kind() const { return static_cast<SignKind>(what >> 16); }
    std::uint16_t port() const { return static_cast<std::uint16_t>(what); }
    bool operator==(const Key&) const = default;
  };
  Key key;
  std::uint32_t count = 0;
};

/// Collects the signs of a window and remembers those of the five windows before, in bounded memory: what finds no room
/// is counted, and of one host and kind only so many are remembered as any threshold asks for.
class Signs {
 public:
  Signs(std::uint32_t limit, std::uint64_t seed) : index_(limit, seed) {}

  void add(const IpAddress& host, SignKind kind, const IpAddress& other, std::uint16_t port, std::uint64_t count = 1);

  void add(const IpAddress& host, const Beacon& beacon) { beacons_.emplace(host, beacon); }

  /// The window has ended: sorts what was collected. Then figures_of() speaks of it, until begin_window().
  void end_window(std::int64_t start_ns);
  /// nullptr: it has none that any threshold asks for.
  std::shared_ptr<const HostSigns> figures_of(const IpAddress& host) const;
  /// Begins a new window and keeps the signs of the last five.
  void begin_window();

  /// Signs that found no room in the window or in the memory.
  std::uint64_t lost() const { return lost_; }

 private:
  using Run = std::span<const Sign>;
  struct Past {
    std::int64_t start_ns = 0;
    std::vector<Sign> signs;  // sorted
  };
  static constexpr std::size_t kPastWindows = 5;

  std::vector<Sign> merged(Run fresh) const;
  void remember();

  FlatIndex<Sign::Key, std::uint32_t> index_;
  std::vector<Sign> sorted_;
  std::multimap<IpAddress, Beacon> beacons_;
  std::int64_t start_ns_ = 0;
  std::array<Past, kPastWindows> past_;
  std::size_t oldest_ = 0;
  std::uint64_t lost_ = 0;
};

/// Services that ask for a password (IANA registry): guessing at them is what brute force is. Not those to which programs
/// connect anew for each question (Redis, MongoDB, Kerberos): of Redis the refusals are read.
bool is_login_port(std::uint16_t port);

}  // namespace weir
