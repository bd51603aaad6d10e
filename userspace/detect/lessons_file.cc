#include "detect/lessons_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "field_reader.h"
#include "model_container.h"
#include "model_seal.h"
#include "safetensors.h"

namespace weir {
namespace {

constexpr const char* kFormat = "weir-lessons-1";
constexpr const char* kUnsealed = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::size_t kAddressBytes = 16;
constexpr std::size_t kSourceEvidence = 3, kDestinationEvidence = 2;  // floats
constexpr unsigned kMostHalvings = 63;
constexpr std::size_t kMostKinds = 64;
constexpr std::uint32_t kLastWindow = std::numeric_limits<std::int64_t>::max() / kWindow_ns - 1;  // in the year 2262
constexpr std::uint64_t kMostWindows = std::uint64_t{1} << 40;                                    // 350,000 years

/// The columns of a kind of lesson.
struct Columns {
  std::vector<std::uint8_t> host;
  std::vector<std::uint32_t> window;
  std::vector<float> features, evidence;

  void add(const IpAddress& address, std::uint32_t number) {
    host.insert(host.end(), address.bytes().begin(), address.bytes().end());
    window.push_back(number);
  }
  IpAddress address(std::size_t row) const { return IpAddress::v6(&host[row * kAddressBytes]); }

