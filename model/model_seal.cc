#include "model_seal.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "sha256.h"

namespace weir {
namespace {

constexpr std::string_view kMark = "\"sha256\":\"";
constexpr std::size_t kDigits = std::size_t{2} * SHA256_DIGEST_SIZE;

std::optional<std::size_t> digits_place(std::span<const std::uint8_t> file) {
  const auto mark = std::search(file.begin(), file.end(), kMark.begin(), kMark.end());
  const auto place = static_cast<std::size_t>(mark - file.begin()) + kMark.size();
  if (mark == file.end() || file.size() - place < kDigits) return std::nullopt;
  return place;
}

std::string digest(std::span<const std::uint8_t> file, std::size_t place) {
  const std::vector<std::uint8_t> zeros(kDigits, '0');
  Sha256 hash;
  hash.add(file.first(place));
  hash.add(zeros);
  hash.add(file.subspan(place + kDigits));
  return hash.hex();
}

}  // namespace

bool is_sealed(std::span<const std::uint8_t> file) {
  const auto place = digits_place(file);
  if (!place) return false;
  const auto stored = file.subspan(*place, kDigits);
  return std::ranges::equal(digest(file, *place), stored,
                            [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

bool seal(std::vector<std::uint8_t>& file) {
  const auto place = digits_place(file);
  if (!place) return false;
  std::ranges::transform(digest(file, *place), file.begin() + static_cast<std::ptrdiff_t>(*place),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return true;
}

}  // namespace weir
