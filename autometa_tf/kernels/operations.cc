// The kernels as TensorFlow operations on a CPU, through TensorFlow's C API.
//
// An operation checks its arguments' shapes, allocates its outputs and calls the kernel on
// the thread it was given: a wrong shape is an error status. operations.py wraps them.
#include <climits>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "kernels.h"
#include "tensorflow_c_api.h"

namespace autometa {
namespace {

constexpr int kMostAxes = 5;

struct Attributes {
  int32_t stride = 1, size = 1;
  unsigned char rectify = 0, needs_input_gradient = 1, is_maximum = 0;
  float epsilon = 0;
};

struct Dims {
  int num_axes = 0;
  int64_t size[kMostAxes] = {};

  Dims() = default;
  Dims(std::initializer_list<int64_t> sizes) {
    for (int64_t each : sizes) size[num_axes++] = each;
  }
  int64_t count() const {
    int64_t product = 1;
    for (int i = 0; i < num_axes; i++) product *= size[i];
    return product;
  }
  bool operator==(const Dims& other) const {
    return num_axes == other.num_axes &&
           std::equal(size, size + num_axes, other.size);
  }
  int64_t operator[](int i) const { return size[i]; }
};

// One computation: its tensors, and the first error.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context) {}
  ~Call() {
    if (!ok()) TF_OpKernelContext_Failure(context_, status_);
    for (int i = 0; i < num_held_; i++) TF_DeleteTensor(held_[i]);
    TF_DeleteStatus(status_);
  }
  Call(const Call&) = delete;

  bool ok() const { return TF_GetCode(status_) == AUTOMETA_TF_OK; }

  void require(bool condition, const char* message) {
    if (ok() && !condition) TF_SetStatus(status_, AUTOMETA_TF_INVALID_ARGUMENT, message);
  }

  template <class Value = float>
  const Value* input(int index, Dims* dims) {
    TF_Tensor* tensor = nullptr;
    if (ok()) TF_GetInput(context_, index, &tensor, status_);
    if (!ok()) return nullptr;
    held_[num_held_++] = tensor;
    const int num_axes = TF_NumDims(tensor);
    require(num_axes <= kMostAxes, "an argument has too many axes");
    if (!ok()) return nullptr;
    dims->num_axes = num_axes;
    for (int i = 0; i < num_axes; i++) {
      dims->size[i] = TF_Dim(tensor, i);
      require(dims->size[i] <= INT_MAX / 64, "an argument is too large");
    }
    return static_cast<const Value*>(TF_TensorData(tensor));
  }

