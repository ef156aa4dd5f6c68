"""A tiny run of a search, small enough to work out by hand what a report must say."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.candidates.sitting import Sitting
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.json_file import write_json
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import RunSummary, SplitAccuracy
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.score import Score
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.predictors.ranking import RankingQuality
from autometa_tf.search.state import Stage

SEED = 3
OUTER_ITERATIONS = 1000
KEY = EvaluationKey(
    seed=SEED, outer_iterations=OUTER_ITERATIONS, rung=OUTER_ITERATIONS, num_episodes=50
)
# With `num_finalists` and 200 `num_finalist_episodes`.
FINALIST_KEY = EvaluationKey(
    seed=SEED,
    outer_iterations=3 * OUTER_ITERATIONS,
    rung=3 * OUTER_ITERATIONS,
    num_episodes=200,
)

FIRST, SECOND, THIRD, FOURTH = one_block_genomes()[:4]

# These have two blocks each, and depths of 1, 2 and 2.
_BLOCK = Block(0, "avg_pool3x3", 0, "avg_pool3x3")
SHALLOW = Genome((_BLOCK, _BLOCK))
DEEP = Genome((_BLOCK, Block(0, "identity", 2, "conv1x5_5x1")))
DEEP_TOO = Genome((_BLOCK, Block(1, "max_pool3x3", 2, "avg_pool3x3")))

STAGES = (
    Stage(
        number=1,
        genomes=(FIRST, SECOND, THIRD, FOURTH),
        num_expanded=55,
        num_distinct=50,
    ),
    Stage(
        number=2,
        genomes=(SHALLOW, DEEP, DEEP_TOO),
        predictions=(0.6, 0.8, 0.7),
        num_expanded=1360,
        num_distinct=1340,
        fit_quality=RankingQuality(
            num_genomes=3, spearman=0.875, kendall=0.75, mean_absolute_error=0.0625
        ),
    ),
)


def success(
    genome: Genome, score: float, num_parameters: int, seconds: float
) -> Evaluation:
    """An evaluation whose build, training and scoring took 1, 2 and 3 sixths."""
    return Evaluation(
        genome=genome,
        key=KEY,
        score=score,
        score_ci95=0.05,
        non_transductive_score=score - 0.1,
        non_transductive_ci95=0.06,
        num_parameters=num_parameters,
        build_seconds=seconds / 6,
        train_seconds=seconds / 3,
        scoring_seconds=seconds / 2,
        peak_memory_bytes=2**30,
    )


def failure(genome: Genome, reason: str) -> Evaluation:
    """An evaluation without score, after two retries and 60 seconds."""
    return Evaluation(
        genome=genome,
        key=KEY,
        score=None,
        train_seconds=60.0,
        num_retries=2,
        failure=reason,
    )


# In the order in which they came.
EVALUATIONS = (
    success(SECOND, 0.7, 2000, 60.0),
    success(FIRST, 0.5, 1000, 120.0),
    failure(FOURTH, "NaN: the loss\nis | not *finite*"),
    success(THIRD, 0.9, 3000, 180.0),
    success(DEEP, 0.95, 2500, 240.0),
    success(SHALLOW, 0.8, 4000, 300.0),
    success(DEEP_TOO, 0.6, 5000, 360.0),
)

SUMMARY = RunSummary(
    network=Cell(DEEP),
    num_parameters=2500,
    accuracy=SplitAccuracy(
        transductive=Score(mean=0.9812, ci95=0.0034, num_episodes=400),
        non_transductive=Score(mean=0.9612, ci95=0.0056, num_episodes=400),
    ),
    candidates_evaluated=len(EVALUATIONS),
    wall_seconds=7200.0,
)


def sitting(**changes: Any) -> Sitting:
    """What the run computes with, but for the fields that are given."""
    fields = {
        "num_parallel_episodes": 5,
        "kernels": "avx2",
        "processor": "Z80",
        "tensorflow": "2.21.0",
    }
    return Sitting(**fields | changes)


def experiment(**fields: Any) -> ExperimentConfig:
    """What the run was begun with, but for the fields that are given."""
    return ExperimentConfig.from_preset(
        "omniglot",
        **{
            "dataset": "glyphs",
            "outer_iterations": OUTER_ITERATIONS,
            "num_scoring_episodes": 50,
            "max_num_blocks": 2,
            "beam_size": 3,
            "seed": SEED,
        }
        | fields,
    )


@dataclasses.dataclass(frozen=True)
class _Data:
    """Stands for a fingerprint."""

    digest: str = "abc"


def write_run(
    run_dir: str,
    *,
    stages: Iterable[Stage] = STAGES,
    evaluations: Iterable[Evaluation] = EVALUATIONS,
    summary: RunSummary | None = None,
    config: ExperimentConfig | None = None,
) -> RunDirectory:
    """Writes a run directory, by default one whose search is over."""
    run = RunDirectory.make(run_dir)
    run.begin(config or experiment(), None, _Data())
    with run.open_store() as store:
        for stage in stages:
            store.add_stage(stage)
        for evaluation in evaluations:
            store.add_evaluation(evaluation)
    if summary is not None:
        write_json(run.summary_path, summary.to_json())
    return run
