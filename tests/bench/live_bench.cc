// What watching adds to live packets: nanoseconds of CPU for each, kernel and process, over the same packets into an empty
// XDP program attached the same way. Either passes them on; behind it the stack drops them (they are for another host), the
// same work in both. In turn within one process; the least of several rounds counts on each side.
//   live_bench [--json] [CASE...]   the kernel's part, then the whole daemon; some minutes. Cases: kernel_1k, daemon_64k,
//   ... live_bench --check              short: fails if the daemon accounts for another number of packets than arrived
#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/live_cable.h"
#include "bench/running_daemon.h"
#include "sensor/interface.h"
#include "sensor/table_reader.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr int kSkipped = 77;
constexpr std::uint32_t kLeastFlows = 65'536;
constexpr double kWindow_s = 10;

struct Size {
  const char* name;
  std::uint32_t flows;
};
constexpr Size kSizes[] = {{"1k", 1 << 10}, {"64k", 1 << 16}, {"1m", 1 << 20}};

/// How long each measurement takes.
struct Effort {
  int kernel_rounds, daemon_rounds;
  double empty_s, daemon_s;  ///< of sending, in a round
};
constexpr Effort kFull{15, 3, 4, 9.3};

double wall_s() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// So that each round ends with the same work: the close of one whole window.
void wait_for_window_start() {
  const double into = std::fmod(wall_s(), kWindow_s);
  std::this_thread::sleep_for(std::chrono::duration<double>(kWindow_s + 0.3 - into));
}

/// Costs of the rounds on one side, in ns a packet.
struct Rounds {
  std::vector<double> ns;

