"""The Python environment of every target: a virtual environment made from the lock file."""

# The versions that requirements_lock.txt serves.
_VERSIONS = ["3.11", "3.12", "3.13"]

_BUILD = """
load("@bazel_tools//tools/python:toolchain.bzl", "py_runtime_pair")

py_runtime(
    name = "runtime",
    interpreter_path = "{interpreter}",
    python_version = "PY3",
    stub_shebang = "#!/usr/bin/env python3",  # Debian has no plain `python`
)

py_runtime_pair(
    name = "runtime_pair",
    py3_runtime = ":runtime",
)

toolchain(
    name = "toolchain",
    toolchain = ":runtime_pair",
    toolchain_type = "@bazel_tools//tools/python:toolchain_type",
)
"""

def _find_python(repository_ctx):
    for name in ["python3"] + ["python" + version for version in _VERSIONS]:
        python = repository_ctx.which(name)
        if not python:
            continue
        command = "import sys; print('%d.%d' % sys.version_info[:2])"
        result = repository_ctx.execute([python, "-c", command])
        if result.stdout.strip() in _VERSIONS:
            return python
    fail("A Python of version %s is needed, and none is on PATH." %
         " or ".join(_VERSIONS))

def _execute(repository_ctx, arguments, advice):
    # Bazel swallows the output of what succeeds, and cuts that of what fails.
    result = repository_ctx.execute(arguments, timeout = 3600, quiet = False)
    if result.return_code:
        fail("`%s` failed: see its output above. %s" %
             (" ".join([str(argument) for argument in arguments]), advice))

def _python_environment_impl(repository_ctx):
    lock = repository_ctx.path(repository_ctx.attr.lock)

    # The folder is named after the lock file's content, so that Bazel, which sees only the
    # interpreter's path, runs the tests again when a package changes.
    folder = repository_ctx.path("venv_%s" % hash(repository_ctx.read(lock)))
    interpreter = folder.get_child("bin").get_child("python3")
    repository_ctx.report_progress("Installing the packages of requirements_lock.txt")
    _execute(
        repository_ctx,
        [_find_python(repository_ctx), "-m", "venv", folder],
        "Debian and Ubuntu have it in python3-venv, which ./bazelw installs.",
    )
    _execute(
        repository_ctx,
        [interpreter, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock],
        "The machine's own pip settings (PIP_* variables, pip.conf) were used.",
    )
    repository_ctx.file("BUILD", _BUILD.format(interpreter = interpreter))

    # Whether tests have to say what a CPU without AVX-512 would compute.
    flags = repository_ctx.execute(["grep", "-m1", "-w", "avx512f", "/proc/cpuinfo"])
    repository_ctx.file("cpu.bzl", "HAS_AVX512 = %s\n" % (flags.return_code == 0))

python_environment = repository_rule(
    implementation = _python_environment_impl,
    attrs = {"lock": attr.label(mandatory = True, allow_single_file = True)},
    doc = "Makes a virtual environment of what `lock` pins, as a Python toolchain.",
)