  void put(Safetensors& content, const std::string& role) const {
    content.put<std::uint8_t>(role + "_host", host);
    content.put<std::uint32_t>(role + "_window", window);
    content.put<float>(role + "_evidence", evidence);
    if (!features.empty()) content.put<float>(role + "_features", features);
  }
};

bool is_quantity(float value) { return std::isfinite(value) && value >= 0; }

[[nodiscard]] Result<Columns> read_columns(const Safetensors& content, const std::string& role, std::size_t features,
                                           std::size_t evidence) {
  FieldReader fields(content);
  Columns columns{fields.array<std::uint8_t>(role + "_host"),
                  fields.array<std::uint32_t>(role + "_window"),
                  {},
                  fields.array<float>(role + "_evidence")};
  const std::size_t rows = columns.window.size();
  if (features != 0 && rows != 0) columns.features = fields.array<float>(role + "_features");
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (rows > Lessons::kMost) return fail(EBADMSG, role + "_window: more than " + std::to_string(Lessons::kMost) + " rows");
  if (columns.host.size() != rows * kAddressBytes || columns.features.size() != rows * features ||
      columns.evidence.size() != rows * evidence)
    return fail(EBADMSG, role + "_host, _window, _features, _evidence: they differ in rows");
  if (std::ranges::any_of(columns.window, [](std::uint32_t window) { return window > kLastWindow; }))
    return fail(EBADMSG, role + "_window: after the year 2262, which no clock here can tell");
  if (!std::ranges::all_of(columns.features, is_quantity) || !std::ranges::all_of(columns.evidence, is_quantity))
    return fail(EBADMSG, role + "_features, _evidence: a value is negative or not finite");
  return columns;
}

void put_sources(const std::vector<Lesson>& lessons, Safetensors& content) {
  Columns columns;
  for (const Lesson& lesson : lessons) {
    columns.add(lesson.host, lesson.window);
    columns.features.insert(columns.features.end(), lesson.features.begin(), lesson.features.end());
    columns.evidence.insert(columns.evidence.end(), {lesson.half_open_syn, lesson.icmp_packets, lesson.ports_probed});
  }
  columns.put(content, "source");
}

void put_destinations(const std::vector<DestinationLesson>& lessons, Safetensors& content) {
  Columns columns;
  for (const DestinationLesson& lesson : lessons) {
    columns.add(lesson.host, lesson.window);
    columns.evidence.insert(columns.evidence.end(), {lesson.half_open_syn, lesson.icmp_packets});
  }
  columns.put(content, "destination");
}

[[nodiscard]] Result<std::vector<Lesson>> read_sources(const Safetensors& content) {
  const auto columns = read_columns(content, "source", kFeatureCount, kSourceEvidence);
  if (!columns) return tl::make_unexpected(columns.error());
  std::vector<Lesson> lessons(columns->window.size());
  for (std::size_t i = 0; i < lessons.size(); ++i) {
    const float* evidence = &columns->evidence[i * kSourceEvidence];
    lessons[i] = {columns->address(i), columns->window[i], {}, evidence[0], evidence[1], evidence[2]};
    std::copy_n(&columns->features[i * kFeatureCount], kFeatureCount, lessons[i].features.begin());
  }
  return lessons;
}

[[nodiscard]] Result<std::vector<DestinationLesson>> read_destinations(const Safetensors& content) {
  const auto columns = read_columns(content, "destination", 0, kDestinationEvidence);
  if (!columns) return tl::make_unexpected(columns.error());
  std::vector<DestinationLesson> lessons(columns->window.size());
  for (std::size_t i = 0; i < lessons.size(); ++i) {
    const float* evidence = &columns->evidence[i * kDestinationEvidence];
    lessons[i] = {columns->address(i), columns->window[i], evidence[0], evidence[1]};
  }
  return lessons;
}

[[nodiscard]] Result<std::set<std::string>> read_beacons(const Safetensors& content) {
  const auto it = content.metadata.find("beacons");
  if (it == content.metadata.end()) return fail(EBADMSG, "beacons: missing");
  const auto names = split_names(it->second);
  if (names.size() > Lessons::kMostBeacons) return fail(EBADMSG, "beacons: too many");
  for (const std::string& name : names)
    if (name.empty() || name.find_first_not_of("0123456789abcdef:. ") != name.npos)
      return fail(EBADMSG, "beacons: one is no pair of addresses with a port");
  return std::set<std::string>(names.begin(), names.end());
}

/// "kind count" of each.
[[nodiscard]] Result<void> read_flagged(const std::string& text, Lessons::Counts& counts) {
  const auto items = split_names(text);
  for (const std::string& item : items) {
    const auto blank = item.find(' ');
    std::uint64_t count = 0;
    const char* end = item.data() + item.size();
    const bool is_pair = blank != item.npos && blank > 0 && items.size() <= kMostKinds &&
                         std::from_chars(item.data() + blank + 1, end, count).ptr == end;
    if (!is_pair || item.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789 ") != item.npos)
      return fail(EBADMSG, "flagged: not names with counts");
    counts.flagged[item.substr(0, blank)] = count;
  }
  return {};
}

[[nodiscard]] Result<void> check_origin(const Safetensors& content) {
  FieldReader fields(content);
  const std::string format = fields.text("format");
  const auto schema = fields.number<std::uint64_t>("schema");
  if (!fields.result()) return fields.result();
  if (format != kFormat) return fail(EBADMSG, std::string("format: not ") + kFormat);
  if (schema != schema_id()) return fail(EBADMSG, "schema: lessons of another version of weir, with other features");
  return {};
}

}  // namespace

Result<std::vector<std::uint8_t>> learning_to_bytes(const LearningState& state) {
  const Lessons& lessons = state.lessons;
  std::vector<std::string> flagged;
  for (const auto& [kind, count] : lessons.counts.flagged) flagged.push_back(kind + " " + std::to_string(count));
  Safetensors content;
  content.metadata = {{"format", kFormat},
                      {"sha256", kUnsealed},
                      {"schema", std::to_string(schema_id())},
                      {"halvings", std::to_string(lessons.halvings())},
                      {"windows", std::to_string(lessons.counts.windows)},
                      {"busy", std::to_string(lessons.counts.busy)},
                      {"lessons", std::to_string(lessons.counts.lessons)},
                      {"flagged", join_names(flagged)},
                      {"beacons", join_names({lessons.beacons().begin(), lessons.beacons().end()})},
                      {"trainings", std::to_string(state.trainings)},
                      {"trained_at", std::to_string(state.trained_at)}};
  put_sources(lessons.sources(), content);
  put_destinations(lessons.destinations(), content);
  auto bytes = write_safetensors(content);
  if (bytes) seal(*bytes);
  return bytes;
}

Result<LearningState> learning_from_bytes(std::span<const std::uint8_t> bytes) {
  const auto content = parse_safetensors(bytes);
  if (!content) return tl::make_unexpected(content.error());
  if (!is_sealed(bytes)) return fail(EBADMSG, "sha256: the content does not match it, the file is damaged");
  if (auto ok = check_origin(*content); !ok) return tl::make_unexpected(ok.error());
  FieldReader fields(*content);
  Lessons::Counts counts{fields.number<std::uint64_t>("windows"),
                         fields.number<std::uint64_t>("busy"),
                         fields.number<std::uint64_t>("lessons"),
                         {}};
  const auto halvings = fields.number<unsigned>("halvings");
  const auto trainings = fields.number<std::uint32_t>("trainings");
  const auto trained_at = fields.number<std::uint64_t>("trained_at");
  const std::string flagged = fields.text("flagged");
  if (!fields.result()) return tl::make_unexpected(fields.result().error());
  if (counts.windows > kMostWindows || counts.busy > counts.windows || trained_at > counts.windows ||
      halvings > kMostHalvings)
    return fail(EBADMSG, "windows, busy, trained_at, halvings: they contradict each other");
  if (auto ok = read_flagged(flagged, counts); !ok) return tl::make_unexpected(ok.error());
  auto sources = read_sources(*content);
  if (!sources) return tl::make_unexpected(sources.error());
  auto destinations = read_destinations(*content);
  if (!destinations) return tl::make_unexpected(destinations.error());
  auto beacons = read_beacons(*content);
  if (!beacons) return tl::make_unexpected(beacons.error());
  return LearningState{
      Lessons::restored(std::move(*sources), std::move(*destinations), std::move(*beacons), halvings, std::move(counts)),
      trainings, trained_at};
}

}  // namespace weir
