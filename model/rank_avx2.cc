// Compiled for AVX2 (Haswell, Zen and later); called only where the processor has it. The same as rank_avx512.cc with 32
// rows in a register, masks as bytes and tables of 16. See rank_forest.h for why nothing of the standard library is used
// here.
#include "rank_forest.h"

#if defined(__AVX2__)
#include <immintrin.h>

namespace weir {
namespace {

constexpr std::size_t kLanes = 32;  // rows in a register, a byte each
constexpr std::size_t kGroups = 2;  // registers of rows that one tree is walked with

/// Column-major: lane r of column c is row r. Rows that are not there are zeros. NaN in sums[r] if row r holds a NaN, else
/// 0.
void transpose(const float* rows, std::size_t count, std::size_t columns, float* out, double* sums) {
  for (std::size_t i = 0; i < columns * kLanes; ++i) out[i] = 0;
  for (std::size_t r = 0; r < kLanes; ++r) sums[r] = 0;
  for (std::size_t r = 0; r < count; ++r) {
    bool has_nan = false;
    for (std::size_t c = 0; c < columns; ++c) {
      const float x = rows[r * columns + c];
      has_nan |= x != x;
      out[c * kLanes + r] = x;
    }
    if (has_nan) sums[r] = __builtin_nan("");
  }
}

/// One step down a tree in level order: left to 2p, right to 2p + 1. `right`: all bits set where a row goes there.
__m256i step32(__m256i p, __m256 right) { return _mm256_sub_epi32(_mm256_add_epi32(p, p), _mm256_castps_si256(right)); }
__m256i step8(__m256i p, __m256i right) { return _mm256_sub_epi8(_mm256_add_epi8(p, p), right); }

__m256 look_up8(const float* t, __m256i p) { return _mm256_permutevar8x32_ps(_mm256_loadu_ps(t), p); }
__m256 look_up16(const float* t, __m256i p) {
  return _mm256_blendv_ps(look_up8(t, p), look_up8(t + 8, p), _mm256_castsi256_ps(_mm256_slli_epi32(p, 28)));
}

/// How many thresholds are less than each x.
__m256i rank_of(__m256 x, const float* t) {
  const auto above = [x](__m256 threshold) { return _mm256_cmp_ps(x, threshold, _CMP_GT_OQ); };
  __m256i p = step32(_mm256_setzero_si256(), above(_mm256_broadcast_ss(t)));
  p = step32(p, above(look_up8(t + 1, p)));
  p = step32(p, above(look_up8(t + 3, p)));
  p = step32(p, above(look_up8(t + 7, p)));
  p = step32(p, above(look_up16(t + 15, p)));
  p = step32(p, above(_mm256_i32gather_ps(t + 31, p, 4)));
  p = step32(p, above(_mm256_i32gather_ps(t + 63, p, 4)));
  return step32(p, above(_mm256_i32gather_ps(t + 127, p, 4)));
}

void rank_column(const float* t, const float* values, std::int8_t* ranks) {
  const __m256i a = rank_of(_mm256_load_ps(values), t), b = rank_of(_mm256_load_ps(values + 8), t),
                c = rank_of(_mm256_load_ps(values + 16), t), d = rank_of(_mm256_load_ps(values + 24), t);
  // Packing works within halves of a register; the permutation puts the rows into their order again.
  const __m256i bytes = _mm256_packus_epi16(_mm256_packus_epi32(a, b), _mm256_packus_epi32(c, d));
  const __m256i in_order = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  _mm256_store_si256(reinterpret_cast<__m256i*>(ranks), _mm256_xor_si256(in_order, _mm256_set1_epi8(-128)));
}

__m256i load_column(const std::int8_t* ranks, std::size_t column) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(ranks + column * kLanes));
}

// What follows is forced inline: a call spills the registers, and g++ 12 makes calls of it (measured: 10 %).
#define WEIR_INLINE [[gnu::always_inline]] inline

WEIR_INLINE __m256i blend(__m256i mask, __m256i otherwise, __m256i where) {
  return _mm256_blendv_epi8(otherwise, where, mask);
}

constexpr bool is_power_of_2(unsigned count) { return (count & (count - 1)) == 0; }
constexpr unsigned top_bit(unsigned number) { return 31 - static_cast<unsigned>(__builtin_clz(number)); }

