#include "sensor/departures.h"

#include "sensor/flow_meter.h"

namespace weir {
namespace {

constexpr const char* kTwice =
    "a packet forwarded from one watched interface to another counts where it arrives and where it leaves";

}  // namespace

std::string_view coverage_name(Departures departures) {
  if (departures == Departures::kCounted) return "both directions";
  return departures == Departures::kAnswers ? "arrivals, answers to match" : "arrivals only";
}

DeparturePlan plan_departures(EgressMode mode, InterfaceRole role, std::size_t watched) {
  const bool is_one = watched <= 1;
  if (mode == EgressMode::kOff) return {Departures::kNone, "egress is off in the configuration"};
  if (mode == EgressMode::kOn) return {Departures::kCounted, is_one ? "" : kTwice};
  if (is_one) return {Departures::kCounted, {}};
  if (role == InterfaceRole::kInside) return {Departures::kAnswers, {}};
  return {Departures::kNone, std::string("several interfaces are watched: ") + kTwice};
}

Result<void> watch_departures(FlowMeter& meter, unsigned slot, EgressMode mode, InterfaceRole role, std::size_t watched,
                              Attachment& attachment, TcWay way, std::vector<Kept>* kept) {
  DeparturePlan plan = plan_departures(mode, role, watched);
  const bool is_optional = mode == EgressMode::kAuto;
  if (plan.departures == Departures::kNone) attachment.egress = {};
  meter.set_answers(slot, plan.departures == Departures::kAnswers);
  if (plan.departures != Departures::kNone && attachment.egress.way().empty() && kept != nullptr)
    if (auto known = TcAttachment::take_over(meter.egress_program(), attachment.ifindex, TcHook::kEgress, *kept))
      attachment.egress = std::move(*known);
  if (plan.departures != Departures::kNone && attachment.egress.way().empty()) {
    auto egress = TcAttachment::attach(meter.egress_program(), attachment.ifindex, TcHook::kEgress, way);
    if (!egress && !is_optional) return fail(egress.error(), attachment.interface + ": attach to what leaves");
    if (!egress) plan = {Departures::kNone, egress.error().what};
    if (egress) attachment.egress = std::move(*egress);
  }
  attachment.departures = plan.departures;
  attachment.departures_reason = plan.reason;
  return {};
}

void refresh_frame_limit(FlowMeter& meter, unsigned slot, const Attachment& attachment) {
  if (const auto longest = longest_frame(attachment.interface)) meter.set_frame_limit(slot, *longest);
}

}  // namespace weir
