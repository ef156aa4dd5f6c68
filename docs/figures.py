"""Draws the figures of these pages: `python3 -m docs.figures` writes docs/figures/.

With a run directory as its argument it also takes the picture of that run's report.
"""

import dataclasses
import io
import pathlib
import sys
import time

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot
from rich.console import Console

import autometa_tf as am
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.programs.progress_panels import SearchPanel
from autometa_tf.search.evaluation_plan import plan_without_rungs
from autometa_tf.search.progress import ProgressMeter
from autometa_tf.search.state import SearchState
from autometa_tf.search.strategy import StagePlan
from autometa_tf.testing import fake_run
from autometa_tf.testing.browser import browser

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_CELL = _ROOT / "testdata" / "genomes" / "auto_meta_small.json"
_NUM_QUERIES = 2


def draw_episode() -> pyplot.Figure:
    """An episode of five ways, one shot and two queries, of test letters."""
    letters = load_dataset("glyphs").test
    figure, axes = pyplot.subplots(1 + _NUM_QUERIES, 5, figsize=(5, 3.2))
    for row in range(1 + _NUM_QUERIES):
        for way in range(5):
            axis = axes[row, way]
            # Far apart in the alphabet, so that one sees what differs.
            axis.imshow(letters.class_images(11 * way)[3 * row, ..., 0], cmap="gray")
            axis.set_xticks([])
            axis.set_yticks([])
        axes[row, 0].set_ylabel("query" if row else "support", fontsize=9)
    figure.tight_layout(pad=0.4)
    return figure


def draw_live_view() -> str:
    """The live view of a small search, as SVG."""
    clock = iter(range(0, 1000, 4)).__next__
    panel = SearchPanel(clock)
    planned = [StagePlan(num_candidates=n, num_blocks=b) for b, n in ((1, 4), (2, 3))]
    meter = ProgressMeter(planned, plan_without_rungs(fake_run.KEY), clock)
    first = fake_run.EVALUATIONS[:4]
    panel.add(meter.begin_stage(SearchState(stages=fake_run.STAGES[:1])))
    for found in first:
        panel.add(meter.add(found))
    known = {found.genome: found for found in first}
    state = SearchState(stages=fake_run.STAGES, evaluations=known)
    panel.add(meter.begin_stage(state))
    for found in fake_run.EVALUATIONS[4:6]:
        panel.add(dataclasses.replace(meter.add(found), num_running=1))
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True)
    console.print(panel)
    return console.export_svg(title="autometa search", unique_id="live")


def photograph_report(run_dir: str, path: pathlib.Path) -> None:
    """The top of a run's report.html, as Chromium shows it."""
    page = pathlib.Path(run_dir, "report", "report.html").resolve()
    with browser(width=1280, height=1150) as driver:
        driver.get(page.as_uri())
        time.sleep(2)  # Figures are drawn.
        driver.save_screenshot(str(path))


def main() -> None:
    """Draws all of them, and the report of a run that is given as an argument."""
    folder = _ROOT / "docs" / "figures"
    folder.mkdir(exist_ok=True)
    draw_episode().savefig(folder / "episode.png", dpi=110)
    am.draw_cell(am.read_genome(_CELL)).savefig(folder / "cell.png", dpi=80)
    (folder / "live_view.svg").write_text(draw_live_view(), "utf-8")
    for run_dir in sys.argv[1:]:
        photograph_report(run_dir, folder / "report.png")


if __name__ == "__main__":
    main()
