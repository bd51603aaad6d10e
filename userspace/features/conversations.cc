#include "features/conversations.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

namespace weir {
namespace {

bool is_icmp(std::uint8_t protocol) { return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6; }

bool is_from_greater(const FlowKey& f) {
  if (f.source != f.destination) return f.destination < f.source;
  return !is_icmp(f.protocol) && f.destination_port < f.source_port;
}

/// The same for both directions and on every interface.
FlowKey conversation_of(FlowKey flow) {
  flow.origin = 0;
  if (is_icmp(flow.protocol)) flow.destination_port = 0;  // type and code: of a question others than of its answer
  if (!is_from_greater(flow)) return flow;
  std::swap(flow.source, flow.destination);
  std::swap(flow.source_port, flow.destination_port);
  return flow;
}

constexpr std::size_t kFewConversations = 4096;
constexpr std::uint32_t kMostResets = 0x7fff'ffff;

/// Two places in a filter of `bits`, a power of two, of a conversation's direction.
std::array<std::size_t, 2> places_of(std::uint32_t hash, bool is_from_greater, std::size_t bits) {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;  // spreads neighbouring numbers
  const std::uint64_t mixed = ((std::uint64_t{hash} << 1 | (is_from_greater ? 1 : 0)) + 1) * kGolden;
  return {(mixed >> 8) & (bits - 1), (mixed >> 36) & (bits - 1)};
}

}  // namespace

void Conversations::add(const FlowKey& flow, const Direction& direction) {
  const std::uint32_t number = index_.find_or_add(conversation_of(flow));
  if (number == index_.kNone) {
    ++lost_;
    return;
  }
  Direction& d = index_.value(number).direction[is_from_greater(flow) ? 1 : 0];
  d.first_ns = d.packets == 0 ? direction.first_ns : std::min(d.first_ns, direction.first_ns);
  d.packets += direction.packets;  // may wrap: that there are some, and whether all are resets, is what is asked
  d.resets = (d.resets + direction.resets) & kMostResets;
  d.has_data |= direction.has_data;
}

const Conversations::Direction* Conversations::answer_to(const FlowKey& flow) const {
  const std::uint32_t number = index_.find(conversation_of(flow));
  if (number == index_.kNone) return nullptr;
  const Direction& back = index_.value(number).direction[is_from_greater(flow) ? 0 : 1];
  return back.packets == 0 ? nullptr : &back;
}

bool Conversations::was_seen(const FlowKey& flow, bool is_opposite) const {
  const auto places = places_of(index_.hash_of(conversation_of(flow)), is_from_greater(flow) != is_opposite, kPastBits);
  return std::any_of(past_.begin(), past_.end(), [&](const Past& past) {
    return !past.bits.empty() &&
           std::all_of(places.begin(), places.end(), [&](std::size_t at) { return past.bits[at / 64] >> at % 64 & 1; });
  });
}

void Conversations::count_data_flow(bool is_answered) {
  ++data_flows_;
  if (!is_answered) ++deaf_flows_;
}

void Conversations::Past::clear() {
  if (words.empty())
    bits.assign(kPastBits / 64, 0);
  else
    for (const std::uint32_t word : words) bits[word] = 0;
  words.clear();
}

void Conversations::begin_window() {
  Past& past = past_[oldest_];
  oldest_ = (oldest_ + 1) % kPastWindows;
  past.clear();
  const bool is_few = index_.size() <= kFewConversations;
  for (std::uint32_t i = 0; i < index_.size(); ++i)
    for (const bool from_greater : {false, true}) {
      if (index_.value(i).direction[from_greater ? 1 : 0].is_refusal()) continue;  // or silence
      for (const std::size_t at : places_of(index_.hash_of(index_.key(i)), from_greater, kPastBits)) {
        past.bits[at / 64] |= std::uint64_t{1} << at % 64;
        if (is_few) past.words.push_back(static_cast<std::uint32_t>(at / 64));
      }
    }
  index_.clear();
  data_flows_ *= kFades;
  deaf_flows_ *= kFades;
}

}  // namespace weir
