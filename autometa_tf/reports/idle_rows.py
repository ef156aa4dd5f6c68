"""How much of the time that workers were there they had nothing to do."""

from autometa_tf.plain_text import hours, percent
from autometa_tf.reports.run_record import RunRecord
from autometa_tf.search.worker_time import FINALISTS


def idle_rows(record: RunRecord) -> list[list[str]]:
    """Rows of the table of costs: idle workers in all, and stage by stage."""
    times = record.worker_times
    total = sum(time.worker_seconds for time in times)
    if not total:
        return []
    idle = sum(time.idle_share * time.worker_seconds for time in times)
    stages = ", ".join(
        f"{'finalists' if time.stage == FINALISTS else f'stage {time.stage}'} "
        f"{percent(time.idle_share)}"
        for time in times
    )
    return [
        ["Stages, from their begin to their end", hours(_wall(record))],
        [
            "Workers without work in that time",
            f"{hours(idle)} of {hours(total)}, {percent(idle / total)} ({stages})",
        ],
    ]


def _wall(record: RunRecord) -> float:
    return sum(time.wall_seconds for time in record.worker_times)
