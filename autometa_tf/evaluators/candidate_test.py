import dataclasses

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.episode_config import EpisodeConfig
from autometa_tf.evaluators.candidate import make_learner, make_model, make_scorer
from autometa_tf.evaluators.candidate_config import CandidateConfig
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.scoring_config import ScoringConfig
from autometa_tf.networks.network_config import NetworkConfig
from autometa_tf.testing.grouped_gradients import two_or_one
from autometa_tf.testing.tiny_classes import tiny_classes

_GENOME = Genome((Block(1, "identity", 1, "max_pool3x3"),))


def _config(**fields):
    return CandidateConfig(
        network=NetworkConfig(image_shape=(8, 8, 1), ways=3, num_filters=2),
        episodes=EpisodeConfig(ways=3, shots=2, train_shots=4),
        reptile=ReptileConfig(
            inner_iterations=1, outer_iterations=2, meta_batch_size=2
        ),
        scoring=ScoringConfig(inner_iterations=1, num_episodes=2),
        **fields,
    )


class CandidateTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(_GENOME, None)
    def test_initial_weights_depend_on_the_seed_and_not_on_the_copies(self, genome):
        one, three = (make_model(genome, _config(seed=3), e) for e in (1, 3))
        self.assertAllEqual(one.initial_weights(), three.initial_weights())
        other = make_model(genome, _config(seed=4), 1)
        self.assertNotAllEqual(one.initial_weights(), other.initial_weights())

    @parameterized.parameters(((28, 28, 1), 113_221), ((84, 84, 3), 34_661))
    def test_no_genome_is_the_baseline_of_the_image_size(self, image_shape, expected):
        config = dataclasses.replace(
            _config(),
            network=NetworkConfig(image_shape=image_shape, ways=5),
            episodes=EpisodeConfig(ways=5),
        )
        self.assertEqual(make_model(None, config, 1).num_weights, expected)

    def test_the_learner_trains_with_train_shots(self):
        model = make_model(_GENOME, _config(), 1)
        make_learner(model, _config(), tiny_classes(images_per_class=4))
        with self.assertRaisesRegex(ValueError, "the train split. Received: 4 images"):
            make_learner(model, _config(), tiny_classes(images_per_class=3))

    def test_the_scorer_takes_shots_and_a_query(self):
        model = make_model(_GENOME, _config(), 1)
        make_scorer(model, _config(), tiny_classes(images_per_class=3), "test")
        with self.assertRaisesRegex(ValueError, "the test split. Received: 3 images"):
            make_scorer(model, _config(), tiny_classes(images_per_class=2), "test")

    def test_training_follows_the_seed(self):
        weights, copies = [], two_or_one()
        for seed in (0, 0, 1):
            config = _config(seed=seed, num_parallel_episodes=copies)
            model = make_model(_GENOME, _config(seed=0), copies)
            learner = make_learner(model, config, tiny_classes())
            learner.run(1)
            weights.append(learner.slots().weights)
        self.assertAllEqual(weights[0], weights[1])
        self.assertGreater(np.abs(weights[0] - weights[2]).max(), 1e-3)


if __name__ == "__main__":
    tf.test.main()
