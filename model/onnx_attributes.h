#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "onnx.pb.h"

namespace weir {

/// A name from a file as it may be put on a terminal: printable and short.
std::string shown(const std::string& name);

/// All numbers of a tensor that lies in the file itself.
[[nodiscard]] Result<std::vector<double>> read_tensor(const onnx::Tensor& tensor);

/// Reads a node's attributes one after the other and remembers the first error, which names the node and the attribute.
/// What nobody asked for is an error too: it could mean another score.
class OnnxAttributes {
 public:
  explicit OnnxAttributes(const onnx::Node& node);

  std::string text(const std::string& name, const std::string& otherwise);
  std::int64_t number(const std::string& name, std::int64_t otherwise);
  std::vector<std::int64_t> numbers(const std::string& name);
  std::vector<std::string> texts(const std::string& name);
  /// Of a tensor; none if it is absent.
  std::vector<double> tensor(const std::string& name);
  /// Of `name` as 32-bit floats or `name`_as_tensor.
  std::vector<double> reals(const std::string& name);
  bool has(const std::string& name) const { return attributes_.contains(name); }
  /// For what changes no score.
  void ignore(const std::string& name) { unread_.erase(name); }

  /// To be asked when all were read.
  [[nodiscard]] Result<void> result();

 private:
  const onnx::Attribute* find(const std::string& name, onnx::Attribute::Type type);
  void refuse(const std::string& name, const std::string& why);

  const onnx::Node& node_;
  std::map<std::string, const onnx::Attribute*> attributes_;
  std::set<std::string> unread_;
  Result<void> result_;
};

}  // namespace weir
