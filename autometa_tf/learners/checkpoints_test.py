import multiprocessing
import os
import pathlib
import random
import time
from unittest import mock

import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.learners.checkpoints import CheckpointError, LearnerCheckpoints
from autometa_tf.learners.learner_state import SlotArrays
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.testing.linear_model import linear_model
from autometa_tf.testing.tiny_classes import tiny_classes

_NUM_KILLS = 12


def _learner(copies=1, shape=(3, 3, 1), **fields):
    config = ReptileConfig(
        **{"inner_iterations": 2, "meta_batch_size": 3, "outer_iterations": 9} | fields
    )
    episodes = EpisodeSampler(
        tiny_classes(4, 4, shape), ways=3, images_per_class=3, seed=0, split="train"
    )
    model = linear_model(shape, 3, num_parallel_episodes=copies)
    return ReptileLearner(ParallelModel(model, copies), episodes, config)


class CountingLearner:
    """Does nothing but count; all its arrays hold the count."""

    def __init__(self):
        self.iteration = 0

    def slots(self):
        return SlotArrays(
            self.iteration,
            *(
                np.full(shape, self.iteration, np.float32)
                for shape in ([30_000], [3, 30_000], [3, 30_000])
            ),
        )

    def restore(self, slots):
        self.iteration = slots.iteration
        for array in slots[1:]:
            np.testing.assert_array_equal(array, np.float32(slots.iteration))


def save_without_end(directory, connection):
    """Saves and tells the last iteration saved, until it is killed."""
    learner = CountingLearner()
    checkpoints = LearnerCheckpoints(learner, directory)
    checkpoints.restore_latest()
    while True:
        learner.iteration += 1
        checkpoints.save()
        connection.send(learner.iteration)


