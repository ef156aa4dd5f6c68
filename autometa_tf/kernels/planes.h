// Copies of planes with padding around, in which a window's every pixel is one fixed offset.
#pragma once

#include <algorithm>

#include "kernels.h"
#include "lanes.h"

namespace autometa {
namespace KERNELS_NAMESPACE {

// How many output pixels lie before the first and after the last that exist, for windows
// of the gradient: those that would have read the padding.
inline int missing_before(const Axis& axis) {
  const int reach = axis.window - 1 - axis.padding_before();
  return std::max(0, (reach + axis.stride - 1) / axis.stride);
}
inline int missing_after(const Axis& axis) {
  return std::max(0, (axis.length - 1 + axis.padding_before()) / axis.stride -
                         (axis.out() - 1));
}

// What an axis has to become so that every window lies within it.
struct Extent {
  int before;  // Zeros.
  int length;  // With zeros before and after.
};

inline Extent input_extent(const Axis& axis) {
  return {axis.padding_before(), (axis.out() - 1) * axis.stride + axis.window};
}
inline Extent gradient_extent(const Axis& axis) {
  const int before = missing_before(axis);
  return {before, before + axis.out() + missing_after(axis)};
}

// The planes of one copy. With a stride, the columns of a row are sorted by their
// remainder: of stride 2 first the even ones, then the odd ones. So the pixels that a
// window's column reads for neighbouring outputs lie together.
class PaddedPlanes {
 public:
  // Rows end in padding enough to read whole registers from column `columns.before` on.
  PaddedPlanes(Use use, int channels, Extent rows, Extent columns, int batch, int stride,
               float padding = 0)
      : rows_(rows), columns_(columns), batch_(batch), stride_(stride) {
    const int columns_each = (columns.length + stride - 1) / stride;
    run = (ptrdiff_t)columns_each * batch;
    const ptrdiff_t first = (ptrdiff_t)columns.before / stride * batch;
    const ptrdiff_t readable = first + whole_registers(run - first);
    pitch = whole_registers(run * (stride - 1) + std::max(run, readable));
    plane = rows.length * pitch;
    // Planes a multiple of 4 KiB apart would compete for the same lines of the cache.
    if (plane / 16 % 2 == 0) plane += 16;
    // Behind the last plane too, whole registers can be read.
    const size_t size = channels * plane + 2 * kLanes + 16;
    float* memory = scratch(use, size);
    std::fill(memory, memory + size, padding);
    const uintptr_t at = reinterpret_cast<uintptr_t>(memory) / 4 + first;
    origin = memory + (16 - at % 16) % 16;  // Column `before` begins a cache line.
  }

  // Floats from row 0, column 0 to this pixel of the padded plane.
  ptrdiff_t offset(int row, int column) const {
    return row * pitch + column % stride_ * run + (ptrdiff_t)(column / stride_) * batch_;
  }

  // Calls `function(c, at, mine, count)` for the runs of floats that lie together both
  // here, at `mine`, and at `at` in `[channels][height][width][B]`.
  template <class Function>
  void each_run(int channels, int height, int width, Function function) {
    const int copied_rows = std::min(height, rows_.length - rows_.before);
    const int copied = std::min(width, columns_.length - columns_.before);
    for (int c = 0; c < channels; c++)
      for (int y = 0; y < copied_rows; y++) {
        const ptrdiff_t at = ((ptrdiff_t)c * height + y) * width * batch_;
        float* row = origin + c * plane + (y + rows_.before) * pitch;
        if (stride_ == 1) {
          function(c, at, row + (ptrdiff_t)columns_.before * batch_,
                   (ptrdiff_t)copied * batch_);
          continue;
        }
        for (int i = 0; i < std::min(stride_, copied); i++) {
          float* mine = row + offset(0, columns_.before + i);
          for (int x = i; x < copied; x += stride_, mine += batch_)
            function(c, at + (ptrdiff_t)x * batch_, mine, (ptrdiff_t)batch_);
        }
      }
  }

  // Puts planes of `height x width` pixels into the middle. `value(at, lanes)` loads the
  // floats that begin at `at`, of `[channels][height][width][B]`.
  template <class Value>
  void fill(int channels, int height, int width, Value value) {
    each_run(channels, height, width,
             [&](int c, ptrdiff_t at, float* mine, ptrdiff_t count) {
               each_register(count, [&](ptrdiff_t p, auto lanes) {
                 store(mine + p, value(c, at + p, lanes), lanes);
               });
             });
  }

  float* origin;     // Row 0, column 0 of channel 0.
  ptrdiff_t run;     // Floats of the columns of one remainder.
  ptrdiff_t pitch;   // Floats from row to row.
  ptrdiff_t plane;   // Floats from channel to channel.

 private:
  Extent rows_;
  Extent columns_;
  int batch_;
  int stride_;
};

}  // namespace KERNELS_NAMESPACE
}  // namespace autometa
