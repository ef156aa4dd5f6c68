"""Which cells are worth a look where size matters too."""

from collections.abc import Iterable

from autometa_tf.candidates.evaluation import Evaluation


def pareto_set(evaluations: Iterable[Evaluation]) -> list[Evaluation]:
    """Those that no other beats: as small or smaller, and as good or better.

    Args:
      evaluations: Of one rung, since other scores cannot be compared; those without a
        score are passed over.

    Returns:
      Them, the smallest first; of two that are the same in both, one.
    """
    found, best = [], -1.0
    by_size = sorted(
        (each for each in evaluations if each.succeeded),
        key=lambda each: (each.num_parameters, -each.score, each.genome),
    )
    for each in by_size:
        if each.score > best:
            found.append(each)
            best = each.score
    return found
