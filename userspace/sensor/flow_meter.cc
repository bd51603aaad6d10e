#include "sensor/flow_meter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <map>

#include "flow_meter.skel.h"
#include "sensor/kernel_version.h"
#include "sensor/table_reader.h"
#include "sensor/table_share.h"

namespace weir {
namespace {

constexpr std::size_t kMostNamed = 24;  // among 64 places; with many more no multiplier would be found

/// Writes the table of which device has which slot; false if two of them share a place.
bool place_all(const std::map<int, std::size_t>& slots, std::uint32_t factor, __u8* table) {
  std::fill_n(table, WEIR_INTERFACE_PLACES, static_cast<__u8>(WEIR_INTERFACES));
  for (const auto& [ifindex, slot] : slots) {
    __u8& place = table[(static_cast<std::uint32_t>(ifindex) * factor) >> 26];
    if (place != WEIR_INTERFACES) return false;
    place = static_cast<__u8>(slot);
  }
  return true;
}

/// libbpf's own last words belong into the error message, not onto the terminal.
thread_local std::string libbpf_says;

int keep_warning(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  char line[512];
  vsnprintf(line, sizeof line, format, arguments);
  libbpf_says = line;
  libbpf_says.erase(std::min(libbpf_says.find_last_not_of('\n') + 1, libbpf_says.size()));
  return 0;
}

std::string step_failed(const char* step, int error) {
  std::string text = std::string(step) + ": " + std::strerror(error);
  if (error == EPERM || error == EACCES)
    text += "; run as root or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON";
  else if (error == ENOMEM || error == E2BIG)
    text += "; set a smaller `flows`";
  else if (!libbpf_says.empty())
    text += " (" + libbpf_says + ")";
  return text;
}

/// libbpf's words of it help nobody who has an old kernel.
[[nodiscard]] tl::unexpected<Error> load_failed(int error) {
  const std::string too_old = why_kernel_is_too_old();
  const bool is_other = error == EPERM || error == EACCES || error == ENOMEM || too_old.empty();
  return fail(error, step_failed("load the BPF programs", error) +
                         (is_other ? "" : "; " + too_old + ": boot a newer one, such as Debian 12's (6.1)"));
}

std::uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

void set_sizes(flow_meter& skeleton, const weir_config& c) {
  const MapEntries entries = map_entries(c);
  const auto& maps = skeleton.maps;
  bpf_map__set_max_entries(maps.flows4, entries.flows4);
  bpf_map__set_max_entries(maps.flows6, entries.flows6);
  bpf_map__set_max_entries(maps.touched4, entries.touched4);
  bpf_map__set_max_entries(maps.touched6, entries.touched6);
  bpf_map__set_max_entries(maps.hosts, entries.hosts);
  bpf_map__set_max_entries(maps.states, entries.states);
  bpf_map__set_max_entries(maps.ports, entries.ports);
  bpf_map__set_max_entries(maps.filter, entries.filter);
}

/// .rodata: each program has its own.
bool is_constant(const bpf_map* map) { return std::strstr(bpf_map__name(map), ".rodata") != nullptr; }

/// Whether all maps are there and such as this object would make them.
bool fit(const flow_meter& skeleton, const KeptTables& kept) {
  const bpf_map* map = nullptr;
  bpf_object__for_each_map(map, skeleton.obj) {
    if (is_constant(map)) continue;
    const auto known = kept.maps.find(bpf_map__name(map));
    bpf_map_info info{};
    __u32 size = sizeof info;
    if (known == kept.maps.end() || bpf_obj_get_info_by_fd(known->second.get(), &info, &size) != 0 ||
        info.type != static_cast<__u32>(bpf_map__type(map)) || info.value_size != bpf_map__value_size(map) ||
        info.max_entries != bpf_map__max_entries(map))
      return false;
  }
  return true;
}

void load_only(const std::string& wanted, const flow_meter& skeleton) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton.obj)
      bpf_program__set_autoload(program, wanted.empty() || wanted == bpf_program__name(program));
}

int keep_sample(void* to, void* data, std::size_t size) {
  if (size >= sizeof(weir_sample)) static_cast<std::vector<weir_sample>*>(to)->push_back(*static_cast<weir_sample*>(data));
  return 0;
}

}  // namespace

MappedMap::~MappedMap() {
  if (base_ != nullptr) munmap(base_, size_);
}

void FlowMeter::Destroy::operator()(flow_meter* skeleton) const { flow_meter__destroy(skeleton); }
void FlowMeter::Destroy::operator()(ring_buffer* ring) const { ring_buffer__free(ring); }

