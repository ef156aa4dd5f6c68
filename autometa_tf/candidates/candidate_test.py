import dataclasses
from unittest import mock

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.candidates import candidate
from autometa_tf.candidates.candidate import (
    make_learner,
    make_model,
    make_scorer,
    parallel_episodes,
)
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig
from autometa_tf.networks.network_kinds import Cell, Conv4
from autometa_tf.testing.grouped_gradients import two_or_one
from autometa_tf.testing.tiny_classes import tiny_classes

_CELL = Cell(Genome((Block(1, "identity", 1, "max_pool3x3"),)))


def _config(seed=0, **computation):
    return CandidateConfig(
        image_shape=(8, 8, 1),
        network=NetworkConfig(num_filters=2),
        episodes=EpisodeConfig(ways=3, shots=2, train_shots=4),
        reptile=ReptileConfig(
            inner_iterations=1, outer_iterations=2, meta_batch_size=2
        ),
        scoring=ScoringConfig(scoring_inner_iterations=1, num_scoring_episodes=2),
        computation=ComputationConfig(**computation),
        seed=seed,
    )


def _paper(image_shape, *, computation=None, **network):
    """The paper's sizes: 10 filters, meta-batch 5, inner batch 10."""
    return dataclasses.replace(
        _config(**computation or {}),
        image_shape=image_shape,
        network=NetworkConfig(**network),
        reptile=ReptileConfig(),
    )


class CandidateTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(_CELL, Conv4())
    def test_initial_weights_depend_on_the_seed_and_not_on_the_copies(self, network):
        one, three = (make_model(network, _config(seed=3), e) for e in (1, 3))
        self.assertAllEqual(one.initial_weights(), three.initial_weights())
        other = make_model(network, _config(seed=4), 1)
        self.assertNotAllEqual(one.initial_weights(), other.initial_weights())

    def test_the_learner_trains_with_train_shots(self):
        model = make_model(_CELL, _config(), 1)
        make_learner(model, _config(), tiny_classes(images_per_class=4))
        with self.assertRaisesRegex(ValueError, "the train split. Received: 4"):
            make_learner(model, _config(), tiny_classes(images_per_class=3))

    def test_the_scorer_takes_shots_and_a_query(self):
        model = make_model(_CELL, _config(), 1)
        make_scorer(model, _config(), tiny_classes(images_per_class=3), "test")
        with self.assertRaisesRegex(ValueError, "the test split. Received: 3"):
            make_scorer(model, _config(), tiny_classes(images_per_class=2), "test")

    def test_the_scorer_adapts_with_the_learning_rate_training_ended_with(self):
        reptile = ReptileConfig(final_inner_learning_rate=0.002, outer_iterations=2)
        config = dataclasses.replace(_config(), reptile=reptile)
        model = make_model(_CELL, config, 1)
        with mock.patch.object(candidate, "EpisodeScorer") as scorer:
            make_scorer(model, config, tiny_classes(), "test")
        adam = scorer.call_args.args[3]
        self.assertAlmostEqual(adam.inner_learning_rate, 0.006, places=12)

    def test_training_follows_the_seed(self):
        weights, copies = [], two_or_one()
        for seed in (0, 0, 1):
            config = _config(seed=seed, num_parallel_episodes=copies)
            model = make_model(_CELL, _config(seed=0), copies)
            learner = make_learner(model, config, tiny_classes())
            learner.run(1)
            weights.append(learner.slots().weights)
        self.assertAllEqual(weights[0], weights[1])
        self.assertGreater(np.abs(weights[0] - weights[2]).max(), 1e-3)


