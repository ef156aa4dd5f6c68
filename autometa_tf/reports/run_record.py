"""What a report is made from: a run directory, read while the run may go on."""

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey
from autometa_tf.search.state import SearchState
from autometa_tf.search.store import open_store_to_read

CONFIG_FILE_NAME = "config.json"
SUMMARY_FILE_NAME = "summary.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Accuracy:
    """A mean over test episodes, as `summary.json` has it.

    Attributes:
      mean: in [0, 1].
      ci95: half-width of its 95% confidence interval.
      num_episodes: number of episodes it is the mean of.
    """

    mean: float
    ci95: float
    num_episodes: int

    def __post_init__(self):
        for name, upper in (("mean", 1), ("ci95", 1), ("num_episodes", 2**53)):
            if not 0 <= getattr(self, name) <= upper:
                raise ValueError(
                    f"`{name}` must be 0 to {upper}. Received: {getattr(self, name)}."
                )


@dataclasses.dataclass(frozen=True, kw_only=True)
class FullTraining:
    """How the run ended: the best cell trained in full and scored on test classes.

    Attributes:
      num_parameters: of the network.
      transductive: queries of an episode classified as one batch.
      non_transductive: each query classified on its own.
      wall_seconds: from the run's beginning to its end, pauses included.
    """

    num_parameters: int
    transductive: Accuracy
    non_transductive: Accuracy
    wall_seconds: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A run as far as it has come.

    Attributes:
      name: what to call it; the folder's name.
      config: the configuration it was begun with.
      state: its stages and evaluations.
      evaluations: the evaluations of `state`, oldest first.
      full_training: None as long as it has not ended.
    """

    name: str
    config: Mapping[str, Any]
    state: SearchState
    evaluations: tuple[Evaluation, ...]
    full_training: FullTraining | None = None

    def setting(self, path: str) -> Any:
        """A field of the configuration; "a.b" is the field `b` of the field `a`.

        Raises:
          ValueError: there is none.
        """
        value = self.config
        for name in path.split("."):
            if not isinstance(value, Mapping) or name not in value:
                raise ValueError(
                    f"Run {self.name!r}: its configuration must have the field "
                    f"{path!r}, as those of `search` do."
                )
            value = value[name]
        return value

    @property
    def num_planned_stages(self) -> int:
        """Stages of the whole search, from its configuration."""
        if self.setting("search_strategy") == "random":
            return 1
        return self.setting("strategy.max_num_blocks")

    @property
    def search_is_over(self) -> bool:
        """Whether all stages are there and all their candidates evaluated."""
        stages = self.state.stages
        return len(stages) >= self.num_planned_stages and not self.state.pending


def read_run(run_dir: str | os.PathLike) -> RunRecord:
    """Reads a run directory and changes nothing.

    Raises:
      ValueError: says in one line why it cannot be read, such as a `StoreError`.
    """
    run_dir = os.path.abspath(run_dir)
    with open_store_to_read(run_dir) as store:
        empty = RunRecord(
            name=os.path.basename(run_dir),
            config=_read_config(os.path.join(run_dir, CONFIG_FILE_NAME)),
            state=SearchState(),
            evaluations=(),
        )
        key = EvaluationKey(
            seed=empty.setting("candidate.seed"),
            outer_iterations=empty.setting("candidate.reptile.outer_iterations"),
        )
        state = store.read_state(key)
        # Read second, since a running search adds to it: it holds all of the state.
        evaluations = store.read_evaluations()
    staged = {genome for stage in state.stages for genome in stage.genomes}
    if not state.evaluations.keys() <= staged:
        raise ValueError(
            f"Run {empty.name!r}: its store is damaged: every evaluation must be of a "
            "stage's candidate."
        )
    return dataclasses.replace(
        empty,
        state=state,
        evaluations=tuple(
            found
            for found in evaluations
            if state.evaluations.get(found.genome) == found
        ),
        full_training=_read_full_training(os.path.join(run_dir, SUMMARY_FILE_NAME)),
    )


def with_distinct_names(
    records: Sequence[RunRecord], run_dirs: Sequence[str]
) -> list[RunRecord]:
    """Names the records by as much of their folders' paths as tells them apart.

    Raises:
      ValueError: when a folder comes twice.
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


def _read_config(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            config = json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(
            f"{path!r} must be the configuration of a search. Received: {reason}"
        ) from None
    if not isinstance(config, dict):
        raise ValueError(
            f"{path!r} must be the configuration of a search. Received: {config!r:.80}"
        )
    return config


def _read_full_training(path: str) -> FullTraining | None:
    try:
        with open(path, encoding="utf-8") as file:
            summary = json.load(file)
        accuracy = summary["test_accuracy"]
        return FullTraining(
            num_parameters=int(summary["num_parameters"]),
            transductive=Accuracy(**accuracy["transductive"]),
            non_transductive=Accuracy(**accuracy["non_transductive"]),
            wall_seconds=float(summary["wall_seconds"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(
            f"{path!r} must be the summary of a search. Received: {reason}"
        ) from None