FlowMeter::FlowMeter(Skeleton skeleton)
    : skeleton_(std::move(skeleton)), samples_(std::make_unique<std::vector<weir_sample>>()) {}
FlowMeter::FlowMeter(FlowMeter&&) noexcept = default;
FlowMeter& FlowMeter::operator=(FlowMeter&&) noexcept = default;
FlowMeter::~FlowMeter() = default;

Result<std::uint32_t> FlowMeter::possible_cpus() {
  libbpf_set_print(keep_warning);
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return fail(-cpus, step_failed("count the CPUs", -cpus));
  return static_cast<std::uint32_t>(cpus);
}

Result<FlowMeter> FlowMeter::load(const Load& how) {
  libbpf_set_print(keep_warning);
  libbpf_says.clear();
  FlowMeter meter{Skeleton{flow_meter__open()}};
  flow_meter* skeleton = meter.skeleton_.get();
  if (skeleton == nullptr) return fail(errno, step_failed("open the BPF object", errno));
  if (skeleton->rodata->weir_abi_version != WEIR_ABI_VERSION)
    return fail(EINVAL, "the BPF object is of another version than this program: build both together");

  const auto cpus = possible_cpus();
  if (!cpus) return tl::make_unexpected(cpus.error());
  weir_config config = make_config(how.size, *cpus, how.samples_per_second, how.decapsulate);
  config.test_clock = how.test_clock;
  skeleton->rodata->weir_config = config;
  set_sizes(*skeleton, config);
  if (how.kept != nullptr && fit(*skeleton, *how.kept)) meter.take_over(*how.kept);
  load_only(how.only_program, *skeleton);
  if (const int error = flow_meter__load(skeleton)) return load_failed(-error);

  meter.tables_.config = config;
  meter.tables_.control = &skeleton->data_control->weir_control;
  meter.size_ = how.size;
  if (auto mapped = meter.map_tables(); !mapped) return fail(mapped.error(), "map the tables");
  if (!meter.taken_over_) meter.start_tables(how);
  // Of tables taken over: the last flip's grace period or drain may not have ended.
  const std::uint64_t quiet = meter.control().quiet_epoch;
  meter.waiting_ = quiet != 0 && quiet != meter.control().epoch;
  if (auto ring = meter.open_samples(); !ring) return fail(ring.error(), "open the sample ring");
  return meter;
}

Result<void> FlowMeter::map_tables() {
  struct Table {
    bpf_map* map;
    weir_native_map* view;
  };
  const auto& maps = skeleton_->maps;
  const Table all[] = {{maps.flows4, &tables_.flows4},     {maps.flows6, &tables_.flows6},
                       {maps.touched4, &tables_.touched4}, {maps.touched6, &tables_.touched6},
                       {maps.hosts, &tables_.hosts},       {maps.states, &tables_.states},
                       {maps.ports, &tables_.ports},       {maps.filter, &tables_.filter}};
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  for (const Table& t : all) {
    const std::uint32_t entries = bpf_map__max_entries(t.map), value = bpf_map__value_size(t.map);
    const std::size_t size = (std::size_t{entries} * value + page - 1) / page * page;
    void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(t.map), 0);
    if (base == MAP_FAILED) return fail(errno, step_failed(bpf_map__name(t.map), errno));
    mapped_.emplace_back(base, size);
    *t.view = {base, entries, value};
  }
  return {};
}

void FlowMeter::start_tables(const Load& how) {
  const std::uint32_t cpus = tables_.config.cpus;
  unsigned long long id = 0;
  if (getrandom(&id, sizeof id, 0) != sizeof id) std::abort();  // cannot fail for so few bytes (getrandom(2))
  id_ = std::to_string(id);
  control().base_ns = monotonic_ns();
  for (unsigned slot = 0; slot < WEIR_INTERFACES; ++slot) set_frame_limit(slot, UINT32_MAX);
  reset_clocks(tables_, 0);
  const auto weights = how.table_weights.empty() ? TableShares(cpus, online_cpus()).weights(cpus) : how.table_weights;
  for (const std::uint32_t generation : {0u, 1u}) assign_shares(tables_, generation, weights);
}

void FlowMeter::take_over(KeptTables& kept) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, skeleton_->obj) {
    const auto known = kept.maps.find(bpf_map__name(map));
    if (known != kept.maps.end()) bpf_map__reuse_fd(map, known->second.get());
  }
  id_ = kept.id;
  taken_over_ = true;
}

