"""Reports on a search, finished or not: tables and figures in its folder.

  bazel run //bin:report -- --run_dir=runs/search-omniglot-quick
  bazel run //bin:report -- --run_dirs=runs/pnas,runs/random

With `--run_dir` it writes report/report.md and a table of all candidates,
report/candidates.csv, into the run directory, with `--run_dirs` it
compares runs and writes comparison/comparison.md into the first. It only reads the
search, which may be at work.
"""

from absl import flags

from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program
from autometa_tf.programs.progress_lines import tell
from autometa_tf.reports.comparison_report import comparison_lines, write_comparison
from autometa_tf.reports.run_record import read_run, with_distinct_names
from autometa_tf.reports.run_report import write_run_report
from autometa_tf.reports.run_text import summary_lines

RUN_DIR = flags.DEFINE_string("run_dir", "", "The run directory of a search.")
RUN_DIRS = flags.DEFINE_list("run_dirs", [], "Two or more run directories, to compare.")
OUTPUT_DIR = flags.DEFINE_string(
    "output_dir",
    "",
    "The folder to write into. Default: report/ in the run directory, or comparison/ in the "
    "first of several.",
)


def main() -> None:
    """Writes the report, and prints its path and what matters most."""
    if bool(RUN_DIR.value) == bool(RUN_DIRS.value):
        raise ValueError(
            "Either `run_dir` or `run_dirs` must be given. "
            f"Received: {RUN_DIR.value!r} and {','.join(RUN_DIRS.value)!r}."
        )
    if RUN_DIR.value:
        run = RunDirectory(user_path(RUN_DIR.value))
        record = read_run(run)
        path = write_run_report(record, _output_dir(run.report_path))
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
        path = write_comparison(records, folder)
        lines = comparison_lines(records)
    tell("\n".join([path, *lines]))


def _output_dir(default: str) -> str:
    return user_path(OUTPUT_DIR.value) or default


def run() -> None:
    """Starts the program; it ends the process."""
    run_program(main)
