"""What every program does: its errors are one line, and signals end it cleanly."""

import errno
import os
import sys
import types
import warnings
from collections.abc import Callable

from absl import app, flags, logging

from autometa_tf.experiments.command import command_before_flags
from autometa_tf.plain_text import one_line
from autometa_tf.programs.interruption import end_on_signals, exit_status
from autometa_tf.programs.paths import settle_folders
from autometa_tf.programs.streams import print_to
from autometa_tf.tensorflow_environment import set_for_our_processes

_FULL = (errno.ENOSPC, errno.EDQUOT)


def run_program(main: Callable[[], None], how_to_continue: str = "") -> None:
    """Runs `main()` with parsed flags; exits with 0, or with 1 after one line.

    A program that a signal ends exits as shells have it: 130 for SIGINT, 143 for
    SIGTERM.

    Args:
      main: The program. It raises ValueError, OSError, RuntimeError, MemoryError or an
        error of TensorFlow's for what is not its own fault.
      how_to_continue: What to tell whoever interrupts it.
    """
    last_words = f"Interrupted. {how_to_continue}".rstrip()

    def guarded(argv):
        if len(argv) > 1:
            sys.exit(f"error: unknown argument {argv[1]!r}; flags begin with --")
        try:
            main()
        except KeyboardInterrupt as error:
            print_to(sys.stderr, f"\n{last_words}")
            sys.exit(exit_status(error))
        except Exception as error:
            if os.environ.get("AUTOMETA_TRACEBACK") or _may_be_a_bug(error):
                raise
            print_to(
                sys.stderr,
                f"error: {_error_text(error)}{_way_out(error, how_to_continue)}",
            )
            sys.exit(1)

    _open_standard_streams()
    _use_utf8()
    end_on_signals(last_words)
    set_for_our_processes()
    settle_folders()
    _forgive_the_surroundings()
    logging.set_verbosity(logging.WARNING)
    _help_is_of(sys.modules[main.__module__])
    app.run(guarded, flags_parser=_parse_flags)


def _open_standard_streams() -> None:
    """Gives what was closed (`2>&-`) a place to go to.

    Otherwise files that we open get these numbers, and what is meant for a terminal is
    written into them; and Python prints errors among the results.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # Takes the lowest number that is free.
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, closefd=False))


def _help_is_of(module: types.ModuleType) -> None:
    """`--help` shows this module's text and flags, whatever has been started.

    Where the text shows commands, they begin as this process was begun.
    """
    bazel = f"bazel run //bin:{module.__name__.rpartition('.')[2]} --"
    text = (module.__doc__ or "").replace(bazel, command_before_flags())
    sys.modules["__main__"].__doc__ = text
    for flag in flags.FLAGS.get_key_flags_for_module(module.__name__):
        flags.FLAGS.register_key_flag_for_module(sys.argv[0], flag)


def _use_utf8() -> None:
    """Starts the program again where the locale has paths in another encoding.

    TensorFlow takes paths in UTF-8 alone.
    """
    if sys.getfilesystemencoding() != "utf-8" and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _forgive_the_surroundings() -> None:
    """Nothing that only concerns how text is shown may end a program."""
    # The packages we use warn of their own future, which -W error would make fatal.
    os.environ.pop("PYTHONWARNINGS", None)
    if any(option.startswith("error") for option in sys.warnoptions):
        sys.warnoptions.clear()  # Child processes inherit them.
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
    # A terminal may know nothing but ASCII.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")


def _parse_flags(argv: list[str]) -> list[str]:
    try:
        return flags.FLAGS(argv)
    except flags.Error as error:
        sys.exit(f"error: {_error_text(error)} (--help lists the flags)")
    except SystemExit:  # --help has done what was asked.
        sys.exit(0)


def _may_be_a_bug(error: Exception) -> bool:
    """Whether the fault may be ours, not the user's values, disk, memory or network."""
    if isinstance(error, ValueError | OSError | RuntimeError | MemoryError):
        return False
    # TensorFlow's own, which this process need not have imported.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return "OpError" not in kinds or "InvalidArgumentError" in kinds


def _error_text(error: Exception) -> str:
    text = one_line(error)
    # Ours are ValueErrors and say all there is to say; of others the kind matters too.
    ours = isinstance(error, ValueError) and text
    return text if ours else f"{type(error).__name__}: {text}".removesuffix(": ")


def _way_out(error: Exception, how_to_continue: str) -> str:
    """What to do about an error that no flag causes."""
    if any(os.strerror(number) in str(error) for number in _FULL):
        advice = "The disk is full: make room where --run_dir and --data_dir lie."
    elif isinstance(error, MemoryError) or os.strerror(errno.ENOMEM) in str(error):
        advice = "Memory is exhausted: give this process more, or less to do at once."
    else:
        return ""
    return f". {advice} {how_to_continue}".rstrip()
