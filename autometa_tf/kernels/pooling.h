// Pooling, padding "same", one plane after the other: along rows first, then columns.
//
// The maximum of a window is that of its rows' maxima, and its first place (row by row, as
// TensorFlow counts) lies in the first row that has it, at that row's first place. So both
// passes can go one axis at a time.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels.h"
#include "lanes.h"

namespace autometa {
namespace KERNELS_NAMESPACE {

// One row of pixels with padding around. As in PaddedPlanes, its columns are sorted by
// their remainder modulo the stride, so that a window's column is one run for all outputs.
// Whole registers can be read and written at its end.
class PaddedRow {
 public:
  PaddedRow(Use use, const Axis& axis, int batch, float padding)
      : axis_(axis), batch_(batch) {
    const int length = std::max((axis.out() - 1) * axis.stride + axis.window,
                                axis.padding_before() + axis.length);
    run_ = (ptrdiff_t)((length + axis.stride - 1) / axis.stride) * batch;
    size_ = run_ * axis.stride + kLanes;
    memory_ = scratch(use, size_);
    std::fill(memory_, memory_ + size_, padding);
  }

  // Where column `k` of the windows begins: `axis.out()` pixels lie behind it.
  float* window_column(int k) const {
    return memory_ + k % axis_.stride * run_ + (ptrdiff_t)(k / axis_.stride) * batch_;
  }
  void clear() { std::fill(memory_, memory_ + size_, 0.0f); }

  void write(const float* row) const {
    each_run([=](float* mine, ptrdiff_t at, ptrdiff_t count) {
      each_register(count, [=](ptrdiff_t p, auto lanes) {
        store(mine + p, load(row + at + p, lanes), lanes);
      });
    });
  }
  void read(float* row) const {
    each_run([=](float* mine, ptrdiff_t at, ptrdiff_t count) {
      each_register(count, [=](ptrdiff_t p, auto lanes) {
        store(row + at + p, load(mine + p, lanes), lanes);
      });
    });
  }

 private:
  // `function(mine, at, count)` for the runs of a plain row that lie together here.
  template <class Function>
  void each_run(Function function) const {
    const int before = axis_.padding_before();
    if (axis_.stride == 1)
      return function(window_column(before), 0, (ptrdiff_t)axis_.length * batch_);
    for (int x = 0; x < axis_.length; x++)
      function(window_column(before + x), (ptrdiff_t)x * batch_, batch_);
  }

  Axis axis_;
  int batch_;
  ptrdiff_t run_;
  size_t size_;
  float* memory_;
};

// The part of window `i` that lies within the axis: [first, last).
struct Window {
  int first, last;
};
inline Window window_of(const Axis& axis, int i) {
  const int begin = i * axis.stride - axis.padding_before();
  return {std::max(begin, 0), std::min(begin + axis.window, axis.length)};
}

// What pools one plane after the other. Inner rows, of maxima or sums and of their
// gradients, are `[W_out][B]` and end in floats enough for a whole register.
template <bool kMaximum>
class Pooling {
 public:
  explicit Pooling(const PoolingShape& shape)
      : shape_(shape),
        count_((ptrdiff_t)shape.columns.out() * shape.batch),
        pitch_(whole_registers(count_)),
        row_(Use::kInput, shape.columns, shape.batch, kMaximum ? -INFINITY : 0.0f),
        inner_(scratch(Use::kRows, shape.rows.length * pitch_)),
        inner_gradients_(scratch(Use::kRowGradients, shape.rows.length * pitch_)),
        inverse_widths_(scratch(Use::kSums, pitch_)) {
    for (int i = 0; i < shape.columns.out(); i++) {
      const Window window = window_of(shape.columns, i);
      std::fill_n(inverse_widths_ + (ptrdiff_t)i * shape.batch, shape.batch,
                  1.0f / (window.last - window.first));
    }
  }

  void forward(const float* x, float* y) const {
    reduce_rows(x);
    for (int i = 0; i < shape_.rows.out(); i++, y += count_) {
      const Window window = window_of(shape_.rows, i);
      each_register(count_, [&](ptrdiff_t p, auto lanes) {
        store(y + p, scaled(window, p, reduced(window, p)), lanes);
      });
    }
  }

  void backward(const float* x, const float* dy, float* dx, PaddedRow& drow) const {
    if (kMaximum) reduce_rows(x);
    std::fill_n(inner_gradients_, shape_.rows.length * pitch_, 0.0f);
    for (int i = 0; i < shape_.rows.out(); i++, dy += count_)
      spread_over_rows(window_of(shape_.rows, i), dy);
    const ptrdiff_t in_row = (ptrdiff_t)shape_.columns.length * shape_.batch;
    for (int y = 0; y < shape_.rows.length; y++, x += in_row, dx += in_row) {
      if (kMaximum) row_.write(x);
      spread_over_columns(y, drow);
      drow.read(dx);
    }
  }

