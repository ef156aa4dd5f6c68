"""How long evaluations take, told from those that there are."""

import dataclasses

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.search.evaluation_plan import EvaluationPlan


@dataclasses.dataclass(kw_only=True)
class Throughput:
    """What evaluations have taken, and what more of them will by that.

    Each takes its time to build and to score a network, however short the training is,
    and then to train it by its work. Where workers tell no seconds, work alone counts.

    Attributes:
      count: The number of evaluations.
      work: Their work, as an `EvaluationPlan` counts it.
      fixed_seconds: What their workers took to build and to score.
      train_seconds: And to train.
    """

    count: int = 0
    work: float = 0.0
    fixed_seconds: float = 0.0
    train_seconds: float = 0.0

    def add(self, evaluation: Evaluation, plan: EvaluationPlan) -> None:
        """Counts one more."""
        self.count += 1
        self.work += plan.work(evaluation)
        self.fixed_seconds += evaluation.build_seconds + evaluation.scoring_seconds
        self.train_seconds += evaluation.train_seconds

    def times_longer(self, count: float, work: float) -> float:
        """How many times as long as all these, `count` others of so much work take.

        There must be one at least.
        """
        seconds = self.fixed_seconds + self.train_seconds
        if not seconds:
            return work / self.work
        fixed = count * self.fixed_seconds / self.count
        return (fixed + work * self.train_seconds / self.work) / seconds
