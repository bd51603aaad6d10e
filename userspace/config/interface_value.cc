#include "config/interface_value.h"

#include <set>

namespace weir::value {
namespace {

constexpr std::size_t kLongestName = 15, kLongestPattern = 63;

const Boolean kMirror{};
const Choice<InterfaceRole> kRole{
    {{"inside", InterfaceRole::kInside}, {"outside", InterfaceRole::kOutside}, {"none", InterfaceRole::kNone}}};

/// The kernel's dev_valid_name(), which refuses ':' and the two directory names as well; a pattern may be longer.
bool is_name_or_pattern(const std::string& text) {
  const std::size_t longest = InterfaceOptions(text).is_pattern() ? kLongestPattern : kLongestName;
  return !text.empty() && text.size() <= longest && text != "." && text != ".." &&
         text.find_first_of("/: \t") == std::string::npos;
}

const Text kName{"a name (1 to 15 characters, no '/', ':' or blank) or a pattern such as eth*", is_name_or_pattern};

[[nodiscard]] Result<void> read_part(const std::string& path, const std::string& key, const YAML::Node& at,
                                     const YAML::Node& node, InterfaceOptions& out) {
  if (key == "name") return read_value(path + ".name", node, kName, out.name);
  if (key == "role") return read_value(path + ".role", node, kRole, out.role);
  if (key == "mirror") return read_value(path + ".mirror", node, kMirror, out.mirror);
  return fail_at(at.Mark(), path + ": unknown key " + quoted(key) + "; allowed here: name, role, mirror");
}

}  // namespace

std::string Interface::allowed() const {
  return kName.what + ", or {name: ..., role: inside or outside, mirror: true or false}";
}

bool Interface::parse(const std::string& text, InterfaceOptions& out) const {
  std::string name;
  if (!kName.parse(text, name)) return false;
  out = InterfaceOptions(name);
  return true;
}

std::string Interface::write(const InterfaceOptions& v) const {
  if (v == InterfaceOptions(v.name)) return kName.write(v.name);
  return "{name: " + kName.write(v.name) +
         (v.role != InterfaceRole::kNone ? ", role: " + std::string(interface_role_name(v.role)) : "") +
         (v.mirror ? ", mirror: true" : "") + "}";
}

Result<void> read_value(const std::string& path, const YAML::Node& node, const Interface& type, InterfaceOptions& out) {
  if (node.IsScalar() && type.parse(node.Scalar(), out)) return {};
  if (!node.IsMap()) return fail_at(node.Mark(), path + ": found " + describe(node) + "; allowed: " + type.allowed());
  InterfaceOptions read;
  std::set<std::string> seen;
  for (const auto& part : node) {
    const std::string key = part.first.IsScalar() ? part.first.Scalar() : "";
    if (!seen.insert(key).second) return fail_at(part.first.Mark(), path + ": key " + quoted(key) + " again");
    if (auto ok = read_part(path, key, part.first, part.second, read); !ok) return ok;
  }
  if (read.name.empty()) return fail_at(node.Mark(), path + ": name is missing; allowed: " + type.allowed());
  out = std::move(read);
  return {};
}

}  // namespace weir::value
