#include "daemon/csv_rows.h"

#include <csv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t kPartBytes = std::size_t{64} * 1024;
constexpr std::size_t kMostCellBytes = std::size_t{1024} * 1024;  // a quote that never ends would fill memory
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

void* grow_cell(void* cell, std::size_t size) { return size > kMostCellBytes ? nullptr : std::realloc(cell, size); }

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  return begin == text.npos ? std::string_view() : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<double> parse_number(std::string_view text) {
  if (text.empty()) return std::nan("");
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  // What double cannot hold is for the trees as good as infinite or 0; which of them, strtod says.
  return error == std::errc::result_out_of_range ? std::strtod(std::string(text).c_str(), nullptr) : value;
}

}  // namespace

struct CsvRows::State {
  static constexpr std::size_t kIgnored = ~std::size_t{0}, kLabel = kIgnored - 1;

  std::string path;
  FILE* file = nullptr;
  csv_parser parser{};
  std::array<char, kPartBytes> part;
  std::string_view rest;  ///< of the part: not parsed yet
  bool has_ended = false;

  std::vector<std::string> header;
  bool has_header = false, has_label = false;
  std::vector<std::string> columns;
  std::vector<std::size_t> place;  ///< of each cell in a row: which column of ours, kLabel or kIgnored

  std::size_t cell = 0;  ///< in this row
  std::uint64_t row = 0;
  std::vector<double> current;  ///< the row that is being read
  std::string current_label;
  std::vector<double> values;  ///< whole rows of this part
  std::vector<std::string> labels;
  Result<void> problem;

  ~State() {
    csv_free(&parser);
    if (file != nullptr && file != stdin) std::fclose(file);
  }

  void fault(const std::string& what) {
    if (problem) problem = fail(EBADMSG, path + ": " + what);
  }
  std::string here() const { return "row " + std::to_string(row + 1); }

  void take_cell(std::string_view text) {
    if (!has_header) {
      header.emplace_back(trimmed(text));
      return;
    }
    const std::size_t at = cell < place.size() ? place[cell] : kIgnored;
    ++cell;
    if (at == kIgnored) return;
    if (at == kLabel) return void(current_label = trimmed(text));
    const auto number = parse_number(trimmed(text));
    if (!number)
      return fault(here() + ", column '" + columns[at] + "': '" + std::string(text.substr(0, 40)) + "' is not a number");
    current[at] = *number;
  }

  void end_row() {
    if (!has_header) {
      has_header = true;
      place.assign(header.size(), kIgnored);
      return;
    }
    if (cell != place.size())
      return fault(here() + ": " + std::to_string(cell) + " cells, but the header has " + std::to_string(place.size()));
    values.insert(values.end(), current.begin(), current.end());
    if (has_label) labels.push_back(current_label);
    cell = 0;
    ++row;
  }

  [[nodiscard]] Result<void> use(const std::string& column, std::size_t as) {
    const auto at = std::find(header.begin(), header.end(), column);
    if (at == header.end()) return fail(EBADMSG, path + ": no column '" + column + "', which the model needs");
    if (std::find(at + 1, header.end(), column) != header.end())
      return fail(EBADMSG, path + ": two columns '" + column + "'");
    place[static_cast<std::size_t>(at - header.begin())] = as;
    return {};
  }

  [[nodiscard]] Result<void> read_part() {
    const bool is_first = rest.data() == nullptr;
    rest = {part.data(), std::fread(part.data(), 1, part.size(), file)};
    if (std::ferror(file) != 0) return fail(errno, path + ": " + std::strerror(errno));
    has_ended = rest.empty();
    if (is_first && rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
    return {};
  }

  /// So many bytes of the rest, or what ends the last row.
  void parse(std::size_t size) {
    const auto on_cell = [](void* text, std::size_t length, void* state) {
      static_cast<State*>(state)->take_cell({static_cast<const char*>(text), length});
    };
    const auto on_row = [](int, void* state) { static_cast<State*>(state)->end_row(); };
    const bool is_parsed = has_ended ? csv_fini(&parser, on_cell, on_row, this) == 0
                                     : csv_parse(&parser, rest.data(), size, on_cell, on_row, this) == size;
    if (!is_parsed) fault(here() + ": " + csv_strerror(csv_error(&parser)));
    rest.remove_prefix(has_ended ? 0 : size);
  }
};

CsvRows::CsvRows(std::unique_ptr<State> state) : state_(std::move(state)) {}
CsvRows::~CsvRows() = default;

Result<std::unique_ptr<CsvRows>> CsvRows::open(const std::string& path) {
  auto state = std::make_unique<State>();
  State& s = *state;
  s.path = path;
  if (csv_init(&s.parser, CSV_STRICT | CSV_STRICT_FINI) != 0) return fail(ENOMEM, path);
  csv_set_realloc_func(&s.parser, grow_cell);
  s.file = path == "-" ? stdin : std::fopen(path.c_str(), "re");
  if (s.file == nullptr) return fail(errno, path + ": " + std::strerror(errno));
  // Byte by byte, so that no row is parsed before it is known which columns are wanted.
  while (!s.has_header && s.problem && !s.has_ended) {
    if (s.rest.empty()) {
      if (auto ok = s.read_part(); !ok) return tl::make_unexpected(ok.error());
    }
    s.parse(std::min<std::size_t>(1, s.rest.size()));
  }
  if (!s.problem) return tl::make_unexpected(s.problem.error());
  if (!s.has_header) return fail(EBADMSG, path + ": empty: expected a header that names the columns");
  return std::unique_ptr<CsvRows>(new CsvRows(std::move(state)));
}

const std::vector<std::string>& CsvRows::header() const { return state_->header; }
const std::vector<std::string>& CsvRows::labels() const { return state_->labels; }
std::uint64_t CsvRows::rows_read() const { return state_->row; }

bool CsvRows::has(const std::string& column) const {
  return std::find(state_->header.begin(), state_->header.end(), column) != state_->header.end();
}

Result<void> CsvRows::select(std::vector<std::string> columns) {
  state_->current.resize(columns.size());
  state_->columns = std::move(columns);
  for (std::size_t i = 0; i < state_->columns.size(); ++i)
    if (auto ok = state_->use(state_->columns[i], i); !ok) return ok;
  return {};
}

Result<void> CsvRows::select_label(const std::string& column) {
  state_->has_label = true;
  return state_->use(column, State::kLabel);
}

Result<std::vector<double>> CsvRows::read() {
  State& s = *state_;
  s.values.clear();
  s.labels.clear();
  while (s.problem && s.values.empty() && !s.has_ended) {
    if (s.rest.empty()) {
      if (auto ok = s.read_part(); !ok) return tl::make_unexpected(ok.error());
    }
    s.parse(s.rest.size());
  }
  if (!s.problem) return tl::make_unexpected(s.problem.error());
  return s.values;
}

}  // namespace weir
