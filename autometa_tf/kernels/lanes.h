// Vector registers: `Lanes` is one register, each of its lanes one float.
//
// The same code serves 4 lanes (SSE2, NEON), 8 (AVX2) and 16 (AVX-512): the compiler's
// flags decide. Each compilation has a namespace of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>
#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace autometa {
namespace KERNELS_NAMESPACE {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float Lanes __attribute__((vector_size(4 * kLanes)));
typedef int32_t LaneBits __attribute__((vector_size(4 * kLanes)));
typedef float UnalignedLanes
    __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

inline Lanes load(const float* from) {
  return *reinterpret_cast<const UnalignedLanes*>(from);
}

inline void store(float* to, Lanes value) {
  *reinterpret_cast<UnalignedLanes*>(to) = value;
}

inline Lanes splat(float value) { return value - Lanes{}; }

// How many lanes of a register count: all, or the first few. Loads set the others to zero.
struct All {};
struct First {
  ptrdiff_t count;
};

inline Lanes load(const float* from, All) { return load(from); }
inline void store(float* to, Lanes value, All) { store(to, value); }

inline Lanes load(const float* from, First lanes) {
#if defined(__AVX512F__)
  return (Lanes)_mm512_maskz_loadu_ps((__mmask16)((1u << lanes.count) - 1), from);
#else
  Lanes value = {};
  std::memcpy(&value, from, 4 * lanes.count);
  return value;
#endif
}

inline void store(float* to, Lanes value, First lanes) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, (__mmask16)((1u << lanes.count) - 1), (__m512)value);
#else
  std::memcpy(to, &value, 4 * lanes.count);
#endif
}

// Calls `function(p, lanes)` for the registers of `count` floats. The last one ends with
// the last float, so that some floats come twice: what is read must not be written.
template <class Function>
inline void each_register(ptrdiff_t count, Function function) {
  if (count < kLanes) return function(0, First{count});
  if (count <= 2 * kLanes) {  // A pixel's batch, most often: no loop.
    function(0, All{});
    return function(count - kLanes, All{});
  }
  ptrdiff_t p = 0;
  for (; p + kLanes < count; p += kLanes) function(p, All{});
  function(count - kLanes, All{});
}

// The same with every float once.
template <class Function>
inline void each_register_once(ptrdiff_t count, Function function) {
  ptrdiff_t p = 0;
  for (; p + kLanes <= count; p += kLanes) function(p, All{});
  if (p < count) function(p, First{count - p});
}

inline ptrdiff_t whole_registers(ptrdiff_t count) {
  return (count + kLanes - 1) / kLanes * kLanes;
}

// Keeps a value in a register: GCC would load it again for every use.
inline Lanes in_register(Lanes value) {
#if defined(__x86_64__)
  asm("" : "+v"(value));
#elif defined(__aarch64__)
  asm("" : "+w"(value));
#endif
  return value;
}

// max(x, 0); NaN stays NaN.
inline Lanes rectified(Lanes x) {
#if defined(__AVX512F__)
  return (Lanes)_mm512_max_ps(_mm512_setzero_ps(), (__m512)x);
#elif defined(__AVX__)
  return (Lanes)_mm256_max_ps(_mm256_setzero_ps(), (__m256)x);
#else
  return (Lanes)((LaneBits)x & ~(LaneBits)(x < Lanes{}));
#endif
}

inline float rectified(float x) { return x < 0 ? 0.0f : x; }

// `value` where x > 0, else 0: the rectifier's gradient.
inline Lanes where_positive(Lanes x, Lanes value) {
#if defined(__AVX512F__)
  const __mmask16 positive = _mm512_cmp_ps_mask((__m512)x, _mm512_setzero_ps(), 30);
  return (Lanes)_mm512_maskz_mov_ps(positive, (__m512)value);
#else
  return (Lanes)((LaneBits)(x > Lanes{}) & (LaneBits)value);
#endif
}

