// Pooling, padding "same", one plane after the other: along rows first, then columns.
//
// The maximum of a window is that of its rows' maxima, and its first place (row by row, as
// TensorFlow counts) lies in the first row that has it, at that row's first place. So both
// passes can go one axis at a time.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels.h"
#include "planes.h"

namespace autometa {
namespace KERNELS_NAMESPACE {

// The part of window `i` that lies within the axis: [first, last).
struct Window {
  int first, last;
};
inline Window window_of(const Axis& axis, int i) {
  const int begin = i * axis.stride - axis.padding_before();
  return {std::max(begin, 0), std::min(begin + axis.window, axis.length)};
}

// A plane's rows as they are, its columns padded for the windows.
inline PaddedPlanes padded_columns(Use use, const PoolingShape& s, float padding) {
  Extent columns = input_extent(s.columns);
  columns.length = std::max(columns.length, columns.before + s.columns.length);
  return PaddedPlanes(use, 1, {0, s.rows.length}, columns, s.batch, s.columns.stride,
                      padding);
}

// What pools one plane after the other. Inner rows, of maxima or sums and of their
// gradients, are `[W_out][B]` and end in floats enough for a whole register. `kWindow` is
// the window's size, 0 for any.
template <bool kMaximum, int kWindow>
class Pooling {
 public:
  explicit Pooling(const PoolingShape& shape)
      : shape_(shape),
        count_((ptrdiff_t)shape.columns.out() * shape.batch),
        pitch_(whole_registers(count_)),
        padded_(padded_columns(Use::kInput, shape, kMaximum ? -INFINITY : 0.0f)),
        inner_(scratch(Use::kRows, shape.rows.length * pitch_)),
        inverse_widths_(scratch(Use::kSums, pitch_)),
        margin_((ptrdiff_t)shape.columns.window * shape.batch),
        share_pitch_(margin_ + pitch_ + margin_ + kLanes) {
    // Behind the row zeros: whatever memory held there, even NaN, must not spread.
    std::fill_n(inverse_widths_, pitch_, 0.0f);
    for (int i = 0; i < shape.columns.out(); i++) {
      const Window window = window_of(shape.columns, i);
      std::fill_n(inverse_widths_ + (ptrdiff_t)i * shape.batch, shape.batch,
                  1.0f / (window.last - window.first));
    }
  }

  void forward(const float* x, float* y) {
    reduce_rows(x);
    for (int i = 0; i < shape_.rows.out(); i++, y += count_) {
      const Window window = window_of(shape_.rows, i);
      const float* inner = inner_ + window.first * pitch_;
      const int rows = window.last - window.first;
      each_register(count_, [&, pitch = pitch_](ptrdiff_t p, auto lanes) {
        Lanes value = load(inner + p);
        for (int r = 1; r < rows; r++) value = combine(value, load(inner + r * pitch + p));
        store(y + p, scaled(rows, p, value), lanes);
      });
    }
  }

  void backward(const float* x, const float* y, const float* dy, float* dx) {
    if (kMaximum) reduce_rows(x);
    float* inner_gradients = scratch(Use::kRowGradients, shape_.rows.length * pitch_);
    std::fill_n(inner_gradients, shape_.rows.length * pitch_, 0.0f);
    for (int i = 0; i < shape_.rows.out(); i++, y += count_, dy += count_)
      spread_over_rows(window_of(shape_.rows, i), y, dy, inner_gradients);
    const ptrdiff_t in_row = (ptrdiff_t)shape_.columns.length * shape_.batch;
    for (int r = 0; r < shape_.rows.length; r++) {
      share_out(padded_.origin + r * padded_.pitch, inner_ + r * pitch_,
                inner_gradients + r * pitch_);
      collect(dx + r * in_row);
    }
  }

  // To be called once before `backward`.
  void begin_backward() {
    const size_t size = window() * share_pitch_;
    shares_ = scratch(Use::kGradient, size);
    std::fill_n(shares_, size, 0.0f);
  }

 private:
  static Lanes combine(Lanes a, Lanes b) { return kMaximum ? larger(a, b) : a + b; }
  int window() const { return kWindow ? kWindow : shape_.columns.window; }

  // What the windows' rows have: their maximum or their sum.
  void reduce_rows(const float* x) {
    padded_.fill(1, shape_.rows.length, shape_.columns.length,
                 [=](int, ptrdiff_t at, auto lanes) { return load(x + at, lanes); });
    ptrdiff_t taps[kMostWindow];
    set_taps(taps);
    const ptrdiff_t count = count_;
    for (int r = 0; r < shape_.rows.length; r++) {
      const float* from = padded_.origin + r * padded_.pitch;
      float* to = inner_ + r * pitch_;
      for (ptrdiff_t p = 0; p < count; p += kLanes) {
        Lanes value = load(from + p);
        for (int k = 1; k < window(); k++) value = combine(value, load(from + taps[k] + p));
        store(to + p, value);
      }
    }
  }

  // Where each column of the windows begins in a padded row.
  void set_taps(ptrdiff_t* taps) const {
    for (int k = 0; k < window(); k++) taps[k] = padded_.offset(0, k);
  }

  // A sum divided by the number of pixels that exist in its window.
  Lanes scaled(int rows, ptrdiff_t p, Lanes value) const {
    return kMaximum ? value : value * (1.0f / rows) * load(inverse_widths_ + p);
  }

