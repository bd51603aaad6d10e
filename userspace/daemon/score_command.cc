#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "column_forest.h"
#include "daemon/commands.h"
#include "daemon/csv_rows.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"

namespace weir {
namespace {

constexpr std::uint64_t kTellEvery = 1'000'000;  // rows

/// `first`: the number of the first of the rows.
[[nodiscard]] Result<void> check_missing(const ColumnForest& forest, const std::vector<double>& rows, std::uint64_t first) {
  if (forest.takes_missing()) return {};
  const auto missing = std::find_if(rows.begin(), rows.end(), [](double x) { return std::isnan(x); });
  if (missing == rows.end()) return {};
  const auto place = static_cast<std::size_t>(missing - rows.begin());
  const std::size_t columns = forest.columns().size();
  return fail(EBADMSG, fmt::format("row {}, column '{}': no value, and the model does not say where a missing one goes",
                                   first + place / columns, forest.columns()[place % columns]));
}

[[nodiscard]] Result<void> print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return {};
  return fail(errno, std::string("standard output: ") + std::strerror(errno));
}

/// 17 digits give back the same double.
std::string lines_of(const std::vector<double>& scores) {
  std::string lines;
  for (const double score : scores) fmt::format_to(std::back_inserter(lines), "{:.17g}\n", score);
  return lines;
}

[[nodiscard]] Result<void> score_rows(const ColumnForest& forest, CsvRows& table, const std::string& path) {
  if (auto ok = print("score\n"); !ok) return ok;
  std::uint64_t told = 0;
  for (;;) {
    const std::uint64_t first = table.rows_read() + 1;
    const auto rows = table.read();
    if (!rows) return tl::make_unexpected(rows.error());
    if (rows->empty()) return {};
    if (auto ok = check_missing(forest, *rows, first); !ok) return fail(ok.error(), path);
    std::vector<double> scores(rows->size() / forest.columns().size());
    forest.score(*rows, scores);
    if (auto ok = print(lines_of(scores)); !ok) return ok;
    if (table.rows_read() / kTellEvery == told) continue;
    told = table.rows_read() / kTellEvery;
    std::fprintf(stderr, "%s: %llu million rows\n", path.c_str(), static_cast<unsigned long long>(told));
  }
}

}  // namespace

int score_command(const ScoreArguments& arguments) {
  const auto forest = ColumnForest::load(arguments.model);
  if (!forest) return complain(forest.error()), kBadConfig;
  const auto table = CsvRows::open(arguments.csv);
  if (!table) return complain(table.error()), kFailed;
  if (auto ok = (*table)->select(forest->columns()); !ok) return complain(ok.error()), kFailed;
  if (auto ok = score_rows(*forest, **table, arguments.csv); !ok) return complain(ok.error()), kFailed;
  return kOk;
}

}  // namespace weir