 private:
  static Lanes combine(Lanes a, Lanes b) { return kMaximum ? larger(a, b) : a + b; }

  // What the windows' rows have: their maximum or their sum.
  void reduce_rows(const float* x) const {
    const ptrdiff_t in_row = (ptrdiff_t)shape_.columns.length * shape_.batch;
    for (int y = 0; y < shape_.rows.length; y++) {
      row_.write(x + y * in_row);
      float* to = inner_ + y * pitch_;
      for (ptrdiff_t p = 0; p < count_; p += kLanes) {
        Lanes value = load(row_.window_column(0) + p);
        for (int k = 1; k < shape_.columns.window; k++)
          value = combine(value, load(row_.window_column(k) + p));
        store(to + p, value);
      }
    }
  }

  Lanes reduced(Window window, ptrdiff_t p) const {
    const float* at = inner_ + window.first * pitch_ + p;
    Lanes value = load(at);
    for (int r = window.first + 1; r < window.last; r++)
      value = combine(value, load(at += pitch_));
    return value;
  }

  // A sum divided by the number of pixels that exist in its window.
  Lanes scaled(Window window, ptrdiff_t p, Lanes value) const {
    if (kMaximum) return value;
    return value * (1.0f / (window.last - window.first)) * load(inverse_widths_ + p);
  }

  // Shares a row of output gradients out among the rows of its windows. A maximum's goes
  // to the first row that has it.
  void spread_over_rows(Window window, const float* dy) const {
    each_register_once(count_, [&](ptrdiff_t p, auto lanes) {
      Lanes left = scaled(window, p, load(dy + p, lanes));
      const Lanes most = kMaximum ? reduced(window, p) : Lanes{};
      for (int r = window.first; r < window.last; r++) {
        float* to = inner_gradients_ + r * pitch_ + p;
        store(to, load(to) + share(inner_ + r * pitch_ + p, most, &left));
      }
    });
  }

  // The same along a row of the plane.
  void spread_over_columns(int y, PaddedRow& drow) const {
    drow.clear();
    for (ptrdiff_t p = 0; p < count_; p += kLanes) {
      Lanes left = load(inner_gradients_ + y * pitch_ + p);
      const Lanes most = kMaximum ? load(inner_ + y * pitch_ + p) : Lanes{};
      for (int k = 0; k < shape_.columns.window; k++) {
        float* to = drow.window_column(k) + p;
        store(to, load(to) + share(row_.window_column(k) + p, most, &left));
      }
    }
  }

  // What of the gradient `left` the candidates at `at` receive: all of it if they are the
  // maximum (then nothing is left), or if it is an average's.
  static Lanes share(const float* at, Lanes most, Lanes* left) {
    if (!kMaximum) return *left;
    const Lanes taken = where_equal(load(at), most, *left);
    *left -= taken;
    return taken;
  }

  PoolingShape shape_;
  ptrdiff_t count_, pitch_;
  PaddedRow row_;
  float* inner_;            // [H][pitch]
  float* inner_gradients_;  // [H][pitch]
  float* inverse_widths_;   // [pitch]
};

template <bool kMaximum>
inline void pool_planes(const PoolingShape& s, const float* x, float* y) {
  const Pooling<kMaximum> pooling(s);
  for (int c = 0; c < s.planes; c++, x += s.in_plane(), y += s.out_plane())
    pooling.forward(x, y);
}

template <bool kMaximum>
inline void pool_planes_gradient(const PoolingShape& s, const float* x, const float* dy,
                                 float* dx) {
  const Pooling<kMaximum> pooling(s);
  PaddedRow drow(Use::kGradient, s.columns, s.batch, 0);
  for (int c = 0; c < s.planes; c++) {
    pooling.backward(x, dy, dx, drow);
    x += s.in_plane(), dx += s.in_plane(), dy += s.out_plane();
  }
}

inline void pool(const PoolingShape& s, const float* x, float* y) {
  s.is_maximum ? pool_planes<true>(s, x, y) : pool_planes<false>(s, x, y);
}

inline void pool_gradient(const PoolingShape& s, const float* x, const float* dy,
                          float* dx) {
  s.is_maximum ? pool_planes_gradient<true>(s, x, dy, dx)
               : pool_planes_gradient<false>(s, x, dy, dx);
}

}  // namespace KERNELS_NAMESPACE
}  // namespace autometa