  float* output(int index, const Dims& dims) {
    if (!ok()) return nullptr;
    TF_Tensor* tensor =
        TF_AllocateOutput(context_, index, AUTOMETA_TF_FLOAT, dims.size, dims.num_axes,
                          sizeof(float) * dims.count(), status_);
    if (!ok()) return nullptr;
    held_[num_held_++] = tensor;
    return static_cast<float*>(TF_TensorData(tensor));
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_ = TF_NewStatus();
  TF_Tensor* held_[12];
  int num_held_ = 0;
};

// x[E*C, H, W, B] and w[k_h, k_w, C, E*C_out].
ConvolutionShape convolution_shape(Call& call, const Dims& x, const Dims& w, int stride) {
  call.require(x.num_axes == 4 && w.num_axes == 4, "`x` and `w` must have 4 axes");
  if (!call.ok()) return {};
  call.require(x.count() > 0 && w.count() > 0, "`x` and `w` must not be empty");
  if (!call.ok()) return {};
  call.require(x[0] % w[2] == 0, "the channels of `x` must be a multiple of those of `w`");
  if (!call.ok()) return {};
  const int copies = x[0] / w[2];
  call.require(w[3] % copies == 0, "the filters of `w` must be a multiple of the copies");
  return {copies,
          (int)x[3],
          {(int)x[1], (int)w[0], stride},
          {(int)x[2], (int)w[1], stride},
          (int)w[2],
          (int)w[3] / copies};
}

Dims output_dims(const ConvolutionShape& s) {
  return {s.copies * s.out_channels, s.rows.out(), s.columns.out(), s.batch};
}

void convolve(const Attributes& attributes, Call& call) {
  Dims x_dims, w_dims;
  const float* x = call.input(0, &x_dims);
  const float* w = call.input(1, &w_dims);
  if (!call.ok()) return;
  const ConvolutionShape shape =
      convolution_shape(call, x_dims, w_dims, attributes.stride);
  if (!call.ok()) return;
  float* y = call.output(0, output_dims(shape));
  if (call.ok()) kernels().convolve(shape, attributes.rectify, x, w, y);
}

void convolve_gradient(const Attributes& attributes, Call& call) {
  Dims x_dims, w_dims, dy_dims;
  const float* x = call.input(0, &x_dims);
  const float* w = call.input(1, &w_dims);
  const float* dy = call.input(2, &dy_dims);
  if (!call.ok()) return;
  const ConvolutionShape shape =
      convolution_shape(call, x_dims, w_dims, attributes.stride);
  if (!call.ok()) return;
  call.require(dy_dims == output_dims(shape), "`dy` must have the output's shape");
  const bool needs_dx = attributes.needs_input_gradient;
  float* dx = call.output(0, needs_dx ? x_dims : Dims{0});
  float* dw = call.output(1, w_dims);
  if (call.ok())
    kernels().convolve_gradient(shape, attributes.rectify, x, w, dy,
                                needs_dx ? dx : nullptr, dw);
}

// gamma, beta and all statistics have one value for each of the E*C_out channels.
void convolve_normalize(const Attributes& attributes, Call& call) {
  Dims x_dims, w_dims, gamma_dims, beta_dims;
  const float* x = call.input(0, &x_dims);
  const float* w = call.input(1, &w_dims);
  const float* gamma = call.input(2, &gamma_dims);
  const float* beta = call.input(3, &beta_dims);
  if (!call.ok()) return;
  const ConvolutionShape shape =
      convolution_shape(call, x_dims, w_dims, attributes.stride);
  if (!call.ok()) return;
  const Dims channels = {shape.copies * shape.out_channels};
  call.require(gamma_dims == channels && beta_dims == channels,
               "`gamma` and `beta` must have one value for each channel of the output");
  float* y = call.output(0, output_dims(shape));
  float* z = call.output(1, output_dims(shape));
  float* mean = call.output(2, channels);
  float* inverse_deviation = call.output(3, channels);
  if (!call.ok()) return;
  kernels().convolve_normalize(shape, attributes.rectify, x, w,
                               {attributes.epsilon, gamma, beta, mean, inverse_deviation},
                               z, y);
}

void convolve_normalize_gradient(const Attributes& attributes, Call& call) {
  Dims x_dims, w_dims, z_dims, gamma_dims, mean_dims, deviation_dims, dy_dims;
  const float* x = call.input(0, &x_dims);
  const float* w = call.input(1, &w_dims);
  const float* z = call.input(2, &z_dims);
  const float* gamma = call.input(3, &gamma_dims);
  const float* mean = call.input(4, &mean_dims);
  const float* inverse_deviation = call.input(5, &deviation_dims);
  const float* dy = call.input(6, &dy_dims);
  if (!call.ok()) return;
  const ConvolutionShape shape =
      convolution_shape(call, x_dims, w_dims, attributes.stride);
  if (!call.ok()) return;
  const Dims channels = {shape.copies * shape.out_channels};
  call.require(z_dims == output_dims(shape) && dy_dims == z_dims,
               "`z` and `dy` must have the output's shape");
  call.require(gamma_dims == channels && mean_dims == channels &&
                   deviation_dims == channels,
               "the statistics must have one value for each channel of the output");
  const bool needs_dx = attributes.needs_input_gradient;
  float* dx = call.output(0, needs_dx ? x_dims : Dims{0});
  float* dw = call.output(1, w_dims);
  float* dgamma = call.output(2, channels);
  float* dbeta = call.output(3, channels);
  if (!call.ok()) return;
  const Normalization n = {0, gamma, nullptr, const_cast<float*>(mean),
                           const_cast<float*>(inverse_deviation)};
  kernels().convolve_normalize_gradient(shape, attributes.rectify, x, w, z, n, dy,
                                        needs_dx ? dx : nullptr, dw, dgamma, dbeta);
}

PoolingShape pooling_shape(Call& call, const Dims& x, const Attributes& attributes) {
  call.require(x.num_axes == 4 && x.count() > 0, "`x` must have 4 axes and not be empty");
  if (!call.ok()) return {};
  return {(int)x[0],
          (int)x[3],
          {(int)x[1], attributes.size, attributes.stride},
          {(int)x[2], attributes.size, attributes.stride},
          attributes.is_maximum != 0};
}

Dims output_dims(const PoolingShape& s) {
  return {s.planes, s.rows.out(), s.columns.out(), s.batch};
}

void pool(const Attributes& attributes, Call& call) {
  Dims x_dims;
  const float* x = call.input(0, &x_dims);
  if (!call.ok()) return;
  const PoolingShape shape = pooling_shape(call, x_dims, attributes);
  if (!call.ok()) return;
  float* y = call.output(0, output_dims(shape));
  if (call.ok()) kernels().pool(shape, x, y);
}

void pool_gradient(const Attributes& attributes, Call& call) {
  Dims x_dims, y_dims, dy_dims;
  const float* x = call.input(0, &x_dims);
  const float* y = call.input(1, &y_dims);
  const float* dy = call.input(2, &dy_dims);
  if (!call.ok()) return;
  const PoolingShape shape = pooling_shape(call, x_dims, attributes);
  if (!call.ok()) return;
  call.require(y_dims == output_dims(shape) && dy_dims == y_dims,
               "`y` and `dy` must have the output's shape");
  float* dx = call.output(0, x_dims);
  if (call.ok()) kernels().pool_gradient(shape, x, y, dy, dx);
}

// images[n, H, W, C] of bytes, rows[B, E] -> [E*C, H, W, B] in [0, 1].
void gather_images(const Attributes&, Call& call) {
  Dims image_dims, row_dims;
  const uint8_t* images = call.input<uint8_t>(0, &image_dims);
  const int32_t* rows = call.input<int32_t>(1, &row_dims);
  if (!call.ok()) return;
  call.require(image_dims.num_axes == 4 && row_dims.num_axes == 2,
               "`images` must have 4 axes and `rows` 2");
  if (!call.ok()) return;
  for (int64_t i = 0; i < row_dims.count(); i++)
    call.require(rows[i] >= 0 && rows[i] < image_dims[0],
                 "`rows` must be numbers of images");
  const int64_t height = image_dims[1], width = image_dims[2], channels = image_dims[3];
  const int64_t batch = row_dims[0], copies = row_dims[1];
  float* out = call.output(0, {copies * channels, height, width, batch});
  if (!call.ok()) return;
  float value_of[256];
  for (int i = 0; i < 256; i++) value_of[i] = i / 255.0f;
  const int64_t pixels = height * width, image_size = pixels * channels;
  for (int64_t e = 0; e < copies; e++)
    for (int64_t b = 0; b < batch; b++) {
      const uint8_t* image = images + rows[b * copies + e] * image_size;
      for (int64_t c = 0; c < channels; c++) {
        float* to = out + (e * channels + c) * pixels * batch + b;
        for (int64_t p = 0; p < pixels; p++) to[p * batch] = value_of[image[p * channels + c]];
      }
    }
}

using Compute = void (*)(const Attributes&, Call&);

template <Compute compute>
void compute_operation(void* attributes, TF_OpKernelContext* context) {
  Call call(context);
  compute(*static_cast<const Attributes*>(attributes), call);
}

// The C API passes nothing of ours to `create`, so each set of attributes has its own.
enum { kNone = 0, kConvolution = 1, kEpsilon = 2, kPooling = 4 };
template <int kAttributes>
void* create(TF_OpKernelConstruction* construction) {
  Attributes* a = new Attributes;
  TF_Status* status = TF_NewStatus();
  auto whole = [&](const char* name, int32_t* value) {
    if (TF_GetCode(status) == AUTOMETA_TF_OK)
      TF_OpKernelConstruction_GetAttrInt32(construction, name, value, status);
    if (TF_GetCode(status) == AUTOMETA_TF_OK && (*value < 1 || *value > kMostWindow))
      TF_SetStatus(status, AUTOMETA_TF_INVALID_ARGUMENT, "must be 1 to 64");
  };
  auto truth = [&](const char* name, unsigned char* value) {
    if (TF_GetCode(status) == AUTOMETA_TF_OK)
      TF_OpKernelConstruction_GetAttrBool(construction, name, value, status);
  };
  if (kAttributes & (kConvolution | kPooling)) whole("stride", &a->stride);
  if (kAttributes & kPooling) {
    whole("size", &a->size);
    truth("is_maximum", &a->is_maximum);
  }
  if (kAttributes & kConvolution) {
    truth("rectify", &a->rectify);
    truth("needs_input_gradient", &a->needs_input_gradient);
  }
  if (kAttributes & kEpsilon)
    TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &a->epsilon, status);
  if (TF_GetCode(status) != AUTOMETA_TF_OK)
    TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return a;
}

void destroy(void* attributes) { delete static_cast<Attributes*>(attributes); }

// operations.py sets the shapes: the C API cannot compute with sizes.
void unknown_shapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

using Names = std::initializer_list<const char*>;

template <int kAttributes, Compute compute>
void add(const char* name, Names inputs, Names outputs, Names attributes) {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
  for (const char* attribute : attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, unknown_shapes);
  TF_Status* status = TF_NewStatus();
  TF_RegisterOpDefinition(builder, status);
  if (TF_GetCode(status) == AUTOMETA_TF_OK)
    TF_RegisterKernelBuilder(name,
                             TF_NewKernelBuilder(name, "CPU", create<kAttributes>,
                                                 compute_operation<compute>, destroy),
                             status);
  if (TF_GetCode(status) != AUTOMETA_TF_OK)
    std::fprintf(stderr, "%s: %s\n", name, TF_Message(status));
  TF_DeleteStatus(status);
}

__attribute__((constructor)) void add_operations() {
  const Names convolution = {"stride: int", "rectify: bool",
                             "needs_input_gradient: bool = true"};
  const Names pooling = {"size: int", "stride: int", "is_maximum: bool"};
  const Names normalized = {"stride: int", "rectify: bool",
                            "needs_input_gradient: bool = true", "epsilon: float"};
  add<kConvolution, convolve>("AutometaConvolve", {"x: float", "w: float"}, {"y: float"},
                              convolution);
  add<kConvolution, convolve_gradient>("AutometaConvolveGradient",
                                       {"x: float", "w: float", "dy: float"},
                                       {"dx: float", "dw: float"}, convolution);
  add<kConvolution | kEpsilon, convolve_normalize>(
      "AutometaConvolveNormalize",
      {"x: float", "w: float", "gamma: float", "beta: float"},
      {"y: float", "z: float", "mean: float", "inverse_deviation: float"}, normalized);
  add<kConvolution, convolve_normalize_gradient>(
      "AutometaConvolveNormalizeGradient",
      {"x: float", "w: float", "z: float", "gamma: float", "mean: float",
       "inverse_deviation: float", "dy: float"},
      {"dx: float", "dw: float", "dgamma: float", "dbeta: float"}, convolution);
  add<kPooling, pool>("AutometaPool", {"x: float"}, {"y: float"}, pooling);
  add<kPooling, pool_gradient>("AutometaPoolGradient", {"x: float", "y: float", "dy: float"},
                               {"dx: float"}, pooling);
  add<kNone, gather_images>("AutometaGatherImages", {"images: uint8", "rows: int32"},
                            {"y: float"}, {});
}

}  // namespace
}  // namespace autometa
