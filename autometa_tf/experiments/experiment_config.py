"""One experiment: everything that the result of a search or a training depends on."""

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any, Literal, Self

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.candidates.evaluation import EvaluationKey
from autometa_tf.episodes.dataset_config import DatasetConfig
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.experiments.config_fields import (
    from_json,
    leaves,
    sections,
    with_defaults,
)
from autometa_tf.experiments.presets import (
    DEFAULT_PRESET,
    preset_fields,
    scoring_inner_batch_size_for,
    train_shots_for,
)
from autometa_tf.field_checks import check_at_least, check_choices
from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.distribution_config import DistributionConfig
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig, Task
from autometa_tf.networks.network_cost import NetworkCost, network_cost
from autometa_tf.predictors.predictor_config import PredictorConfig
from autometa_tf.search.evaluation_plan import EvaluationPlan, rungs
from autometa_tf.search.search_config import SearchConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class FullTrainingConfig:
    """How one network is trained and scored in full, as a search does with its best.

    Attributes:
      final_outer_iterations: The number of outer iterations of a network's full
        training, which a search gives its best cell.
      num_test_episodes: The number of episodes that the trained network is scored on,
        at least 2.
      final_split: The classes that the trained network is scored on. With "validation"
        no test class is looked at; `evaluate` can do that once all is decided.
      pretraining_epochs: How often a full training sees all images of the training
        classes before its first outer iteration, in plain batches that it learns to
        classify (Meta-Baseline, Chen et al. 2021). With 0 it begins with random
        weights. A search's candidates always do.
    """

    final_outer_iterations: int = 100_000
    num_test_episodes: int = 10_000
    final_split: Literal["test", "validation"] = "test"
    pretraining_epochs: int = 0

    def __post_init__(self):
        check_at_least(
            self,
            final_outer_iterations=1,
            num_test_episodes=2,
            pretraining_epochs=0,
        )
        check_choices(self)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExperimentConfig:
    """One experiment, most easily made by `from_preset`.

    The names of all fields, of whatever section, are different, and are the programs'
    flags: `inner_learning_rate` is a field of `reptile` and the flag
    `--inner_learning_rate`.

    Attributes:
      data: Which dataset, and how its classes are divided.
      network: What surrounds a cell.
      episodes: What an episode consists of.
      reptile: How learners are meta-trained.
      scoring: How learners are scored.
      search: How candidates are chosen.
      predictor: What predicts the scores of cells that were not trained.
      full_training: How far the best network is trained, and how often tested.
      computation: What only changes rounding and time.
      distribution: The devices that the full training runs on.
      seed: The seed of everything random but the division of classes.
    """

    data: DatasetConfig
    network: NetworkConfig
    episodes: EpisodeConfig
    reptile: ReptileConfig
    scoring: ScoringConfig
    search: SearchConfig
    predictor: PredictorConfig
    full_training: FullTrainingConfig
    computation: ComputationConfig
    distribution: DistributionConfig
    seed: int = 0

    def __post_init__(self):
        # These check what concerns several sections.
        self.candidate  # noqa: B018
        self.evaluation_plan  # noqa: B018
        cells = one_block_genomes(self.search.operation_names)
        costs = [dataclasses.asdict(self.cost(cell)) for cell in cells]
        for name in ("parameters", "multiply_adds"):
            limit = getattr(self.search, f"max_{name}")
            smallest = min(cost[f"num_{name}"] for cost in costs)
            if limit is not None and limit < smallest:
                raise ValueError(
                    f"`max_{name}` must be at least {smallest}, those of the smallest "
                    f"cell's network. Received: {limit}."
                )

    @classmethod
    def from_preset(cls, preset: str = DEFAULT_PRESET, **fields: Any) -> Self:
        """A preset's values, but for the fields that are given.

        `ExperimentConfig.from_preset("quick", dataset="omniglot", shots=5)`. A field
        that neither gives has Reptile's value for the size of the images, or else the
        default of its class.

        Args:
          preset: "quick", "omniglot", "mini_imagenet_small" or "mini_imagenet_large".
          **fields: Values by the names of fields, whatever section they are in.

        Raises:
          ValueError: A name is unknown or a value is out of range.
        """
        known = leaves(cls)
        preset_values = {k: v for k, v in preset_fields(preset).items() if k in known}
        return _with_defaults_by_size(cls, preset_values | fields)

    def with_fields(self, **fields: Any) -> Self:
        """The same experiment, but for the fields that are given, by their names.

        Fields that `from_preset` chose by the size of the images stay as they are.

        Raises:
          ValueError: A name is unknown or a value is out of range.
        """
        return _build(type(self), field_values(self) | fields)

    def to_json(self) -> dict[str, Any]:
        """All fields, section by section, as JSON has them."""
        return json.loads(json.dumps(dataclasses.asdict(self)))

    @classmethod
    def from_json(cls, content: Any) -> Self:
        """The experiment that `to_json` made this content of, here or before.

        A field that an earlier version did not have has its default.

        Raises:
          ValueError: Fields are missing, unknown, of another type or out of range.
        """
        return from_json(cls, with_defaults(cls, content), "experiment")

    def cost(self, genome: Genome) -> NetworkCost:
        """What a cell's network costs."""
        task = Task(image_shape=self.data.image_shape, ways=self.episodes.ways)
        return network_cost(genome, self.network, task)

    def admits(self, genome: Genome) -> bool:
        """Whether a cell may be a candidate, by what its network costs."""
        search = self.search
        if search.max_parameters is None and search.max_multiply_adds is None:
            return True
        cost = self.cost(genome)
        return cost.num_parameters <= (
            search.max_parameters or math.inf
        ) and cost.num_multiply_adds <= (search.max_multiply_adds or math.inf)

    @property
    def candidate(self) -> CandidateConfig:
        """A candidate of the search."""
        scoring, steps = self.scoring, self.search.ranking_inner_iterations
        if steps is not None:
            scoring = dataclasses.replace(scoring, scoring_inner_iterations=steps)
        return CandidateConfig(
            image_shape=self.data.image_shape,
            network=self.network,
            episodes=self.episodes,
            reptile=self.reptile,
            scoring=scoring,
            computation=self.computation,
            seed=self.seed,
        )

    @property
    def final(self) -> CandidateConfig:
        """The full training, as a candidate that is trained and scored for longer."""
        full = self.full_training
        return dataclasses.replace(
            self.candidate,
            reptile=dataclasses.replace(
                self.reptile, outer_iterations=full.final_outer_iterations
            ),
            scoring=dataclasses.replace(
                self.scoring, num_scoring_episodes=full.num_test_episodes
            ),
        )

    @property
    def finalist(self) -> CandidateConfig:
        """A candidate that is trained and scored once more, to choose the winner."""
        return dataclasses.replace(
            self.candidate,
            reptile=dataclasses.replace(
                self.reptile,
                outer_iterations=self.reptile.outer_iterations
                * self.search.finalist_factor,
            ),
            scoring=dataclasses.replace(
                self.candidate.scoring,
                num_scoring_episodes=self.search.num_finalist_episodes,
            ),
        )

    @property
    def evaluation_plan(self) -> EvaluationPlan:
        """How far the search's candidates are trained, and which of them further."""
        search = self.search
        length = self.reptile.outer_iterations
        steps = rungs(length, search.halving_rungs, search.halving_factor)
        candidate = EvaluationKey(
            seed=self.seed,
            outer_iterations=length,
            rung=length,
            num_episodes=self.scoring.num_scoring_episodes,
        )
        finalist = dataclasses.replace(
            candidate,
            outer_iterations=self.finalist.reptile.outer_iterations,
            rung=self.finalist.reptile.outer_iterations,
            num_episodes=search.num_finalist_episodes,
        )
        return EvaluationPlan(
            keys=tuple(dataclasses.replace(candidate, rung=rung) for rung in steps),
            halving_factor=search.halving_factor,
            finalist_key=finalist if search.num_finalists else None,
            num_finalists=search.num_finalists,
        )


