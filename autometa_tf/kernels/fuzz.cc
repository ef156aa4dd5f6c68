// Runs every kernel of every instruction set that this CPU has on random shapes, and
// compares each with plain loops in double. Built with sanitizers by sanitizer_test.py;
// all memory is exactly as large as the kernels may touch.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "kernels.h"

extern "C" const char* autometa_choose_kernels(const char* name);

using autometa::ConvolutionShape;
using autometa::PoolingShape;
using Floats = std::vector<float>;
using Doubles = std::vector<double>;

namespace {

std::mt19937 generator(1);

int whole(int least, int most) {
  return std::uniform_int_distribution<int>(least, most)(generator);
}

Floats normal(ptrdiff_t size) {
  std::normal_distribution<float> draw;
  Floats values(size);
  for (float& value : values) value = draw(generator);
  return values;
}

void compare(const char* what, const Floats& found, const Doubles& expected,
             double tolerance) {
  double largest = 1e-3, difference = 0;
  for (size_t i = 0; i < found.size(); i++) {
    largest = std::fmax(largest, std::fabs(expected[i]));
    difference = std::fmax(difference, std::fabs(found[i] - expected[i]));
  }
  if (difference <= tolerance * largest) return;
  std::printf("%s is off by %g of %g\n", what, difference, largest);
  std::exit(1);
}

// The convolution and both gradients, one multiplication after the other.
struct Plain {
  Doubles y, dx, dw;

