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
  std::string path;
  std::vector<std::string> columns;
  FILE* file = nullptr;
  csv_parser parser{};

  std::vector<std::string> header;
  std::vector<std::size_t> place;  ///< of each cell in a row: which column of ours, or columns.size()
  bool has_begun = false, has_header = false;
  std::size_t cell = 0;  ///< in this row
  std::uint64_t row = 0;
  std::vector<double> current;  ///< the row that is being read
  std::vector<double> values;   ///< whole rows of this part
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
    const std::size_t at = cell < place.size() ? place[cell] : columns.size();
    ++cell;
    if (at == columns.size()) return;
    const auto number = parse_number(trimmed(text));
    if (!number)
      return fault(here() + ", column '" + columns[at] + "': '" + std::string(text.substr(0, 40)) + "' is not a number");
    current[at] = *number;
  }

  void end_row() {
    if (!has_header) return match_header();
    if (cell != place.size())
      return fault(here() + ": " + std::to_string(cell) + " cells, but the header has " + std::to_string(place.size()));
    values.insert(values.end(), current.begin(), current.end());
    cell = 0;
    ++row;
  }

  void match_header() {
    has_header = true;
    place.assign(header.size(), columns.size());
    current.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto at = std::find(header.begin(), header.end(), columns[i]);
      if (at == header.end()) return fault("no column '" + columns[i] + "', which the model needs");
      if (std::find(at + 1, header.end(), columns[i]) != header.end()) return fault("two columns '" + columns[i] + "'");
      place[static_cast<std::size_t>(at - header.begin())] = i;
    }
  }
};

CsvRows::CsvRows(std::unique_ptr<State> state) : state_(std::move(state)) {}
CsvRows::~CsvRows() = default;

Result<std::unique_ptr<CsvRows>> CsvRows::open(const std::string& path, std::vector<std::string> columns) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->columns = std::move(columns);
  if (csv_init(&state->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) return fail(ENOMEM, path);
  csv_set_realloc_func(&state->parser, grow_cell);
  state->file = path == "-" ? stdin : std::fopen(path.c_str(), "re");
  if (state->file == nullptr) return fail(errno, path + ": " + std::strerror(errno));
  return std::unique_ptr<CsvRows>(new CsvRows(std::move(state)));
}

std::uint64_t CsvRows::rows_read() const { return state_->row; }

Result<std::vector<double>> CsvRows::read() {
  State& s = *state_;
  const auto on_cell = [](void* text, std::size_t size, void* state) {
    static_cast<State*>(state)->take_cell({static_cast<const char*>(text), size});
  };
  const auto on_row = [](int, void* state) { static_cast<State*>(state)->end_row(); };
  std::array<char, kPartBytes> part;
  s.values.clear();
  for (std::size_t size = part.size(); s.problem && s.values.empty() && size != 0;) {
    size = std::fread(part.data(), 1, part.size(), s.file);
    if (std::ferror(s.file) != 0) return fail(errno, s.path + ": " + std::strerror(errno));
    std::string_view bytes(part.data(), size);
    if (!std::exchange(s.has_begun, true) && bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
    if (csv_parse(&s.parser, bytes.data(), bytes.size(), on_cell, on_row, &s) != bytes.size() ||
        (size == 0 && csv_fini(&s.parser, on_cell, on_row, &s) != 0))
      s.fault(s.here() + ": " + csv_strerror(csv_error(&s.parser)));
  }
  if (s.problem && !s.has_header) s.fault("empty: expected a header that names the columns");
  if (!s.problem) return tl::make_unexpected(s.problem.error());
  return s.values;
}

}  // namespace weir
