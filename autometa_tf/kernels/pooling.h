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

  void write(const float* row) { each_run(row, [](float* mine, const float* theirs, ptrdiff_t n) {
      std::memcpy(mine, theirs, 4 * n); }); }
  void read(float* row) const { each_run(row, [](const float* mine, float* theirs, ptrdiff_t n) {
      std::memcpy(theirs, mine, 4 * n); }); }

 private:
  template <class Row, class Function>
  void each_run(Row row, Function function) const {
    const int before = axis_.padding_before();
    if (axis_.stride == 1) {
      function(window_column(before), row, (ptrdiff_t)axis_.length * batch_);
      return;
    }
    for (int x = 0; x < axis_.length; x++)
      function(window_column(before + x), row + (ptrdiff_t)x * batch_, batch_);
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

// Calls `function(p, n)` for every register of `count` floats; n lanes of it count.
template <class Function>
inline void each_register(ptrdiff_t count, Function function) {
  ptrdiff_t p = 0;
  for (; p + kLanes <= count; p += kLanes) function(p, kLanes);
  if (p < count) function(p, count - p);
}
inline Lanes load_some(const float* from, ptrdiff_t n) {
  return n == kLanes ? load(from) : load_first(from, n);
}
inline void store_some(float* to, Lanes value, ptrdiff_t n) {
  n == kLanes ? store(to, value) : store_first(to, value, n);
}

// 1 / (pixels that exist in the window's row), for every float of a row of outputs.
inline void inverse_widths(const Axis& columns, int batch, float* to) {
  for (int i = 0; i < columns.out(); i++) {
    const Window window = window_of(columns, i);
    std::fill(to + (ptrdiff_t)i * batch, to + (ptrdiff_t)(i + 1) * batch,
              1.0f / (window.last - window.first));
  }
}

// One plane's passes; `Best` memory has the rows' maxima or sums, [H][W_out][B].
class Pooling {
 public:
  explicit Pooling(const PoolingShape& shape)
      : shape_(shape),
        count_((ptrdiff_t)shape.columns.out() * shape.batch),
        row_(Use::kInput, shape.columns, shape.batch, shape.is_maximum ? -INFINITY : 0.0f),
        along_rows_(scratch(Use::kBest, shape.rows.length * count_)),
        widths_(scratch(Use::kSums, count_)) {
    if (!shape.is_maximum) inverse_widths(shape.columns, shape.batch, widths_);
  }

  ptrdiff_t in_row() const { return (ptrdiff_t)shape_.columns.length * shape_.batch; }
  ptrdiff_t out_row() const { return count_; }

  void reduce_rows(const float* x) {
    for (int y = 0; y < shape_.rows.length; y++) {
      row_.write(x + y * in_row());
      float* to = along_rows_ + y * count_;
      each_register(count_, [&](ptrdiff_t p, ptrdiff_t n) {
        Lanes value = load_some(row_.window_column(0) + p, n);
        for (int k = 1; k < shape_.columns.window; k++)
          value = combine(value, load_some(row_.window_column(k) + p, n));
        store_some(to + p, value, n);
      });
    }
  }

  // A row of outputs, from the rows' maxima or sums.
  void reduce_columns(int i, float* y) const {
    const Window window = window_of(shape_.rows, i);
    const float height = 1.0f / (window.last - window.first);
    each_register(count_, [&](ptrdiff_t p, ptrdiff_t n) {
      Lanes value = load_some(along_rows_ + window.first * count_ + p, n);
      for (int r = window.first + 1; r < window.last; r++)
        value = combine(value, load_some(along_rows_ + r * count_ + p, n));
      if (!shape_.is_maximum) value = value * height * load_some(widths_ + p, n);
      store_some(y + p, value, n);
    });
  }

  // Shares the gradient of a row of outputs out among the rows of its windows, `drows`
  // like `along_rows`. A maximum's goes to the first row that has it.
  void spread_columns(int i, const float* dy, float* drows) const {
    const Window window = window_of(shape_.rows, i);
    const float height = 1.0f / (window.last - window.first);
    each_register(count_, [&](ptrdiff_t p, ptrdiff_t n) {
      Lanes left = load_some(dy + p, n);
      if (!shape_.is_maximum) left = left * height * load_some(widths_ + p, n);
      Lanes most = {};
      if (shape_.is_maximum) {
        most = load_some(along_rows_ + window.first * count_ + p, n);
        for (int r = window.first + 1; r < window.last; r++)
          most = combine(most, load_some(along_rows_ + r * count_ + p, n));
      }
      for (int r = window.first; r < window.last; r++) {
        const ptrdiff_t at = r * count_ + p;
        Lanes share = left;
        if (shape_.is_maximum) {
          share = where_equal(load_some(along_rows_ + at, n), most, left);
          left -= share;  // All of it or nothing.
        }
        store_some(drows + at, load_some(drows + at, n) + share, n);
      }
    });
  }

  // The same along row `y` of the plane `x`, into the padded row `to`.
  void spread_row(const float* x, int y, const float* drows, PaddedRow& to) {
    if (shape_.is_maximum) row_.write(x + y * in_row());
    to.clear();
    each_register(count_, [&](ptrdiff_t p, ptrdiff_t n) {
      Lanes left = load_some(drows + y * count_ + p, n);
      const Lanes most = load_some(along_rows_ + y * count_ + p, n);
      for (int k = 0; k < shape_.columns.window; k++) {
        Lanes share = left;
        if (shape_.is_maximum) {
          share = where_equal(load_some(row_.window_column(k) + p, n), most, left);
          left -= share;
        }
        float* at = to.window_column(k) + p;
        store_some(at, load_some(at, n) + share, n);
      }
    });
  }

 private:
  Lanes combine(Lanes a, Lanes b) const { return shape_.is_maximum ? larger(a, b) : a + b; }

  PoolingShape shape_;
  ptrdiff_t count_;
  PaddedRow row_;
  float* along_rows_;
  float* widths_;
};

inline void pool(const PoolingShape& shape, const float* x, float* y) {
  Pooling pooling(shape);
  for (int c = 0; c < shape.planes; c++) {
    pooling.reduce_rows(x);
    x += shape.rows.length * pooling.in_row();
    for (int i = 0; i < shape.rows.out(); i++, y += pooling.out_row())
      pooling.reduce_columns(i, y);
  }
}

inline void pool_gradient(const PoolingShape& shape, const float* x, const float* dy,
                          float* dx) {
  Pooling pooling(shape);
  PaddedRow drow(Use::kGradient, shape.columns, shape.batch, 0);
  const size_t size = shape.rows.length * pooling.out_row();
  float* drows = scratch(Use::kRows, size);
  for (int c = 0; c < shape.planes; c++) {
    if (shape.is_maximum) pooling.reduce_rows(x);
    std::fill(drows, drows + size, 0.0f);
    for (int i = 0; i < shape.rows.out(); i++, dy += pooling.out_row())
      pooling.spread_columns(i, dy, drows);
    for (int y = 0; y < shape.rows.length; y++) {
      pooling.spread_row(x, y, drows, drow);
      drow.read(dx + y * pooling.in_row());
    }
    x += shape.rows.length * pooling.in_row();
    dx += shape.rows.length * pooling.in_row();
  }
}

}  // namespace KERNELS_NAMESPACE
}  // namespace autometa
