#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/result.h"

namespace weir {

/// The safetensors container: 8 bytes header length, little-endian; a JSON header; raw little-endian arrays. Only
/// one-dimensional arrays, which is what a forest has. Knows nothing of models.
struct Safetensors {
  struct Array {
    std::string type;  ///< "F64", "F32", "U32", "U16", "U8"
    std::vector<std::uint8_t> bytes;
  };
  std::map<std::string, std::string> metadata;
  std::map<std::string, Array> arrays;

  template <class T>
  void put(const std::string& name, std::span<const T> values) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
    arrays[name] = {type_name<T>(), {bytes, bytes + values.size_bytes()}};
  }

  template <class T>
  [[nodiscard]] Result<std::vector<T>> get(const std::string& name) const {
    const auto it = arrays.find(name);
    if (it == arrays.end()) return fail(0, name + ": no such array");
    if (it->second.type != type_name<T>())
      return fail(0, name + ": elements are " + it->second.type + ", expected " + type_name<T>());
    std::vector<T> values(it->second.bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), it->second.bytes.data(), it->second.bytes.size());
    return values;
  }

  [[nodiscard]] Result<std::string> get_text(const std::string& name) const;

 private:
  template <class T>
  static std::string type_name() {
    static_assert(std::is_floating_point_v<T> || std::is_unsigned_v<T>);
    return (std::is_floating_point_v<T> ? "F" : "U") + std::to_string(8 * sizeof(T));
  }
};

/// The bytes of the container; the same content gives the same bytes. An error if a text is no UTF-8.
[[nodiscard]] Result<std::vector<std::uint8_t>> write_safetensors(const Safetensors& content);

/// Checks everything that the container promises: sizes, types, arrays that follow each other without gap or overlap and
/// fill the file. Errors name the part: "left: data_offsets do not fit its shape".
[[nodiscard]] Result<Safetensors> parse_safetensors(std::span<const std::uint8_t> bytes);

}  // namespace weir
