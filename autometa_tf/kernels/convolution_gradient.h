// Gradients of convolutions, copy by copy, as products over offsets (products.h).
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "convolution.h"

namespace autometa {
namespace KERNELS_NAMESPACE {

// Floats of every plane of dy that all terms read before they go on.
constexpr ptrdiff_t kDotChunk = 960;

// Floats of the sums under way, each a register: the second cache holds them.
constexpr int kPartialFloats = 64 * 1024;

// The gradient of one copy's output: as it is, or a copy with zeros around.
class OutputGradient {
 public:
  explicit OutputGradient(const ConvolutionShape& shape) : shape_(shape) {
    if (is_pointwise(shape)) {
      plane = pitch = shape.out_plane();
    } else {
      padded_.emplace(Use::kGradient, shape.out_channels, gradient_extent(shape.rows),
                      gradient_extent(shape.columns), shape.batch, 1);
      plane = padded_->plane;
      pitch = padded_->pitch;
    }
  }

  // Turns to one copy: `value(channel, at, lanes)` loads its gradient, whose floats
  // begin at `dy` unless they are yet to be computed.
  template <class Value>
  void read(const float* dy, Value value) {
    if (!padded_) {
      if (!dy) {
        float* computed = scratch(Use::kGradient, shape_.out_channels * plane);
        for (int c = 0; c < shape_.out_channels; c++)
          each_register(plane, [&](ptrdiff_t p, auto lanes) {
            store(computed + c * plane + p, value(c, c * plane + p, lanes), lanes);
          });
        dy = computed;
      }
      begin = first_pixel = dy;
      return;
    }
    padded_->fill(shape_.out_channels, shape_.rows.out(), shape_.columns.out(), value);
    begin = padded_->origin;
    first_pixel = begin + padded_->offset(missing_before(shape_.rows),
                                          missing_before(shape_.columns));
  }

  // Whether rows end in zeros, so that whole registers can be read.
  bool has_zeros() const { return padded_.has_value(); }

  const float* begin = nullptr;        // Row 0, column 0, which may be a zero.
  const float* first_pixel = nullptr;  // The first output pixel.
  ptrdiff_t plane, pitch;