class RulesTest(parameterized.TestCase):
    def _with(self, *, at_once=1, grouped=True, kernels="off", gpu=False):
        """Puts this test on a machine that has all this."""
        self.enterContext(
            mock.patch.multiple(
                candidate,
                operations_at_once=lambda: at_once,
                grouped_gradients_available=lambda: grouped,
                kernel_path=lambda: kernels,
                gpu_available=lambda: gpu,
            )
        )

    @parameterized.parameters((1, 1, 5), (2, 1, 3), (2, 2, 2), (1, 5, 1))
    def test_threads_and_replicas_share_the_meta_batch(
        self, at_once, num_replicas, expected
    ):
        self._with(at_once=at_once)
        self.assertEqual(
            parallel_episodes(_paper((28, 28, 1)), _CELL, num_replicas=num_replicas),
            expected,
        )

    @parameterized.parameters(
        ("off", True, _CELL, False),
        ("off", True, Conv4(), False),
        ("base", True, Conv4(), True),
        ("avx2", True, Conv4(), True),
        ("avx512", True, _CELL, True),
        ("avx512", True, Conv4(), False),
        ("avx512", False, Conv4(), True),  # Without oneDNN.
    )
    def test_kernels_serve_cells_and_conv4_where_they_are_faster(
        self, kernels, grouped, network, expected
    ):
        self._with(kernels=kernels, grouped=grouped)
        config = _paper((28, 28, 1))
        self.assertEqual(candidate.kernels_serve(config, network), expected)
        xla = _paper((28, 28, 1), computation={"jit_compile": True})
        self.assertFalse(candidate.kernels_serve(xla, network))

    @parameterized.parameters(
        ({"grouped": False}, 1),
        ({"gpu": True}, 1),
        ({"grouped": False, "kernels": "base"}, 5),
    )
    def test_it_depends_on_what_the_process_has(self, having, expected):
        self._with(**having)
        self.assertEqual(parallel_episodes(_paper((28, 28, 1)), _CELL), expected)

    def test_it_can_be_asked_for_either_layout(self):
        self._with(grouped=False, kernels="base")
        config = _paper((28, 28, 1))
        self.assertEqual(parallel_episodes(config, _CELL, batch_last=True), 5)
        self.assertEqual(parallel_episodes(config, _CELL, batch_last=False), 1)

    @parameterized.named_parameters(
        ("cell", _CELL, (28, 28, 1), {}, 5),
        ("conv4", Conv4(), (28, 28, 1), {}, 5),
        ("large_conv4", Conv4(), (84, 84, 3), {}, 1),
        ("large_cell", _CELL, (84, 84, 3), {}, 5),
        ("large_cell_of_stride_1", _CELL, (84, 84, 3), {"stem_stride": 1}, 1),
        ("wide_cell", _CELL, (28, 28, 1), {"num_filters": 16}, 5),
        ("very_wide_cell", _CELL, (28, 28, 1), {"num_filters": 64}, 1),
    )
    def test_it_depends_on_the_first_feature_map(
        self, network, shape, fields, expected
    ):
        self._with()
        config = _paper(shape, **fields)
        self.assertEqual(parallel_episodes(config, network), expected)

    @parameterized.parameters(
        ((28, 28, 1), 0, _CELL),
        ((48, 31, 1), 0, _CELL),
        ((49, 31, 3), 0, _CELL),
        ((84, 84, 3), 1, _CELL),
        ((28, 28, 1), 2, _CELL),
        ((28, 28, 1), 0, Conv4()),
        ((84, 84, 3), 0, Conv4()),
    )
    def test_the_first_feature_map_is_the_largest(self, shape, stem_stride, network):
        config = _paper(shape, stem_stride=stem_stride)
        model = make_model(network, config, 1, batch_last=False).model
        sizes = [np.prod(layer.output.shape[1:]) for layer in model.layers[1:]]
        self.assertEqual(
            candidate._first_map_bytes(config, network), max(sizes) * 10 * 4
        )

    def test_what_is_configured_counts(self):
        self._with(at_once=2)
        config = _paper((28, 28, 1), computation={"num_parallel_episodes": 4})
        self.assertEqual(parallel_episodes(config, _CELL), 4)

    def test_more_than_can_be_computed_is_a_clear_error(self):
        self._with(grouped=False)
        config = _paper((28, 28, 1), computation={"num_parallel_episodes": 1})
        self.assertEqual(parallel_episodes(config, _CELL), 1)
        config = _paper((28, 28, 1), computation={"num_parallel_episodes": 5})
        with self.assertRaisesRegex(
            ValueError, "`num_parallel_episodes` must be 1, .*Received: 5"
        ):
            parallel_episodes(config, _CELL)
        self._with(grouped=False, kernels="avx2")
        self.assertEqual(parallel_episodes(config, _CELL), 5)

    @parameterized.parameters(
        (None, True, True), (None, False, False), (False, True, False)
    )
    def test_xla_compiles_on_a_gpu_unless_configured(self, chosen, gpu, expected):
        self._with(gpu=gpu)
        config = _config(jit_compile=chosen)
        model = make_model(_CELL, config, 1)
        with mock.patch.object(candidate, "ReptileLearner") as learner:
            make_learner(model, config, tiny_classes())
        self.assertEqual(learner.call_args.kwargs["jit_compile"], expected)


if __name__ == "__main__":
    tf.test.main()
