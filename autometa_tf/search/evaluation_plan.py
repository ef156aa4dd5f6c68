"""How far candidates are trained, and which of them further than others."""

import dataclasses
from collections.abc import Sequence

from autometa_tf.candidates.evaluation import Evaluation, EvaluationKey


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvaluationPlan:
    """How far candidates are trained, and which of them further than others.

    With several rungs this is successive halving (Jamieson and Talwalkar 2016) within
    each stage: all of its candidates are trained to the first rung, and of those that
    reach a rung the best go on to the next.

    Attributes:
      keys: The key of each rung, lowest first.
      halving_factor: One candidate of so many goes on to the next rung.
      finalist_key: The key that the best candidates of the whole search are trained and
        scored with once more, to choose the winner.
      num_finalists: How many those are; with 0 the best candidate is the winner.

    Raises:
      ValueError: The fields contradict one another.
    """

    keys: tuple[EvaluationKey, ...]
    halving_factor: int = 3
    finalist_key: EvaluationKey | None = None
    num_finalists: int = 0

    def __post_init__(self):
        rungs = [key.rung for key in self.keys]
        same = {dataclasses.replace(key, rung=1) for key in self.keys}
        if len(same) != 1 or rungs != sorted(set(rungs)) or not self.keys[-1].is_last:
            raise ValueError(
                "`keys` must differ in nothing but their rungs, rise, and end with the "
                f"last. Received: {self.keys}."
            )
        if (self.finalist_key is None) != (self.num_finalists == 0):
            raise ValueError(
                "`finalist_key` must be given with `num_finalists` and only with it. "
                f"Received: {self.finalist_key} and {self.num_finalists}."
            )
        if self.finalist_key in self.keys:
            raise ValueError(
                "`finalist_key` must differ from the keys of candidates, as longer "
                f"training makes it. Received: {self.finalist_key}."
            )

    def num_reaching(self, num_candidates: int) -> tuple[int, ...]:
        """How many of a stage's candidates are evaluated at each rung, at most."""
        counts = [num_candidates]
        for _ in self.keys[1:]:
            counts.append(-(-counts[-1] // self.halving_factor))
        return tuple(counts)

    @property
    def first_rung_share(self) -> float:
        """Which part of a large stage's training is that to the first rung."""
        shares = self.shares
        counts = self.num_reaching(10_000)
        work = [count * share for count, share in zip(counts, shares, strict=True)]
        return work[0] / sum(work)

    def work(self, evaluation: Evaluation) -> float:
        """How much of its candidate's `training_work` an evaluation was."""
        if evaluation.key == self.finalist_key:
            share = self.finalist_share
        else:
            share = self.shares[self.keys.index(evaluation.key)]
        return share * training_work(evaluation.genome.num_blocks)

    def stage_work(self, num_blocks: float, num_candidates: int) -> float:
        """The work of a whole stage, whose cells have so many blocks on average."""
        counts = self.num_reaching(num_candidates)
        return training_work(num_blocks) * sum(
            count * share for count, share in zip(counts, self.shares, strict=True)
        )

    def finalists_work(self, num_blocks: int, num_finalists: int) -> float:
        """The work of finalists of so many blocks."""
        return num_finalists * self.finalist_share * training_work(num_blocks)

    @property
    def finalist_share(self) -> float:
        """How many times a candidate's training a finalist's is; 0 without finalists."""
        if self.finalist_key is None:
            return 0.0
        return self.finalist_key.outer_iterations / self.keys[-1].outer_iterations

    @property
    def shares(self) -> tuple[float, ...]:
        """Which part of the training each rung adds to that of the one before."""
        rungs = [0, *(key.rung for key in self.keys)]
        total = rungs[-1]
        return tuple(
            (rung - before) / total
            for before, rung in zip(rungs, rungs[1:], strict=False)
        )


def training_work(num_blocks: float) -> float:
    """What a candidate's whole training counts: its blocks, and one for all around them.

    With the paper's network one of five blocks takes three times as long as one of one.
    """
    return num_blocks + 1


def plan_without_rungs(key: EvaluationKey) -> EvaluationPlan:
    """All candidates are trained to the end, and the best of them is the winner."""
    return EvaluationPlan(keys=(key,))


def rungs(outer_iterations: int, num_rungs: int, factor: int) -> Sequence[int]:
    """The rungs of a training, each about `factor` times the one before.

    Args:
      outer_iterations: The last rung.
      num_rungs: The number of those before it.
      factor: From rung to rung.

    Raises:
      ValueError: There are not as many.
    """
    found = [
        max(1, round(outer_iterations / factor**power))
        for power in range(num_rungs, -1, -1)
    ]
    if len(set(found)) != len(found):
        raise ValueError(
            f"`halving_rungs` must leave {num_rungs + 1} different rungs of the "
            f"{outer_iterations} of `outer_iterations`, each {factor} times the one "
            f"before. Received: {num_rungs}."
        )
    return found
