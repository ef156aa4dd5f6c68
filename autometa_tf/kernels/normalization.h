// Batch normalisation with the statistics of the batch at hand, one plane after the other.
#pragma once

#include <algorithm>
#include <cmath>

#include "lanes.h"

namespace autometa {
namespace KERNELS_NAMESPACE {

// Registers summed side by side, so that no addition waits for the one before.
constexpr int kSums = 4;

inline void normalize(int planes, ptrdiff_t size, float epsilon, const float* x,
                      const float* gamma, const float* beta, float* y, float* mean,
                      float* inverse_deviation) {
  for (int c = 0; c < planes; c++, x += size, y += size) {
    // Moments about the first value: those about 0 would lose digits where the mean is
    // far larger than the deviation.
    const float shift = x[0];
    Lanes sums[kSums] = {}, squares[kSums] = {};
    ptrdiff_t p = 0;
    for (; p + kSums * kLanes <= size; p += kSums * kLanes)
      for (int i = 0; i < kSums; i++) {
        const Lanes v = load(x + p + i * kLanes) - shift;
        sums[i] += v;
        squares[i] += v * v;
      }
    float total = sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
    float total_squares = sum((squares[0] + squares[1]) + (squares[2] + squares[3]));
    for (; p < size; p++) {
      const float v = x[p] - shift;
      total += v;
      total_squares += v * v;
    }
    const float center = total / size;
    // Rounding can leave a tiny negative number; NaN stays NaN.
    const float spread = total_squares / size - center * center;
    const float variance = spread < 0 ? 0 : spread;
    mean[c] = center + shift;
    inverse_deviation[c] = 1 / std::sqrt(variance + epsilon);
    const float scale = gamma[c] * inverse_deviation[c];
    const float offset = beta[c] - mean[c] * scale;
    for (p = 0; p + kLanes <= size; p += kLanes)
      store(y + p, load(x + p) * scale + offset);
    for (; p < size; p++) y[p] = x[p] * scale + offset;
  }
}

// With n = size and x' = (x - mean) * inverse_deviation:
//   dbeta = sum(dy),  dgamma = sum(dy * x'),
//   dx = gamma * inverse_deviation * (dy - dbeta / n - x' * dgamma / n),
// which is dy * scale + x * slope + offset.
inline void normalize_gradient(int planes, ptrdiff_t size, const float* x,
                               const float* gamma, const float* mean,
                               const float* inverse_deviation, const float* dy, float* dx,
                               float* dgamma, float* dbeta) {
  for (int c = 0; c < planes; c++, x += size, dy += size, dx += size) {
    const float center = mean[c];
    Lanes sums[kSums] = {}, products[kSums] = {};
    ptrdiff_t p = 0;
    for (; p + kSums * kLanes <= size; p += kSums * kLanes)
      for (int i = 0; i < kSums; i++) {
        const Lanes g = load(dy + p + i * kLanes);
        sums[i] += g;
        products[i] += g * (load(x + p + i * kLanes) - center);
      }
    float total = sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
    float product = sum((products[0] + products[1]) + (products[2] + products[3]));
    for (; p < size; p++) {
      total += dy[p];
      product += dy[p] * (x[p] - center);
    }
    dbeta[c] = total;
    dgamma[c] = product * inverse_deviation[c];
    const float scale = gamma[c] * inverse_deviation[c];
    const float slope = -scale * inverse_deviation[c] * dgamma[c] / size;
    const float offset = -scale * total / size - slope * center;
    for (p = 0; p + kLanes <= size; p += kLanes)
      store(dx + p, load(dy + p) * scale + (load(x + p) * slope + offset));
    for (; p < size; p++) dx[p] = dy[p] * scale + (x[p] * slope + offset);
  }
}

}  // namespace KERNELS_NAMESPACE
}  // namespace autometa
