// Compiled for AVX-512 with VBMI (Ice Lake, Zen 4 and later); called only where the processor has it. See rank_forest.h for
// why nothing of the standard library is used here.
#include "rank_forest.h"

#if defined(__AVX512VBMI__)
#include <immintrin.h>

namespace weir {
namespace {

constexpr std::size_t kLanes = 64;  // rows in a register, a byte each
constexpr std::size_t kGroups = 4;  // registers of rows that one tree is walked with while its tables are near

/// Column-major: lane r of column c is row r. Rows that are not there are zeros.
void transpose(const float* rows, std::size_t count, std::size_t columns, float* out) {
  if (count < kLanes) {
    for (std::size_t i = 0; i < columns * kLanes; ++i) out[i] = 0;
    for (std::size_t r = 0; r < count; ++r)
      for (std::size_t c = 0; c < columns; ++c) out[c * kLanes + r] = rows[r * columns + c];
    return;
  }
  const __m512i row = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                         _mm512_set1_epi32(static_cast<int>(columns)));
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t r = 0; r < kLanes; r += 16)
      _mm512_store_ps(out + c * kLanes + r, _mm512_i32gather_ps(row, rows + r * columns + c, 4));
}

__mmask64 find_nan(const float* values, std::size_t columns) {
  __mmask64 found = 0;
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t r = 0; r < kLanes; r += 16) {
      const __m512 x = _mm512_load_ps(values + c * kLanes + r);
      found |= static_cast<__mmask64>(_mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q)) << r;
    }
  return found;
}

/// One step down a tree in level order: left to 2p, right to 2p + 1.
__m512i step32(__m512i p, __mmask16 right) {
  p = _mm512_add_epi32(p, p);
  return _mm512_mask_add_epi32(p, right, p, _mm512_set1_epi32(1));
}
__m512i step8(__m512i p, __mmask64 right) {
  p = _mm512_add_epi8(p, p);
  return _mm512_mask_add_epi8(p, right, p, _mm512_set1_epi8(1));
}

/// All 255 thresholds of a column, in registers: levels 0 to 3 in one each, then 1, 2, 4 and 8.
struct ThresholdRegisters {
  __m512 level0, level1, level2, level3, level4, level5[2], level6[4], level7[8];

  explicit ThresholdRegisters(const float* t)
      : level0(_mm512_set1_ps(t[0])),
        level1(_mm512_loadu_ps(t + 1)),
        level2(_mm512_loadu_ps(t + 3)),
        level3(_mm512_loadu_ps(t + 7)),
        level4(_mm512_loadu_ps(t + 15)) {
    for (std::size_t i = 0; i < 2; ++i) level5[i] = _mm512_loadu_ps(t + 31 + 16 * i);
    for (std::size_t i = 0; i < 4; ++i) level6[i] = _mm512_loadu_ps(t + 63 + 16 * i);
    for (std::size_t i = 0; i < 8; ++i) level7[i] = _mm512_loadu_ps(t + 127 + 16 * i);
  }
};

__m512 look_up32(const __m512* t, __m512i p) { return _mm512_permutex2var_ps(t[0], p, t[1]); }
__m512 look_up64(const __m512* t, __m512i p) {
  return _mm512_mask_blend_ps(_mm512_test_epi32_mask(p, _mm512_set1_epi32(32)), look_up32(t, p), look_up32(t + 2, p));
}
__m512 look_up128(const __m512* t, __m512i p) {
  return _mm512_mask_blend_ps(_mm512_test_epi32_mask(p, _mm512_set1_epi32(64)), look_up64(t, p), look_up64(t + 4, p));
}

