"""Which classes a run has ever been scored on, and how: the record in config.json.

Whoever reads a result must be able to see that nobody has looked at the test classes
before its end.
"""

import time
from typing import Any

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.experiments.begun_with import TIME_FORMAT


def with_scored(
    scored: list[dict[str, Any]], part: str, split: str, config: CandidateConfig
) -> list[dict[str, Any]]:
    """Adds what is about to be scored to what has been, unless it is there already.

    Args:
      scored: The list of what has been.
      part: What is scored, "candidate", "finalist" or "final".
      split: On which classes.
      config: With which episodes, and how.
    """
    scoring = config.scoring
    entry = {
        "part": part,
        "split": split,
        "ways": config.episodes.ways,
        "shots": config.episodes.shots,
        "queries_per_class": scoring.queries_per_class,
        "inner_iterations": config.num_scoring_iterations,
        "inner_batch_size": scoring.scoring_inner_batch_size,
        "inner_learning_rate": config.scoring_adam.inner_learning_rate,
        "episodes": scoring.num_scoring_episodes,
    }
    if any({**each, "time": None} == {**entry, "time": None} for each in scored):
        return scored
    return [*scored, entry | {"time": time.strftime(TIME_FORMAT, time.gmtime())}]
