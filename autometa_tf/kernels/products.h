// The two products that every convolution of this layout is made of.
//
//   multiply:  out[m][p] = sum over k of w[k][m] * source[p + offset[k]]
//   dots:      out[k][m] = sum over p of dy[m][p] * source[p + offset[k]]
//
// `p` runs over pixels and images, which lie together; a term k is a pixel of the window
// and a channel, and so an offset. `multiply` computes outputs and input gradients, `dots`
// kernel gradients. Both keep a tile of results in registers while they read everything
// else once for all of the tile.
#pragma once

#include "lanes.h"

namespace autometa {
namespace KERNELS_NAMESPACE {

// How large the tiles are: so many sums are under way that the latency of a multiply-add
// is hidden, and no more than there are registers for.
#if defined(__AVX512F__)
constexpr int kMostRows = 13;     // Of `multiply`, times two registers.
constexpr int kDotRows = 5;       // Of `dots`, ...
constexpr int kDotTerms = 4;      // ...times so many terms.
#else
constexpr int kMostRows = 6;
constexpr int kDotRows = 5;
constexpr int kDotTerms = 2;
#endif
constexpr int kTile = 2 * kLanes;

// Channels in near-equal blocks of rows that a tile can have.
struct Blocks {
  int total;
  int count;

  Blocks(int total, int most) : total(total), count((total + most - 1) / most) {}
  int begin(int i) const { return total * i / count; }
  int size(int i) const { return begin(i + 1) - begin(i); }
};

// A tile of M rows and two registers, the second `gap` floats after the first (0: none).
template <int M, bool kTwo, bool kRectify>
inline __attribute__((always_inline)) void multiply_tile(
    const float* w, const ptrdiff_t* offset, int terms, const float* source, ptrdiff_t gap,
    float* out, ptrdiff_t out_plane) {
  constexpr int kRegisters = kTwo ? 2 : 1;
  Lanes total[M][kRegisters] = {};
  for (int k = 0; k < terms; k++, w += M) {
    const float* from = source + offset[k];
    Lanes x[kRegisters];
    for (int i = 0; i < kRegisters; i++) {
      x[i] = load(from + i * gap);
      if (kRectify) x[i] = rectified(x[i]);
    }
    for (int m = 0; m < M; m++) {
      const Lanes weight = splat(w[m]);
      for (int i = 0; i < kRegisters; i++) total[m][i] += weight * x[i];
    }
  }
  for (int m = 0; m < M; m++)
    for (int i = 0; i < kRegisters; i++) store(out + m * out_plane + i * gap, total[m][i]);
}

// Fewer outputs than a register has lanes.
template <int M, bool kRectify>
void multiply_few(const float* w, const ptrdiff_t* offset, int terms, const float* source,
                  ptrdiff_t count, float* out, ptrdiff_t out_plane) {
  Lanes total[M] = {};
  for (int k = 0; k < terms; k++, w += M) {
    Lanes x = load(source + offset[k], First{count});
    if (kRectify) x = rectified(x);
    for (int m = 0; m < M; m++) total[m] += splat(w[m]) * x;
  }
  for (int m = 0; m < M; m++) store(out + m * out_plane, total[m], First{count});
}

template <int M, bool kRectify>
__attribute__((noinline)) void multiply_rows(const float* w, const ptrdiff_t* offset,
                                             int terms, const float* source,
                                             ptrdiff_t count, float* out,
                                             ptrdiff_t out_plane) {
  if (count < kLanes)
    return multiply_few<M, kRectify>(w, offset, terms, source, count, out, out_plane);
  ptrdiff_t p = 0;
  for (; p + kTile <= count; p += kTile)
    multiply_tile<M, true, kRectify>(w, offset, terms, source + p, kLanes, out + p,
                                     out_plane);
  // The last register ends with the last output: some outputs are computed twice.
  const ptrdiff_t last = count - kLanes;
  if (count - p > kLanes) {
    multiply_tile<M, true, kRectify>(w, offset, terms, source + p, last - p, out + p,
                                     out_plane);
  } else if (count > p) {
    multiply_tile<M, false, kRectify>(w, offset, terms, source + last, 0, out + last,
                                      out_plane);
  }
}

// Computes `rows` planes of `count` outputs; `w` is [terms][rows].
template <bool kRectify>
inline void multiply(int rows, const float* w, const ptrdiff_t* offset, int terms,
                     const float* source, ptrdiff_t count, float* out,
                     ptrdiff_t out_plane) {
  switch (rows) {
#define AUTOMETA_CASE(M) \
  case M:                \
    return multiply_rows<M, kRectify>(w, offset, terms, source, count, out, out_plane);
    AUTOMETA_CASE(1)
    AUTOMETA_CASE(2)
    AUTOMETA_CASE(3)
    AUTOMETA_CASE(4)
    AUTOMETA_CASE(5)
    AUTOMETA_CASE(6)
#if defined(__AVX512F__)
    AUTOMETA_CASE(7)
    AUTOMETA_CASE(8)
    AUTOMETA_CASE(9)
    AUTOMETA_CASE(10)
    AUTOMETA_CASE(11)
    AUTOMETA_CASE(12)
    AUTOMETA_CASE(13)
#endif
#undef AUTOMETA_CASE
  }
}

// What `dots` reads: `rows` rows of `count` floats, in every plane of dy and at every
// offset of the source.
struct DotRange {
  const float* dy;
  ptrdiff_t dy_plane;
  ptrdiff_t dy_pitch;
  const float* source;
  ptrdiff_t source_pitch;
  int rows;
  ptrdiff_t count;
};

// Adds to `partial[k][m]`, registers whose lanes `sum_each` adds up in the end; with
// `first` it sets them.
template <int M, int K, bool kRectify>
__attribute__((noinline)) void dots_tile(const DotRange& range, const ptrdiff_t* offset,
                                         bool first, float* partial,
                                         ptrdiff_t partial_pitch) {
  Lanes total[M][K] = {};
  const float* from[K];
  for (int k = 0; k < K; k++) from[k] = range.source + offset[k];
  const float* dy = range.dy;
  for (int row = 0; row < range.rows; row++) {
    ptrdiff_t p = 0;
    for (; p + kLanes <= range.count; p += kLanes) {
      Lanes x[K];
      for (int k = 0; k < K; k++) {
        x[k] = load(from[k] + p);
        if (kRectify) x[k] = rectified(x[k]);
      }
      for (int m = 0; m < M; m++) {
        const Lanes g = in_register(load(dy + m * range.dy_plane + p));
        for (int k = 0; k < K; k++) total[m][k] += g * x[k];
      }
    }
    if (const ptrdiff_t left = range.count - p) {
      for (int m = 0; m < M; m++) {
        const Lanes g = load(dy + m * range.dy_plane + p, First{left});
        for (int k = 0; k < K; k++) {
          Lanes x = load(from[k] + p, First{left});
          if (kRectify) x = rectified(x);
          total[m][k] += g * x;
        }
      }
    }
    dy += range.dy_pitch;
    for (int k = 0; k < K; k++) from[k] += range.source_pitch;
  }
  for (int k = 0; k < K; k++, partial += partial_pitch)
    for (int m = 0; m < M; m++) {
      float* to = partial + m * kLanes;
      store(to, first ? total[m][k] : total[m][k] + load(to));
    }
}

template <int M, bool kRectify>
void dots_rows(const DotRange& range, const ptrdiff_t* offset, int terms, bool first,
               float* partial, ptrdiff_t partial_pitch) {
  int k = 0;
  for (; k + kDotTerms <= terms; k += kDotTerms)
    dots_tile<M, kDotTerms, kRectify>(range, offset + k, first,
                                      partial + k * partial_pitch, partial_pitch);
  for (; k < terms; k++)
    dots_tile<M, 1, kRectify>(range, offset + k, first, partial + k * partial_pitch,
                              partial_pitch);
}

// Computes `planes` planes of dy (at most kDotRows) against all terms.
template <bool kRectify>
inline void dots(int planes, const DotRange& range, const ptrdiff_t* offset, int terms,
                 bool first, float* partial, ptrdiff_t partial_pitch) {
  switch (planes) {
#define AUTOMETA_CASE(M) \
  case M:                \
    return dots_rows<M, kRectify>(range, offset, terms, first, partial, partial_pitch);
    AUTOMETA_CASE(1)
    AUTOMETA_CASE(2)
    AUTOMETA_CASE(3)
    AUTOMETA_CASE(4)
    AUTOMETA_CASE(5)
#undef AUTOMETA_CASE
  }
}

}  // namespace KERNELS_NAMESPACE
}  // namespace autometa
