#include "config/config.h"

#include <fcntl.h>
#include <unistd.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/unique_fd.h"
#include "config/config_keys.h"
#include "config/nearest_key.h"
#include "config/value_types.h"

namespace weir {
namespace {

namespace fs = std::filesystem;
using value::fail_at;

// A hundred times what a full configuration needs. It bounds what a mistaken path (a log, a device) can cost: 1 MiB of
// the worst YAML takes yaml-cpp about two seconds; nesting is bounded by yaml-cpp, and aliases are never expanded.
constexpr std::size_t kLargestFile = 1 << 20;

const ConfigKey* find_key(const std::string& path) {
  const auto& keys = config_keys();
  const auto at = std::find_if(keys.begin(), keys.end(), [&](const ConfigKey& k) { return k.path == path; });
  return at == keys.end() ? nullptr : &*at;
}

[[nodiscard]] Result<void> read_section(const YAML::Node& node, const std::string& section, Config& out);

[[nodiscard]] Result<void> read_entry(const YAML::Node& node, const YAML::Mark& at, const std::string& section,
                                      const std::string& name, Config& out) {
  const std::string path = section.empty() ? name : section + "." + name;
  const bool is_name = name.find('.') == std::string::npos;  // "http.port: 1" is not how the section is written
  if (is_name && is_section(path)) return read_section(node, path, out);
  const ConfigKey* key = is_name ? find_key(path) : nullptr;
  if (key == nullptr)
    return fail_at(at, "unknown key " + value::quoted(name) + (section.empty() ? "" : " under '" + section + "'") + "; " +
                           suggest_key(section, name));
  // yaml-cpp's mark of a value that is not there is the next token's.
  if (node.IsNull()) return fail_at(at, path + ": found nothing; allowed: " + key->allowed);
  return key->read(node, out);
}

/// A section whose keys are all commented out is empty, not wrong.
Result<void> read_section(const YAML::Node& node, const std::string& section, Config& out) {
  if (node.IsNull()) return {};
  if (!node.IsMap())
    return fail_at(node.Mark(), (section.empty() ? "" : section + ": ") + "found " + value::describe(node) +
                                    "; allowed: keys with values");
  std::map<std::string, int> line_of;
  for (const auto& entry : node) {
    const YAML::Mark at = entry.first.Mark();
    if (!entry.first.IsScalar()) return fail_at(at, "found " + value::describe(entry.first) + " where a key belongs");
    const std::string& name = entry.first.Scalar();
    const auto [first, is_new] = line_of.emplace(name, at.line + 1);
    if (!is_new) return fail_at(at, "key " + value::quoted(name) + " again, first in line " + std::to_string(first->second));
    if (auto ok = read_entry(entry.second, at, section, name, out); !ok) return ok;
  }
  return {};
}

/// YAML allows none, and yaml-cpp takes 0x04 for the end of the file: what follows would be ignored in silence.
[[nodiscard]] Result<void> refuse_control_characters(const std::string& text) {
  YAML::Mark at;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f)
      return fail_at(at, "control character " + std::to_string(byte) + "; is this a text file?");
    at.column = c == '\n' ? 0 : at.column + 1;
    at.line += c == '\n' ? 1 : 0;
  }
  return {};
}

/// Length of the character that begins at `at`; 0 where the bytes are no UTF-8 (RFC 3629).
std::size_t utf8_length(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  const std::size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : 4;
  if (length == 4 && (first < 0xf0 || first > 0xf4)) return 0;
  if (at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
  if ((first == 0xe0 && byte(at + 1) < 0xa0) || (first == 0xed && byte(at + 1) > 0x9f)) return 0;
  if ((first == 0xf0 && byte(at + 1) < 0x90) || (first == 0xf4 && byte(at + 1) > 0x8f)) return 0;
  return length;
}

/// yaml-cpp passes on whatever bytes it gets, and texts from the file go into alerts, which are JSON.
[[nodiscard]] Result<void> refuse_other_encodings(const std::string& text) {
  YAML::Mark at;
  for (std::size_t i = 0, length = 0; i < text.size(); i += length) {
    length = utf8_length(text, i);
    if (length == 0) return fail_at(at, "not UTF-8; save the file in that encoding");
    at.column = text[i] == '\n' ? 0 : at.column + 1;
    at.line += text[i] == '\n' ? 1 : 0;
  }
  return {};
}

/// Sees where documents start and nothing else.
class DocumentStart : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { mark_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  const YAML::Mark& mark() const { return mark_; }

 private:
  YAML::Mark mark_;
};

/// YAML::Load takes the first document and ignores the rest in silence. (LoadAll would show the rest, but with yaml-cpp 0.7
/// it never returns from the text ",": each try finds another empty document there.)
[[nodiscard]] Result<void> refuse_second_document(const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  DocumentStart start;
  if (parser.HandleNextDocument(start) && parser.HandleNextDocument(start))
    return fail_at(start.mark(), "text after the end of the document; allowed is one document");
  return {};
}

[[nodiscard]] Result<void> parse_yaml(const std::string& text, Config& out) {
  if (auto ok = refuse_second_document(text); !ok) return ok;
  return read_section(YAML::Load(text), "", out);
}

[[nodiscard]] Result<void> parse_text(const std::string& text, Config& out) {
  if (text.size() > kLargestFile) return fail(EFBIG, " larger than 1 MiB; is this the configuration?");
  if (auto ok = refuse_control_characters(text); !ok) return ok;
  if (auto ok = refuse_other_encodings(text); !ok) return ok;
  try {
    return parse_yaml(text, out);
  } catch (const YAML::DeepRecursion& e) {
    return fail_at(e.mark, "nested too deeply");
  } catch (const YAML::Exception& e) {
    return fail_at(e.mark, "YAML: " + e.msg);
  }
}

[[nodiscard]] Result<std::string> read_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail(errno, std::string(" ") + std::strerror(errno));
  std::string text;
  std::array<char, 65536> part;
  while (text.size() <= kLargestFile) {
    const ssize_t got = ::read(file.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(errno, std::string(" ") + std::strerror(errno));
    if (got == 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

/// "3:7: what" or " what" becomes "weir.yaml:3:7: what" or "weir.yaml: what".
Error in_file(const Error& error, const std::string& name) { return {error.code, name + ":" + error.what}; }

[[nodiscard]] Result<void> add_file(const std::string& path, Config& out) {
  const auto text = read_file(path);
  const Result<void> read = text ? parse_text(*text, out) : tl::make_unexpected(text.error());
  if (!read) return tl::make_unexpected(in_file(read.error(), path));
  out.files.push_back(path);
  return {};
}

/// Sorted. Where there is no such folder, none.
[[nodiscard]] Result<std::vector<std::string>> list_drop_ins(const fs::path& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(".yaml") && !name.starts_with('.')) paths.push_back(at->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    return fail(error.value(), folder.string() + ": " + error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

Result<Config> parse_config(const std::string& text, const std::string& name) {
  Config config;
  if (auto read = parse_text(text, config); !read) return tl::make_unexpected(in_file(read.error(), name));
  return config;
}

Result<Config> read_config(const std::string& path) {
  Config config;
  if (auto read = add_file(path, config); !read) return tl::make_unexpected(read.error());
  const auto drop_ins = list_drop_ins(fs::path(path).parent_path() / "conf.d");
  if (!drop_ins) return tl::make_unexpected(drop_ins.error());
  for (const std::string& drop_in : *drop_ins)
    if (auto read = add_file(drop_in, config); !read) return tl::make_unexpected(read.error());
  return config;
}

}  // namespace weir
