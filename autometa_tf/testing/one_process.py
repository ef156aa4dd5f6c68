"""Runs the tests of several files in one process: `one_process MODULE...`.

Importing TensorFlow takes longer than most of our tests. //tools:py_module.bzl has one such
process for the small tests of each room.
"""

import sys
import unittest

from absl.testing import absltest


def load_tests(loader: unittest.TestLoader, *_: object) -> unittest.TestSuite:
    """What `unittest` asks a module for its tests by: those of the modules named.

    A module that cannot be imported, or that has no test, is a failure.
    """
    suite = unittest.TestSuite()
    for name in _MODULES:
        tests = loader.loadTestsFromName(name)
        if not tests.countTestCases():
            raise ValueError(f"{name} has no tests")
        suite.addTests(tests)
    return suite


_MODULES: list[str] = []

if __name__ == "__main__":
    _MODULES += [each for each in sys.argv[1:] if not each.startswith("-")]
    absltest.main(argv=sys.argv[:1] + [e for e in sys.argv[1:] if e.startswith("-")])
