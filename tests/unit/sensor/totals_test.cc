#include <gtest/gtest.h>

#include <set>

#include "sensor/flow_snapshot.h"

namespace weir {
namespace {

Totals conserved() {
  Totals t;
  t.seen_packets = 10;
  t.seen_bytes = 1000;
  t.flow_packets = 6;
  t.flow_bytes = 600;
  t.stash_packets = 2;  // part of the flows
  t.overflow_packets = 3;
  t.overflow_bytes = 300;
  t.undecoded_packets[WEIR_ARP] = 1;
  t.undecoded_bytes[WEIR_ARP] = 100;
  return t;
}

TEST(Totals, AreConservedWhereEverythingSeenIsSomewhere) { EXPECT_TRUE(conserved().is_conserved()); }

TEST(Totals, AreNotConservedIfOnePacketOrByteIsMissing) {
  for (std::uint64_t Totals::*part : {&Totals::seen_packets, &Totals::seen_bytes, &Totals::flow_packets, &Totals::flow_bytes,
                                      &Totals::overflow_packets, &Totals::overflow_bytes}) {
    Totals t = conserved();
    t.*part += 1;
    EXPECT_FALSE(t.is_conserved());
  }
  Totals t = conserved();
  t.undecoded_packets[WEIR_SHORT_L4] += 1;
  EXPECT_FALSE(t.is_conserved());
}

TEST(Totals, AddUpInEveryPart) {
  Totals one = conserved();
  one.flow_records = one.overflow_without_host = one.saturated_events = one.spill_packets = 5;
  one.samples_sent = one.samples_capped = one.samples_lost = 7;
  Totals sum = one;
  sum += one;
  EXPECT_EQ(sum.seen_packets, 20u);
  EXPECT_EQ(sum.seen_bytes, 2000u);
  EXPECT_EQ(sum.flow_packets, 12u);
  EXPECT_EQ(sum.flow_bytes, 1200u);
  EXPECT_EQ(sum.flow_records, 10u);
  EXPECT_EQ(sum.stash_packets, 4u);
  EXPECT_EQ(sum.overflow_packets, 6u);
  EXPECT_EQ(sum.overflow_bytes, 600u);
  EXPECT_EQ(sum.overflow_without_host, 10u);
  EXPECT_EQ(sum.undecoded_packets[WEIR_ARP], 2u);
  EXPECT_EQ(sum.undecoded_bytes[WEIR_ARP], 200u);
  EXPECT_EQ(sum.saturated_events, 10u);
  EXPECT_EQ(sum.spill_packets, 10u);
  EXPECT_EQ(sum.samples_sent, 14u);
  EXPECT_EQ(sum.samples_capped, 14u);
  EXPECT_EQ(sum.samples_lost, 14u);
  EXPECT_TRUE(sum.is_conserved());
}

TEST(UndecodedReason, HasANameOfItsOwnEach) {
  std::set<std::string_view> names;
  for (std::size_t reason = 0; reason < WEIR_UNDECODED_REASONS; ++reason) names.insert(undecoded_reason_name(reason));
  EXPECT_EQ(names.size(), std::size_t{WEIR_UNDECODED_REASONS});
  EXPECT_EQ(undecoded_reason_name(WEIR_ETHERTYPE), "ethertype");
  EXPECT_EQ(undecoded_reason_name(WEIR_EXT_CHAIN), "extension_chain");
}

}  // namespace
}  // namespace weir
