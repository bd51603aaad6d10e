#pragma once

#include <nettle/sha2.h>

#include <cstdint>
#include <span>
#include <string>

namespace weir {

/// SHA-256 of what was added, in pieces.
class Sha256 {
 public:
  Sha256() { sha256_init(&context_); }

  void add(std::span<const std::uint8_t> bytes) { sha256_update(&context_, bytes.size(), bytes.data()); }

  /// 64 hexadecimal digits; begins anew afterwards.
  std::string hex() {
    std::uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&context_, sizeof digest, digest);
    std::string text;
    for (const std::uint8_t byte : digest) {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
    return text;
  }

 private:
  sha256_ctx context_;
};

}  // namespace weir
