"""What the finalists of a search say about its winner, and how sure that is."""

import math
from collections.abc import Sequence

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.plain_text import counted, percent
from autometa_tf.reports.markdown import table
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.search.state import SearchState, rank


def ranked_finalists(state: SearchState) -> list[Evaluation]:
    """The finalists that have a score, best first."""
    return sorted(
        (found for found in state.finalists.values() if found.succeeded), key=rank
    )


def lead_over(best: Evaluation, other: Evaluation) -> tuple[float, float]:
    """How far the best is ahead, and the half-width of that's 95% interval.

    The two were scored on the same episodes, whose difficulty they share. The interval
    takes them for independent, and so is rather too wide than too narrow.
    """
    lead = best.score - other.score
    return lead, math.hypot(best.score_ci95 or 0.0, other.score_ci95 or 0.0)


def choice_line(finalists: Sequence[Evaluation]) -> str:
    """How sure it is that the first of them is the best; there must be two or more."""
    best, *others = finalists
    near = []
    for other in others:
        lead, ci95 = lead_over(best, other)
        if lead < ci95:
            near.append(other)
    lead, ci95 = lead_over(best, others[0])
    text = f"The winner is {100 * lead:.1f}±{100 * ci95:.1f} points ahead of the next"
    if not near:
        return f"{text}: better than every other finalist"
    as_good = counted(len(near), "other finalist")
    return f"{text}: {as_good} of {len(others):,} may be as good or better"


def finalists_section(record: RunRecord) -> list[str]:
    """The finalists as a section of a report; empty where there are none."""
    finalists = ranked_finalists(record.state)
    if not finalists:
        return []
    key = finalists[0].key
    rows = [
        [
            str(place),
            percent(found.score, found.score_ci95),
            percent(record.state.evaluations[found.genome].score),
            f"{found.num_parameters:,}",
            str(found.genome.num_blocks),
            f"`{found.genome}`",
        ]
        for place, found in enumerate(finalists, start=1)
    ]
    header = ["Place", "Score as a finalist", "As a candidate", "Parameters", "Blocks"]
    sections = [
        "## Finalists",
        f"The best candidates, trained anew for {key.outer_iterations:,} outer "
        f"iterations and scored on {key.num_episodes:,} episodes, the same for all.",
        table([*header, "Cell"], rows, "rrrrrl"),
    ]
    if len(finalists) > 1:
        sections.append(f"{choice_line(finalists)}.")
    return sections