/// How many thresholds are less than each x.
__m512i rank_of(__m512 x, const ThresholdRegisters& t) {
  const auto above = [x](__m512 threshold) { return _mm512_cmp_ps_mask(x, threshold, _CMP_GT_OQ); };
  __m512i p = step32(_mm512_setzero_si512(), above(t.level0));
  p = step32(p, above(_mm512_permutexvar_ps(p, t.level1)));
  p = step32(p, above(_mm512_permutexvar_ps(p, t.level2)));
  p = step32(p, above(_mm512_permutexvar_ps(p, t.level3)));
  p = step32(p, above(_mm512_permutexvar_ps(p, t.level4)));
  p = step32(p, above(look_up32(t.level5, p)));
  p = step32(p, above(look_up64(t.level6, p)));
  return step32(p, above(look_up128(t.level7, p)));
}

void rank_column(const float* thresholds, const float* values, std::size_t stride, std::size_t groups, std::int8_t* ranks) {
  const ThresholdRegisters t(thresholds);
  for (std::size_t g = 0; g < groups; ++g)
    for (std::size_t r = 0; r < kLanes; r += 16) {
      const __m128i rank = _mm512_cvtepi32_epi8(rank_of(_mm512_load_ps(values + g * stride + r), t));
      _mm_store_si128(reinterpret_cast<__m128i*>(ranks + g * stride + r), _mm_xor_si128(rank, _mm_set1_epi8(-128)));
    }
}

__m512i load_column(const std::int8_t* ranks, std::size_t column) { return _mm512_load_si512(ranks + column * kLanes); }

/// In each lane the rank of the column that `bits` name: bit b of the column's number in bits[b].
template <unsigned First, unsigned Count>
__m512i select(const std::int8_t* ranks, const __mmask64* bits) {
  if constexpr (Count == 1) {
    return load_column(ranks, First);
  } else {
    constexpr unsigned kBit = 31 - static_cast<unsigned>(__builtin_clz(Count - 1)), kHalf = 1U << kBit;
    return _mm512_mask_blend_epi8(bits[kBit], select<First, kHalf>(ranks, bits),
                                  select<First + kHalf, Count - kHalf>(ranks, bits));
  }
}

template <unsigned Columns>
__m512i select_column(__m512i column, const std::int8_t* ranks) {
  __mmask64 bits[6];
  for (int b = 0; b < 6; ++b) bits[b] = _mm512_test_epi8_mask(column, _mm512_set1_epi8(static_cast<char>(1 << b)));
  return select<0, Columns>(ranks, bits);
}

/// In each lane the rank that node First + (the path so far) looks at, where a register holds the masks of that path: for
/// upper levels, whose nodes are few, cheaper than select_column.
template <unsigned First, unsigned Level>
__m512i select_by_path(const std::uint8_t* feature, const std::int8_t* ranks, const __mmask64* path) {
  if constexpr (Level == 0) {
    return load_column(ranks, feature[First]);
  } else {
    return _mm512_mask_blend_epi8(path[0], select_by_path<First, Level - 1>(feature, ranks, path + 1),
                                  select_by_path<First + (1U << (Level - 1)), Level - 1>(feature, ranks, path + 1));
  }
}

__m512i load(const void* at) { return _mm512_loadu_si512(at); }

/// A function, because clang's intrinsic is a macro that takes a template's comma for its own.
__mmask64 is_greater(__m512i a, __m512i b) { return _mm512_cmpgt_epi8_mask(a, b); }

