#include "features/conversations.h"

#include <gtest/gtest.h>

#include "support/flow_records.h"

namespace weir {
namespace {

using test::ip;

FlowKey flow(const char* from, std::uint16_t from_port, const char* to, std::uint16_t to_port, std::uint16_t origin = 0) {
  FlowKey key;
  key.source = ip(from);
  key.destination = ip(to);
  key.source_port = from_port;
  key.destination_port = to_port;
  key.protocol = 17;
  key.origin = origin;
  return key;
}

const FlowKey kQuestion = flow("10.0.0.1", 4000, "10.0.0.2", 53), kAnswer = flow("10.0.0.2", 53, "10.0.0.1", 4000, 7);

TEST(Conversations, FindTheAnswerWhereverItWasSeen) {
  Conversations c(100, 1);
  c.add(kQuestion, {5, 1, 0});
  EXPECT_EQ(c.answer_to(kQuestion), nullptr);
  c.add(kAnswer, {9, 3, 2});
  c.add(kAnswer, {7, 1, 1});
  ASSERT_NE(c.answer_to(kQuestion), nullptr);
  EXPECT_EQ(c.answer_to(kQuestion)->packets, 4u);
  EXPECT_EQ(c.answer_to(kQuestion)->resets, 3u);
  EXPECT_EQ(c.answer_to(kQuestion)->first_ns, 7);
  EXPECT_EQ(c.answer_to(kAnswer)->packets, 1u);
  EXPECT_EQ(c.answer_to(flow("10.0.0.1", 4001, "10.0.0.2", 53)), nullptr);
}

TEST(Conversations, AHostMaySpeakToItself) {
  Conversations c(100, 1);
  c.add(flow("10.0.0.1", 4000, "10.0.0.1", 53), {5, 1, 0});
  EXPECT_EQ(c.answer_to(flow("10.0.0.1", 4000, "10.0.0.1", 53)), nullptr);
  c.add(flow("10.0.0.1", 53, "10.0.0.1", 4000), {5, 2, 0});
  EXPECT_EQ(c.answer_to(flow("10.0.0.1", 4000, "10.0.0.1", 53))->packets, 2u);
}

TEST(Conversations, AnEchoIsAnsweredByItsReply) {
  Conversations c(100, 1);
  FlowKey request = flow("10.0.0.1", 0, "10.0.0.2", 8 << 8), reply = flow("10.0.0.2", 0, "10.0.0.1", 0);
  request.protocol = reply.protocol = 1;
  c.add(request, {5, 1, 0});
  c.add(reply, {6, 1, 0});
  EXPECT_NE(c.answer_to(request), nullptr);
}

TEST(Conversations, AreKnownForFiveWindowsInBothDirections) {
  Conversations c(100, 1);
  c.add(kQuestion, {5, 1, 0});
  EXPECT_FALSE(c.is_known(kQuestion)) << "of this window, not of one before";
  for (int window = 0; window < 5; ++window) {
    c.begin_window();
    EXPECT_TRUE(c.is_known(kQuestion) && c.is_known(kAnswer)) << window;
  }
  c.begin_window();
  EXPECT_FALSE(c.is_known(kQuestion));
}

TEST(Conversations, OnlyTheOppositeDirectionAsks) {
  Conversations c(100, 1);
  c.add(kAnswer, {5, 1, 0});
  c.begin_window();
  EXPECT_TRUE(c.is_known(kAnswer));
  EXPECT_FALSE(c.was_asked(kAnswer)) << "it came before, but nobody had asked then either";
  c.add(kQuestion, {6, 1, 0});
  EXPECT_FALSE(c.was_asked(kAnswer)) << "of this window, not of one before";
  c.begin_window();
  EXPECT_TRUE(c.was_asked(kAnswer));
}

TEST(Conversations, ARefusalAsksForNothing) {
  Conversations c(100, 1);
  c.add(kQuestion, {5, 3, 3});
  EXPECT_TRUE(c.answer_to(kAnswer)->is_refusal());
  c.begin_window();
  EXPECT_FALSE(c.was_asked(kAnswer));
  c.add(kQuestion, {6, 2, 1});
  c.begin_window();
  EXPECT_TRUE(c.was_asked(kAnswer));
}

TEST(Conversations, WhereDataStaysUnansweredSilenceSaysNothing) {
  Conversations c(100, 1);
  for (int n = 0; n < 19; ++n) c.count_data_flow(false);
  EXPECT_TRUE(c.replies_visible()) << "too few to tell";
  EXPECT_FALSE(c.replies_proven());
  c.count_data_flow(false);
  EXPECT_FALSE(c.replies_visible());
  for (int n = 0; n < 81; ++n) c.count_data_flow(true);
  EXPECT_TRUE(c.replies_visible());
  EXPECT_TRUE(c.replies_proven());
}

TEST(Conversations, CountsWhatFindsNoRoom) {
  Conversations c(10, 1);
  for (std::uint16_t port = 1; port <= 15; ++port) c.add(flow("10.0.0.1", port, "10.0.0.2", 53), {5, 1, 0});
  EXPECT_EQ(c.lost(), 5u);
}

}  // namespace
}  // namespace weir
