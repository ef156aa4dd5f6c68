"""Each candidate of a search for TensorBoard: its curve, and its row among the HParams."""

import collections
import hashlib
import os

import tensorflow as tf
from tensorboard.plugins.hparams import api_pb2, summary, summary_v2

from autometa_tf.candidates.evaluation import Evaluation
from autometa_tf.experiments.experiment_config import ExperimentConfig, field_values
from autometa_tf.genomes.genome import Genome, genome_to_json
from autometa_tf.genomes.operation import OPERATIONS

# What differs from search to search, of which TensorBoard may show several at once.
_FIELDS = (
    "dataset",
    "image_size",
    "ways",
    "shots",
    "num_filters",
    "num_cell_repeats",
    "inner_iterations",
    "inner_learning_rate",
    "meta_batch_size",
    "outer_step_size",
    "seed",
)


class CandidateLog:
    """Writes each candidate's scores at its rungs, its cell's features and the settings.

    Every candidate has a folder of its own there, as HParams need it.

    Args:
      directory: Where TensorBoard looks for the events.
      experiment: The search's.
    """

    def __init__(self, directory: str, experiment: ExperimentConfig):
        self._directory = directory
        fields = field_values(experiment)
        self._settings = {
            name: fields[name] for name in _FIELDS if fields[name] is not None
        }

    def add(self, evaluation: Evaluation) -> None:
        """Writes an evaluation, at the outer iterations that its learner has made."""
        # One file an evaluation, closed at once: a search has hundreds of candidates.
        path = os.path.join(self._directory, candidate_name(evaluation.genome))
        writer = tf.summary.create_file_writer(path)
        with writer.as_default(step=evaluation.key.rung):
            self._write(evaluation)
        writer.close()

    def _write(self, evaluation: Evaluation) -> None:
        given = genome_features(evaluation.genome) | self._settings
        name = candidate_name(evaluation.genome)
        _write_summary(summary_v2.hparams_pb(given, trial_id=name))
        if evaluation.succeeded:
            status = api_pb2.STATUS_SUCCESS
            tf.summary.scalar("score", evaluation.score)
            if evaluation.non_transductive_score is not None:
                tf.summary.scalar(
                    "non_transductive_score", evaluation.non_transductive_score
                )
            tf.summary.scalar("num_parameters", evaluation.num_parameters)
        else:
            status = api_pb2.STATUS_FAILURE
        _write_summary(summary.session_end_pb(status))


def candidate_name(genome: Genome) -> str:
    """A short name for a folder, the same whenever the search goes on."""
    digest = hashlib.sha256(genome_to_json(genome).encode()).hexdigest()
    return f"{genome.num_blocks}-blocks-{digest[:12]}"


def genome_features(genome: Genome) -> dict[str, str | int]:
    """What one may sort and filter cells by: the cell as text, and counts."""
    names = (name for block in genome.blocks for _, name in block.halves)
    counts = collections.Counter(names)
    return {
        "cell": str(genome),
        "num_blocks": genome.num_blocks,
        "depth": genome.depth,
        "num_loose_blocks": len(genome.loose_blocks),
        **{f"num_{name}": counts[name] for name in OPERATIONS},
    }


def _write_summary(message: tf.compat.v1.Summary) -> None:
    tf.summary.experimental.write_raw_pb(message.SerializeToString())
