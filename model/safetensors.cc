#include "safetensors.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

namespace weir {
namespace {

using Json = nlohmann::json;
static_assert(std::endian::native == std::endian::little, "arrays are copied as they lie in memory");

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeaderBytes = 1 << 18;  // ours has 3 KiB
constexpr const char* kMetadata = "__metadata__";

std::size_t element_size(const std::string& type) {
  static const std::map<std::string, std::size_t> kSizes = {{"F64", 8}, {"F32", 4}, {"U32", 4}, {"U16", 2}, {"U8", 1}};
  const auto it = kSizes.find(type);
  return it == kSizes.end() ? 0 : it->second;
}

struct Placed {
  std::string name;
  std::string type;
  std::uint64_t begin = 0, end = 0;  // in the data part
};

/// {"dtype": "F32", "shape": [n], "data_offsets": [begin, end]}
[[nodiscard]] Result<Placed> parse_entry(const std::string& name, const Json& entry) {
  const auto is_list = [&](const char* key, std::size_t size) {
    const auto it = entry.find(key);
    return it != entry.end() && it->is_array() && it->size() == size &&
           std::all_of(it->begin(), it->end(), [](const Json& x) { return x.is_number_unsigned(); });
  };
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") || !entry["dtype"].is_string() ||
      !is_list("shape", 1) || !is_list("data_offsets", 2))
    return fail(EBADMSG, name + ": expected dtype, a shape of one number and data_offsets of two");
  Placed placed{name, entry["dtype"], entry["data_offsets"][0], entry["data_offsets"][1]};
  const std::size_t size = element_size(placed.type);
  if (size == 0) return fail(EBADMSG, name + ": dtype is none of F64, F32, U32, U16, U8");
  const std::uint64_t count = entry["shape"][0];
  const std::uint64_t length = placed.end - placed.begin;
  if (placed.begin > placed.end || length % size != 0 || length / size != count)
    return fail(EBADMSG, name + ": data_offsets do not fit its shape");
  return placed;
}

[[nodiscard]] Result<std::map<std::string, std::string>> parse_metadata(const Json& object) {
  std::map<std::string, std::string> metadata;
  if (!object.is_object()) return fail(EBADMSG, std::string(kMetadata) + ": not an object");
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string()) return fail(EBADMSG, std::string(kMetadata) + ": a value is not a text");
    metadata[key] = value;
  }
  return metadata;
}

/// Copies the arrays out, in the order of their places.
[[nodiscard]] Result<void> take_arrays(std::vector<Placed> entries, std::span<const std::uint8_t> data, Safetensors& out) {
  std::ranges::sort(entries, {}, [](const Placed& p) { return std::pair(p.begin, p.end); });
  std::uint64_t at = 0;
  for (const Placed& p : entries) {
    if (p.begin != at) return fail(EBADMSG, p.name + ": does not follow the array before it");
    if (p.end > data.size()) return fail(EBADMSG, p.name + ": reaches beyond the end of the file (truncated?)");
    const auto bytes = data.subspan(p.begin, p.end - p.begin);
    out.arrays[p.name] = {p.type, {bytes.begin(), bytes.end()}};
    at = p.end;
  }
  if (at != data.size()) return fail(EBADMSG, "data: " + std::to_string(data.size() - at) + " bytes behind the last array");
  return {};
}

[[nodiscard]] Result<Json> parse_header(std::span<const std::uint8_t> bytes, std::uint64_t size) {
  if (size > kMaxHeaderBytes)
    return fail(EBADMSG, "header: length " + std::to_string(size) + " is too large; not a model file?");
  if (size > bytes.size() - kLengthBytes) return fail(EBADMSG, "header: longer than the file (truncated?)");
  const auto text = bytes.subspan(kLengthBytes, size);
  Json header = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!header.is_object()) return fail(EBADMSG, "header: not a JSON object");
  return header;
}

}  // namespace

Result<std::string> Safetensors::get_text(const std::string& name) const {
  const auto it = metadata.find(name);
  if (it == metadata.end()) return fail(EBADMSG, name + ": missing in " + kMetadata);
  return it->second;
}

Result<std::vector<std::uint8_t>> write_safetensors(const Safetensors& content) {
  // Wide elements first, so that each array is aligned for readers that map the file.
  std::vector<std::string> order;
  for (const auto& [name, array] : content.arrays) order.push_back(name);
  std::ranges::stable_sort(order, std::greater<>{},
                           [&](const auto& name) { return element_size(content.arrays.at(name).type); });

  Json header = {{kMetadata, content.metadata}};
  std::vector<std::uint8_t> data;
  for (const std::string& name : order) {
    const auto& [type, bytes] = content.arrays.at(name);
    const std::size_t begin = data.size(), size = element_size(type);
    if (size == 0) return fail(EINVAL, name + ": dtype is none of F64, F32, U32, U16, U8");
    data.insert(data.end(), bytes.begin(), bytes.end());
    header[name] = {{"dtype", type}, {"shape", {bytes.size() / size}}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::exception&) {
    return fail(EILSEQ, std::string(kMetadata) + ": a text is not UTF-8");
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t size = text.size();
  std::vector<std::uint8_t> file(kLengthBytes + text.size() + data.size());
  std::memcpy(file.data(), &size, kLengthBytes);
  std::ranges::copy(data, std::ranges::copy(text, file.begin() + kLengthBytes).out);
  return file;
}

Result<Safetensors> parse_safetensors(std::span<const std::uint8_t> bytes) {
  std::uint64_t size = 0;
  if (bytes.size() < kLengthBytes) return fail(EBADMSG, "header: the file is shorter than 8 bytes");
  std::memcpy(&size, bytes.data(), kLengthBytes);
  const auto header = parse_header(bytes, size);
  if (!header) return tl::make_unexpected(header.error());

  Safetensors content;
  std::vector<Placed> entries;
  for (const auto& [name, entry] : header->items()) {
    if (name == kMetadata) {
      auto metadata = parse_metadata(entry);
      if (!metadata) return tl::make_unexpected(metadata.error());
      content.metadata = std::move(*metadata);
      continue;
    }
    auto placed = parse_entry(name, entry);
    if (!placed) return tl::make_unexpected(placed.error());
    entries.push_back(std::move(*placed));
  }
  if (auto ok = take_arrays(std::move(entries), bytes.subspan(kLengthBytes + size), content); !ok)
    return tl::make_unexpected(ok.error());
  return content;
}

}  // namespace weir
