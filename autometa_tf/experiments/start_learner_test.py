import os

import numpy as np
import tensorflow as tf
from absl.testing import absltest

from autometa_tf.candidates.candidate import make_learner, make_model
from autometa_tf.experiments.events import report_nothing
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.export_trained import adaptation_of
from autometa_tf.experiments.json_file import write_json
from autometa_tf.experiments.learner_card import LEARNER_FIELDS, LearnerCard
from autometa_tf.experiments.learner_folder import TrainedLearner, read_learner
from autometa_tf.experiments.meta_training import train_learner
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.start_learner import (
    begin_from_start,
    experiment_from,
    keep_start,
)
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.adam import AdamState
from autometa_tf.learners.checkpoints import LearnerCheckpoints
from autometa_tf.learners.learner_state import LearnerState
from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import NetworkConfig
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.testing.grouped_gradients import two_or_one
from autometa_tf.testing.tiny_classes import tiny_classes

_NETWORK = Cell(Genome((Block(0, "conv3x3", 1, "identity"),)))
_EXPERIMENT = ExperimentConfig.from_preset(
    dataset="glyphs",
    ways=2,
    train_shots=2,
    inner_iterations=2,
    inner_batch_size=2,
    meta_batch_size=2,
    num_parallel_episodes=two_or_one(),
    final_outer_iterations=4,
    shared_head=True,
)


def _start(ways=3, shared_head=True, seed=0):
    """A learner of grey images of 8x8, with random weights."""
    fields = {"image_size": 8, "num_filters": 8, "shared_head": shared_head}
    own = _EXPERIMENT.with_fields(ways=ways, **fields)
    model = build_network(_NETWORK, own.network, own.final.task)
    rng = np.random.default_rng(seed)
    sizes = [int(np.prod(v.shape)) for v in model.trainable_variables]
    parts = [rng.normal(0, 0.3, size) for size in sizes]
    if shared_head:  # A column is what it is for every class.
        kernel, bias = (rng.normal(size=size // ways) for size in sizes[-2:])
        parts[-2:] = np.repeat(kernel, ways), np.repeat(bias, ways)
    weights = np.concatenate(parts).astype(np.float32)
    card = LearnerCard(
        version="0.2.0",
        dataset="glyphs",
        train_classes=9,
        image_shape=(8, 8, 1),
        ways=ways,
        network_config=own.network,
        adaptation=adaptation_of(own.final),
        outer_iterations=1,
        num_parameters=len(weights),
        command="autometa train",
    )
    adam = AdamState(tf.zeros([0]), tf.ones([len(weights)]), tf.constant(9.0))
    state = LearnerState(tf.constant(weights), adam)
    return TrainedLearner(network=_NETWORK, state=state, card=card)


class StartLearnerTest(absltest.TestCase):
    def run_directory(self):
        return RunDirectory(self.create_tempdir().full_path)

    def test_the_learner_brings_its_network_images_and_head_along(self):
        found = experiment_from(_start().card, ExperimentConfig.from_preset(ways=2))
        self.assertEqual(found.data.image_shape, (8, 8, 1))
        self.assertEqual(found.network, NetworkConfig(num_filters=8))
        self.assertTrue(found.reptile.shared_head)
        self.assertEqual(found.episodes.ways, 2)
        changed = {
            name
            for section in ("data", "network", "reptile")
            for name in found.to_json()[section]
        }
        self.assertContainsSubset(LEARNER_FIELDS, changed)

    def test_only_a_shared_head_goes_on_with_other_ways(self):
        card = _start(shared_head=False).card
        with self.assertRaisesRegex(ValueError, "`ways` must be 3,.*Received: 2"):
            experiment_from(card, _EXPERIMENT)

    def test_training_goes_on_from_its_weights(self):
        start, run = _start(), self.run_directory()
        experiment = experiment_from(start.card, _EXPERIMENT)
        train = tiny_classes()
        keep_start(run, start)
        found = train_learner(_NETWORK, experiment, train, run, report_nothing)
        config = experiment.final
        model = make_model(_NETWORK, config, two_or_one())
        by_hand = make_learner(model, config, train)
        # Two columns in place of three, which are all the same.
        weights = np.asarray(start.state.weights)
        head = 2 * (8 + 1)
        body, old_head = weights[: -3 * 9], weights[-3 * 9 :].reshape(9, 3)
        self.assertLen(body, model.num_weights - head)
        weights = np.concatenate([body, np.repeat(old_head[:, 0], 2)])
        by_hand.restore(by_hand.slots()._replace(weights=weights))
        by_hand.run(4)
        for one, other in zip(found.slots(), by_hand.slots(), strict=True):
            np.testing.assert_array_equal(one, other)
        # Another run is stopped half way, and goes on from there and not from the start.
        run = self.run_directory()
        keep_start(run, start)
        half = make_learner(model, config, train)
        begin_from_start(half, run)
        half.run(2)
        LearnerCheckpoints(half, run.checkpoints_path).save()
        resumed = train_learner(_NETWORK, experiment, train, run, report_nothing)
        for one, other in zip(resumed.slots(), found.slots(), strict=True):
            np.testing.assert_array_equal(one, other)

    def test_another_start_is_refused(self):
        run, start = self.run_directory(), _start()
        keep_start(run, start)
        write_json(run.config_path, {})
        keep_start(run, start)
        with self.assertRaisesRegex(ValueError, "one of other weights"):
            keep_start(run, _start(seed=1))
        with self.assertRaisesRegex(ValueError, "began with a learner: no `learner`"):
            keep_start(run, None)

    def test_a_start_that_no_run_has_begun_with_is_replaced(self):
        run, other = self.run_directory(), _start(seed=1)
        keep_start(run, _start())
        keep_start(run, other)
        kept = read_learner(run.start_path).state.weights
        np.testing.assert_array_equal(kept, other.state.weights)
        keep_start(run, None)
        self.assertFalse(os.path.exists(run.start_path))

    def test_a_training_that_began_with_random_weights_has_no_start(self):
        run = self.run_directory()
        keep_start(run, None)
        write_json(run.config_path, {})
        keep_start(run, None)
        with self.assertRaisesRegex(ValueError, "random weights: a `learner`"):
            keep_start(run, _start())


if __name__ == "__main__":
    absltest.main()
