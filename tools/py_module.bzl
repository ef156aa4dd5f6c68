"""One Python file and its test beside it, as almost all of the library comes."""

load("//tools:cpu_tests.bzl", "py_test_on_cpus")
load("//tools:small_tests.bzl", "small_test")

def py_module(
        name,
        deps = [],
        data = [],
        test = None,
        test_deps = [],
        test_data = [],
        on_cpus = False):
    """A `py_library` of `<name>.py` and, with `test`, the test of `<name>_test.py`.

    Args:
      name: Of the library; the test's is `<name>_test`.
      deps: What the file imports.
      data: What it reads.
      test: The size of its test; None where it has none. Small ones run in one process
        with the others of their room: see small_tests.bzl.
      test_deps: What the test imports besides the file itself and its `deps`.
      test_data: What the test reads.
      on_cpus: Whether the test runs as on other CPUs too: see cpu_tests.bzl.
    """
    native.py_library(
        name = name,
        srcs = [name + ".py"],
        data = data,
        deps = deps,
    )
    if not test:
        return
    arguments = {
        "name": name + "_test",
        "srcs": [name + "_test.py"],
        "data": test_data,
        "deps": [":" + name] + deps + test_deps,
    }
    if on_cpus:
        py_test_on_cpus(size = test, **arguments)
    elif test == "small":
        small_test(**arguments)
    else:
        native.py_test(size = test, **arguments)
