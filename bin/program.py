"""What every program does: its errors are one line, and Ctrl-C ends it cleanly."""

import os
import sys

from absl import app, flags, logging


def run_program(main, how_to_continue: str = "") -> None:
    """Runs `main()` with parsed flags; exits with 0, or with 1 after one line.

    Args:
      main: Raises ValueError, OSError or RuntimeError for what is not its own fault.
      how_to_continue: What to tell whoever interrupts it.
    """

    def guarded(argv):
        if len(argv) > 1:
            sys.exit(f"error: unknown argument {argv[1]!r}; flags begin with --")
        try:
            main()
        except KeyboardInterrupt:
            print(f"\nInterrupted. {how_to_continue}".rstrip(), file=sys.stderr)
            sys.exit(130)
        except (ValueError, OSError, RuntimeError) as error:
            if os.environ.get("AUTOMETA_TRACEBACK"):
                raise
            print(f"error: {_one_line(error)}", file=sys.stderr)
            sys.exit(1)

    logging.set_verbosity(logging.WARNING)
    app.run(guarded, flags_parser=_parse_flags)


def _parse_flags(argv):
    try:
        return flags.FLAGS(argv)
    except flags.Error as error:
        sys.exit(f"error: {_one_line(error)} (--help lists the flags)")
    except SystemExit:  # Of --help, which has done what was asked.
        sys.exit(0)


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    # Ours are ValueErrors and say all there is to say; of others the kind matters too.
    ours = isinstance(error, ValueError) and text
    return text if ours else f"{type(error).__name__}: {text}"
