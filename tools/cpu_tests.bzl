"""Tests that run as on other CPUs too, since what TensorFlow does hangs on the CPU."""

load("@python_environment//:cpu.bzl", "HAS_AVX512")

_VARIANTS = {
    # A machine without a compiler where oneDNN is switched off: no kernels, and no
    # gradients of grouped convolutions.
    "no_onednn": {"AUTOMETA_KERNELS": "off", "TF_ENABLE_ONEDNN_OPTS": "0"},
    # A CPU without AVX-512: oneDNN has other algorithms there, which round otherwise. On
    # such a CPU this would be the same test again.
    "avx2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
}

def py_test_on_cpus(name, srcs, **kwargs):
    """A `py_test`, and `<name>_no_onednn` and, with AVX-512, `<name>_avx2` of the same file.

    Args:
      name: As of `py_test`.
      srcs: One file.
      **kwargs: As of `py_test`.
    """
    native.py_test(name = name, srcs = srcs, **kwargs)
    for variant, env in _VARIANTS.items():
        if variant == "avx2" and not HAS_AVX512:
            continue
        native.py_test(
            name = "%s_%s" % (name, variant),
            srcs = srcs,
            main = srcs[0],
            # It counts above `--test_env`.
            env = env,
            **kwargs
        )