void FlowMeter::list_descriptors(std::vector<ToKeep>& out) const {
  const bpf_map* map = nullptr;
  bpf_object__for_each_map(map, skeleton_->obj) {
    if (is_constant(map)) continue;
    out.push_back({kept_map_name(id_, size_, bpf_map__name(map)), bpf_map__fd(map)});
  }
}

Result<void> FlowMeter::open_samples() {
  ring_.reset(ring_buffer__new(bpf_map__fd(skeleton_->maps.samples), keep_sample, samples_.get(), nullptr));
  if (!ring_) return fail(errno, std::strerror(errno));
  return {};
}

Result<void> FlowMeter::name_interfaces(std::span<const int> ifindexes, std::span<const InterfacePort> ports) {
  if (ifindexes.size() > WEIR_INTERFACES)
    return fail(EINVAL, "at most " + std::to_string(WEIR_INTERFACES) + " interfaces can be told apart");
  std::map<int, std::size_t> slots;
  for (std::size_t slot = 0; slot < ifindexes.size(); ++slot)
    if (ifindexes[slot] != 0 && !slots.emplace(ifindexes[slot], slot).second)
      return fail(EINVAL, "an interface is named twice: name each once");
  for (const InterfacePort& port : ports) slots.emplace(port.ifindex, port.slot);
  if (slots.size() > kMostNamed)
    return fail(E2BIG, "at most " + std::to_string(kMostNamed) + " interfaces and ports of bonds can be told apart");
  const std::uint32_t bank = ~control().interface_rule & 1;
  __u8* const table = control().interface_slot + std::size_t{bank} * WEIR_INTERFACE_PLACES;
  // A multiplier under which no two of them share a place: with 8 in 64 places two of three odd numbers will do.
  for (std::uint32_t factor = 0x9E3779B1;; factor += 0x3C6EF372)
    if (place_all(slots, factor, table)) {
      __atomic_store_n(&control().interface_rule, (factor & ~1u) | bank, __ATOMIC_RELEASE);
      return {};
    }
}

void FlowMeter::set_mirror(std::size_t slot, bool on) {
  const std::uint32_t bit = 1u << slot, others = control().mirror & ~bit;
  __atomic_store_n(&control().mirror, on ? others | bit : others, __ATOMIC_RELEASE);
}

void FlowMeter::copy_interfaces(const FlowMeter& other) {
  const weir_control& from = *other.tables_.control;
  control().interface_rule = from.interface_rule;
  control().mirror = from.mirror;
  control().answer_slots = from.answer_slots;
  std::copy(std::begin(from.frame_limit), std::end(from.frame_limit), control().frame_limit);
  std::copy(std::begin(from.interface_slot), std::end(from.interface_slot), control().interface_slot);
}

Result<std::uint32_t> FlowMeter::flip() {
  if (!waiting_) {
    control().quiet_epoch = control().epoch;
    __atomic_store_n(&control().epoch, next_epoch(control().epoch), __ATOMIC_SEQ_CST);
    waiting_ = true;
  }
  // The kernel answers an update of a map of maps only after an RCU grace period (map_in_map.c, since 5.x): no program
  // that still uses the old epoch runs on any CPU then.
  const int inner[] = {bpf_map__fd(skeleton_->maps.grace_a), bpf_map__fd(skeleton_->maps.grace_b)};
  const std::uint32_t zero = 0;
  if (bpf_map_update_elem(bpf_map__fd(skeleton_->maps.grace), &zero, &inner[grace_updates_++ & 1], 0) != 0)
    return fail(errno, std::string("wait for the old generation: ") + std::strerror(errno));
  waiting_ = false;
  return static_cast<std::uint32_t>(control().quiet_epoch);
}

void FlowMeter::take_samples(std::vector<weir_sample>& out) {
  samples_->clear();
  ring_buffer__consume(ring_.get());
  out.insert(out.end(), samples_->begin(), samples_->end());
}

int FlowMeter::plain_program() const { return bpf_program__fd(skeleton_->progs.weir_plain); }
int FlowMeter::frags_program() const { return bpf_program__fd(skeleton_->progs.weir_frags); }
int FlowMeter::ingress_program() const { return bpf_program__fd(skeleton_->progs.weir_ingress); }
int FlowMeter::egress_program() const { return bpf_program__fd(skeleton_->progs.weir_egress); }

void FlowMeter::set_answers(unsigned slot, bool on) {
  const std::uint32_t bit = 1u << slot;
  control().answer_slots = on ? control().answer_slots | bit : control().answer_slots & ~bit;
}

}  // namespace weir
