#include "sensor/tc_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "netns/two_networks.h"
#include "sensor/flow_meter.h"
#include "sensor/tc_dump.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr std::uint32_t kOurHandle = 0x77656972, kOurPriority = 1;
const std::string kWeir = WEIR_BINARY;

/// Attachments to `va`, made by this process and by ones that die.
class TcFilterTest : public PrivateNetworkTest {
 protected:
  void SetUp() override {
    PrivateNetworkTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    make_veth("va", "vb");
    ifindex_ = static_cast<int>(if_nametoindex("va"));
  }

  static FlowMeter load() {
    auto meter = FlowMeter::load({.size = Watch::kSize});
    EXPECT_TRUE(meter) << meter.error().what;
    return std::move(*meter);
  }

  Result<TcAttachment> attach(const FlowMeter& meter, TcWay way, TcHook hook = TcHook::kEgress) const {
    const int program = hook == TcHook::kEgress ? meter.egress_program() : meter.ingress_program();
    return TcAttachment::attach(program, ifindex_, hook, way);
  }

  std::size_t filters(TcHook hook = TcHook::kEgress) const { return dump_tc_filters(ifindex_, hook).value().size(); }
  static bool has_clsact() { return output_of("tc qdisc show dev va").find("clsact") != std::string::npos; }
  int ifindex() const { return ifindex_; }

  /// A process that attaches a clsact filter and waits to be killed.
  pid_t start_other_sensor() const {
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = fork();
    if (child == 0) {
      const FlowMeter meter = load();
      const auto attached = attach(meter, TcWay::kClsact);
      const char result = attached ? 'y' : 'n';
      if (write(pipe[1], &result, 1) != 1) _exit(1);
      while (true) pause();
    }
    close(pipe[1]);
    char result = 0;
    EXPECT_EQ(::read(pipe[0], &result, 1), 1);
    EXPECT_EQ(result, 'y');
    close(pipe[0]);
    return child;
  }

  static void kill_hard(pid_t child) {
    EXPECT_EQ(kill(child, SIGKILL), 0);
    EXPECT_EQ(waitpid(child, nullptr, 0), child);
  }

  /// Somebody else's: it does nothing.
  static UniqueFd foreign_program(const char* name) {
    const std::array<bpf_insn, 2> code = {bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, -1},
                                          bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    return UniqueFd(bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "GPL", code.data(), code.size(), nullptr));
  }

  void attach_foreign(const char* name, std::uint32_t handle, std::uint32_t priority) const {
    const UniqueFd program = foreign_program(name);
    bpf_tc_hook hook{};
    hook.sz = sizeof hook;
    hook.ifindex = ifindex_;
    hook.attach_point = BPF_TC_EGRESS;
    const int made = bpf_tc_hook_create(&hook);
    ASSERT_TRUE(made == 0 || made == -EEXIST);
    bpf_tc_opts options{};
    options.sz = sizeof options;
    options.prog_fd = program.get();
    options.handle = handle;
    options.priority = priority;
    ASSERT_EQ(bpf_tc_attach(&hook, &options), 0);
  }

 private:
  int ifindex_ = 0;
};

TEST_F(TcFilterTest, TakesALinkWhereTheKernelHasTcx) {
  const FlowMeter meter = load();
  const auto attached = attach(meter, TcWay::kAuto);
  ASSERT_TRUE(attached) << attached.error().what;
  EXPECT_EQ(attached->way(), attach(meter, TcWay::kTcx, TcHook::kIngress) ? "tcx" : "clsact");
}

TEST_F(TcFilterTest, ALinkNeedsNoQdisc) {
  const FlowMeter meter = load();
  const auto attached = attach(meter, TcWay::kTcx);
  if (!attached && attached.error().code == EINVAL) GTEST_SKIP() << "this kernel has no tcx";
  ASSERT_TRUE(attached) << attached.error().what;
  EXPECT_FALSE(has_clsact());
}

TEST_F(TcFilterTest, RemovesItsFilterAndItsQdisc) {
  const FlowMeter meter = load();
  {
    auto ingress = attach(meter, TcWay::kClsact, TcHook::kIngress);
    auto egress = attach(meter, TcWay::kClsact);
    ASSERT_TRUE(ingress && egress);
    EXPECT_EQ(egress->way(), "clsact");
    EXPECT_GT(filters(), 0u);
    EXPECT_GT(filters(TcHook::kIngress), 0u);
  }
  EXPECT_FALSE(has_clsact());
}

