#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/value_types.h"

namespace weir::value {

/// A map with named parts, such as an entry of a list: {name: ..., hosts: [...]}.
template <class T>
struct MapOf {
  struct Part {
    std::string name;
    std::string allowed;
    bool is_required = false;
    std::function<Result<void>(const std::string& path, const YAML::Node&, T&)> read;
    std::function<std::string(const T&)> write;  ///< empty: not set
  };
  std::vector<Part> parts;
  T initial = {};
  /// What is wrong with parts that are right one by one; empty: nothing.
  std::function<std::string(const T&)> complaint = [](const T&) { return std::string(); };

  std::string names() const {
    std::string all;
    for (const Part& part : parts) all += (all.empty() ? "" : ", ") + part.name;
    return all;
  }
  std::string allowed() const { return "a map of " + names(); }
  std::string write(const T& v) const {
    std::string text;
    for (const Part& part : parts)
      if (const std::string value = part.write(v); !value.empty())
        text.append(text.empty() ? "" : ", ").append(part.name).append(": ").append(value);
    return "{" + text + "}";
  }
};

/// A part that is `field` of a T; not written where it equals its default.
template <class T, class Type, class Field>
typename MapOf<T>::Part part(std::string name, Type type, Field field, bool is_required = false) {
  const auto text_of = [type, field](const T& v) { return write_value(type, field(v)); };
  return {std::move(name), type.allowed(), is_required,
          [type, field](const std::string& path, const YAML::Node& node, T& out) {
            return read_value(path, node, type, field(out));
          },
          [text_of](const T& v) {
            const std::string text = text_of(v);
            return text == text_of(T{}) ? std::string() : text;
          }};
}

template <class T>
[[nodiscard]] Result<void> read_value(const std::string& path, const YAML::Node& node, const MapOf<T>& type, T& out) {
  if (!node.IsMap()) return fail_at(node.Mark(), path + ": found " + describe(node) + "; allowed: " + type.allowed());
  T read = type.initial;
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const auto known = std::find_if(type.parts.begin(), type.parts.end(), [&](const auto& p) { return p.name == key; });
    if (known == type.parts.end())
      return fail_at(entry.first.Mark(), path + ": unknown key " + quoted(key) + "; allowed here: " + type.names());
    if (!seen.insert(key).second) return fail_at(entry.first.Mark(), path + ": key " + quoted(key) + " again");
    if (auto ok = known->read(std::string(path).append(".").append(key), entry.second, read); !ok) return ok;
  }
  for (const auto& p : type.parts)
    if (p.is_required && !seen.contains(p.name))
      return fail_at(node.Mark(), path + ": " + p.name + " is missing; allowed: " + p.allowed);
  if (const std::string wrong = type.complaint(read); !wrong.empty()) return fail_at(node.Mark(), path + ": " + wrong);
  out = std::move(read);
  return {};
}

/// A list of maps with names that grows with each file that has one.
template <class Element>
struct SumOf {
  ListOf<Element> list;

  std::string allowed() const { return list.allowed(); }
};

template <class Element, class T>
[[nodiscard]] Result<void> read_value(const std::string& path, const YAML::Node& node, const SumOf<Element>& type,
                                      std::vector<T>& out) {
  std::vector<T> more;
  if (auto ok = read_value(path, node, type.list, more); !ok) return ok;
  for (const T& v : more)
    if (std::any_of(out.begin(), out.end(), [&](const T& before) { return before.name == v.name; }))
      return fail_at(node.Mark(), path + ": " + quoted(v.name) + " again, a file before it has that name");
  if (out.size() + more.size() > type.list.most)
    return fail_at(node.Mark(), path + ": found " + std::to_string(out.size() + more.size()) +
                                    " in all files; allowed: " + type.allowed());
  out.insert(out.end(), more.begin(), more.end());
  return {};
}

template <class Element, class T>
std::string write_value(const SumOf<Element>& type, const std::vector<T>& list) {
  return write_value(type.list, list);
}

}  // namespace weir::value
