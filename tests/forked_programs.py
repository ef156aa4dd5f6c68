"""Runs programs and scripts in forks of a process that has imported what takes long.

To import TensorFlow takes longer than most of what examples do. A process that has
imported it and computed nothing with it yet may fork: TensorFlow has no threads before.
"""

import atexit
import contextlib
import functools
import importlib
import io
import multiprocessing
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any

from autometa_tf.programs import autometa
from autometa_tf.tensorflow_environment import set_for_our_processes

# What programs and scripts import once their flags are read.
_MODULES = (
    "tensorflow",
    "autometa_tf.experiments.evaluate_job",
    "autometa_tf.experiments.export_job",
    "autometa_tf.experiments.load_learner",
    "autometa_tf.experiments.search_job",
    "autometa_tf.experiments.train_job",
    "autometa_tf.exports.classifier_folder",
    "autometa_tf.exports.cross_validation",
    "autometa_tf.reports.page",
    "autometa_tf.reports.run_report",
)


def prepare() -> None:
    """Imports what takes long, and draws the letters that all are shown."""
    set_for_our_processes()  # TensorFlow reads its environment when it is imported.
    for name in _MODULES:
        importlib.import_module(name)
    from autometa_tf.episodes import load_dataset

    load_dataset.load_glyphs = functools.cache(load_dataset.load_glyphs)
    letters = load_dataset.load_dataset("glyphs")
    # Omniglot must be downloaded, so letters stand in for it.
    load_dataset.load_omniglot = lambda *_: letters


def run_program(words: list[str], folder: str) -> str:
    """Runs a program to its end.

    Args:
      words: `autometa` or `saved_model_cli`, and its arguments.
      folder: Where it is begun.

    Returns:
      All it said.

    Raises:
      AssertionError: It has failed.
    """

    def live() -> None:
        sys.argv = list(words)
        if words[0] == "autometa":
            autometa.run()
        else:
            from tensorflow.python.tools import saved_model_cli

            saved_model_cli.main()

    with tempfile.TemporaryFile("w+") as said:
        number = os.fork()
        if not number:
            _live(live, folder, said.fileno())
        _, status = os.waitpid(number, 0)
        said.seek(0)
        text = said.read()
    if status:
        raise AssertionError(f"{' '.join(words)}\n{text}")
    return text


def _live(function: Callable[[], None], folder: str, said: int) -> None:
    """Is a process of its own from here on, and ends as one."""
    status = 1
    try:
        atexit._clear()  # They are of the process that was forked.
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.stdout, sys.stderr = (open(n, "w", closefd=False) for n in (1, 2))
        function()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


class Scripts:
    """A process that runs one script after the other, and keeps the learners they load.

    No `fit` changes a learner, and tracing one takes seconds.

    Args:
      folder: Where scripts are run.
    """

    def __init__(self, folder: str):
        ours, theirs = multiprocessing.Pipe()
        self._number = os.fork()
        if not self._number:
            with open(os.devnull, "w") as nowhere:
                _live(lambda: _run_scripts(theirs), folder, nowhere.fileno())
        self._ours = ours

    def run(self, name: str, text: str, arguments: list[str] = ()) -> str:
        """Runs a script as a program of its own would be, after earlier ones of its name.

        Returns:
          What it printed.

        Raises:
          AssertionError: It has failed.
        """
        self._ours.send((name, text, list(arguments)))
        failed, said = self._ours.recv()
        if failed:
            raise AssertionError(f"{name}\n{text}\n{said}")
        return said

    def close(self) -> None:
        """Ends the process."""
        self._ours.send(None)
        os.waitpid(self._number, 0)


def _run_scripts(theirs: Any) -> None:
    import autometa_tf as am

    am.load_learner = functools.cache(am.load_learner)
    namespaces = {}
    while (script := theirs.recv()) is not None:
        name, text, arguments = script
        sys.argv = [name, *arguments]
        namespace = namespaces.setdefault(name, {"__name__": "__main__"})
        failed, said = False, io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                exec(compile(text, name, "exec"), namespace)
            except BaseException:
                failed = True
                traceback.print_exc()
        theirs.send((failed, said.getvalue()))