 private:
  ConvolutionShape shape_;
  std::optional<PaddedPlanes> padded_;
};

// dw of one copy.
inline void kernel_gradient(const ConvolutionShape& s, const ConvolutionInput& input,
                            const OutputGradient& dy, int e, float* dw) {
  // Rows of pixels one after the other, unless neither side is padded.
  const bool by_row = dy.has_zeros();
  const int rows = by_row ? s.rows.out() : 1;
  const ptrdiff_t count =
      by_row ? whole_registers((ptrdiff_t)s.columns.out() * s.batch) : s.out_plane();
  const int rows_at_once = by_row ? (int)std::max<ptrdiff_t>(1, kDotChunk / count) : 1;
  const ptrdiff_t count_at_once = by_row ? count : std::min(count, kDotChunk);

  const int all_terms = input.num_terms();
  const int terms_at_once = std::clamp<int>(
      kPartialFloats / (s.out_channels * kLanes) / kDotTerms * kDotTerms, kDotTerms,
      all_terms);
  float* partial =
      scratch(Use::kPartial, (size_t)terms_at_once * s.out_channels * kLanes);
  float* sums = scratch(Use::kSums, (size_t)terms_at_once * s.out_channels);
  const Blocks blocks(s.out_channels, kDotRows);
  const auto dots_of = input.rectify_on_read() ? dots<true> : dots<false>;
  for (int first = 0; first < all_terms; first += terms_at_once) {
    const int terms = std::min(terms_at_once, all_terms - first);
    for (int r = 0; r < rows; r += rows_at_once)
      for (ptrdiff_t p = 0; p < count; p += count_at_once)
        for (int b = 0; b < blocks.count; b++) {
          const DotRange range = {
              dy.first_pixel + blocks.begin(b) * dy.plane + r * dy.pitch + p,
              dy.plane,
              dy.pitch,
              input.run(0) + r * input.run_pitch() + p,
              input.run_pitch(),
              std::min(rows_at_once, rows - r),
              std::min(count_at_once, count - p)};
          dots_of(blocks.size(b), range, input.offsets.data() + first, terms, r + p == 0,
                  partial + blocks.begin(b) * kLanes, (ptrdiff_t)s.out_channels * kLanes);
        }
    sum_each(partial, terms * s.out_channels, sums);
    for (int k = 0; k < terms; k++)
      std::memcpy(dw + ((ptrdiff_t)(first + k) * s.copies + e) * s.out_channels,
                  sums + k * s.out_channels, 4 * s.out_channels);
  }
}

// The input pixels of one remainder modulo the stride, in both axes: they are reached by
// the same pixels of the window, at the same offsets.
struct Phase {
  struct Tap {
    ptrdiff_t weight;  // Where its weights begin in `w`, but for input channel and copy.
    ptrdiff_t offset;  // Where its gradient lies.
  };
  std::vector<Tap> taps;
  std::vector<ptrdiff_t> offsets;  // Of all taps and output channels.
  std::vector<float> packed;
};

inline std::vector<Phase> make_phases(const ConvolutionShape& s, const OutputGradient& dy) {
  const int stride_y = s.rows.stride, stride_x = s.columns.stride;
  std::vector<Phase> phases(stride_y * stride_x);
  for (int ry = 0; ry < stride_y; ry++)
    for (int rx = 0; rx < stride_x; rx++) {
      Phase& phase = phases[ry * stride_x + rx];
      for (int ky = 0; ky < s.rows.window; ky++)
        for (int kx = 0; kx < s.columns.window; kx++) {
          const int y = ry + s.rows.padding_before() - ky;
          const int x = rx + s.columns.padding_before() - kx;
          if (y % stride_y || x % stride_x) continue;
          const ptrdiff_t offset =
              (y / stride_y + missing_before(s.rows)) * dy.pitch +
              (ptrdiff_t)(x / stride_x + missing_before(s.columns)) * s.batch;
          const ptrdiff_t weight = (ptrdiff_t)(ky * s.columns.window + kx) *
                                   s.in_channels * s.copies * s.out_channels;
          phase.taps.push_back({weight, offset});
          for (int c = 0; c < s.out_channels; c++)
            phase.offsets.push_back(c * dy.plane + offset);
        }
    }
  return phases;
}

// Weights of copy e in the order in which `multiply` reads them.
inline void pack(const ConvolutionShape& s, const Blocks& blocks, const float* w, int e,
                 Phase& phase) {
  phase.packed.resize(phase.offsets.size() * s.in_channels);
  const ptrdiff_t row = (ptrdiff_t)s.copies * s.out_channels;
  float* to = phase.packed.data();
  for (int b = 0; b < blocks.count; b++)
    for (const Phase::Tap& tap : phase.taps) {
      const float* first = w + tap.weight + blocks.begin(b) * row + e * s.out_channels;
      const int size = blocks.size(b);
      for (int m = 0; m < size; m++)  // Reads what lies together.
        for (int c = 0; c < s.out_channels; c++) to[c * size + m] = first[m * row + c];
      to += s.out_channels * size;
    }
}

// dx = dx where x > 0, else 0, of `count` floats in each plane.
inline void rectify_gradient(int planes, ptrdiff_t plane, ptrdiff_t count, const float* x,
                             float* dx) {
  for (int c = 0; c < planes; c++, x += plane, dx += plane)
    each_register(count, [&](ptrdiff_t p, auto lanes) {
      store(dx + p, where_positive(load(x + p, lanes), load(dx + p, lanes)), lanes);
    });
}

// dx of one copy.
inline void input_gradient(const ConvolutionShape& s, bool rectify,
                           const std::vector<Phase>& phases, const OutputGradient& dy,
                           const float* x, float* dx) {
  const Blocks blocks(s.in_channels, kMostRows);
  const ptrdiff_t plane = s.in_plane(), row = (ptrdiff_t)s.columns.length * s.batch;
  const int stride = s.columns.stride;
  if (s.rows.stride == 1 && stride == 1 && (!dy.has_zeros() || dy.pitch == row)) {
    multiply_run(blocks, phases[0].packed.data(), false, phases[0].offsets, dy.begin,
                 plane, dx, plane, [&](ptrdiff_t p, ptrdiff_t size) {
                   if (rectify) rectify_gradient(s.in_channels, plane, size, x + p, dx + p);
                 });
    return;
  }
  const ptrdiff_t columns_plane = (ptrdiff_t)(s.columns.length / stride + 1) * s.batch;
  float* columns = scratch(Use::kColumns, s.in_channels * columns_plane);
  for (int y = 0; y < s.rows.length; y++) {
    const float* from = dy.begin + y / s.rows.stride * dy.pitch;
    float* to = dx + y * row;
    for (int q = 0; q < std::min(stride, s.columns.length); q++) {
      const Phase& phase = phases[y % s.rows.stride * stride + q];
      const int num_columns = (s.columns.length - q + stride - 1) / stride;
      multiply_run(blocks, phase.packed.data(), false, phase.offsets, from,
                   (ptrdiff_t)num_columns * s.batch, stride == 1 ? to : columns,
                   stride == 1 ? plane : columns_plane, [](ptrdiff_t, ptrdiff_t) {});
      if (stride == 1) continue;
      for (int c = 0; c < s.in_channels; c++)
        for (int j = 0; j < num_columns; j++) {
          const float* pixel = columns + c * columns_plane + j * s.batch;
          float* at = to + c * plane + (ptrdiff_t)(j * stride + q) * s.batch;
          each_register(s.batch, [&](ptrdiff_t p, auto lanes) {
            store(at + p, load(pixel + p, lanes), lanes);
          });
        }
    }
    if (rectify) rectify_gradient(s.in_channels, plane, row, x + y * row, to);
  }
}

// `read_gradient(e, gradient)` turns `gradient` to copy e.
template <class ReadGradient>
inline void copies_gradient(const ConvolutionShape& s, bool rectify, const float* x,
                            const float* w, float* dx, float* dw,
                            ReadGradient read_gradient) {
  ConvolutionInput input(s, rectify);
  OutputGradient gradient(s);
  std::vector<Phase> phases = dx ? make_phases(s, gradient) : std::vector<Phase>();
  const Blocks blocks(s.in_channels, kMostRows);
  for (int e = 0; e < s.copies; e++) {
    const ptrdiff_t first = e * s.in_channels * s.in_plane();
    input.read(x + first);
    read_gradient(e, gradient);
    kernel_gradient(s, input, gradient, e, dw);
    if (!dx) continue;
    for (Phase& phase : phases) pack(s, blocks, w, e, phase);
    input_gradient(s, rectify, phases, gradient, x + first, dx + first);
  }
}

inline void convolve_gradient(const ConvolutionShape& s, bool rectify, const float* x,
                              const float* w, const float* dy, float* dx, float* dw) {
  copies_gradient(s, rectify, x, w, dx, dw, [&](int e, OutputGradient& gradient) {
    const float* of_copy = dy + e * s.out_channels * s.out_plane();
    gradient.read(of_copy, [=](int, ptrdiff_t at, auto lanes) {
      return load(of_copy + at, lanes);
    });
  });
}

inline void convolve_normalize_gradient(const ConvolutionShape& s, bool rectify,
                                        const float* x, const float* w, const float* z,
                                        const Normalization& n, const float* dy,
                                        float* dx, float* dw, float* dgamma,
                                        float* dbeta) {
  std::vector<Line> lines(s.out_channels);
  copies_gradient(s, rectify, x, w, dx, dw, [&](int e, OutputGradient& gradient) {
    const ptrdiff_t first = (ptrdiff_t)e * s.out_channels;
    const float* z_of_copy = z + first * s.out_plane();
    const float* dy_of_copy = dy + first * s.out_plane();
    normalize_gradient(s.out_channels, s.out_plane(), n.of_channel(first), z_of_copy,
                       dy_of_copy, dgamma + first, dbeta + first, lines.data());
    gradient.read(nullptr, [&](int c, ptrdiff_t at, auto lanes) {
      return lines[c].at(load(z_of_copy + at, lanes), load(dy_of_copy + at, lanes));
    });
  });
}

}  // namespace KERNELS_NAMESPACE
}  // namespace autometa