// `left` where a == b, which is 0 there afterwards; elsewhere 0.
inline Lanes take_where_equal(Lanes a, Lanes b, Lanes* left) {
#if defined(__AVX512F__)
  const __mmask16 equal = _mm512_cmp_ps_mask((__m512)a, (__m512)b, 0);
  const __m512 taken = _mm512_maskz_mov_ps(equal, (__m512)*left);
  *left = (Lanes)_mm512_maskz_mov_ps((__mmask16)~equal, (__m512)*left);
  return (Lanes)taken;
#else
  const LaneBits equal = (LaneBits)(a == b), before = (LaneBits)*left;
  *left = (Lanes)(before & ~equal);
  return (Lanes)(before & equal);
#endif
}

// The larger one; NaN if either is.
inline Lanes larger(Lanes a, Lanes b) {
#if defined(__AVX512F__)
  const __m512 most = _mm512_max_ps((__m512)b, (__m512)a);  // `a` if either is NaN.
  const __mmask16 nan = _mm512_cmp_ps_mask((__m512)b, (__m512)b, 3);
  return (Lanes)_mm512_mask_mov_ps(most, nan, (__m512)b);
#else
  const LaneBits take_b = (LaneBits)(b > a) | (LaneBits)(b != b);
  return (Lanes)((take_b & (LaneBits)b) | (~take_b & (LaneBits)a));
#endif
}

// The sum of all lanes, in a fixed order.
inline float sum(Lanes value) {
#if defined(__AVX512F__)
  return _mm512_reduce_add_ps((__m512)value);
#elif defined(__AVX__)
  __m128 half = _mm_add_ps(_mm256_castps256_ps128((__m256)value),
                           _mm256_extractf128_ps((__m256)value, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
#else
  float total = 0;
  for (int i = 0; i < kLanes; i++) total += value[i];
  return total;
#endif
}

#if defined(__AVX512F__)
// The sums of 16 registers in memory, one a lane: halves are added until all is.
inline Lanes sums_of_sixteen(const float* from) {
  __m512 quarter[4];  // Four sums each, in the four lanes of all four parts.
  for (int i = 0; i < 4; i++, from += 64) {
    const __m512 a = _mm512_loadu_ps(from), b = _mm512_loadu_ps(from + 16);
    const __m512 c = _mm512_loadu_ps(from + 32), d = _mm512_loadu_ps(from + 48);
    const __m512d ab = _mm512_castps_pd(
        _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b)));
    const __m512d cd = _mm512_castps_pd(
        _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d)));
    quarter[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd)),
                               _mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd)));
  }
  auto fold = [](__m512 a, __m512 b) {
    return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88),
                         _mm512_shuffle_f32x4(a, b, 0xdd));
  };
  return (Lanes)fold(fold(quarter[0], quarter[1]), fold(quarter[2], quarter[3]));
}
#endif

// to[i] = the sum of the lanes of the i-th of `count` registers in memory.
inline void sum_each(const float* from, int count, float* to) {
  int i = 0;
#if defined(__AVX512F__)
  for (; i + 16 <= count; i += 16, from += 256) store(to + i, sums_of_sixteen(from));
#elif defined(__AVX__)
  for (; i + 8 <= count; i += 8, from += 64) {  // Eight at once, by pairs.
    auto pair = [&](int a) {
      return _mm256_hadd_ps(_mm256_loadu_ps(from + 8 * a),
                            _mm256_loadu_ps(from + 8 * a + 8));
    };
    const __m256 a = _mm256_hadd_ps(pair(0), pair(2));
    const __m256 b = _mm256_hadd_ps(pair(4), pair(6));
    _mm256_storeu_ps(to + i, _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20),
                                           _mm256_permute2f128_ps(a, b, 0x31)));
  }
#endif
  for (; i < count; i++, from += kLanes) to[i] = sum(load(from));
}

// Memory that a thread keeps from call to call, one piece for each use: fresh pages would
// cost more than the work on them.
enum class Use {
  kInput,
  kGradient,
  kWeights,
  kPartial,
  kSums,
  kColumns,
  kRows,
  kRowGradients,
};

inline float* scratch(Use use, size_t size) {
  static thread_local std::vector<float> kept[8];
  std::vector<float>& piece = kept[static_cast<int>(use)];
  if (piece.size() < size) piece.resize(size);
  return piece.data();
}

}  // namespace KERNELS_NAMESPACE
}  // namespace autometa
