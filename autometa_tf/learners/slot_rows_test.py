import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.slot_rows import set_slot_rows, slot_rows
from autometa_tf.testing.linear_model import linear_model


class SlotRowsTest(tf.test.TestCase, parameterized.TestCase):
    def test_slots_go_round_by_round_replica_by_replica(self):
        model = ParallelModel(linear_model((1, 2, 1), 2, num_parallel_episodes=2), 2)
        slots = np.arange(5 * 6, dtype=np.float32).reshape(5, 6)
        # Two rounds of two replicas of two episodes: the last three slots are empty.
        replicas = [tf.Variable(tf.fill([2, 12], -1.0)) for _ in range(2)]
        set_slot_rows(replicas, model, slots)
        self.assertAllEqual(slot_rows(replicas, model, 5), slots)
        padded = np.concatenate([slots, np.zeros([3, 6])])
        for round_number in range(2):
            for i, replica in enumerate(replicas):
                first = 4 * round_number + 2 * i
                self.assertAllEqual(
                    model.separate(replica[round_number]), padded[first : first + 2]
                )

    def test_slots_may_have_nothing(self):
        model = ParallelModel(linear_model((1, 2, 1), 2))
        replicas = [tf.Variable(tf.zeros([3, 0]))]
        set_slot_rows(replicas, model, np.zeros([3, 0], np.float32))
        self.assertEqual(slot_rows(replicas, model, 3).shape, (3, 0))


if __name__ == "__main__":
    tf.test.main()
