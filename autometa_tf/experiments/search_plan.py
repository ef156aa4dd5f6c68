"""What a search will take, from its configuration and what a few candidates took."""

import dataclasses
import math
from collections.abc import Iterable, Sequence

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.plain_text import counted, hours, short
from autometa_tf.search.evaluation_plan import EvaluationPlan
from autometa_tf.search.planned_stages import planned_stages
from autometa_tf.search.strategy import StagePlan

# A row of the store, and a SavedModel without its weights, about.
_EVALUATION_BYTES = 600
_SAVED_MODEL_BYTES = 4 * 2**20
# How many of a full training's checkpoints there are at a time.
_NUM_CHECKPOINTS = 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class CandidateCost:
    """What a candidate of a size takes, on one core.

    Attributes:
      num_blocks: Its size.
      build_seconds: To build and trace it, at every rung again.
      iteration_seconds: An outer iteration.
      episode_seconds: An episode that scores.
      peak_memory_bytes: The most memory of its process.
    """

    num_blocks: int
    build_seconds: float
    iteration_seconds: float
    episode_seconds: float
    peak_memory_bytes: float

    def seconds(self, outer_iterations: int, num_episodes: int) -> float:
        """Of one evaluation, from build to score."""
        return (
            self.build_seconds
            + outer_iterations * self.iteration_seconds
            + num_episodes * self.episode_seconds
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlannedCost:
    """A part of a search: a stage, the finalists, or the full training.

    Attributes:
      name: What it is.
      candidates: The candidates in it, at most, for people; "" for none.
      num_evaluations: How often a candidate is trained and scored, at most.
      seconds: How long it takes with all workers at work.
    """

    name: str
    candidates: str
    num_evaluations: int
    seconds: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchPlan:
    """What a search will take. `str(plan)` is a table for people.

    Attributes:
      parts: Its stages, its finalists if it has any, and the full training.
      num_workers: How many candidates are evaluated at a time.
      worker_bytes: The most memory of one worker.
      disk_bytes: What the run directory will hold, about.
      measured: What the seconds were measured on, for people.
      time_budget_hours: The limit of the search's time; None without one.
    """

    parts: tuple[PlannedCost, ...]
    num_workers: int
    worker_bytes: float
    disk_bytes: float
    measured: str
    time_budget_hours: float | None

    @property
    def search_seconds(self) -> float:
        """The time of all parts but the full training."""
        return sum(part.seconds for part in self.parts[:-1])

    def __str__(self) -> str:
        rows = [("part", "candidates", "trainings", "time")]
        rows += [
            (
                part.name,
                part.candidates,
                f"{part.num_evaluations:,}",
                hours(part.seconds),
            )
            for part in self.parts
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = [
            f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  "
            f"{row[3]:>{widths[3]}}"
            for row in rows
        ]
        total = self.search_seconds + self.parts[-1].seconds
        limit = ""
        if self.time_budget_hours is not None:
            limit = f"; the search ends after {short(self.time_budget_hours)} h at most"
        gigabytes = self.worker_bytes / 2**30
        return "\n".join(
            [
                *lines,
                f"in all {hours(total)} with {counted(self.num_workers, 'worker')}, "
                f"without predictions and data{limit}",
                f"memory: {short(gigabytes)} GiB for each of the workers and for this "
                "program, and the data's images once",
                f"disk: about {short(self.disk_bytes / 2**20)} MiB in the run directory",
                f"measured: {self.measured}",
            ]
        )


def plan_search(
    experiment: ExperimentConfig,
    costs: Sequence[CandidateCost],
    *,
    num_workers: int,
    num_cores: int,
    measured: str,
) -> SearchPlan:
    """Adds up what a search takes.

    Args:
      experiment: The search's.
      costs: What candidates of one size or of several take.
      num_workers: How many are evaluated at a time.
      num_cores: What the full training has.
      measured: What the costs were measured on, for people.
    """
    plan, search = experiment.evaluation_plan, experiment.search
    stages = planned_stages(search)
    largest = cost_of(costs, search.max_num_blocks)
    parts = [
        _stage(number, stage, plan, cost_of(costs, stage.num_blocks), num_workers)
        for number, stage in enumerate(stages, start=1)
    ]
    if plan.finalist_key:
        parts.append(_finalists(plan, largest, num_workers))
    parts.append(_full_training(experiment, largest, num_cores))
    # A stage's learners are kept until it is over, of all rungs but the last.
    kept = max(sum(plan.num_reaching(each.num_candidates)[:-1]) for each in stages)
    return SearchPlan(
        parts=tuple(parts),
        num_workers=num_workers,
        worker_bytes=max(cost.peak_memory_bytes for cost in costs),
        disk_bytes=sum(part.num_evaluations for part in parts) * _EVALUATION_BYTES
        + (kept + _NUM_CHECKPOINTS) * _learner_bytes(experiment)
        + _SAVED_MODEL_BYTES,
        measured=measured,
        time_budget_hours=search.time_budget_hours,
    )


def _stage(
    number: int,
    stage: StagePlan,
    plan: EvaluationPlan,
    cost: CandidateCost,
    num_workers: int,
) -> PlannedCost:
    counts = plan.num_reaching(stage.num_candidates)
    rungs = [0, *(key.rung for key in plan.keys)]
    seconds = sum(
        count * cost.seconds(rung - before, plan.keys[0].num_episodes)
        for count, before, rung in zip(counts, rungs, rungs[1:], strict=False)
    )
    blocks = counted(stage.num_blocks, "block")
    return PlannedCost(
        name=f"stage {number}",
        candidates=f"{stage.num_candidates:,} of {blocks}",
        num_evaluations=sum(counts),
        seconds=seconds / min(num_workers, stage.num_candidates),
    )


def _finalists(
    plan: EvaluationPlan, cost: CandidateCost, num_workers: int
) -> PlannedCost:
    key, count = plan.finalist_key, plan.num_finalists
    seconds = cost.seconds(key.outer_iterations, key.num_episodes)
    return PlannedCost(
        name="finalists",
        candidates=f"{count:,}",
        num_evaluations=count,
        seconds=math.ceil(count / num_workers) * seconds,
    )


def _full_training(
    experiment: ExperimentConfig, cost: CandidateCost, num_cores: int
) -> PlannedCost:
    """The cores share out the slots of a meta-batch."""
    full, slots = experiment.full_training, experiment.reptile.meta_batch_size
    seconds = cost.seconds(full.final_outer_iterations, full.num_test_episodes)
    return PlannedCost(
        name="full training",
        candidates="the best",
        num_evaluations=1,
        seconds=seconds * math.ceil(slots / num_cores) / slots,
    )


def _learner_bytes(experiment: ExperimentConfig) -> int:
    """Of weights and of each slot's moments, for as many weights as there may be.

    Without a limit: as a chain of 3x3 convolutions has.
    """
    limit = experiment.search.max_parameters
    if limit is None:
        blocks, filters = (
            experiment.search.max_num_blocks,
            experiment.network.num_filters,
        )
        widest = experiment.network.filters_of_stage(2)
        limit = 3 * (2 * blocks * 9 + blocks + 1) * widest**2 + 9 * filters
    moments = 2 if experiment.reptile.inner_beta1 else 1
    return 4 * limit * (1 + moments * experiment.reptile.meta_batch_size)


def cost_of(costs: Sequence[CandidateCost], num_blocks: int) -> CandidateCost:
    """What a candidate of a size takes, on the line through the least and the largest.

    Of one size alone, seconds are as many times as there are blocks, as in the estimates
    of a running search.
    """
    first = min(costs, key=lambda cost: cost.num_blocks)
    last = max(costs, key=lambda cost: cost.num_blocks)
    span = last.num_blocks - first.num_blocks

    def at(name: str) -> float:
        low, high = getattr(first, name), getattr(last, name)
        if not span:
            return low * num_blocks / first.num_blocks
        slope = (high - low) / span
        return max(0.0, low + slope * (num_blocks - first.num_blocks))

    return CandidateCost(
        num_blocks=num_blocks,
        build_seconds=at("build_seconds"),
        iteration_seconds=at("iteration_seconds"),
        episode_seconds=at("episode_seconds"),
        peak_memory_bytes=max(first.peak_memory_bytes, last.peak_memory_bytes),
    )


def costs_of(evaluations: Iterable[Evaluation]) -> list[CandidateCost]:
    """What candidates took, on average for each number of blocks.

    Only the first rung of each counts, to which it was trained from the start, and the
    first outer iteration is part of the build.
    """
    firsts: dict[tuple, Evaluation] = {}
    for found in evaluations:
        training = found.genome, found.key.seed, found.key.outer_iterations
        before = firsts.get(training, found)
        firsts[training] = min(before, found, key=lambda each: each.key.rung)
    by_size: dict[int, list[Evaluation]] = {}
    for found in firsts.values():
        if found.succeeded and found.key.rung > 1:
            by_size.setdefault(found.genome.num_blocks, []).append(found)
    return [
        CandidateCost(
            num_blocks=num_blocks,
            build_seconds=_mean(each.build_seconds for each in found),
            iteration_seconds=_mean(
                each.train_seconds / (each.key.rung - 1) for each in found
            ),
            episode_seconds=_mean(
                each.scoring_seconds / each.key.num_episodes for each in found
            ),
            peak_memory_bytes=max(each.peak_memory_bytes for each in found),
        )
        for num_blocks, found in by_size.items()
    ]


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)
