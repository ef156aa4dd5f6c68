// The kernels as a table of functions, one table for each instruction set.
//
// Letters: E networks side by side ("copies"), B images, H x W pixels, C channels of one
// copy. Activations are "batch last", `x[E][C][H][W][B]`: the W*B floats of a row of
// pixels lie together, so that a vector register is full whatever the number of channels.
// Convolution kernels are TensorFlow's, `w[k_h][k_w][C_in][E][C_out]`.
#pragma once

#include <algorithm>
#include <cstddef>

namespace autometa {

constexpr int kMostWindow = 64;  // Pixels.

// Where the windows of an axis lie: padding is "same", half of it (rounded down) before.
struct Axis {
  int length;
  int window;
  int stride;

  int out() const { return (length + stride - 1) / stride; }
  int padding_before() const {
    return std::max((out() - 1) * stride + window - length, 0) / 2;
  }
};

struct ConvolutionShape {
  int copies;
  int batch;
  Axis rows;
  Axis columns;
  int in_channels;
  int out_channels;

  ptrdiff_t in_plane() const { return (ptrdiff_t)rows.length * columns.length * batch; }
  ptrdiff_t out_plane() const { return (ptrdiff_t)rows.out() * columns.out() * batch; }
};

struct PoolingShape {
  int planes;  // E*C.
  int batch;
  Axis rows;
  Axis columns;
  bool is_maximum;  // Else the average over the pixels that exist.

  ptrdiff_t in_plane() const { return (ptrdiff_t)rows.length * columns.length * batch; }
  ptrdiff_t out_plane() const { return (ptrdiff_t)rows.out() * columns.out() * batch; }
};

// A normalisation with the batch's statistics, of E*C channels:
//   y = (z - mean) * inverse_deviation * gamma + beta.
struct Normalization {
  float epsilon;
  const float* gamma;
  const float* beta;
  float* mean;
  float* inverse_deviation;

  Normalization of_channel(ptrdiff_t i) const {
    return {epsilon, gamma + i, beta + i, mean + i, inverse_deviation + i};
  }
};

struct KernelTable {
  const char* name;

  // y = convolution of x, or of max(x, 0) with `rectify`.
  void (*convolve)(const ConvolutionShape& shape, bool rectify, const float* x,
                   const float* w, float* y);
  // The gradients of x (unless `dx` is null) and w; with `rectify`, x is as above.
  void (*convolve_gradient)(const ConvolutionShape& shape, bool rectify, const float* x,
                            const float* w, const float* dy, float* dx, float* dw);

  // z = convolution as above, y = z normalised; sets `n`'s statistics.
  void (*convolve_normalize)(const ConvolutionShape& shape, bool rectify, const float* x,
                             const float* w, const Normalization& n, float* z, float* y);
  void (*convolve_normalize_gradient)(const ConvolutionShape& shape, bool rectify,
                                      const float* x, const float* w, const float* z,
                                      const Normalization& n, const float* dy, float* dx,
                                      float* dw, float* dgamma, float* dbeta);

  void (*pool)(const PoolingShape& shape, const float* x, float* y);
  void (*pool_gradient)(const PoolingShape& shape, const float* x, const float* y,
                        const float* dy, float* dx);
};

extern const KernelTable base_kernels;
#if defined(__x86_64__)
extern const KernelTable avx2_kernels;
extern const KernelTable avx512_kernels;
#endif

// The table in use: see dispatch.cc.
const KernelTable& kernels();

}  // namespace autometa
