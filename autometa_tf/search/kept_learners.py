"""The learners in a search's store, with which candidates go on to their next rung."""

import sqlite3

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.search.store_rows import IS_OF_GENOME_AND_KEY, insert, named


def keep_learner(connection: sqlite3.Connection, evaluation: Evaluation) -> None:
    """Keeps the learner of an evaluation, where it has one."""
    if evaluation.learner:
        of_key = named(evaluation.genome, evaluation.key)
        insert(connection, "learner", of_key | {"content": evaluation.learner})


def read_learner(connection: sqlite3.Connection, evaluation: Evaluation) -> bytes:
    """The learner as an evaluation left it; empty when it was not kept."""
    row = connection.execute(
        f"SELECT content FROM learner WHERE {IS_OF_GENOME_AND_KEY}",
        named(evaluation.genome, evaluation.key),
    ).fetchone()
    return row["content"] if row else b""


def forget_learners(connection: sqlite3.Connection) -> bool:
    """Forgets all of them, and says whether there was any."""
    return connection.execute("DELETE FROM learner").rowcount > 0
