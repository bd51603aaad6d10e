#include "daemon/table_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "daemon/csv_rows.h"
#include "forest_check.h"
#include "model_file.h"
#include "reservoir.h"
#include "trainer.h"

namespace weir {
namespace {

constexpr std::uint64_t kTellEvery = 1'000'000;  // rows
constexpr double kWindowS = 10;                  // of rows that do not tell their time
constexpr double kSecondsPerHour = 3600;
constexpr std::size_t kMostHosts = 1'000'000;  // distinct ones are remembered
constexpr const char* kHost = "host";
constexpr const char* kTime = "time";

/// Each row of the table: take(values, label). Values are finite.
template <class Take>
[[nodiscard]] Result<void> for_each_row(CsvRows& table, const std::vector<std::string>& columns, const std::string& path,
                                        Take take) {
  for (std::uint64_t number = 0, told = 0;;) {
    const auto values = table.read();
    if (!values) return tl::make_unexpected(values.error());
    if (values->empty()) return {};
    for (std::size_t at = 0; at < values->size(); at += columns.size(), ++number) {
      const std::span<const double> row(values->data() + at, columns.size());
      const auto bad =
          std::find_if_not(row.begin(), row.end(), [](double x) { return std::isfinite(static_cast<float>(x)); });
      if (bad != row.end())
        return fail(EBADMSG, fmt::format("{}: row {}, column '{}': {}", path, number + 1,
                                         columns[static_cast<std::size_t>(bad - row.begin())],
                                         std::isnan(*bad) ? "no value" : "infinite, or too large for 32 bits"));
      take(row, table.labels().empty() ? std::string() : table.labels()[at / columns.size()]);
    }
    if (number / kTellEvery == told) continue;
    told = number / kTellEvery;
    fmt::print(stderr, "{}: {} million rows\n", path, told);
  }
}

std::vector<float> as_floats(std::span<const double> row) {
  std::vector<float> floats(row.size());
  std::transform(row.begin(), row.end(), floats.begin(), [](double x) { return static_cast<float>(x); });
  return floats;
}

std::vector<std::string> feature_names() {
  std::vector<std::string> names;
  for (const Feature& feature : kFeatures) names.emplace_back(feature.name);
  return names;
}

/// Windows as they come, at most so many.
class WindowSample {
 public:
  WindowSample(std::size_t most, std::uint64_t seed, bool has_time)
      : kept_(kFeatureCount, most, seed), has_time_(has_time) {}

  /// The features, and then the time if there is one.
  void add(std::span<const double> row, const std::string& host) {
    const std::uint32_t number = number_of(host);
    const double time_s = has_time_ ? row[kFeatureCount] : kWindowS * windows_[number]++;
    first_s_ = std::min(first_s_, time_s);
    last_s_ = std::max(last_s_, time_s);
    const std::size_t place = kept_.add(as_floats(row.first(kFeatureCount)));
    if (place == Reservoir::kNowhere) return;
    set_.host.resize(kept_.table().rows());
    set_.time_ns.resize(kept_.table().rows());
    set_.host[place] = number;
    set_.time_ns[place] = std::llround(time_s * 1e9);
  }

  TrainingSet finish() {
    std::vector<FeatureVector> windows(kept_.table().rows());
    for (std::size_t i = 0; i < windows.size(); ++i) std::copy_n(kept_.table().row(i), kFeatureCount, windows[i].begin());
    set_.set_windows(windows);
    // Of a sample as much time: fewer windows of a host find fewer of its strange ones.
    const double share = static_cast<double>(windows.size()) / static_cast<double>(std::max<std::uint64_t>(kept_.seen(), 1));
    set_.hours = share * (last_s_ + kWindowS - first_s_) / kSecondsPerHour;
    return std::move(set_);
  }

  std::uint64_t seen() const { return kept_.seen(); }

 private:
  std::uint32_t number_of(const std::string& host) {
    if (numbers_.size() >= kMostHosts && !numbers_.contains(host)) return 0;
    const auto [it, is_new] = numbers_.try_emplace(host, static_cast<std::uint32_t>(numbers_.size()));
    if (is_new) windows_.push_back(0);
    return it->second;
  }

  Reservoir kept_;
  bool has_time_;
  TrainingSet set_;
  std::map<std::string, std::uint32_t> numbers_;
  std::vector<std::uint32_t> windows_;  // by host: how many came
  double first_s_ = HUGE_VAL, last_s_ = -HUGE_VAL;
};

[[nodiscard]] Result<void> train_on_windows(CsvRows& table, const TrainArguments& arguments, const TrainOptions& options) {
  std::vector<std::string> columns = feature_names();
  if (table.has(kTime)) columns.emplace_back(kTime);
  if (auto ok = table.select(columns); !ok) return ok;
  if (table.has(kHost))
    if (auto ok = table.select_label(kHost); !ok) return ok;
  WindowSample sample(arguments.rows, options.seed, table.has(kTime));
  if (auto ok = for_each_row(table, columns, arguments.from_file,
                             [&](std::span<const double> row, const std::string& host) { sample.add(row, host); });
      !ok)
    return ok;
  const auto model = train(sample.finish(), options);
  if (!model) return fail(model.error(), arguments.from_file);
  if (auto ok = save_model(*model, arguments.output); !ok) return ok;
  fmt::print(stderr, "{}: {} trees from {} of {} windows, alarms above surprise {:.2f} for {:g} a day\n", arguments.output,
             model->provenance().trees, model->provenance().rows, sample.seen(), model->own_threshold(),
             options.alarms_per_day);
  return {};
}

[[nodiscard]] Result<void> train_on_columns(CsvRows& table, const TrainArguments& arguments, const TrainOptions& options) {
  const std::vector<std::string> columns = arguments.columns.empty() ? table.header() : arguments.columns;
  if (columns.size() > kMaxColumns)
    return fail(EINVAL, fmt::format("{}: {} columns, at most {}: choose some with --columns", arguments.from_file,
                                    columns.size(), kMaxColumns));
  if (auto ok = table.select(columns); !ok) return ok;
  Reservoir kept(static_cast<std::uint32_t>(columns.size()), arguments.rows, options.seed);
  if (auto ok = for_each_row(table, columns, arguments.from_file,
                             [&](std::span<const double> row, const std::string&) { kept.add(as_floats(row)); });
      !ok)
    return ok;
  const auto forest = train_columns(kept.table(), columns, options);
  if (!forest) return fail(forest.error(), arguments.from_file);
  if (auto ok = forest->save(arguments.output); !ok) return ok;
  fmt::print(stderr, "{}: {} trees from {} of {} rows, {} columns, offset {:g}\n", arguments.output,
             forest->provenance().trees, forest->provenance().rows, kept.seen(), columns.size(), forest->offset());
  return {};
}

}  // namespace

Result<void> train_on_table(const TrainArguments& arguments, const TrainOptions& options) {
  const auto table = CsvRows::open(arguments.from_file);
  if (!table) return tl::make_unexpected(table.error());
  const auto names = feature_names();
  const bool has_windows =
      std::all_of(names.begin(), names.end(), [&](const std::string& name) { return (*table)->has(name); });
  return has_windows && arguments.columns.empty() ? train_on_windows(**table, arguments, options)
                                                  : train_on_columns(**table, arguments, options);
}

}  // namespace weir
