import dataclasses
import functools
import gc
import pickle
from unittest import mock

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.candidates import evaluate_genome as evaluate_genome_module
from autometa_tf.candidates.candidate import make_learner, make_model, make_scorer
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.candidates.evaluate_genome import evaluate_genome
from autometa_tf.candidates.evaluation import EvaluationKey, EvaluationRequest
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.devices import use_devices
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.testing.grouped_gradients import two_or_one
from autometa_tf.testing.tiny_classes import tiny_classes

_GENOME = Genome((Block(1, "avg_pool3x3", 1, "max_pool3x3"),))
_TRAIN = tiny_classes(40, 6, seed=1)
_SCORING = tiny_classes(40, 4, seed=2)

# What the clock and the machine decide.
_MEASURED = ("build_seconds", "train_seconds", "scoring_seconds", "peak_memory_bytes")


def _config(seed=0, **reptile):
    return CandidateConfig(
        image_shape=(8, 8, 1),
        # 2 x 8 channels normalise in one operation, which is sooner traced than many.
        network=NetworkConfig(num_filters=8),
        episodes=EpisodeConfig(ways=3, shots=1, train_shots=4),
        reptile=ReptileConfig(
            **{
                "inner_iterations": 5,
                "inner_batch_size": 6,
                "meta_batch_size": 2,
                "outer_iterations": 100,
            }
            | reptile
        ),
        scoring=ScoringConfig(
            scoring_inner_iterations=3,
            scoring_inner_batch_size=3,
            num_scoring_episodes=60,
        ),
        seed=seed,
        computation=ComputationConfig(num_parallel_episodes=two_or_one()),
    )


def _evaluate(config, rung=None, learner=b""):
    length = config.reptile.outer_iterations
    key = EvaluationKey(
        seed=config.seed,
        outer_iterations=length,
        rung=rung or length,
        num_episodes=config.scoring.num_scoring_episodes,
    )
    request = EvaluationRequest(genome=_GENOME, key=key, learner=learner)
    return evaluate_genome(request, config, _TRAIN, _SCORING)


@functools.cache
def _untrained():
    """All but: building the networks is what most of an evaluation's time goes into."""
    return _evaluate(_config(outer_iterations=1))


def _without_measurements(evaluation):
    return dataclasses.replace(evaluation, **dict.fromkeys(_MEASURED, 0))


class EvaluateGenomeTest(tf.test.TestCase, parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        use_devices(num_threads=1)
        cls.evaluation = _evaluate(_config())

    def test_leaves_no_graphs_behind(self):
        _untrained()
        gc.unfreeze()  # What is frozen would not be listed.
        kinds = [type(each).__name__ for each in gc.get_objects()]
        self.assertIn("Function", kinds)  # Names are those of TensorFlow's classes.
        self.assertEqual(kinds.count("FuncGraph"), 0)

    def test_scores_what_it_trained(self):
        config = _config()
        copies = config.computation.num_parallel_episodes
        model = make_model(Cell(_GENOME), config, copies)
        learner = make_learner(model, config, _TRAIN)
        learner.run(100)
        scorer = make_scorer(model, config, _SCORING, "validation")
        transductive, independent = scorer.accuracies(learner.state()).T
        self.assertAlmostEqual(self.evaluation.score, np.mean(transductive))
        self.assertAlmostEqual(
            self.evaluation.non_transductive_score, np.mean(independent)
        )
        standard_error = np.std(transductive, ddof=1) / np.sqrt(60)
        self.assertAlmostEqual(self.evaluation.score_ci95, 1.96 * standard_error)

    def test_records_what_it_evaluated(self):
        evaluation = self.evaluation
        self.assertTrue(evaluation.succeeded)
        self.assertEqual(evaluation.genome, _GENOME)
        self.assertEqual(
            evaluation.key,
            EvaluationKey(seed=0, outer_iterations=100, rung=100, num_episodes=60),
        )
        self.assertEqual(evaluation.learner, b"")
        expected = make_model(Cell(_GENOME), _config(), 1).num_weights
        self.assertEqual(evaluation.num_parameters, expected)
        for name in _MEASURED:
            self.assertGreater(getattr(evaluation, name), 0)

    def test_goes_on_from_a_rung_as_if_it_had_never_stopped(self):
        config = _config(outer_iterations=8)
        early = _evaluate(config, rung=3)
        self.assertNotEmpty(early.learner)
        later = _evaluate(config, learner=early.learner)
        self.assertEqual(
            _without_measurements(later), _without_measurements(_evaluate(config))
        )
        self.assertNotEqual(
            (early.score, early.non_transductive_score),
            (later.score, later.non_transductive_score),
        )

    def test_is_a_function_of_its_arguments(self):
        tf.random.set_seed(99)
        again = _evaluate(_config(outer_iterations=1))
        self.assertEqual(
            _without_measurements(again), _without_measurements(_untrained())
        )

    def test_depends_on_the_seed(self):
        other, one = _evaluate(_config(seed=1, outer_iterations=1)), _untrained()
        self.assertEqual((other.key.seed, one.key.seed), (1, 0))
        self.assertNotEqual(
            (other.score, other.non_transductive_score),
            (one.score, one.non_transductive_score),
        )

    def test_meta_training_makes_the_score(self):
        self.assertGreater(self.evaluation.score, 0.7)
        self.assertGreater(self.evaluation.score, _untrained().score + 0.1)

    @parameterized.parameters(1e30, 1e38)
    def test_a_candidate_that_diverges_is_a_failure(self, inner_learning_rate):
        evaluation = _evaluate(_config(inner_learning_rate=inner_learning_rate))
        self.assertFalse(evaluation.succeeded)
        self.assertIsNone(evaluation.score)
        self.assertRegex(evaluation.failure, "^DivergedError: The weights were not")

    @parameterized.parameters(
        (MemoryError(), "MemoryError: "),
        (
            tf.errors.ResourceExhaustedError(None, None, "OOM when\nallocating"),
            "ResourceExhaustedError: OOM when",
        ),
    )
    def test_a_candidate_too_large_is_a_failure(self, error, reason):
        with mock.patch.object(evaluate_genome_module, "make_model", side_effect=error):
            self.assertEqual(_evaluate(_config()).failure, reason)

    def test_other_errors_are_ours_and_crash(self):
        with (
            mock.patch.object(
                evaluate_genome_module, "make_model", side_effect=ZeroDivisionError
            ),
            self.assertRaises(ZeroDivisionError),
        ):
            _evaluate(_config())

    def test_travels_between_processes(self):
        arguments = pickle.loads(pickle.dumps((_GENOME, _config(), _TRAIN, _SCORING)))
        self.assertEqual(arguments[:2], (_GENOME, _config()))
        self.assertAllEqual(arguments[2].images, _TRAIN.images)
        self.assertIs(pickle.loads(pickle.dumps(evaluate_genome)), evaluate_genome)
        self.assertEqual(pickle.loads(pickle.dumps(self.evaluation)), self.evaluation)


if __name__ == "__main__":
    tf.test.main()
