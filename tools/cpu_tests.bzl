"""Tests that run as on other CPUs too, since what TensorFlow does hangs on the CPU."""

load("@python_environment//:cpu.bzl", "HAS_AVX512")
load("//tools:small_tests.bzl", "small_test")

_VARIANTS = {
    # A machine without a compiler where oneDNN is switched off: no kernels, and no
    # gradients of grouped convolutions.
    "no_onednn": {"AUTOMETA_KERNELS": "off", "TF_ENABLE_ONEDNN_OPTS": "0"},
    # A CPU without AVX-512: oneDNN has other algorithms there, which round otherwise. On
    # such a CPU this would be the same test again.
    "avx2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
}

def py_test_on_cpus(name, size, srcs, **kwargs):
    """A test, and `<name>_no_onednn` and, with AVX-512, `<name>_avx2` of the same file.

    Args:
      name: As of `py_test`.
      size: As of `py_test`. Small ones run in one process with others.
      srcs: One file.
      **kwargs: As of `py_test`.
    """
    _test(name, size, srcs, **kwargs)
    for variant, env in _VARIANTS.items():
        if variant == "avx2" and not HAS_AVX512:
            continue
        # `env` counts above `--test_env`.
        _test("%s_%s" % (name, variant), size, srcs, variant, env = env, **kwargs)

def _test(name, size, srcs, variant = None, **kwargs):
    if size == "small":
        group = "small_tests_" + variant if variant else "small_tests"
        small_test(name, srcs, group, **kwargs)
    else:
        native.py_test(name = name, size = size, srcs = srcs, main = srcs[0], **kwargs)