def field_values(config: ExperimentConfig) -> dict[str, Any]:
    """All plain fields of an experiment, of whatever section, by name."""
    return {
        name: getattr(getattr(config, leaf.section) if leaf.section else config, name)
        for name, leaf in leaves(type(config)).items()
    }


def _build(cls: type, values: Mapping[str, Any]) -> Any:
    """Makes an experiment of its plain fields; what is missing has its default."""
    known = leaves(cls)
    for name, value in values.items():
        if name not in known:
            raise ValueError(
                f"`{name}` must be a field of an experiment: one of "
                f"{', '.join(known)}. Received: {value!r:.80}."
            )
    by_section: dict[str, dict[str, Any]] = {name: {} for name in sections(cls)}
    top = {}
    for name, value in values.items():
        leaf = known[name]
        checked = from_json(leaf.kind, value, name)
        (by_section[leaf.section] if leaf.section else top)[name] = checked
    made = {name: kind(**by_section[name]) for name, kind in sections(cls).items()}
    return cls(**made, **top)


def _with_defaults_by_size(cls: type, values: Mapping[str, Any]) -> Any:
    made = _build(cls, values)
    shape, episodes = made.data.image_shape, made.episodes
    by_size = {
        "train_shots": train_shots_for(shape),
        "scoring_inner_batch_size": scoring_inner_batch_size_for(
            shape, episodes.ways, episodes.shots
        ),
    }
    return _build(cls, by_size | values)
