#include "detect/baselines_file.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>

#include "field_reader.h"
#include "model_seal.h"
#include "safetensors.h"

namespace weir {
namespace {

constexpr const char* kFormat = "weir-baselines-1";
constexpr const char* kUnsealed = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::size_t kAddressBytes = 16, kLevels = 3, kHours = 24;
constexpr double kMostLevel = 64;  // log2 of packets, which 64 bits count

/// Of a column for each row.
template <class T, class Rows, class Get>
std::vector<T> column(const Rows& rows, Get get) {
  std::vector<T> values;
  values.reserve(rows.size());
  for (const auto& row : rows) values.push_back(static_cast<T>(get(row)));
  return values;
}

template <class T, class Rows, class Get>
void put(Safetensors& content, const std::string& name, const Rows& rows, Get get) {
  content.put<T>(name, column<T>(rows, get));
}

template <class Rows>
void put_hosts(Safetensors& content, const std::string& name, const Rows& rows) {
  std::vector<std::uint8_t> bytes;
  for (const auto& row : rows) bytes.insert(bytes.end(), row.host.bytes().begin(), row.host.bytes().end());
  content.put<std::uint8_t>(name, bytes);
}

void put_traffic(const std::vector<TrafficPast>& rows, Safetensors& content) {
  std::vector<double> levels;
  std::vector<std::uint32_t> hours;
  std::vector<float> seasons;
  for (const TrafficPast& row : rows) {
    levels.insert(levels.end(), {row.mean, row.deviation, row.maximum});
    if (!row.season) continue;
    hours.push_back(row.season->hour);
    seasons.insert(seasons.end(), row.season->maximum.begin(), row.season->maximum.end());
    seasons.push_back(row.season->maximum_now);
  }
  put_hosts(content, "traffic_host", rows);
  content.put<double>("traffic_levels", levels);
  put<std::uint32_t>(content, "traffic_windows", rows, [](const auto& row) { return row.windows; });
  put<std::uint32_t>(content, "traffic_first_age", rows, [](const auto& row) { return row.first_age; });
  put<std::uint32_t>(content, "traffic_seen_age", rows, [](const auto& row) { return row.seen_age; });
  content.put<std::uint32_t>("season_hour", hours);
  content.put<float>("season_levels", seasons);
}

void put_ports(const std::vector<PortsPast>& rows, Safetensors& content) {
  put_hosts(content, "ports_host", rows);
  put<std::uint32_t>(content, "ports_windows", rows, [](const auto& row) { return row.windows; });
  put<std::uint32_t>(content, "ports_first_age", rows, [](const auto& row) { return row.first_age; });
  put<std::uint32_t>(content, "ports_seen_age", rows, [](const auto& row) { return row.seen_age; });
  put<std::uint32_t>(content, "ports_new_age", rows, [](const auto& row) { return row.new_ports_age; });
  put<float>(content, "ports_new", rows, [](const auto& row) { return row.new_ports; });
}

void put_uses(const std::vector<PortUse>& rows, Safetensors& content) {
  put_hosts(content, "use_host", rows);
  put<std::uint16_t>(content, "use_port", rows, [](const auto& row) { return row.port; });
  put<std::uint8_t>(content, "use_role", rows, [](const auto& row) { return row.role; });
  put<std::uint8_t>(content, "use_strange", rows, [](const auto& row) { return row.was_strange; });
}

/// Reads the columns of one kind of row, all of which must have the same number of rows.
class Columns {
 public:
  Columns(const Safetensors& content, std::string kind, std::size_t most) : fields_(content), kind_(std::move(kind)) {
    hosts_ = fields_.array<std::uint8_t>(kind_ + "_host");
    if (hosts_.size() % kAddressBytes != 0) note("_host: not addresses of 16 bytes");
    if (rows() > most) note("_host: more than " + std::to_string(most) + " rows");
  }

  std::size_t rows() const { return hosts_.size() / kAddressBytes; }
  IpAddress host(std::size_t row) const { return IpAddress::v6(&hosts_[row * kAddressBytes]); }

  template <class T>
  std::vector<T> read(const std::string& name, double most, std::size_t each = 1) {
    std::vector<T> values = fields_.array<T>(kind_ + name);
    const auto is_in_range = [most](T value) {  // false for what is no number, too
      return static_cast<double>(value) >= 0 && static_cast<double>(value) <= most;
    };
    if (values.size() != rows() * each) note(name + ": not as many rows as in " + kind_ + "_host");
    if (!std::ranges::all_of(values, is_in_range)) note(name + ": a value is out of its range");
    return values;
  }

  [[nodiscard]] Result<void> result() const {
    if (!fields_.result()) return fields_.result();
    return problem_.empty() ? Result<void>() : fail(EBADMSG, problem_);
  }

 private:
  void note(const std::string& problem) {
    if (problem_.empty()) problem_ = kind_ + problem;
  }

