"""Real trainings give the same evaluations wherever, and beside whatever, they run."""

import contextlib
import dataclasses
import functools

import tensorflow as tf
from absl.testing import absltest

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.candidates.evaluate_genome import evaluate_genome
from autometa_tf.candidates.evaluation import EvaluationKey
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig
from autometa_tf.testing.fake_evaluator import requests
from autometa_tf.testing.grouped_gradients import two_or_one
from autometa_tf.testing.tiny_classes import tiny_classes
from autometa_tf.workers.local_evaluator import LocalEvaluator
from autometa_tf.workers.ray_evaluator import RayEvaluator
from autometa_tf.workers.workers_config import WorkersConfig

_GENOMES = tuple(
    Genome((Block(1, first, 0, second),))
    for first, second in (
        ("conv3x3", "identity"),
        ("conv1x5_5x1", "avg_pool3x3"),
        ("conv1x5_5x1", "identity"),
    )
)
_CONFIG = CandidateConfig(
    image_shape=(8, 8, 1),
    # 2 x 8 channels normalise in one operation, which is sooner traced than many.
    network=NetworkConfig(num_filters=8),
    episodes=EpisodeConfig(ways=3, shots=1, train_shots=4),
    reptile=ReptileConfig(
        inner_iterations=3, inner_batch_size=6, meta_batch_size=3, outer_iterations=20
    ),
    scoring=ScoringConfig(
        scoring_inner_iterations=5, scoring_inner_batch_size=3, num_scoring_episodes=20
    ),
    # With how many side by side is for the machine to say, once it is in use.
)
_KEY = EvaluationKey(
    seed=_CONFIG.seed,
    outer_iterations=_CONFIG.reptile.outer_iterations,
    rung=_CONFIG.reptile.outer_iterations,
    num_episodes=_CONFIG.scoring.num_scoring_episodes,
)
# What the clock and the machine decide.
_MEASURED = ("build_seconds", "train_seconds", "scoring_seconds", "peak_memory_bytes")


def _results(evaluator, genomes) -> dict:
    with contextlib.closing(evaluator):
        return {
            each.genome: dataclasses.replace(each, **dict.fromkeys(_MEASURED, 0))
            for each in evaluator.evaluate(requests(genomes, _KEY))
        }


@functools.cache
def _evaluate() -> functools.partial:
    return functools.partial(
        evaluate_genome,
        config=dataclasses.replace(
            _CONFIG,
            computation=ComputationConfig(num_parallel_episodes=two_or_one()),
        ),
        train=tiny_classes(40, 6, seed=1),
        scoring=tiny_classes(40, 4, seed=2),
    )


@functools.cache
def _expected() -> dict:
    return _results(LocalEvaluator(_evaluate()), _GENOMES)


class DeterminismTest(absltest.TestCase):
    def test_scores_tell_candidates_apart(self):
        scores = {each.score for each in _expected().values()}
        self.assertGreater(len(scores), len(_GENOMES) // 2, scores)

    def test_workers_threads_and_order_change_nothing(self):
        # Against one of one thread, in this process, where they come in order.
        evaluator = RayEvaluator(
            _evaluate(),
            config=WorkersConfig(num_workers=2, cpus_per_candidate=2),
        )
        self.assertEqual(_results(evaluator, _GENOMES[::-1]), _expected())


if __name__ == "__main__":
    use_devices(num_threads=1, gpus=False)
    tf.get_logger().setLevel("ERROR")
    absltest.main()
