"""Reports on a search, finished or not: tables and figures in its folder.

  bazel run //bin:report -- --run_dir=runs/search-omniglot-quick
  bazel run //bin:report -- --run_dirs=runs/pnas,runs/random

With `--run_dir` it writes a page for a browser, report/report.html, the same in Markdown,
report.md, and a table of all candidates, candidates.csv, into the run directory. With
`--run_dirs` it compares runs and writes comparison/comparison.html and .md into the
first. It only reads the search, which may be at work: with `--watch` it writes the page
anew until the search has ended or was stopped.
"""

import time

from absl import flags

from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program
from autometa_tf.programs.progress_lines import say, tell
from autometa_tf.reports.comparison_report import comparison_lines, write_comparison
from autometa_tf.reports.page import write_comparison_page, write_run_page
from autometa_tf.reports.run_record import RunRecord, read_run, with_distinct_names
from autometa_tf.reports.run_report import write_run_report
from autometa_tf.reports.run_text import status, summary_lines

RUN_DIR = flags.DEFINE_string("run_dir", "", "The run directory of a search.")
RUN_DIRS = flags.DEFINE_list("run_dirs", [], "Two or more run directories, to compare.")
OUTPUT_DIR = flags.DEFINE_string(
    "output_dir",
    "",
    "The folder to write into. Default: report/ in the run directory, or comparison/ in the "
    "first of several.",
)
WATCH = flags.DEFINE_bool(
    "watch",
    False,
    "Whether to write the page anew every half minute, until the search has ended, was "
    "stopped, or Ctrl-C. The page reloads itself.",
)
_WATCH_SECONDS = 30


def main() -> None:
    """Writes the report, and prints its path and what matters most."""
    if bool(RUN_DIR.value) == bool(RUN_DIRS.value):
        raise ValueError(
            "Either `run_dir` or `run_dirs` must be given. "
            f"Received: {RUN_DIR.value!r} and {','.join(RUN_DIRS.value)!r}."
        )
    if WATCH.value and not RUN_DIR.value:
        raise ValueError("`watch` must come with `run_dir`. Received: with `run_dirs`.")
    if RUN_DIR.value:
        run = RunDirectory(user_path(RUN_DIR.value))
        folder = _output_dir(run.report_path)
        record = _watched(run, folder) if WATCH.value else read_run(run)
        paths = [write_run_page(record, folder), write_run_report(record, folder)]
        lines = summary_lines(record)
    else:
        if len(RUN_DIRS.value) < 2:
            raise ValueError(
                "`run_dirs` must be two or more, separated by commas. "
                f"Received: {','.join(RUN_DIRS.value)!r}."
            )
        run_dirs = [user_path(path) for path in RUN_DIRS.value]
        records = with_distinct_names([read_run(path) for path in run_dirs], run_dirs)
        folder = _output_dir(RunDirectory(run_dirs[0]).comparison_path)
        paths = [
            write_comparison_page(records, folder),
            write_comparison(records, folder),
        ]
        lines = comparison_lines(records)
    tell("\n".join([*paths, *lines]))


def _watched(run: RunDirectory, folder: str) -> RunRecord:
    """Writes the page while the run goes on, and returns how it ended or was left."""
    record = read_run(run)
    told = False
    while record.summary is None:
        path = write_run_page(record, folder, refresh_seconds=_WATCH_SECONDS)
        if not told:
            say(
                f"page: {path}, written anew every {_WATCH_SECONDS} seconds until Ctrl-C"
            )
            told = True
        say(status(record))
        try:
            time.sleep(_WATCH_SECONDS)
        except KeyboardInterrupt:
            write_run_page(record, folder)  # One that loads itself no more.
            raise
        was_driven = record.has_driver
        record = read_run(run)
        # One that is begun again within a look or two is watched on.
        if not record.summary and not was_driven and not record.has_driver:
            say("no program is at work on the run: the command that began it goes on")
            break
    return record


def _output_dir(default: str) -> str:
    return user_path(OUTPUT_DIR.value) or default


def run() -> None:
    """Starts the program; it ends the process."""
    run_program(main)