  FieldReader fields_;
  std::string kind_, problem_;
  std::vector<std::uint8_t> hosts_;
};

/// The first rows have a season.
[[nodiscard]] Result<void> read_seasons(const Safetensors& content, std::vector<TrafficPast>& rows) {
  FieldReader fields(content);
  const auto hours = fields.array<std::uint32_t>("season_hour");
  const auto levels = fields.array<float>("season_levels");
  if (!fields.result()) return fields.result();
  if (hours.size() > rows.size() || levels.size() != hours.size() * (kHours + 1))
    return fail(EBADMSG, "season_hour, season_levels: they do not fit the rows");
  if (!std::ranges::all_of(levels, [](float level) { return level >= 0 && level <= kMostLevel; }))
    return fail(EBADMSG, "season_levels: a value is out of its range");
  for (std::size_t i = 0; i < hours.size(); ++i) {
    SeasonPast& season = rows[i].season.emplace();
    const float* own = &levels[i * (kHours + 1)];
    std::copy_n(own, kHours, season.maximum.begin());
    season.hour = hours[i];
    season.maximum_now = own[kHours];
  }
  return {};
}

[[nodiscard]] Result<std::vector<TrafficPast>> read_traffic(const Safetensors& content) {
  Columns columns(content, "traffic", kMostPasts);
  const auto levels = columns.read<double>("_levels", kMostLevel, kLevels);
  const auto windows = columns.read<std::uint32_t>("_windows", UINT32_MAX);
  const auto first = columns.read<std::uint32_t>("_first_age", kMostAge);
  const auto seen = columns.read<std::uint32_t>("_seen_age", kMostAge);
  if (auto ok = columns.result(); !ok) return tl::make_unexpected(ok.error());
  std::vector<TrafficPast> rows(columns.rows());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double* own = &levels[i * kLevels];
    rows[i] = {columns.host(i), own[0], own[1], own[2], windows[i], first[i], seen[i], {}};
  }
  if (auto ok = read_seasons(content, rows); !ok) return tl::make_unexpected(ok.error());
  return rows;
}

[[nodiscard]] Result<std::vector<PortsPast>> read_ports(const Safetensors& content) {
  constexpr double kMostNew = 1e9;
  Columns columns(content, "ports", kMostPasts);
  const auto windows = columns.read<std::uint32_t>("_windows", UINT32_MAX);
  const auto first = columns.read<std::uint32_t>("_first_age", kMostAge);
  const auto seen = columns.read<std::uint32_t>("_seen_age", kMostAge);
  const auto new_age = columns.read<std::uint32_t>("_new_age", kMostAge);
  const auto new_ports = columns.read<float>("_new", kMostNew);
  if (auto ok = columns.result(); !ok) return tl::make_unexpected(ok.error());
  std::vector<PortsPast> rows(columns.rows());
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = {columns.host(i), windows[i], first[i], seen[i], new_age[i], new_ports[i]};
  return rows;
}

[[nodiscard]] Result<std::vector<PortUse>> read_uses(const Safetensors& content) {
  Columns columns(content, "use", kMostUses);
  const auto port = columns.read<std::uint16_t>("_port", UINT16_MAX);
  const auto role = columns.read<std::uint8_t>("_role", 1);
  const auto strange = columns.read<std::uint8_t>("_strange", 1);
  if (auto ok = columns.result(); !ok) return tl::make_unexpected(ok.error());
  std::vector<PortUse> rows(columns.rows());
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = {columns.host(i), port[i], static_cast<Role>(role[i]), strange[i] != 0};
  return rows;
}

/// Returns how many went: those not seen for longest.
template <class Past>
std::size_t keep_most_recent(std::vector<Past>& pasts) {
  if (pasts.size() <= kMostPasts) return 0;
  const auto end = pasts.begin() + static_cast<std::ptrdiff_t>(kMostPasts);
  std::ranges::nth_element(pasts, end, {}, [](const Past& past) { return std::pair(past.seen_age, past.host); });
  const std::size_t gone = pasts.size() - kMostPasts;
  pasts.resize(kMostPasts);
  return gone;
}

}  // namespace

std::size_t arrange(Baselines& baselines) {
  std::size_t gone = keep_most_recent(baselines.traffic) + keep_most_recent(baselines.ports);
  std::ranges::sort(baselines.traffic, {}, [](const TrafficPast& past) { return std::pair(!past.season, past.host); });
  std::ranges::sort(baselines.ports, {}, &PortsPast::host);
  // Those of one port stay in their order, which says who was strange.
  std::ranges::stable_sort(baselines.uses, {}, [](const PortUse& use) { return std::pair(use.role, use.port); });
  if (baselines.uses.size() <= kMostUses) return gone;
  gone += baselines.uses.size() - kMostUses;
  baselines.uses.resize(kMostUses);
  return gone;
}

Result<std::vector<std::uint8_t>> baselines_to_bytes(const Baselines& baselines) {
  Safetensors content;
  content.metadata = {{"format", kFormat}, {"sha256", kUnsealed}};
  put_traffic(baselines.traffic, content);
  put_ports(baselines.ports, content);
  put_uses(baselines.uses, content);
  auto bytes = write_safetensors(content);
  if (bytes) seal(*bytes);
  return bytes;
}

Result<Baselines> baselines_from_bytes(std::span<const std::uint8_t> bytes) {
  const auto content = parse_safetensors(bytes);
  if (!content) return tl::make_unexpected(content.error());
  if (!is_sealed(bytes)) return fail(EBADMSG, "sha256: the content does not match it, the file is damaged");
  const auto format = content->get_text("format");
  if (!format) return tl::make_unexpected(format.error());
  if (*format != kFormat) return fail(EBADMSG, std::string("format: not ") + kFormat + ", of another version of weir");
  auto traffic = read_traffic(*content);
  if (!traffic) return tl::make_unexpected(traffic.error());
  auto ports = read_ports(*content);
  if (!ports) return tl::make_unexpected(ports.error());
  auto uses = read_uses(*content);
  if (!uses) return tl::make_unexpected(uses.error());
  return Baselines{std::move(*traffic), std::move(*ports), std::move(*uses)};
}

}  // namespace weir
