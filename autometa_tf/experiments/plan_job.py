"""What a search would take: told before anything of it starts."""

import os
import random

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.experiments.begun_with import begun_with
from autometa_tf.experiments.child_process import call_in_child
from autometa_tf.experiments.events import Message, Reporter, report_nothing
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.going_on import gone_on_with
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.search_plan import (
    CandidateCost,
    SearchPlan,
    costs_of,
    plan_search,
)
from autometa_tf.genomes.genome import Genome
from autometa_tf.machine import usable_cores
from autometa_tf.plain_text import counted
from autometa_tf.search.random_cells import random_cells
from autometa_tf.tensorflow_environment import start_tensorflow
from autometa_tf.workers.workers_config import WorkersConfig


def plan(
    experiment: ExperimentConfig,
    run_dir: str | os.PathLike,
    workers: WorkersConfig,
    *,
    report: Reporter = report_nothing,
) -> SearchPlan:
    """Adds up what a search takes, and leaves the run's folder as it is.

    Where the run has evaluated candidates, they tell how long they took. Else one cell
    or two are trained for a few iterations, with made-up images.

    Args:
      experiment: The search's.
      run_dir: The run's folder, which need not exist.
      workers: Where candidates are to be evaluated. A cluster counts as this machine.
      report: Told what is measured before it is.

    Raises:
      ValueError: The folder holds a run that cannot go on with the experiment.
      RuntimeError: The process that measures was killed.
    """
    num_workers = workers.num_workers or usable_cores()
    costs = _costs_of_run(experiment, RunDirectory(run_dir))
    measured = "the candidates that the run has evaluated"
    if not costs:
        cells = _cells_to_measure(experiment)
        report(Message(f"measuring {counted(len(cells), 'cell')}"))
        costs = call_in_child(_measure_costs, cells, experiment.candidate)
        measured = (
            f"{counted(len(cells), 'cell')} on one core of this machine, just now"
        )
    return plan_search(
        experiment,
        costs,
        num_workers=1 if workers.in_this_process else num_workers,
        num_cores=usable_cores(),
        measured=measured,
    )


def _costs_of_run(
    experiment: ExperimentConfig, run: RunDirectory
) -> list[CandidateCost]:
    """Nothing where nothing of the run is there."""
    if not os.path.exists(run.config_path):
        return []
    given = {"experiment": experiment.to_json(), "network": None}
    gone_on_with(run.read_config(), given, begun_with(), None)  # Else it is refused.
    with run.open_store_to_read() as store:
        return costs_of(store.read_evaluations())


def _cells_to_measure(experiment: ExperimentConfig) -> list[Genome]:
    """A cell of one block, and one of the most."""
    generator = random.Random(0)
    sizes = sorted({1, experiment.search.max_num_blocks})
    operations, admits = experiment.search.operation_names, experiment.admits
    drawn = (
        next(random_cells(generator, size, operations, admits), None) for size in sizes
    )
    return [genome for genome in drawn if genome]


def _measure_costs(
    genomes: list[Genome], config: CandidateConfig
) -> list[CandidateCost]:
    """In a process of its own."""
    start_tensorflow()
    from autometa_tf.experiments.measure_cost import measure_costs

    return measure_costs(genomes, config)
