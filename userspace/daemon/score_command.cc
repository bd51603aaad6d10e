#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <span>

#include "column_forest.h"
#include "daemon/commands.h"
#include "daemon/csv_rows.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "tree_shap.h"

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

/// Of rows, one after the other, a part a column; empty: nobody asked.
using Explain = std::function<void(std::span<const float> rows, std::span<double> parts)>;

Explain explain_by(const std::string& how, const Forest& forest) {
  if (how == "path") return [&forest](auto rows, auto parts) { forest.contributions(rows, parts); };
  if (how == "shap") return [shap = TreeShap(forest.view())](auto rows, auto parts) { shap.explain(rows, parts); };
  return {};
}

/// As RFC 4180 has it.
std::string quoted(const std::string& name) {
  if (name.find_first_of("\",\r\n") == std::string::npos) return name;
  std::string cell = "\"";
  for (const char c : name) cell.append(c == '"' ? 2 : 1, c);
  return cell + "\"";
}

std::string header_of(const ColumnForest& forest, bool has_parts) {
  std::string header = "score";
  for (std::size_t c = 0; has_parts && c < forest.columns().size(); ++c) header += "," + quoted(forest.columns()[c]);
  return header + "\n";
}

/// `parts`: as many for each score, or none. 17 digits give back the same double.
std::string lines_of(const std::vector<double>& scores, const std::vector<double>& parts) {
  std::string lines;
  const std::size_t columns = parts.size() / scores.size();
  for (std::size_t i = 0; i < scores.size(); ++i) {
    fmt::format_to(std::back_inserter(lines), "{:.17g}", scores[i]);
    for (std::size_t c = 0; c < columns; ++c) fmt::format_to(std::back_inserter(lines), ",{:.17g}", parts[i * columns + c]);
    lines += '\n';
  }
  return lines;
}

std::string judge(const ColumnForest& forest, const Explain& explain, const std::vector<double>& rows) {
  const std::vector<float> compared = forest.compared(rows);
  std::vector<double> scores(rows.size() / forest.columns().size()), parts(explain ? rows.size() : 0);
  forest.forest().score(compared, scores);
  if (explain) explain(compared, parts);
  return lines_of(scores, parts);
}

[[nodiscard]] Result<void> score_rows(const ColumnForest& forest, const Explain& explain, CsvRows& table,
                                      const std::string& path) {
  if (auto ok = print(header_of(forest, explain != nullptr)); !ok) return ok;
  std::uint64_t told = 0;
  for (;;) {
    const std::uint64_t first = table.rows_read() + 1;
    const auto rows = table.read();
    if (!rows) return tl::make_unexpected(rows.error());
    if (rows->empty()) return {};
    if (auto ok = check_missing(forest, *rows, first); !ok) return fail(ok.error(), path);
    if (auto ok = print(judge(forest, explain, *rows)); !ok) return ok;
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
  const Explain explain = explain_by(arguments.explain, forest->forest());
  if (auto ok = score_rows(*forest, explain, **table, arguments.csv); !ok) return complain(ok.error()), kFailed;
  return kOk;
}

}  // namespace weir
