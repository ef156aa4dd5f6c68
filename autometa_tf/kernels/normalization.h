// Batch normalisation with the statistics of the batch at hand, one plane after the other.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels.h"
#include "lanes.h"

namespace autometa {
namespace KERNELS_NAMESPACE {

// Registers summed side by side, so that no addition waits for the one before.
constexpr int kSums = 4;

// The sums over p of `first(p)` and `second(p)`, which return registers of `Lanes` or, for
// what is left at the end, floats.
template <class Terms>
inline void sum_both(ptrdiff_t size, Terms terms, float* first, float* second) {
  Lanes a[kSums] = {}, b[kSums] = {};
  ptrdiff_t p = 0;
  for (; p + kSums * kLanes <= size; p += kSums * kLanes)
    for (int i = 0; i < kSums; i++) {
      const auto [one, other] = terms(p + i * kLanes, Lanes{});
      a[i] += one;
      b[i] += other;
    }
  *first = sum((a[0] + a[1]) + (a[2] + a[3]));
  *second = sum((b[0] + b[1]) + (b[2] + b[3]));
  for (; p < size; p++) {
    const auto [one, other] = terms(p, 0.0f);
    *first += one;
    *second += other;
  }
}

inline Lanes value_at(const float* x, Lanes) { return load(x); }
inline float value_at(const float* x, float) { return *x; }

template <class Value>
struct Both {
  Value first, second;
};

// y of `planes` runs of `size` floats; it leaves the statistics in `n`.
inline void normalize(int planes, ptrdiff_t size, const Normalization& n, const float* x,
                      float* y) {
  for (int c = 0; c < planes; c++, x += size, y += size) {
    // Moments about the first value: those about 0 would lose digits where the mean is
    // far larger than the deviation.
    const float shift = x[0];
    float total, squares;
    sum_both(
        size,
        [=](ptrdiff_t p, auto kind) {
          const auto v = value_at(x + p, kind) - shift;
          return Both<decltype(kind)>{v, v * v};
        },
        &total, &squares);
    const float center = total / size;
    // Rounding can leave a tiny negative number; NaN stays NaN.
    const float spread = squares / size - center * center;
    const float variance = spread < 0 ? 0 : spread;
    n.mean[c] = center + shift;
    n.inverse_deviation[c] = 1 / std::sqrt(variance + n.epsilon);
    const float scale = n.gamma[c] * n.inverse_deviation[c];
    const float offset = n.beta[c] - n.mean[c] * scale;
    each_register(size, [&](ptrdiff_t p, auto lanes) {
      store(y + p, load(x + p, lanes) * scale + offset, lanes);
    });
  }
}

// A plane's input gradient, which is linear in x and dy.
struct Line {
  float scale, slope, offset;
  Lanes at(Lanes x, Lanes dy) const { return dy * scale + (x * slope + offset); }
};

// With N = size and x' = (x - mean) * inverse_deviation:
//   dbeta = sum(dy),  dgamma = sum(dy * x'),
//   dx = gamma * inverse_deviation * (dy - dbeta / N - x' * dgamma / N).
inline void normalize_gradient(int planes, ptrdiff_t size, const Normalization& n,
                               const float* x, const float* dy, float* dgamma,
                               float* dbeta, Line* dx) {
  for (int c = 0; c < planes; c++, x += size, dy += size) {
    const float center = n.mean[c], inverse_deviation = n.inverse_deviation[c];
    float total, product;
    sum_both(
        size,
        [=](ptrdiff_t p, auto kind) {
          const auto g = value_at(dy + p, kind);
          return Both<decltype(kind)>{g, g * (value_at(x + p, kind) - center)};
        },
        &total, &product);
    dbeta[c] = total;
    dgamma[c] = product * inverse_deviation;
    const float scale = n.gamma[c] * inverse_deviation;
    const float slope = -scale * inverse_deviation * dgamma[c] / size;
    dx[c] = {scale, slope, -scale * total / size - slope * center};
  }
}

}  // namespace KERNELS_NAMESPACE
}  // namespace autometa
