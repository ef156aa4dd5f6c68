"""A search's scores for TensorBoard, while it goes on."""

import tensorflow as tf

from autometa_tf.search.progress import Progress


class SearchLog:
    """Writes each candidate's score, and the best so far, by candidates evaluated.

    Args:
      directory: Where TensorBoard looks for the events.
    """

    def __init__(self, directory: str):
        self._writer = tf.summary.create_file_writer(directory)

    def add(self, progress: Progress) -> None:
        """Writes the latest evaluation of a progress, where it has one."""
        latest = progress.latest
        if latest is None:
            return
        with self._writer.as_default(step=progress.search_done):
            if latest.succeeded:
                tf.summary.scalar("score", latest.score)
                tf.summary.scalar("num_parameters", latest.num_parameters)
            if progress.best:
                tf.summary.scalar("best_score", progress.best.score)
        self._writer.flush()
