// The kernels for one instruction set. It is compiled once for each, with the compiler's
// flags and -DKERNELS_NAMESPACE=avx2 -DKERNELS_TABLE=avx2_kernels and so on.
#include "kernels.h"

#include "convolution_gradient.h"
#include "pooling.h"

#define AUTOMETA_STRING_OF(x) #x
#define AUTOMETA_STRING(x) AUTOMETA_STRING_OF(x)

namespace autometa {

const KernelTable KERNELS_TABLE = {
    AUTOMETA_STRING(KERNELS_NAMESPACE),
    KERNELS_NAMESPACE::convolve,
    KERNELS_NAMESPACE::convolve_gradient,
    KERNELS_NAMESPACE::convolve_normalize,
    KERNELS_NAMESPACE::convolve_normalize_gradient,
    KERNELS_NAMESPACE::pool,
    KERNELS_NAMESPACE::pool_gradient,
};

}  // namespace autometa
