"""What a report is made from: a run directory, read while the run may go on."""

import dataclasses
import os
from collections.abc import Mapping, Sequence

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import RunSummary
from autometa_tf.search.halving import evaluations_needed, finalists_needed
from autometa_tf.search.pareto import ParetoCell, pareto_set
from autometa_tf.search.planned_stages import planned_stages
from autometa_tf.search.state import SearchState
from autometa_tf.search.worker_time import WorkerTime


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A run as far as it has come.

    Attributes:
      name: What to call it; the folder's name.
      experiment: What it was begun with.
      command: The command that began it.
      state: Its stages and evaluations.
      all_evaluations: The evaluations in `state`, of all rungs and of finalists, oldest
        first.
      summary: How it ended; None as long as it has not.
      versions: Of the software that began it, by name.
      seconds_spent: The seconds that its search has taken, in all sittings.
      worker_times: How long workers were there and at work, for each stage.
      has_driver: Whether a program is at work on it.
    """

    name: str
    experiment: ExperimentConfig
    command: str
    state: SearchState
    all_evaluations: tuple[Evaluation, ...]
    summary: RunSummary | None = None
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    seconds_spent: float = 0.0
    worker_times: tuple[WorkerTime, ...] = ()
    has_driver: bool = False

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """Each candidate's evaluation at the highest rung it has reached."""
        highest = self.state.evaluations
        return tuple(
            found
            for found in self.all_evaluations
            if highest.get(found.genome) == found
        )

    @property
    def best_candidate(self) -> Evaluation | None:
        """The best cell's evaluation as a candidate, not as a finalist."""
        best = self.state.best
        return best and self.state.evaluations[best.genome]

    @property
    def pareto(self) -> tuple[ParetoCell, ...]:
        """The candidates trained to the end that no other beats in every respect."""
        key = self.experiment.evaluation_plan.keys[-1]
        return pareto_set(found for found in self.state.successes if found.key == key)

    @property
    def num_planned_stages(self) -> int:
        """Stages of the whole search, from its configuration."""
        return len(planned_stages(self.experiment.search))

    @property
    def stages_are_over(self) -> bool:
        """Whether all stages are there and all their candidates evaluated."""
        if self.state.num_finalists is not None:  # A search may end before its plan.
            return True
        if len(self.state.stages) < self.num_planned_stages:
            return False
        plan = self.experiment.evaluation_plan
        return not any(evaluations_needed(self.state, plan))

    @property
    def search_is_over(self) -> bool:
        """Whether finalists, where there are any, are evaluated as well."""
        plan = self.experiment.evaluation_plan
        return self.stages_are_over and not finalists_needed(self.state, plan)


def read_run(run_dir: str | os.PathLike) -> RunRecord:
    """Reads a run directory and changes nothing.

    Raises:
      ValueError: It cannot be read; the message, such as that of a `StoreError`, says
        why in one line.
    """
    run = RunDirectory(run_dir)
    with run.open_store_to_read() as store:
        experiment = run.experiment
        state = store.read_state(experiment.evaluation_plan)
        # Read second, since a running search adds to it: it holds all of the state.
        evaluations = store.read_evaluations()
        seconds_spent = store.read_seconds_spent()
        worker_times = tuple(store.read_worker_times())
        has_driver = store.has_driver()
    name = os.path.basename(run.path)
    staged = {genome for stage in state.stages for genome in stage.genomes}
    if not state.evaluations.keys() <= staged:
        raise ValueError(
            f"Run {name!r}: its store is damaged: every evaluation must be of a "
            "stage's candidate."
        )
    return RunRecord(
        name=name,
        experiment=experiment,
        command=run.command,
        state=state,
        all_evaluations=tuple(
            found
            for found in evaluations
            if found in state.curve(found.genome)
            or state.finalists.get(found.genome) == found
        ),
        summary=run.summary,
        versions=run.versions,
        seconds_spent=seconds_spent,
        worker_times=worker_times,
        has_driver=has_driver,
    )


def with_distinct_names(
    records: Sequence[RunRecord], run_dirs: Sequence[str]
) -> list[RunRecord]:
    """Names the records by as much of their folders' paths as tells them apart.

    Raises:
      ValueError: A folder comes twice.
    """
    paths = [os.path.abspath(run_dir) for run_dir in run_dirs]
    if len(set(paths)) != len(paths):
        raise ValueError(
            f"Runs to compare must differ. Received: {', '.join(run_dirs)}."
        )
    above = os.path.commonpath([os.path.dirname(path) for path in paths])
    return [
        dataclasses.replace(record, name=os.path.relpath(path, above))
        for record, path in zip(records, paths, strict=True)
    ]
