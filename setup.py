"""What pyproject.toml cannot say: the kernels are built, and tests stay out."""

import pathlib
import subprocess
import tempfile

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

_ROOT = pathlib.Path(__file__).parent
_KERNELS = pathlib.PurePath("autometa_tf", "kernels")
_LIBRARY = _KERNELS / "libautometa_kernels.so"


class BuildWithKernels(build_py):
    """Modules without their tests, and the kernels where they can be built."""

    def find_package_modules(self, package, package_dir):
        modules = super().find_package_modules(package, package_dir)
        return [module for module in modules if not module[1].endswith("_test")]

    def run(self):
        super().run()
        # `pip install --editable` uses the modules where they are.
        folder = _ROOT if self.editable_mode else pathlib.Path(self.build_lib)
        _build_kernels(folder / _LIBRARY)

    def get_outputs(self, include_bytecode=True):
        library = pathlib.Path(self.build_lib, _LIBRARY)
        outputs = super().get_outputs(include_bytecode)
        return [*outputs, str(library)] if library.exists() else outputs


class OfOnePlatform(Distribution):
    """A library that was compiled, if not by setuptools."""

    def has_ext_modules(self):
        return True


class WheelOfAnyPython(bdist_wheel):
    """The kernels use TensorFlow's C API, and nothing of Python's."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


def _build_kernels(library: pathlib.Path):
    """Makes the library, or leaves none and says why in one line."""
    library.unlink(missing_ok=True)
    command = ["bash", str(_ROOT / _KERNELS / "build.sh"), str(_ROOT / _KERNELS)]
    try:
        done = subprocess.run([*command, str(library)], capture_output=True, text=True)
        reason = done.stderr.strip().partition("\n")[0]
        built = done.returncode == 0 and library.stat().st_size > 0
    except OSError as error:  # There is no bash.
        reason, built = str(error), False
    if not built:
        library.unlink(missing_ok=True)
        print(
            "warning: the kernels were not built, and networks will use TensorFlow's "
            f"own operations: {reason or 'the C++ compiler failed'}"
        )


with tempfile.TemporaryDirectory() as build_folder:
    setup(
        distclass=OfOnePlatform,
        cmdclass={"build_py": BuildWithKernels, "bdist_wheel": WheelOfAnyPython},
        # Not `build`, where files of earlier versions would remain and get into the
        # wheel; on macOS that name is also taken, by Bazel's BUILD.
        options={"build": {"build_base": build_folder}},
    )