  double least() const { return *std::min_element(ns.begin(), ns.end()); }
  double median() const {
    std::vector<double> sorted = ns;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

struct Added {
  Rounds empty, weir;
  Rounds process;  ///< the daemon's own part of weir
  double packets_per_s = 0;
  std::uint64_t packets = 0, refused = 0;
  std::int64_t lost = 0;  ///< that arrived and were not accounted for
  std::int64_t errors = 0;

  double least() const { return weir.least() - empty.least(); }
  double median() const { return weir.median() - empty.median(); }
};

class LiveBench {
 public:
  LiveBench() {
    enter_private_network();
    cable_ = std::make_unique<LiveCable>();
    cable_->lay("empty");
    cable_->lay("weir");
    bpf_link_create_opts options{};
    options.sz = sizeof options;
    options.flags = XDP_FLAGS_DRV_MODE;
    empty_ =
        UniqueFd(bpf_link_create(cable_->empty_program(), static_cast<int>(if_nametoindex("empty")), BPF_XDP, &options));
    if (!empty_) give_up("attach the empty program");
  }

  /// The attached program by itself: tables are flipped and drained between rounds only.
  Added measure_kernel(std::uint32_t flows, int rounds) {
    FlowMeter meter = load_meter(std::max(flows, kLeastFlows), kSenderCpu);
    const auto attachment = attach(meter, "weir", XdpMode::kNative);
    if (!attachment) throw std::runtime_error(attachment.error().what);
    const std::uint64_t packets = std::max<std::uint64_t>(400'000, flows);
    const std::uint64_t before = received_packets("weir");
    Added added;
    for (int i = 0; i < rounds; ++i) {
      added.empty.ns.push_back(cable_->send("empty", flows, packets).ns_per_packet());
      const Sent warm_up = cable_->send("weir", flows, 2 * std::uint64_t{flows}),
                 sent = cable_->send("weir", flows, packets);
      added.weir.ns.push_back(sent.ns_per_packet());
      added.packets += warm_up.packets + sent.packets;
      added.refused += warm_up.refused + sent.refused;
      added.lost += static_cast<std::int64_t>(warm_up.packets + sent.packets) - drain(meter);
    }
    added.errors = static_cast<std::int64_t>(received_packets("weir") - before - added.packets);
    return added;
  }

  /// The daemon as it ships, each round over a whole window and its close.
  Added measure_daemon(std::uint32_t flows, const Effort& effort) {
    const RunningDaemon daemon("weir", std::max(flows, kLeastFlows));
    const std::uint64_t before = received_packets("weir");
    Added added;
    for (int i = 0; i < effort.daemon_rounds; ++i) {
      added.empty.ns.push_back(send_for("empty", flows, effort.empty_s).ns_per_packet());
      if (effort.daemon_s > kWindow_s / 2) wait_for_window_start();
      add_round(daemon, flows, effort.daemon_s, added);
    }
    const std::uint64_t arrived = received_packets("weir") - before;
    const nlohmann::json losses = daemon.status().at("losses");
    added.lost = static_cast<std::int64_t>(arrived - daemon.packets());
    added.errors = static_cast<std::int64_t>(arrived - added.packets) + losses.at("law_errors").get<std::int64_t>() +
                   losses.at("tick_errors").get<std::int64_t>();
    return added;
  }

 private:
  Sent send_for(const std::string& cable, std::uint32_t flows, double seconds) {
    const double until = wall_s() + seconds;
    return cable_->send(cable, flows, [until](std::uint64_t) { return wall_s() >= until; });
  }

  void add_round(const RunningDaemon& daemon, std::uint32_t flows, double seconds, Added& added) {
    const double cpu_before = daemon.cpu_ns();
    const Sent sent = send_for("weir", flows, seconds);
    daemon.wait_for_ticks(2);  // the tick under way may have begun before the last packet
    const double process_ns = (daemon.cpu_ns() - cpu_before) / static_cast<double>(sent.packets);
    added.weir.ns.push_back(sent.ns_per_packet() + process_ns);
    added.process.ns.push_back(process_ns);
    added.packets += sent.packets;
    added.refused += sent.refused;
    added.packets_per_s = static_cast<double>(sent.packets) / seconds;
  }

  static std::int64_t drain(FlowMeter& meter) {
    Snapshot tick;
    const auto quiet = meter.flip();
    if (!quiet) throw std::runtime_error(quiet.error().what);
    drain_generation(meter.tables(), *quiet, StampClock(0, 0), tick);
    return static_cast<std::int64_t>(tick.totals.flow_packets + tick.totals.overflow_packets +
                                     tick.totals.all_undecoded_packets());
  }

  std::unique_ptr<LiveCable> cable_;
  UniqueFd empty_;
};

double rounded(double ns) { return std::round(ns * 10) / 10; }

void print_row(const char* what, const Size& size, const Added& a) {
  std::printf("%-7s %-4s %7.1f %7.1f  %+7.1f %+8.1f", what, size.name, a.empty.least(), a.weir.least(), a.least(),
              a.median());
  if (!a.process.ns.empty()) std::printf("  %9.1f %6.2f", a.process.least(), a.packets_per_s / 1e6);
  std::printf("%s%lld lost, %lld errors, %llu refused\n", a.process.ns.empty() ? "                    " : "  ",
              static_cast<long long>(a.lost), static_cast<long long>(a.errors), static_cast<unsigned long long>(a.refused));
  std::fflush(stdout);
}

std::string case_name(const char* what, const Size& size) { return std::string(what) + "_" + size.name; }

bool are_cases(const std::set<std::string>& names) {
  std::set<std::string> known;
  for (const char* what : {"kernel", "daemon"})
    for (const Size& size : kSizes) known.insert(case_name(what, size));
  return std::includes(known.begin(), known.end(), names.begin(), names.end());
}

/// `only`: the cases to measure; empty: all.
void measure(bool json, const std::set<std::string>& only) {
  LiveBench bench;
  nlohmann::ordered_json out;
  std::int64_t lost = 0, errors = 0;
  if (!json) std::puts("ns a packet    empty    weir   added   median    process   Mpps");
  const auto note = [&](const char* what, const Size& size, const Added& added) {
    if (!json) print_row(what, size, added);
    out[what][size.name] = rounded(added.least());
    out[std::string(what) + "_median"][size.name] = rounded(added.median());
    if (!added.process.ns.empty()) out["daemon_process"][size.name] = rounded(added.process.least());
    lost += std::abs(added.lost);
    errors += std::abs(added.errors);
  };
  const auto is_wanted = [&](const char* what, const Size& size) {
    return only.empty() || only.contains(case_name(what, size));
  };
  for (const Size& size : kSizes)
    if (is_wanted("kernel", size)) note("kernel", size, bench.measure_kernel(size.flows, kFull.kernel_rounds));
  for (const Size& size : kSizes)
    if (is_wanted("daemon", size)) note("daemon", size, bench.measure_daemon(size.flows, kFull));
  out["lost_packets"] = lost;
  out["errors"] = errors;
  out["rounds"] = {{"kernel", kFull.kernel_rounds}, {"daemon", kFull.daemon_rounds}};
  if (json) std::puts(out.dump().c_str());
}

/// Times are none of its business.
bool loses_nothing() {
  LiveBench bench;
  bool nothing = true;
  for (const Size& size : kSizes) {
    const Added added =
        bench.measure_daemon(size.flows, {.kernel_rounds = 0, .daemon_rounds = 1, .empty_s = 0.1, .daemon_s = 2});
    print_row("daemon", size, added);
    nothing = nothing && added.lost == 0 && added.errors == 0 && added.packets > 0;
  }
  return nothing;
}

int run_benchmark(const std::string& mode, const std::set<std::string>& only) {
  if (!is_root()) {
    std::fputs("SKIP: needs root, for network namespaces and BPF programs\n", stderr);
    return kSkipped;
  }
  if (mode == "--check") return loses_nothing() ? 0 : 1;
  measure(mode == "--json", only);
  return 0;
}

}  // namespace
}  // namespace weir::test

int main(int count, char** arguments) try {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const bool has_mode = !words.empty() && words[0].starts_with("--");
  const std::string mode = has_mode ? words[0] : "";
  const std::set<std::string> only(words.begin() + has_mode, words.end());
  if ((has_mode && mode != "--json" && mode != "--check") || !weir::test::are_cases(only)) {
    std::fputs("usage: live_bench [--json] [CASE...], or --check; cases: kernel_1k, daemon_64k, ...\n", stderr);
    return 2;
  }
  testing::GTEST_FLAG(throw_on_failure) = true;  // what private_network.h asserts
  return weir::test::run_benchmark(mode, only);
} catch (const std::exception& error) {
  std::fprintf(stderr, "live_bench: %s\n", error.what());
  return 1;
}