class CheckpointsTest(tf.test.TestCase, parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.create_tempdir().full_path) / "checkpoints"

    def test_a_full_disk_leaves_the_one_before_and_no_half(self):
        learner = CountingLearner()
        checkpoints = LearnerCheckpoints(learner, self.directory)
        checkpoints.save()
        learner.iteration = 1
        with (
            mock.patch.object(os, "fsync", side_effect=OSError(28, "No space left")),
            self.assertRaises(OSError),
        ):
            checkpoints.save()
        self.assertEqual(
            [path.name for path in self.directory.iterdir()],
            ["iteration-0000000000.npz"],
        )

    def iterations_kept(self):
        return [
            int(path.name.removeprefix("iteration-").removesuffix(".npz"))
            for path in sorted(self.directory.iterdir())
        ]

    def damage_newest(self, how):
        path = max(self.directory.iterdir())
        data, middle = path.read_bytes(), path.stat().st_size // 2
        if how == "npy":
            np.save(self.directory / "array.npy", np.zeros(3))
            (self.directory / "array.npy").rename(path)
            return
        changed = data[:middle] + bytes([255 - data[middle]]) + data[middle + 1 :]
        path.write_bytes(
            {
                "changed": changed,
                "truncated": data[:middle],
                "empty": b"",
                "text": b"all work and no play",
            }[how]
        )

    @parameterized.parameters(
        (1, {}),
        (2, {"inner_beta1": 0.9}),
        (2, {"final_inner_learning_rate": 0.001}),
    )
    def test_resumed_equals_uninterrupted_bit_for_bit(self, copies, fields):
        uninterrupted = _learner(copies, **fields)
        uninterrupted.run(6)
        killed = _learner(copies, **fields)
        killed.run(4)
        LearnerCheckpoints(killed, self.directory).save()
        resumed = _learner(copies, **fields)
        self.assertEqual(
            LearnerCheckpoints(resumed, self.directory).restore_latest(), 4
        )
        resumed.run(2)
        for a, b in zip(resumed.slots(), uninterrupted.slots(), strict=True):
            self.assertAllEqual(a, b)

    def test_nothing_to_restore_leaves_the_learner_alone(self):
        learner = _learner()
        before = learner.slots()
        self.assertEqual(
            LearnerCheckpoints(learner, self.directory).restore_latest(), 0
        )
        self.assertAllEqual(learner.slots().weights, before.weights)

    def test_keeps_the_last_few(self):
        learner = CountingLearner()
        checkpoints = LearnerCheckpoints(learner, self.directory, max_to_keep=2)
        for learner.iteration in (3, 5, 7, 20):
            checkpoints.save()
        self.assertEqual(self.iterations_kept(), [7, 20])

    def test_saves_when_due(self):
        learner = CountingLearner()
        often = LearnerCheckpoints(learner, self.directory, every_seconds=0.2)
        self.assertFalse(often.save_when_due())
        time.sleep(0.25)
        self.assertTrue(often.save_when_due())
        self.assertFalse(often.save_when_due())
        self.assertEqual(self.iterations_kept(), [0])

    @parameterized.parameters("changed", "truncated", "empty", "text", "npy")
    def test_falls_back_to_the_one_before_a_damaged_one(self, how):
        learner = CountingLearner()
        checkpoints = LearnerCheckpoints(learner, self.directory, max_to_keep=2)
        for learner.iteration in (3, 5, 8):
            checkpoints.save()
        self.damage_newest(how)
        restored = CountingLearner()
        checkpoints = LearnerCheckpoints(restored, self.directory, max_to_keep=2)
        self.assertEqual(checkpoints.restore_latest(), 5)
        self.assertEqual(restored.iteration, 5)
        # What comes after the one restored is not kept in the place of good ones.
        restored.iteration = 6
        checkpoints.save()
        self.assertEqual(self.iterations_kept(), [5, 6])

    def test_says_so_when_none_can_be_read(self):
        learner = CountingLearner()
        checkpoints = LearnerCheckpoints(learner, self.directory)
        for learner.iteration in (3, 5):
            checkpoints.save()
            self.damage_newest("truncated")
        with self.assertRaisesRegex(
            CheckpointError, "^No checkpoint could be read. Delete.*05.npz: .*03.npz: "
        ):
            LearnerCheckpoints(CountingLearner(), self.directory).restore_latest()

    @parameterized.parameters(
        {"shape": (3, 4, 1)},
        {"meta_batch_size": 4},
        {"inner_beta1": 0.5},
    )
    def test_says_so_when_they_are_another_learners(self, **fields):
        LearnerCheckpoints(_learner(), self.directory).save()
        other = _learner(**fields)
        before = other.slots()
        with self.assertRaisesRegex(CheckpointError, "must be float32 .*Received: "):
            LearnerCheckpoints(other, self.directory).restore_latest()
        for a, b in zip(other.slots(), before, strict=True):
            self.assertAllEqual(a, b)

    def test_runs_no_code_that_a_file_brings(self):
        self.directory.mkdir()
        harm = self.directory / "harm"

        class Pickled:
            def __reduce__(self):
                return pathlib.Path.touch, (harm,)

        np.savez(self.directory / "iteration-0000000001.npz", iteration=[Pickled()])
        with self.assertRaisesRegex(CheckpointError, "allow_pickle=False"):
            LearnerCheckpoints(_learner(), self.directory).restore_latest()
        self.assertFalse(harm.exists())


class KilledWhileSavingTest(tf.test.TestCase):
    def test_what_was_saved_is_restored_after_every_kill(self):
        directory = pathlib.Path(self.create_tempdir().full_path)
        # Its server imports TensorFlow once, before there are threads.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([LearnerCheckpoints.__module__])
        rng, saved, half_written = random.Random(0), 0, 0
        for _ in range(_NUM_KILLS):
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(
                target=save_without_end, args=(directory, sender), daemon=True
            )
            process.start()
            sender.close()
            self.assertTrue(receiver.poll(60))
            saved = receiver.recv()
            time.sleep(rng.uniform(0.0, 0.1))
            process.kill()
            process.join()
            while True:
                try:
                    saved = receiver.recv()
                except EOFError:
                    break
            learner = CountingLearner()
            restored = LearnerCheckpoints(learner, directory).restore_latest()
            # At most one more: the kill may come after the write, before the word.
            self.assertBetween(restored, saved, saved + 1)
            for path in directory.glob("*.npz"):
                with np.load(path) as arrays:
                    self.assertLen([arrays[name] for name in arrays], 4)
            half_written += any(directory.glob("*.unfinished"))
        self.assertGreater(saved, _NUM_KILLS)
        self.assertGreater(half_written, 0)
        self.assertLessEqual(len(list(directory.iterdir())), 3 + 1 + 1)


if __name__ == "__main__":
    tf.test.main()