TEST_F(TcFilterTest, LeavesAQdiscThatWasThere) {
  run("tc qdisc add dev va clsact");
  const FlowMeter meter = load();
  static_cast<void>(attach(meter, TcWay::kClsact).value());
  EXPECT_EQ(filters(), 0u);
  EXPECT_TRUE(has_clsact());
}

TEST_F(TcFilterTest, LeavesItsQdiscToSomebodyWhoCameLater) {
  const FlowMeter meter = load();
  {
    const auto attached = attach(meter, TcWay::kClsact);
    ASSERT_TRUE(attached) << attached.error().what;
    ASSERT_NO_FATAL_FAILURE(attach_foreign("theirs", 5, 9));
  }
  EXPECT_NE(output_of("tc filter show dev va egress").find("theirs"), std::string::npos);
  EXPECT_EQ(output_of("tc filter show dev va egress").find("weir"), std::string::npos);
}

TEST_F(TcFilterTest, AKilledSensorsFilterStaysAndTheNextStartRemovesIt) {
  kill_hard(start_other_sensor());
  EXPECT_NE(output_of("tc filter show dev va egress").find("weir_egress"), std::string::npos);
  Watch next("va", XdpMode::kNative, EgressMode::kOn);
  EXPECT_EQ(output_of("tc filter show dev va egress").find("weir_egress") == std::string::npos,
            next.attachment().egress.way() == "tcx");
  send_merged("va", PacketBuilder().ip4().udp(1, 2).payload(100).build(), 0, 0, 0);
  EXPECT_EQ(next.read().totals.flow_packets, 1u);
  next.detach();
  EXPECT_EQ(filters(), 0u);
}

TEST_F(TcFilterTest, DetachRemovesAKilledSensorsFilterAndNoOther) {
  ASSERT_NO_FATAL_FAILURE(attach_foreign("theirs", 5, 9));
  ASSERT_NO_FATAL_FAILURE(attach_foreign("weir_like", 6, kOurPriority));
  kill_hard(start_other_sensor());
  const std::string said = output_of(kWeir + " detach va");
  EXPECT_EQ(said.rfind("va: removed weir_egress:[", 0), 0u) << said;
  const std::string left = output_of("tc filter show dev va egress");
  EXPECT_NE(left.find("theirs"), std::string::npos) << left;
  EXPECT_NE(left.find("weir_like"), std::string::npos) << left;
  EXPECT_EQ(left.find("weir_egress"), std::string::npos) << left;
  EXPECT_EQ(output_of(kWeir + " detach"), "");
}

TEST_F(TcFilterTest, ALivingSensorsFilterIsKept) {
  const pid_t other = start_other_sensor();
  const std::string said = output_of("(" + kWeir + " detach; echo $?)");
  EXPECT_EQ(said.rfind("va: kept weir_egress:[", 0), 0u) << said;
  EXPECT_NE(said.find("\n69\n"), std::string::npos) << said;
  const FlowMeter meter = load();
  const auto refused = attach(meter, TcWay::kClsact);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, EBUSY);
  EXPECT_NE(output_of("tc filter show dev va egress").find("weir_egress"), std::string::npos);
  kill_hard(other);
}

TEST_F(TcFilterTest, SomebodyElseInOurPlaceStays) {
  ASSERT_NO_FATAL_FAILURE(attach_foreign("theirs", kOurHandle, kOurPriority));
  const FlowMeter meter = load();
  const auto refused = attach(meter, TcWay::kClsact);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, EBUSY) << refused.error().what;
  EXPECT_TRUE(remove_leftovers(ifindex())->empty());
  EXPECT_NE(output_of("tc filter show dev va egress").find("theirs"), std::string::npos);
}

TEST_F(TcFilterTest, DetachNamesAnInterfaceThatIsNotThere) {
  EXPECT_EQ(output_of("(" + kWeir + " detach nosuch0; echo $?)"),
            "weir: nosuch0: no such interface; `ip link` lists them\n69\n");
}

}  // namespace
}  // namespace weir::test
