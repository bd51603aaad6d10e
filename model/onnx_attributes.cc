#include "onnx_attributes.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

namespace weir {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is copied as it lies in memory");

template <class T>
[[nodiscard]] Result<std::vector<double>> from_raw(const std::string& raw) {
  if (raw.size() % sizeof(T) != 0) return fail(EBADMSG, "raw_data of " + std::to_string(raw.size()) + " bytes");
  std::vector<T> values(raw.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), raw.data(), raw.size());
  return std::vector<double>(values.begin(), values.end());
}

template <class T, class Field>
[[nodiscard]] Result<std::vector<double>> from_either(const std::string& raw, const Field& field) {
  if (!raw.empty() && !field.empty()) return fail(EBADMSG, "numbers twice, raw and as a list");
  if (!raw.empty()) return from_raw<T>(raw);
  return std::vector<double>(field.begin(), field.end());
}

[[nodiscard]] Result<std::vector<double>> read_elements(const onnx::Tensor& tensor) {
  switch (tensor.data_type()) {
    case onnx::Tensor::FLOAT:
      return from_either<float>(tensor.raw_data(), tensor.float_data());
    case onnx::Tensor::DOUBLE:
      return from_either<double>(tensor.raw_data(), tensor.double_data());
    case onnx::Tensor::INT64:
      return from_either<std::int64_t>(tensor.raw_data(), tensor.int64_data());
    case onnx::Tensor::INT32:
      return from_either<std::int32_t>(tensor.raw_data(), tensor.int32_data());
    case onnx::Tensor::UINT8:
      return from_either<std::uint8_t>(tensor.raw_data(), tensor.int32_data());
    default:
      return fail(EBADMSG, "elements of type " + std::to_string(tensor.data_type()));
  }
}

/// Whether the shape means as many elements; a dimension may be anything.
bool fits(const onnx::Tensor& tensor, std::size_t count) {
  std::uint64_t product = 1;
  for (const std::int64_t dimension : tensor.dims()) {
    if (dimension < 0 || static_cast<std::uint64_t>(dimension) > count) return false;
    product *= static_cast<std::uint64_t>(dimension);
    if (product > count) return false;
  }
  return product == count;
}

}  // namespace

std::string shown(const std::string& name) {
  constexpr std::size_t kMostBytes = 60;
  std::string text = name.substr(0, kMostBytes);
  std::ranges::replace_if(
      text, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return name.size() > kMostBytes ? text + "..." : text;
}

Result<std::vector<double>> read_tensor(const onnx::Tensor& tensor) {
  if (tensor.data_location() != 0) return fail(EBADMSG, "numbers in another file; save the model as one file");
  auto values = read_elements(tensor);
  if (values && !fits(tensor, values->size()))
    return fail(EBADMSG, std::to_string(values->size()) + " numbers, which its shape does not fit");
  return values;
}

OnnxAttributes::OnnxAttributes(const onnx::Node& node) : node_(node) {
  for (const onnx::Attribute& attribute : node.attribute()) {
    if (!attributes_.emplace(attribute.name(), &attribute).second) refuse(attribute.name(), "is there twice");
    unread_.insert(attribute.name());
  }
}

std::string OnnxAttributes::text(const std::string& name, const std::string& otherwise) {
  const auto* attribute = find(name, onnx::Attribute::STRING);
  return attribute != nullptr ? attribute->s() : otherwise;
}

std::int64_t OnnxAttributes::number(const std::string& name, std::int64_t otherwise) {
  const auto* attribute = find(name, onnx::Attribute::INT);
  return attribute != nullptr ? attribute->i() : otherwise;
}

std::vector<std::int64_t> OnnxAttributes::numbers(const std::string& name) {
  const auto* attribute = find(name, onnx::Attribute::INTS);
  if (attribute == nullptr) return {};
  return {attribute->ints().begin(), attribute->ints().end()};
}

std::vector<std::string> OnnxAttributes::texts(const std::string& name) {
  const auto* attribute = find(name, onnx::Attribute::STRINGS);
  if (attribute == nullptr) return {};
  return {attribute->strings().begin(), attribute->strings().end()};
}

std::vector<double> OnnxAttributes::tensor(const std::string& name) {
  const auto* attribute = find(name, onnx::Attribute::TENSOR);
  if (attribute == nullptr) return {};
  auto values = read_tensor(attribute->t());
  if (values) return std::move(*values);
  refuse(name, values.error().what);
  return {};
}

std::vector<double> OnnxAttributes::reals(const std::string& name) {
  const std::string tensor_name = name + "_as_tensor";
  if (has(tensor_name)) {
    if (has(name)) refuse(name, "is there twice, as a list and as a tensor");
    return tensor(tensor_name);
  }
  const auto* attribute = find(name, onnx::Attribute::FLOATS);
  if (attribute == nullptr) return {};
  return {attribute->floats().begin(), attribute->floats().end()};
}

Result<void> OnnxAttributes::result() {
  if (!unread_.empty()) refuse(*unread_.begin(), "is not understood");
  return result_;
}

const onnx::Attribute* OnnxAttributes::find(const std::string& name, onnx::Attribute::Type type) {
  const auto it = attributes_.find(name);
  if (it == attributes_.end()) return nullptr;
  unread_.erase(name);
  if (it->second->type() == type) return it->second;
  refuse(name, "has type " + std::to_string(it->second->type()) + ", expected " + std::to_string(type));
  return nullptr;
}

void OnnxAttributes::refuse(const std::string& name, const std::string& why) {
  if (result_) result_ = fail(EBADMSG, shown(node_.op_type()) + ": attribute '" + shown(name) + "' " + why);
}

}  // namespace weir
