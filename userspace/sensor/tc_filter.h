#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "sensor/kept.h"

namespace weir {

enum class TcHook { kIngress, kEgress };
constexpr const char* tc_hook_name(TcHook hook) { return hook == TcHook::kIngress ? "ingress" : "egress"; }

/// How a program gets to a tc hook. kAuto: tcx, whose link dies with the process (kernel 6.6), else a clsact filter, which
/// outlives a process that is killed.
enum class TcWay { kAuto, kTcx, kClsact };

/// One of our programs at a tc hook. Dropping it takes the program away, and the clsact qdisc if that was made for it and
/// nobody else uses it.
class TcAttachment {
 public:
  TcAttachment() = default;
  TcAttachment(TcAttachment&& other) noexcept { swap(other); }
  TcAttachment& operator=(TcAttachment&& other) noexcept {
    swap(other);
    return *this;
  }
  ~TcAttachment();

  /// Runs before everybody else at the hook and leaves the verdict to them. A clsact filter that a killed process of ours
  /// left there goes first; that of a living one is EBUSY. Others' filters stay: EBUSY if one holds our place.
  [[nodiscard]] static Result<TcAttachment> attach(int program, int ifindex, TcHook hook, TcWay way = TcWay::kAuto);

  /// Goes on with the tcx link of an earlier process, if it is among `kept`: no packet passes between two programs.
  static std::optional<TcAttachment> take_over(int program, int ifindex, TcHook hook, std::vector<Kept>& kept);
  /// The link, if it is tcx: a clsact filter has none.
  void list_descriptors(std::vector<ToKeep>& out) const;

  /// Puts another program in the place of the attached one; no packet passes between the two.
  [[nodiscard]] Result<void> replace(int program);

  /// "tcx" or "clsact"; empty: attached to nothing.
  const std::string& way() const { return way_; }

 private:
  [[nodiscard]] Result<void> attach_clsact(int program);
  std::string kept_name() const;
  int put_filter(int program, std::uint32_t flags) const;
  void swap(TcAttachment& other) noexcept;

  std::string way_;
  UniqueFd link_;  ///< tcx
  UniqueFd lock_;  ///< clsact: tells other processes that the filter is in use
  int ifindex_ = 0;
  TcHook hook_ = TcHook::kIngress;
  bool made_qdisc_ = false;
};

/// What remove_leftovers() did at one hook.
struct LeftoverFilter {
  TcHook hook = TcHook::kIngress;
  std::string program;   ///< as the kernel shows it: "weir_egress:[123]"
  bool removed = false;  ///< false: a living process uses it
};

/// Removes clsact filters of ours from an interface unless a living process uses them. Touches nothing of others, nor the
/// qdisc: nobody knows who made it.
[[nodiscard]] Result<std::vector<LeftoverFilter>> remove_leftovers(int ifindex);

}  // namespace weir
