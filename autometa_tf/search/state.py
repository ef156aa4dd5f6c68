"""What a search has done so far."""

import dataclasses
import math
from collections.abc import Container, Mapping

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.genomes.genome import Genome
from autometa_tf.predictors.ranking import RankingQuality, ranking_quality


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of a search: the candidates to train next, and how they were chosen.

    Attributes:
      number: The stage's number, from 1. In PNAS its cells have as many blocks.
      genomes: The candidates, distinct, canonical and sorted.
      predictions: The predicted score of each; None where nothing was predicted.
      num_expanded: The number of cells that there were to choose from.
      num_distinct: The number of those that are not isomorphic to another.
      is_closed: Whether no more of its candidates begin, since its time was over. Those
        that have begun go on.
      fit_quality: How well the predictor that made the predictions ranks the stage
        before, which it was fitted on; None where nothing was predicted.

    Raises:
      ValueError: The fields contradict one another.
    """

    number: int
    genomes: tuple[Genome, ...]
    predictions: tuple[float, ...] | None = None
    num_expanded: int
    num_distinct: int
    fit_quality: RankingQuality | None = None
    is_closed: bool = False

    def __post_init__(self):
        if self.number < 1:
            raise ValueError(f"`number` must be at least 1. Received: {self.number}.")
        if not self.genomes or list(self.genomes) != sorted(set(self.genomes)):
            raise ValueError(
                "`genomes` must be at least one, distinct and sorted. "
                f"Received {len(self.genomes)} that are not."
            )
        if not len(self.genomes) <= self.num_distinct <= self.num_expanded:
            raise ValueError(
                "A stage must choose among its distinct cells, and those among the "
                f"expanded. Received: {len(self.genomes)} of {self.num_distinct} of "
                f"{self.num_expanded}."
            )
        if self.predictions is None:
            return
        if len(self.predictions) != len(self.genomes) or not all(
            math.isfinite(prediction) for prediction in self.predictions
        ):
            raise ValueError(
                "`predictions` must hold one finite number for each genome. "
                f"Received: {self.predictions}."
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchState:
    """A search as it stands: its stages, and what became of their candidates.

    It does not say in which order the evaluations came, so that what depends on a state
    does not depend on that order.

    Attributes:
      stages: The stages so far, numbered from 1.
      evaluations: The evaluation of each candidate at the highest rung it has reached.
      earlier: Those at the rungs before, lowest first, of candidates that have any.
      finalists: The evaluations so far of those that are candidates to be the winner.
      num_finalists: How many those are; None before that is decided.

    Raises:
      ValueError: The stages are not numbered one after the other.
    """

    stages: tuple[Stage, ...] = ()
    evaluations: Mapping[Genome, Evaluation] = dataclasses.field(default_factory=dict)
    earlier: Mapping[Genome, tuple[Evaluation, ...]] = dataclasses.field(
        default_factory=dict
    )
    finalists: Mapping[Genome, Evaluation] = dataclasses.field(default_factory=dict)
    num_finalists: int | None = None

    def __post_init__(self):
        numbers = [stage.number for stage in self.stages]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(
                f"Stages must be numbered 1, 2, 3 and so on. Received: {numbers}."
            )

    @property
    def pending(self) -> tuple[Genome, ...]:
        """The candidates of the last stage that wait for their evaluation."""
        if not self.stages or self.stages[-1].is_closed:
            return ()
        return tuple(
            genome
            for genome in self.stages[-1].genomes
            if genome not in self.evaluations
        )

    @property
    def successes(self) -> list[Evaluation]:
        """The evaluations that have a score, sorted by genome."""
        return sorted(
            (found for found in self.evaluations.values() if found.succeeded),
            key=lambda evaluation: evaluation.genome,
        )

    def curve(self, genome: Genome) -> tuple[Evaluation, ...]:
        """A candidate's evaluations, one for each rung it has reached, lowest first."""
        if genome not in self.evaluations:
            return ()
        return (*self.earlier.get(genome, ()), self.evaluations[genome])

    def with_last_stage_closed(self) -> "SearchState":
        """The state when no more of the last stage's candidates begin."""
        closed = dataclasses.replace(self.stages[-1], is_closed=True)
        return dataclasses.replace(self, stages=(*self.stages[:-1], closed))

    def with_evaluation(self, evaluation: Evaluation) -> "SearchState":
        """The state with one evaluation more, at a candidate's next rung."""
        genome = evaluation.genome
        earlier = dict(self.earlier)
        if curve := self.curve(genome):
            earlier[genome] = curve
        return dataclasses.replace(
            self,
            evaluations={**self.evaluations, genome: evaluation},
            earlier=earlier,
        )

    @property
    def ranking(self) -> list[Evaluation]:
        """The evaluations that have a score, best first."""
        return sorted(self.successes, key=rank)

    @property
    def best(self) -> Evaluation | None:
        """The best finalist, or else the best candidate; None without any."""
        finalists = [found for found in self.finalists.values() if found.succeeded]
        return min(finalists or self.successes, key=rank, default=None)

    def successes_of(self, stage: Stage) -> list[Evaluation]:
        """The stage's evaluations that have a score, sorted by genome."""
        found = (self.evaluations.get(genome) for genome in stage.genomes)
        return [
            evaluation for evaluation in found if evaluation and evaluation.succeeded
        ]

    def comparable(self, stage: Stage | None = None) -> list[Evaluation]:
        """What a predictor learns from: scores at the first rung, sorted by genome.

        All candidates have one there. Scores at other rungs tell above all how far a
        candidate was trained. One that has failed later has none here either.

        Args:
          stage: The stage whose candidates they are of; None for all.
        """
        found = self.successes if stage is None else self.successes_of(stage)
        return [self.curve(evaluation.genome)[0] for evaluation in found]

    def prediction_quality(
        self, stage: Stage, among: Container[Genome] | None = None
    ) -> RankingQuality | None:
        """How well the predictions made before the stage was trained rank it.

        It is the scores at the first rung that are ranked, and only candidates with a
        score count. None where nothing was predicted.

        Args:
          stage: The stage.
          among: Those of its candidates that count; all where it is not given.
        """
        if stage.predictions is None:
            return None
        predictions = dict(zip(stage.genomes, stage.predictions, strict=True))
        scored = [
            found
            for found in self.comparable(stage)
            if among is None or found.genome in among
        ]
        return ranking_quality(
            [predictions[evaluation.genome] for evaluation in scored],
            [evaluation.score for evaluation in scored],
        )


def rank(evaluation: Evaluation) -> tuple[int, float, Genome]:
    """Sorts evaluations with a score: best first, and ties by genome.

    Scores at different rungs cannot be compared. Who has come further is better.
    """
    return -evaluation.key.rung, -evaluation.score, evaluation.genome
