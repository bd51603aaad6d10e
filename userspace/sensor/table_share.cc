#include "sensor/table_share.h"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <string>

#include "sensor/table_size.h"

namespace weir {
namespace {

constexpr double kKept = 0.9;  // of a need, from tick to tick: a pause of seconds does not cost a CPU its share

/// What each may have of `supply` so that nobody gets more than it needs while another lacks some (max-min fair): a flood on
/// one CPU takes no slots from the ordinary flows on another.
std::vector<double> share_fairly(std::vector<double> needs, double supply) {
  std::vector<std::size_t> order(needs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return needs[a] < needs[b]; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    double& need = needs[order[i]];
    need = std::min(need, supply / static_cast<double>(order.size() - i));
    supply -= need;
  }
  return needs;
}

/// Where each CPU's part of `total` things begins; one more than there are CPUs. All is dealt out.
class Boundaries {
 public:
  Boundaries(std::span<const std::uint64_t> weights, std::uint32_t total) : at_(weights.size() + 1) {
    std::uint64_t sum = 0;
    const auto all = std::accumulate(weights.begin(), weights.end(), sum);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      sum += weights[i];
      at_[i + 1] = all == 0 ? 0 : static_cast<std::uint32_t>(total * sum / all);
    }
  }
  std::uint32_t first(std::size_t cpu) const { return at_[cpu]; }
  std::uint32_t count(std::size_t cpu) const { return at_[cpu + 1] - at_[cpu]; }

 private:
  std::vector<std::uint32_t> at_;
};

}  // namespace

TableShares::TableShares(std::uint32_t cpus, std::span<const std::uint32_t> first_cpus) : needed_flows_(cpus, 0.0) {
  for (const std::uint32_t cpu : first_cpus)
    if (cpu < cpus) needed_flows_[cpu] = 1;
}

void TableShares::learn(std::span<const CpuCounts> cpus) {
  const bool nothing_seen =
      std::all_of(cpus.begin(), cpus.end(), [](const CpuCounts& c) { return c.flow_records + c.overflow_packets == 0; });
  if (nothing_seen) return;
  for (std::size_t i = 0; i < std::min(cpus.size(), needed_flows_.size()); ++i) {
    const auto needed = static_cast<double>(cpus[i].flow_records + cpus[i].overflow_packets);
    const double kept = kKept * needed_flows_[i];
    needed_flows_[i] = std::max(needed, kept < 1 ? 0 : kept);
  }
}

std::vector<std::uint64_t> TableShares::weights(std::uint64_t flows) const {
  const std::vector<double> fair = share_fairly(needed_flows_, static_cast<double>(flows));
  std::vector<std::uint64_t> out(fair.size());
  std::transform(fair.begin(), fair.end(), out.begin(), [](double w) { return static_cast<std::uint64_t>(w); });
  return out;
}

void assign_shares(weir_tables& tables, std::uint32_t generation, std::span<const std::uint64_t> weights) {
  const weir_config& c = tables.config;
  const Boundaries sets4(weights, c.sets4), sets6(weights, c.sets6), hosts(weights, c.host_sets),
      words(weights, c.filter_words);
  for (std::uint32_t cpu = 0; cpu < c.cpus; ++cpu) {
    const auto part = [&](const Boundaries& b, std::uint32_t total, std::uint32_t spill, __u32& first, __u32& count) {
      const std::uint32_t base = generation * generation_entries(total, spill, c.cpus);
      const bool has_share = b.count(cpu) != 0;
      first = base + (has_share ? b.first(cpu) : total + cpu * spill);
      count = has_share ? b.count(cpu) : spill;
    };
    weir_share& s = static_cast<weir_state*>(tables.states.base)[generation * c.cpus + cpu].share;
    part(sets4, c.sets4, WEIR_SPILL_SETS4, s.first4, s.sets4);
    part(sets6, c.sets6, WEIR_SPILL_SETS6, s.first6, s.sets6);
    part(hosts, c.host_sets, WEIR_SPILL_HOST_SETS, s.first_host, s.host_sets);
    part(words, c.filter_words, WEIR_SPILL_WORDS, s.first_word, s.words);
    s.ports = generation * c.port_histograms + cpu % c.port_histograms;
    s.is_spill = sets4.count(cpu) == 0;
  }
}

std::vector<std::uint32_t> online_cpus(const char* sys) {
  std::vector<std::uint32_t> out;
  std::ifstream file(std::string(sys) + "/devices/system/cpu/online");  // as in "0-3,8"
  char separator = ',';
  for (std::uint32_t first = 0; separator == ',' && file >> first;) {
    std::uint32_t last = first;
    if (file.get(separator) && separator == '-' && file >> last) file.get(separator);
    for (; first <= last; ++first) out.push_back(first);
    if (!file) break;
  }
  return out.empty() ? std::vector<std::uint32_t>{0} : out;
}

}  // namespace weir
