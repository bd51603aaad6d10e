#include "features/address_hash.h"

#include <sys/random.h>

#include <cstdlib>

namespace weir {

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed) std::abort();  // cannot fail for so few bytes (getrandom(2))
  return seed;
}

}  // namespace weir
