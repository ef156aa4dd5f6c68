"""Real trainings give the same evaluations wherever, and beside whatever, they run."""

import contextlib
import dataclasses
import functools

import tensorflow as tf
from absl.testing import absltest, parameterized

from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.evaluators.candidate_config import CandidateConfig
from autometa_tf.evaluators.evaluate_genome import evaluate_genome
from autometa_tf.evaluators.local_evaluator import LocalEvaluator
from autometa_tf.evaluators.ray_config import RayEvaluatorConfig
from autometa_tf.evaluators.ray_evaluator import RayEvaluator
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig
from autometa_tf.testing.tiny_classes import tiny_classes

_GENOMES = tuple(
    Genome((Block(1, first, 0, second),))
    for first in ("conv3x3", "conv1x5_5x1")
    for second in ("identity", "avg_pool3x3")
)
_CONFIG = CandidateConfig(
    network=NetworkConfig(image_shape=(8, 8, 1), ways=3, num_filters=4),
    episodes=EpisodeConfig(ways=3, shots=1, train_shots=4),
    reptile=ReptileConfig(
        inner_iterations=3, inner_batch_size=6, meta_batch_size=3, outer_iterations=20
    ),
    scoring=ScoringConfig(inner_iterations=5, inner_batch_size=3, num_episodes=20),
    num_parallel_episodes=2,
)
_SHARED = (_CONFIG, tiny_classes(40, 6, seed=1), tiny_classes(40, 4, seed=2))
# What the clock and the machine decide.
_MEASURED = ("build_seconds", "train_seconds", "scoring_seconds", "peak_memory_bytes")


def _results(evaluator, genomes) -> dict:
    with contextlib.closing(evaluator):
        return {
            each.genome: dataclasses.replace(each, **dict.fromkeys(_MEASURED, 0))
            for each in evaluator.evaluate(genomes)
        }


@functools.cache
def _expected() -> dict:
    return _results(LocalEvaluator(evaluate_genome, _SHARED), _GENOMES)


class DeterminismTest(parameterized.TestCase):
    def test_scores_tell_candidates_apart(self):
        scores = {each.score for each in _expected().values()}
        self.assertGreater(len(scores), len(_GENOMES) // 2, scores)

    # And one of one thread, in this process; here they come in the other order.
    @parameterized.parameters((2, 2), (4, 1))
    def test_workers_threads_and_order_change_nothing(self, num_workers, num_threads):
        evaluator = RayEvaluator(
            evaluate_genome,
            _SHARED,
            seed=_CONFIG.seed,
            outer_iterations=_CONFIG.reptile.outer_iterations,
            config=RayEvaluatorConfig(
                num_workers=num_workers, cpus_per_candidate=num_threads
            ),
        )
        self.assertEqual(_results(evaluator, _GENOMES[::-1]), _expected())


if __name__ == "__main__":
    use_devices(num_threads=1, gpus=False)
    tf.get_logger().setLevel("ERROR")
    absltest.main()