  Plain(const ConvolutionShape& s, bool rectify, const Floats& x, const Floats& w,
        const Doubles& dy)
      : y(s.copies * s.out_channels * s.out_plane()), dx(x.size()), dw(w.size()) {
    const int out_rows = s.rows.out(), out_columns = s.columns.out();
    for (int e = 0; e < s.copies; e++)
      for (int o = 0; o < s.out_channels; o++)
        for (int i = 0; i < out_rows * out_columns; i++)
          for (int ky = 0; ky < s.rows.window; ky++)
            for (int kx = 0; kx < s.columns.window; kx++) {
              const int r =
                  i / out_columns * s.rows.stride + ky - s.rows.padding_before();
              const int c =
                  i % out_columns * s.columns.stride + kx - s.columns.padding_before();
              if (r < 0 || r >= s.rows.length || c < 0 || c >= s.columns.length) continue;
              for (int f = 0; f < s.in_channels; f++)
                for (int b = 0; b < s.batch; b++) {
                  const ptrdiff_t at =
                      (((ptrdiff_t)(e * s.in_channels + f) * s.rows.length + r) *
                           s.columns.length + c) * s.batch + b;
                  const ptrdiff_t to =
                      ((ptrdiff_t)(e * s.out_channels + o) * out_rows * out_columns + i) *
                          s.batch + b;
                  const ptrdiff_t weight =
                      (((ptrdiff_t)(ky * s.columns.window + kx) * s.in_channels + f) *
                           s.copies + e) * s.out_channels + o;
                  const double value = rectify ? std::fmax(x[at], 0) : x[at];
                  y[to] += w[weight] * value;
                  if (!dy.empty()) {
                    dw[weight] += dy[to] * value;
                    if (!rectify || x[at] > 0) dx[at] += dy[to] * w[weight];
                  }
                }
            }
  }
};

ConvolutionShape random_shape() {
  const int windows[][2] = {{1, 1}, {3, 3}, {1, 5}, {5, 1}, {2, 2}, {5, 5}};
  const int* window = windows[whole(0, 5)];
  const int stride = whole(1, 3);
  return {whole(1, 3), whole(1, 11), {whole(1, 9), window[0], stride},
          {whole(1, 9), window[1], stride}, whole(1, 14), whole(1, 14)};
}

void check_convolution() {
  const ConvolutionShape s = random_shape();
  const bool rectify = whole(0, 1);
  const ptrdiff_t filters = s.copies * s.out_channels;
  const Floats x = normal(s.copies * s.in_channels * s.in_plane());
  const Floats w = normal(s.rows.window * s.columns.window * s.in_channels * filters);
  const Floats dy = normal(filters * s.out_plane());
  const Plain plain(s, rectify, x, w, Doubles(dy.begin(), dy.end()));
  Floats y(dy.size()), dx(x.size()), dw(w.size());
  autometa::kernels().convolve(s, rectify, x.data(), w.data(), y.data());
  autometa::kernels().convolve_gradient(s, rectify, x.data(), w.data(), dy.data(),
                                        dx.data(), dw.data());
  compare("a convolution", y, plain.y, 1e-5);
  compare("an input gradient", dx, plain.dx, 1e-5);
  compare("a kernel gradient", dw, plain.dw, 1e-5);

  // Normalised: by its own numbers z, in double.
  const Floats gamma = normal(filters), beta = normal(filters);
  Floats z(y.size()), mean(filters), deviation(filters), dgamma(filters), dbeta(filters);
  const autometa::Normalization n = {1e-3f, gamma.data(), beta.data(), mean.data(),
                                     deviation.data()};
  autometa::kernels().convolve_normalize(s, rectify, x.data(), w.data(), n, z.data(),
                                         y.data());
  autometa::kernels().convolve_normalize_gradient(s, rectify, x.data(), w.data(), z.data(),
                                                  n, dy.data(), dx.data(), dw.data(),
                                                  dgamma.data(), dbeta.data());
  Doubles expected(y.size()), dz(y.size());
  const ptrdiff_t size = s.out_plane();
  for (ptrdiff_t c = 0; c < filters; c++) {
    double sum = 0, squares = 0, gradients = 0, products = 0;
    const double* v = plain.y.data() + c * size;
    for (ptrdiff_t i = 0; i < size; i++) sum += v[i];
    const double center = sum / size;
    for (ptrdiff_t i = 0; i < size; i++) squares += (v[i] - center) * (v[i] - center);
    const double inverse = 1 / std::sqrt(squares / size + 1e-3);
    for (ptrdiff_t i = 0; i < size; i++) {
      expected[c * size + i] = (v[i] - center) * inverse * gamma[c] + beta[c];
      gradients += dy[c * size + i];
      products += dy[c * size + i] * (v[i] - center) * inverse;
    }
    for (ptrdiff_t i = 0; i < size; i++)
      dz[c * size + i] =
          gamma[c] * inverse *
          (dy[c * size + i] - gradients / size - (v[i] - center) * inverse * products / size);
  }
  // A plane of few equal numbers divides by epsilon's root: errors grow by 30.
  compare("a normalisation", y, expected, 1e-3);
  const Plain through(s, rectify, x, w, dz);
  compare("an input gradient through a normalisation", dx, through.dx, 1e-2);
}

void check_pooling() {
  const int window = whole(1, 5), stride = whole(1, 3);
  const PoolingShape s = {whole(1, 4), whole(1, 19), {whole(1, 9), window, stride},
                          {whole(1, 9), window, stride}, whole(0, 1) == 1};
  Floats x = normal(s.planes * s.in_plane());
  for (float& value : x) value = std::round(value);  // Ties.
  const Floats dy = normal(s.planes * s.out_plane());
  Floats y(dy.size()), dx(x.size());
  Doubles expected(dy.size()), gradient(x.size());
  const int columns = s.columns.out();
  for (int p = 0; p < s.planes; p++)
    for (int i = 0; i < s.rows.out() * columns; i++)
      for (int b = 0; b < s.batch; b++) {
        std::vector<ptrdiff_t> within;
        for (int k = 0; k < window * window; k++) {
          const int r = i / columns * stride + k / window - s.rows.padding_before();
          const int c = i % columns * stride + k % window - s.columns.padding_before();
          if (r >= 0 && r < s.rows.length && c >= 0 && c < s.columns.length)
            within.push_back(
                (((ptrdiff_t)p * s.rows.length + r) * s.columns.length + c) * s.batch + b);
        }
        const ptrdiff_t to = ((ptrdiff_t)p * s.rows.out() * columns + i) * s.batch + b;
        ptrdiff_t best = within[0];
        double total = 0;
        for (ptrdiff_t at : within) {
          total += x[at];
          if (x[at] > x[best]) best = at;
        }
        expected[to] = s.is_maximum ? x[best] : total / within.size();
        if (s.is_maximum) gradient[best] += dy[to];
        else
          for (ptrdiff_t at : within) gradient[at] += dy[to] / within.size();
      }
  autometa::kernels().pool(s, x.data(), y.data());
  autometa::kernels().pool_gradient(s, x.data(), y.data(), dy.data(), dx.data());
  compare("a pooling", y, expected, 1e-5);
  compare("a pooling's gradient", dx, gradient, 1e-5);
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 100;
  for (const char* name : {"avx512", "avx2", "base"}) {
    if (!autometa_choose_kernels(name)) {
      std::printf("%s: this CPU has it not\n", name);
      continue;
    }
    for (int i = 0; i < count; i++) {
      check_convolution();
      check_pooling();
    }
    std::printf("%s: %d random shapes\n", name, count);
  }
}
