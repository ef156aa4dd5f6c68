// Convolutions, copy by copy, as products over offsets (products.h).
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "kernels.h"
#include "normalization.h"
#include "planes.h"
#include "products.h"

namespace autometa {
namespace KERNELS_NAMESPACE {

// Floats of a plane that all products read before they go on: the first cache holds them.
constexpr ptrdiff_t kForwardChunk = 16 * kTile;

// A window of one pixel at stride 1 needs no zeros: planes are read where they are.
inline bool is_pointwise(const ConvolutionShape& s) {
  return s.rows.window == 1 && s.columns.window == 1 && s.rows.stride == 1 &&
         s.columns.stride == 1;
}

// What the windows of one copy read: the input itself, or a padded copy.
class ConvolutionInput {
 public:
  ConvolutionInput(const ConvolutionShape& shape, bool rectify)
      : shape_(shape), rectify_(rectify) {
    if (is_pointwise(shape)) {
      plane_ = pitch_ = shape.in_plane();
    } else {
      padded_.emplace(Use::kInput, shape.in_channels, input_extent(shape.rows),
                      input_extent(shape.columns), shape.batch, shape.columns.stride);
      plane_ = padded_->plane;
      pitch_ = padded_->pitch;
    }
    offsets.reserve(num_terms());
    for (int ky = 0; ky < shape.rows.window; ky++)
      for (int kx = 0; kx < shape.columns.window; kx++)
        for (int c = 0; c < shape.in_channels; c++)
          offsets.push_back(c * plane_ + (padded_ ? padded_->offset(ky, kx) : 0));
  }

  // The terms of an output, in the order of the kernel's axes.
  int num_terms() const {
    return shape_.rows.window * shape_.columns.window * shape_.in_channels;
  }
  // Whether the products themselves must rectify what they read.
  bool rectify_on_read() const { return rectify_ && !padded_; }

  // Turns to one copy of the input.
  void read(const float* x) {
    if (!padded_) {
      begin_ = x;
      return;
    }
    const bool rectify = rectify_;
    padded_->fill(shape_.in_channels, shape_.rows.length, shape_.columns.length,
                  [=](int, ptrdiff_t at, auto lanes) {
                    const Lanes value = load(x + at, lanes);
                    return rectify ? rectified(value) : value;
                  });
    begin_ = padded_->origin;
  }

  // Outputs lie in `num_runs` runs of `run_length`, in which the input advances alike:
  // rows of the output, or the whole plane where no column pads the rows.
  bool is_one_run() const {
    return !padded_ || (shape_.columns.stride == 1 && shape_.rows.stride == 1 &&
                        pitch_ == (ptrdiff_t)shape_.columns.out() * shape_.batch);
  }
  int num_runs() const { return is_one_run() ? 1 : shape_.rows.out(); }
  ptrdiff_t run_length() const {
    return is_one_run() ? shape_.out_plane()
                        : (ptrdiff_t)shape_.columns.out() * shape_.batch;
  }
  const float* run(int i) const { return begin_ + i * run_pitch(); }
  ptrdiff_t run_pitch() const { return pitch_ * shape_.rows.stride; }

  std::vector<ptrdiff_t> offsets;  // Of the terms.

 private:
  ConvolutionShape shape_;
  bool rectify_;
  std::optional<PaddedPlanes> padded_;
  const float* begin_ = nullptr;
  ptrdiff_t plane_, pitch_;
};

// Calls `multiply` chunk by chunk for all blocks of rows; `packed` is [block][term][row].
// `after(first, count)` follows every chunk.
template <class After>
inline void multiply_run(const Blocks& blocks, const float* packed, bool rectify,
                         const std::vector<ptrdiff_t>& offsets, const float* source,
                         ptrdiff_t count, float* out, ptrdiff_t out_plane, After after) {
  const int terms = static_cast<int>(offsets.size());
  for (ptrdiff_t p = 0; p < count;) {
    // No chunk is smaller than a tile, unless all of the run is.
    ptrdiff_t size = std::min(kForwardChunk, count - p);
    if (count - p - size < kTile) size = count - p;
    for (int b = 0; b < blocks.count; b++) {
      const float* weights = packed + (ptrdiff_t)terms * blocks.begin(b);
      float* to = out + blocks.begin(b) * out_plane + p;
      (rectify ? multiply<true> : multiply<false>)(blocks.size(b), weights, offsets.data(),
                                                   terms, source + p, size, to, out_plane);
    }
    after(p, size);
    p += size;
  }
}

// `after(e, y of copy e)` follows each copy, whose outputs the cache still holds.
template <class After>
inline void convolve_copies(const ConvolutionShape& s, bool rectify, const float* x,
                            const float* w, float* y, After after) {
  ConvolutionInput input(s, rectify);
  const Blocks blocks(s.out_channels, kMostRows);
  const int terms = input.num_terms();
  float* packed = scratch(Use::kWeights, (size_t)terms * s.out_channels);
  for (int e = 0; e < s.copies; e++) {
    input.read(x + e * s.in_channels * s.in_plane());
    float* to = packed;
    for (int b = 0; b < blocks.count; b++)
      for (int k = 0; k < terms; k++)
        for (int m = 0; m < blocks.size(b); m++)
          *to++ = w[((ptrdiff_t)k * s.copies + e) * s.out_channels + blocks.begin(b) + m];
    float* out = y + e * s.out_channels * s.out_plane();
    for (int i = 0; i < input.num_runs(); i++)
      multiply_run(blocks, packed, input.rectify_on_read(), input.offsets, input.run(i),
                   input.run_length(), out + i * input.run_length(), s.out_plane(),
                   [](ptrdiff_t, ptrdiff_t) {});
    after(e, out);
  }
}

inline void convolve(const ConvolutionShape& s, bool rectify, const float* x,
                     const float* w, float* y) {
  convolve_copies(s, rectify, x, w, y, [](int, const float*) {});
}

inline void convolve_normalize(const ConvolutionShape& s, bool rectify, const float* x,
                               const float* w, const Normalization& n, float* z,
                               float* y) {
  convolve_copies(s, rectify, x, w, z, [&](int e, const float* convolved) {
    const ptrdiff_t first = (ptrdiff_t)e * s.out_channels;
    normalize(s.out_channels, s.out_plane(), n.of_channel(first), convolved,
              y + first * s.out_plane());
  });
}

}  // namespace KERNELS_NAMESPACE
}  // namespace autometa