/// To select one of 2^n columns by the bits of its number, low ^ (bit & (low ^ high)) level by level, is cheaper than
/// blends (2 operations for 3) if low ^ high are at hand on all levels: the columns' Moebius transform over GF(2).
template <unsigned First, unsigned Count>
void transform(const std::int8_t* ranks, std::int8_t* out) {
  constexpr unsigned kWhole = 1U << top_bit(Count);
  __m256i x[kWhole];
  for (unsigned c = 0; c < kWhole; ++c) x[c] = load_column(ranks, First + c);
  for (unsigned bit = 1; bit < kWhole; bit *= 2)
    for (unsigned c = 0; c < kWhole; ++c)
      if ((c & bit) != 0) x[c] = _mm256_xor_si256(x[c], x[c - bit]);
  for (unsigned c = 0; c < kWhole; ++c) _mm256_store_si256(reinterpret_cast<__m256i*>(out + (First + c) * kLanes), x[c]);
  if constexpr (!is_power_of_2(Count)) transform<First + kWhole, Count - kWhole>(ranks, out);
}

/// In each lane the rank of the column that `bits` name: bits[b] is the mask of bit b of the column's number.
template <unsigned First, unsigned Count>
WEIR_INLINE __m256i select(const std::int8_t* transformed, const __m256i* bits) {
  if constexpr (Count == 1) {
    return load_column(transformed, First);
  } else if constexpr (is_power_of_2(Count)) {
    const __m256i change = select<First + Count / 2, Count / 2>(transformed, bits);
    return _mm256_xor_si256(select<First, Count / 2>(transformed, bits), _mm256_and_si256(bits[top_bit(Count / 2)], change));
  } else {
    constexpr unsigned kWhole = 1U << top_bit(Count);
    return blend(bits[top_bit(kWhole)], select<First, kWhole>(transformed, bits),
                 select<First + kWhole, Count - kWhole>(transformed, bits));
  }
}

template <unsigned Columns>
WEIR_INLINE __m256i select_column(__m256i column, const std::int8_t* transformed) {
  __m256i bits[6];
  for (int b = 0; b < 6; ++b)  // a byte's sign; what comes over from the next byte is not the top
    bits[b] = _mm256_cmpgt_epi8(_mm256_setzero_si256(), _mm256_slli_epi16(column, 7 - b));
  return select<0, Columns>(transformed, bits);
}

/// In each lane the rank that node First + (the path so far) looks at.
template <unsigned First, unsigned Level>
WEIR_INLINE __m256i select_by_path(const std::uint8_t* feature, const std::int8_t* ranks, const __m256i* path) {
  if constexpr (Level == 0) {
    return load_column(ranks, feature[First]);
  } else {
    return blend(path[0], select_by_path<First, Level - 1>(feature, ranks, path + 1),
                 select_by_path<First + (1U << (Level - 1)), Level - 1>(feature, ranks, path + 1));
  }
}

/// Entry p of a table of 16 << Level bytes; path: the masks of p's upper bits, from the top.
template <unsigned Level>
WEIR_INLINE __m256i look_up(const void* table, __m256i p, const __m256i* path) {
  const auto* bytes = static_cast<const char*>(table);
  if constexpr (Level == 0) {
    const __m128i entries = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(entries), p);
  } else {
    constexpr unsigned kHalf = 8U << Level;
    return blend(path[0], look_up<Level - 1>(bytes, p, path + 1), look_up<Level - 1>(bytes + kHalf, p, path + 1));
  }
}