  // Shares a row of output gradients out among the rows of its windows. A maximum's goes
  // to the first row that has it.
  void spread_over_rows(Window window, const float* y, const float* dy,
                        float* inner_gradients) const {
    const ptrdiff_t pitch = pitch_;
    const int rows = window.last - window.first;
    const float* inner = inner_ + window.first * pitch;
    float* to = inner_gradients + window.first * pitch;
    each_register_once(count_, [&, inner, to](ptrdiff_t p, auto lanes) {
      Lanes left = scaled(rows, p, load(dy + p, lanes));
      const Lanes most = kMaximum ? load(y + p, lanes) : Lanes{};
      for (int r = 0; r < rows; r++) {
        float* at = to + r * pitch + p;
        const Lanes share =
            kMaximum ? take_where_equal(load(inner + r * pitch + p), most, &left) : left;
        store(at, load(at) + share);
      }
    });
  }

  // What each column of the windows of a row receives, in rows of their own with zeros
  // around: to add it up in place at once would read what has just been written, in
  // other registers, which stalls.
  void share_out(const float* from, const float* inner, const float* gradients) const {
    ptrdiff_t taps[kMostWindow];
    set_taps(taps);
    const ptrdiff_t count = count_, share_pitch = share_pitch_;
    float* const shares = shares_ + margin_;
    for (ptrdiff_t p = 0; p < count; p += kLanes) {
      Lanes left = load(gradients + p);
      const Lanes most = kMaximum ? load(inner + p) : Lanes{};
      for (int k = 0; k < window(); k++)
        store(shares + k * share_pitch + p,
              kMaximum ? take_where_equal(load(from + taps[k] + p), most, &left) : left);
    }
  }

  // Adds up what the pixels of a row receive: pixel x is column k of window
  // (x + before - k) / stride, where that is whole.
  void collect(float* dx) const {
    const int before = shape_.columns.padding_before(), stride = shape_.columns.stride;
    const ptrdiff_t batch = shape_.batch, share_pitch = share_pitch_;
    const float* const shares = shares_ + margin_;
    if (stride == 1) {
      const float* const first = shares + before * batch;
      const ptrdiff_t step = share_pitch - batch;  // To the next column of the window.
      each_register(shape_.columns.length * batch, [=, size = window()](ptrdiff_t p, auto lanes) {
        Lanes total = load(first + p, lanes);
        for (int k = 1; k < (kWindow ? kWindow : size); k++) total += load(first + k * step + p, lanes);
        store(dx + p, total, lanes);
      });
      return;
    }
    for (int x = 0; x < shape_.columns.length; x++, dx += batch) {
      const int column = before + x, first_k = column % stride;
      const float* from = shares + first_k * share_pitch + (column / stride) * batch;
      const ptrdiff_t step = stride * share_pitch - batch;
      const int terms = (window() - first_k + stride - 1) / stride;
      each_register(batch, [=](ptrdiff_t p, auto lanes) {
        Lanes total = {};
        for (int k = 0; k < terms; k++) total += load(from + k * step + p, lanes);
        store(dx + p, total, lanes);
      });
    }
  }

  PoolingShape shape_;
  ptrdiff_t count_, pitch_;
  PaddedPlanes padded_;
  float* inner_;           // [H][pitch]
  float* inverse_widths_;  // [pitch]
  ptrdiff_t margin_;       // Zeros before and after a row of shares, ...
  ptrdiff_t share_pitch_;  // ...and floats from one to the next.
  float* shares_ = nullptr;  // [window][share_pitch]
};

template <bool kMaximum, int kWindow>
inline void pool_planes(const PoolingShape& s, const float* x, float* y) {
  Pooling<kMaximum, kWindow> pooling(s);
  for (int c = 0; c < s.planes; c++, x += s.in_plane(), y += s.out_plane())
    pooling.forward(x, y);
}

template <bool kMaximum, int kWindow>
inline void pool_planes_gradient(const PoolingShape& s, const float* x, const float* y,
                                 const float* dy, float* dx) {
  Pooling<kMaximum, kWindow> pooling(s);
  pooling.begin_backward();
  for (int c = 0; c < s.planes; c++) {
    pooling.backward(x, y, dy, dx);
    x += s.in_plane(), dx += s.in_plane(), y += s.out_plane(), dy += s.out_plane();
  }
}

inline void pool(const PoolingShape& s, const float* x, float* y) {
  const bool common = s.columns.window == 3;
  if (s.is_maximum)
    common ? pool_planes<true, 3>(s, x, y) : pool_planes<true, 0>(s, x, y);
  else
    common ? pool_planes<false, 3>(s, x, y) : pool_planes<false, 0>(s, x, y);
}

inline void pool_gradient(const PoolingShape& s, const float* x, const float* y,
                          const float* dy, float* dx) {
  const bool common = s.columns.window == 3;
  if (s.is_maximum)
    common ? pool_planes_gradient<true, 3>(s, x, y, dy, dx)
           : pool_planes_gradient<true, 0>(s, x, y, dy, dx);
  else
    common ? pool_planes_gradient<false, 3>(s, x, y, dy, dx)
           : pool_planes_gradient<false, 0>(s, x, y, dy, dx);
}

}  // namespace KERNELS_NAMESPACE
}  // namespace autometa