/// The leaf that each of 64 rows ends in.
template <unsigned Columns>
__m512i walk(const RankTree& tree, const std::int8_t* ranks) {
  const std::uint8_t* feature = tree.feature;
  const std::int8_t* rank = tree.rank;
  __mmask64 path[5];
  path[0] = is_greater(select_by_path<0, 0>(feature, ranks, path), _mm512_set1_epi8(rank[0]));
  __m512i p = step8(_mm512_setzero_si512(), path[0]);
  path[1] = is_greater(select_by_path<1, 1>(feature, ranks, path), _mm512_permutexvar_epi8(p, load(rank + 1)));
  p = step8(p, path[1]);
  path[2] = is_greater(select_by_path<3, 2>(feature, ranks, path), _mm512_permutexvar_epi8(p, load(rank + 3)));
  p = step8(p, path[2]);
  path[3] = is_greater(select_by_path<7, 3>(feature, ranks, path), _mm512_permutexvar_epi8(p, load(rank + 7)));
  p = step8(p, path[3]);
  path[4] = is_greater(select_by_path<15, 4>(feature, ranks, path), _mm512_permutexvar_epi8(p, load(rank + 15)));
  p = step8(p, path[4]);
  const __m512i column5 = _mm512_permutexvar_epi8(p, load(feature + 31)),
                rank5 = _mm512_permutexvar_epi8(p, load(rank + 31));
  p = step8(p, is_greater(select_column<Columns>(column5, ranks), rank5));
  const __m512i column6 = _mm512_permutexvar_epi8(p, load(feature + 63)),
                rank6 = _mm512_permutexvar_epi8(p, load(rank + 63));
  p = step8(p, is_greater(select_column<Columns>(column6, ranks), rank6));
  const __m512i column7 = _mm512_permutex2var_epi8(load(feature + 127), p, load(feature + 191)),
                rank7 = _mm512_permutex2var_epi8(load(rank + 127), p, load(rank + 191));
  return step8(p, is_greater(select_column<Columns>(column7, ranks), rank7));
}

void add_values(__m512i leaf, const double* value, double* sums) {
  alignas(64) std::uint8_t leaves[kLanes];
  _mm512_store_si512(leaves, leaf);
  for (std::size_t r = 0; r < kLanes; r += 8) {
    const __m256i at = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(leaves + r)));
    _mm512_store_pd(sums + r, _mm512_add_pd(_mm512_load_pd(sums + r), _mm512_i32gather_pd(at, value, 8)));
  }
}

/// At most kGroups * kLanes rows.
template <unsigned Columns>
void sum_rows(const RankView& forest, const float* rows, std::size_t count, double* out) {
  constexpr std::size_t kStride = Columns * kLanes;
  alignas(64) float values[kGroups * kStride];
  alignas(64) std::int8_t ranks[kGroups * kStride] = {};
  alignas(64) double sums[kGroups * kLanes] = {};
  const std::size_t groups = (count + kLanes - 1) / kLanes;
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t first = g * kLanes, here = count - first < kLanes ? count - first : kLanes;
    transpose(rows + first * forest.columns, here, forest.columns, values + g * kStride);
    const __mmask64 nan = find_nan(values + g * kStride, forest.columns);
    for (std::size_t r = 0; r < kLanes; r += 8)
      _mm512_store_pd(sums + first + r,
                      _mm512_maskz_mov_pd(static_cast<__mmask8>(nan >> r), _mm512_set1_pd(__builtin_nan(""))));
  }
  for (std::size_t b = 0; b < forest.block_count; ++b) {
    const RankBlock& block = forest.blocks[b];
    for (std::size_t c = 0; c < forest.columns; ++c)
      rank_column(forest.thresholds + block.first_threshold + c * kRankLeaves, values + c * kLanes, kStride, groups,
                  ranks + c * kLanes);
    for (std::size_t t = block.first_tree; t < block.end_tree; ++t)
      for (std::size_t g = 0; g < groups; ++g)
        add_values(walk<Columns>(forest.trees[t], ranks + g * kStride), forest.trees[t].value, sums + g * kLanes);
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

void rank_sums_avx512(const RankView& forest, const float* rows, std::size_t count, double* sums) {
  if (forest.columns <= 8) return sum_all<8>(forest, rows, count, sums);
  if (forest.columns <= 18) return sum_all<18>(forest, rows, count, sums);
  if (forest.columns <= 32) return sum_all<32>(forest, rows, count, sums);
  sum_all<64>(forest, rows, count, sums);
}

}  // namespace weir
#endif
