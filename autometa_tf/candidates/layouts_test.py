"""Both layouts of a network train and score alike."""

import dataclasses

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.candidates.candidate import make_learner, make_model, make_scorer
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.computation_config import ComputationConfig
from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.kernels.library import load_kernels
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig
from autometa_tf.networks.network_kinds import Cell, Conv4
from autometa_tf.testing.tiny_classes import tiny_classes

_CELL = Cell(
    Genome(
        (Block(0, "conv3x3", 1, "max_pool3x3"), Block(2, "identity", 1, "conv1x5_5x1"))
    )
)
_CONFIG = CandidateConfig(
    image_shape=(8, 8, 1),
    network=NetworkConfig(num_filters=4),
    episodes=EpisodeConfig(ways=3, shots=2, train_shots=4),
    # Adam's first steps are of one size whatever the gradient: from tiny differences of
    # gradients near 0 they make large ones. A small rate keeps them small.
    reptile=ReptileConfig(
        inner_iterations=3, inner_learning_rate=1e-4, meta_batch_size=2
    ),
    scoring=ScoringConfig(scoring_inner_iterations=3, num_scoring_episodes=20),
)


class LayoutsTest(tf.test.TestCase, parameterized.TestCase):
    def setUp(self):
        super().setUp()
        if load_kernels().path == "off":
            self.skipTest(f"no kernels: {load_kernels().reason}")

    @parameterized.parameters((_CELL, 1), (_CELL, 2), (Conv4(), 1))
    def test_an_outer_iteration_and_scoring(self, network, batch_last_copies):
        weights, accuracies = [], []
        for batch_last, copies in ((False, 1), (True, batch_last_copies)):
            model = make_model(network, _CONFIG, copies, batch_last=batch_last)
            learner = make_learner(model, _CONFIG, tiny_classes())
            before = learner.slots().weights
            learner.run(1)
            weights.append(learner.slots().weights - before)
            scorer = make_scorer(model, _CONFIG, tiny_classes(), "validation")
            accuracies.append(scorer.accuracies(learner.state()))
        largest = np.abs(weights[0]).max()
        difference = np.abs(weights[0] - weights[1])
        self.assertLess(np.median(difference), 1e-3 * largest)
        self.assertLess(np.mean(difference > 0.1 * largest), 0.01)
        self.assertAllClose(accuracies[0], accuracies[1], atol=0.34)
        self.assertLess(np.mean(accuracies[0] != accuracies[1]), 0.1)

    @parameterized.parameters((_CELL, 1), (_CELL, 2), (Conv4(), 1))
    def test_a_shared_head_is_that_of_the_dense_layer(self, network, copies):
        reptile = dataclasses.replace(_CONFIG.reptile, shared_head=True)
        config = dataclasses.replace(_CONFIG, reptile=reptile)
        model = make_model(network, config, copies, batch_last=True)
        learner = make_learner(model, config, tiny_classes())
        plain = make_model(network, config, 1, batch_last=False)
        for _ in range(2):
            weights = learner.slots().weights
            plain.set_weights(weights)
            kernel, bias = plain.model.layers[-1].get_weights()
            self.assertEqual((kernel.shape[1], bias.shape), (3, (3,)))
            self.assertGreater(len(np.unique(kernel)), 1)
            for column in range(3):
                self.assertAllEqual(kernel[:, column], kernel[:, 0])
                self.assertEqual(bias[column], bias[0])
            learner.run(1)

    def test_the_rule_takes_the_kernels_where_they_run(self):
        model = make_model(_CELL, _CONFIG, 2)
        self.assertEqual(model.model.input_shape, (2, 8, 8, None))
        xla = dataclasses.replace(
            _CONFIG, computation=ComputationConfig(jit_compile=True)
        )
        model = make_model(_CELL, xla, 2)
        self.assertEqual(model.model.input_shape, (None, 8, 8, 2))


if __name__ == "__main__":
    tf.test.main()
