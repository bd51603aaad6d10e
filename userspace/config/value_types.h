#pragma once

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

/// What the value of a key may be. Every scalar type has
///   allowed()         what is allowed, as messages and help say it
///   parse(text, out)  false if `text` is not allowed; `out` is then unchanged
///   write(value)      YAML text that parses back to `value`
namespace weir::value {

/// An error at a place in the file, "3:7: what"; parse_config puts the file's name before it.
[[nodiscard]] tl::unexpected<Error> fail_at(const YAML::Mark& mark, const std::string& what);

/// Text from the file as it may stand in a message: quoted, printable, short.
std::string quoted(const std::string& text);
/// What a node holds, for "found ...".
std::string describe(const YAML::Node& node);
/// The text as a YAML scalar, in quotes where YAML would read it as something else.
std::string write_text(const std::string& text);

struct Boolean {
  std::string allowed() const { return "true or false"; }
  bool parse(const std::string& text, bool& out) const;
  std::string write(bool v) const { return v ? "true" : "false"; }
};

struct Integer {
  std::int64_t min;
  std::int64_t max;

  std::string allowed() const;
  template <class T>
  bool parse(const std::string& text, T& out) const {
    std::int64_t v = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (error != std::errc() || end != text.data() + text.size() || v < min || v > max) return false;
    out = static_cast<T>(v);
    return true;
  }
  std::string write(std::int64_t v) const { return std::to_string(v); }
};

struct Real {
  double min;
  double max;

  std::string allowed() const;
  template <class T>  // double, or std::optional<double>
  bool parse(const std::string& text, T& out) const {
    double v = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (error != std::errc() || end != text.data() + text.size() || !(v >= min && v <= max)) return false;  // NaN too
    out = v;
    return true;
  }
  std::string write(double v) const;
};

/// Text that `is_allowed` accepts; never control characters, which YAML's escapes could smuggle in.
struct Text {
  std::string what;
  bool (*is_allowed)(const std::string&);

  std::string allowed() const { return what; }
  bool parse(const std::string& text, std::string& out) const;
  std::string write(const std::string& v) const { return write_text(v); }
};

/// One of a few names, each standing for a value of E.
template <class E>
struct Choice {
  std::vector<std::pair<std::string, E>> names;

  std::string allowed() const {
    std::string all;
    for (const auto& [name, v] : names) all += (all.empty() ? "" : ", ") + name;
    return "one of " + all;
  }
  bool parse(const std::string& text, E& out) const {
    const auto at = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.first == text; });
    if (at != names.end()) out = at->second;
    return at != names.end();
  }
  std::string write(E v) const {
    return std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.second == v; })->first;
  }
};

/// A type with parse() of its own, such as IpPrefix, that also knows to_string().
template <class T>
struct Parsed {
  std::string what;

  std::string allowed() const { return what; }
  bool parse(const std::string& text, T& out) const {
    const auto v = text.find('\0') == std::string::npos ? T::parse(text) : std::nullopt;
    if (v) out = *v;
    return v.has_value();
  }
  std::string write(const T& v) const { return write_text(v.to_string()); }
};

/// A list; one element may stand without brackets. The same text twice is refused: it is a slip of the pen.
template <class Element>
struct ListOf {
  Element element;
  std::size_t most;

  std::string allowed() const { return "a list of at most " + std::to_string(most) + ", each " + element.allowed(); }
};

/// What two elements of a list must not share: the whole text, of a map its name.
inline std::string identity(const YAML::Node& item) {
  if (!item.IsMap()) return item.Scalar();
  const YAML::Node name = item["name"];
  return name && name.IsScalar() ? name.Scalar() : "";
}

/// Checks `node`, the value of the key `path`, and stores it; an error leaves `out` as it was.
template <class Type, class T>
[[nodiscard]] Result<void> read_value(const std::string& path, const YAML::Node& node, const Type& type, T& out) {
  if (node.IsScalar() && type.parse(node.Scalar(), out)) return {};
  return fail_at(node.Mark(), path + ": found " + describe(node) + "; allowed: " + type.allowed());
}

template <class Type, class T>
[[nodiscard]] Result<void> read_value(const std::string& path, const YAML::Node& node, const Type& type,
                                      std::optional<T>& out) {
  T v{};
  if (auto ok = read_value(path, node, type, v); !ok) return ok;
  out = std::move(v);
  return {};
}

template <class Element, class List>
[[nodiscard]] Result<void> read_value(const std::string& path, const YAML::Node& node, const ListOf<Element>& type,
                                      List& out) {
  const bool is_one = node.IsScalar();
  if (!is_one && (!node.IsSequence() || node.size() > type.most))
    return fail_at(node.Mark(), path + ": found " + describe(node) + "; allowed: " + type.allowed());
  List list;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < (is_one ? 1 : node.size()); ++i) {
    const YAML::Node item = is_one ? node : node[i];
    typename List::value_type v{};
    if (auto ok = read_value(path, item, type.element, v); !ok) return ok;
    if (!seen.insert(identity(item)).second)
      return fail_at(item.Mark(), path + ": found " + quoted(identity(item)) + " twice");
    list.insert(list.end(), std::move(v));
  }
  out = std::move(list);
  return {};
}

template <class Type, class T>
std::string write_value(const Type& type, const T& v) {
  return type.write(v);
}

template <class Type, class T>
std::string write_value(const Type& type, const std::optional<T>& v) {
  return v ? type.write(*v) : "";
}

template <class Element, class List>
std::string write_value(const ListOf<Element>& type, const List& list) {
  std::string text;
  for (const auto& v : list) text += (text.empty() ? "" : ", ") + type.element.write(v);
  return "[" + text + "]";
}

}  // namespace weir::value