/// The leaf that each of 32 rows ends in. The ranks by column, and transformed.
template <unsigned Columns>
WEIR_INLINE __m256i walk(const RankTree& tree, const std::int8_t* ranks, const std::int8_t* transformed) {
  const std::uint8_t* feature = tree.feature;
  const std::int8_t* rank = tree.rank;
  __m256i path[5];
  path[0] = _mm256_cmpgt_epi8(select_by_path<0, 0>(feature, ranks, path), _mm256_set1_epi8(rank[0]));
  __m256i p = step8(_mm256_setzero_si256(), path[0]);
  path[1] = _mm256_cmpgt_epi8(select_by_path<1, 1>(feature, ranks, path), look_up<0>(rank + 1, p, path));
  p = step8(p, path[1]);
  path[2] = _mm256_cmpgt_epi8(select_by_path<3, 2>(feature, ranks, path), look_up<0>(rank + 3, p, path));
  p = step8(p, path[2]);
  path[3] = _mm256_cmpgt_epi8(select_by_path<7, 3>(feature, ranks, path), look_up<0>(rank + 7, p, path));
  p = step8(p, path[3]);
  path[4] = _mm256_cmpgt_epi8(select_by_path<15, 4>(feature, ranks, path), look_up<0>(rank + 15, p, path));
  p = step8(p, path[4]);
  const __m256i column5 = look_up<1>(feature + 31, p, path), rank5 = look_up<1>(rank + 31, p, path);
  p = step8(p, _mm256_cmpgt_epi8(select_column<Columns>(column5, transformed), rank5));
  const __m256i column6 = look_up<2>(feature + 63, p, path), rank6 = look_up<2>(rank + 63, p, path);
  p = step8(p, _mm256_cmpgt_epi8(select_column<Columns>(column6, transformed), rank6));
  const __m256i column7 = look_up<3>(feature + 127, p, path), rank7 = look_up<3>(rank + 127, p, path);
  return step8(p, _mm256_cmpgt_epi8(select_column<Columns>(column7, transformed), rank7));
}

/// Loads, not gathers: AVX2's are no faster.
void add_values(const std::uint8_t* leaves, std::size_t count, const double* value, double* sums) {
  for (std::size_t r = 0; r < count; r += 4) {
    const std::uint8_t* at = leaves + r;
    const __m256d v = _mm256_setr_pd(value[at[0]], value[at[1]], value[at[2]], value[at[3]]);
    _mm256_store_pd(sums + r, _mm256_add_pd(_mm256_load_pd(sums + r), v));
  }
}

/// At most kGroups * kLanes rows.
template <unsigned Columns>
void sum_rows(const RankView& forest, const float* rows, std::size_t count, double* out) {
  constexpr std::size_t kStride = Columns * kLanes;
  alignas(32) float values[kGroups * kStride];
  alignas(32) std::int8_t ranks[kGroups * kStride] = {};
  alignas(32) std::int8_t transformed[kGroups * kStride];
  alignas(32) std::uint8_t leaves[kGroups * kLanes];
  alignas(32) double sums[kGroups * kLanes] = {};
  const std::size_t groups = (count + kLanes - 1) / kLanes;
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t first = g * kLanes, here = count - first < kLanes ? count - first : kLanes;
    transpose(rows + first * forest.columns, here, forest.columns, values + g * kStride, sums + first);
  }
  for (std::size_t b = 0; b < forest.block_count; ++b) {
    const RankBlock& block = forest.blocks[b];
    const float* thresholds = forest.thresholds + block.first_threshold;
    for (std::size_t g = 0; g < groups; ++g) {
      for (std::size_t c = 0; c < forest.columns; ++c)
        rank_column(thresholds + c * kRankLeaves, values + g * kStride + c * kLanes, ranks + g * kStride + c * kLanes);
      transform<0, Columns>(ranks + g * kStride, transformed + g * kStride);
    }
    for (std::size_t t = block.first_tree; t < block.end_tree; ++t) {
      for (std::size_t g = 0; g < groups; ++g) {
        const __m256i leaf = walk<Columns>(forest.trees[t], ranks + g * kStride, transformed + g * kStride);
        _mm256_store_si256(reinterpret_cast<__m256i*>(leaves + g * kLanes), leaf);
      }
      add_values(leaves, groups * kLanes, forest.trees[t].value, sums);
    }
  }
  for (std::size_t i = 0; i < count; ++i) out[i] = sums[i];
}

template <unsigned Columns>
void sum_all(const RankView& forest, const float* rows, std::size_t count, double* sums) {
  constexpr std::size_t kMost = kGroups * kLanes;
  for (std::size_t i = 0; i < count; i += kMost)
    sum_rows<Columns>(forest, rows + i * forest.columns, count - i < kMost ? count - i : kMost, sums + i);
}

}  // namespace

void rank_sums_avx2(const RankView& forest, const float* rows, std::size_t count, double* sums) {
  if (forest.columns <= 8) return sum_all<8>(forest, rows, count, sums);
  if (forest.columns <= 18) return sum_all<18>(forest, rows, count, sums);
  if (forest.columns <= 32) return sum_all<32>(forest, rows, count, sums);
  sum_all<64>(forest, rows, count, sums);
}

}  // namespace weir
#endif
