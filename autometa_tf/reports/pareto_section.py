"""The candidates among which those who weigh score, size and time choose."""

from autometa_tf.plain_text import percent, short
from autometa_tf.reports.markdown import escape, table
from autometa_tf.reports.run_record import RunRecord


def pareto_section(record: RunRecord) -> list[str]:
    """A table of the Pareto set; nothing before a candidate was trained to the end."""
    cells = record.pareto
    if not cells:
        return []
    rows = [
        [
            percent(cell.score),
            f"{cell.num_parameters:,}",
            f"{short(cell.seconds_per_episode)} s",
            escape(str(cell.genome)),
        ]
        for cell in cells
    ]
    return [
        "## Score, size and time",
        "No other candidate is at least as good as one of these in all of the three and "
        "better in one. The time is that of scoring, for an episode: its worker adapted "
        "once and answered in both ways.",
        table(["Score", "Parameters", "Time per episode", "Cell"], rows, "rrrl"),
    ]
