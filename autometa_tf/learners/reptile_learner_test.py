import numpy as np
import tensorflow as tf
from absl.testing import parameterized

from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_learner import DivergedError, ReptileLearner
from autometa_tf.testing.linear_learner import (
    SHAPE,
    linear_config,
    linear_learner,
    linear_sampler,
)
from autometa_tf.testing.linear_model import linear_loss_and_gradient, linear_model
from autometa_tf.testing.sequential_reptile import SequentialReptile

# An outer iteration of one step of one episode's.
_ONE_STEP = {
    "carry_moments": False,
    "inner_iterations": 1,
    "outer_iterations": 4,
    "meta_batch_size": 1,
}


class _CoarseModel(ParallelModel):
    """Its gradients have the same bits for any E: products may differ in the last."""

    def loss_and_gradient(self, weights, images, labels):
        losses, gradient = super().loss_and_gradient(weights, images, labels)
        return losses, tf.round(64 * gradient) / 64


def _assert_same_slots(a, b, rtol=0.0):
    for name, first, second in zip(a._fields, a, b, strict=True):
        np.testing.assert_allclose(first, second, rtol, rtol, err_msg=name)


class UpdateTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.parameters(
        (True, 0.0, 1), (True, 0.9, 2), (False, 0.9, 1), (False, 0.0, 2)
    )
    def test_equals_numpy(self, carry_moments, inner_beta1, copies):
        config = linear_config(
            carry_moments=carry_moments, inner_beta1=inner_beta1, outer_step_size=0.7
        )
        learner = linear_learner(config, copies)
        weights = learner.model.initial_weights().astype(np.float64)
        expected = SequentialReptile(
            weights, linear_sampler(), config, linear_loss_and_gradient
        )
        for _ in range(3):
            loss = learner.run(1)
            expected.run(1)
            slots = learner.slots()
            self.assertAllClose(slots.weights, expected.weights, atol=2e-5)
            self.assertAllClose(slots.second_moments, expected.second_moments)
            if inner_beta1:
                self.assertAllClose(slots.first_moments, expected.first_moments)
            self.assertAllClose(loss, expected.loss, atol=1e-4)

    @parameterized.parameters(
        ({"class_balanced_batches": True, "inner_batch_size": 6}, False),
        ({"flips": True}, False),
        ({"flips": True}, True),
    )
    def test_other_batches_equal_numpy(self, fields, jit_compile):
        config = linear_config(**fields)
        learner = linear_learner(config, 2, jit_compile=jit_compile)
        expected = SequentialReptile(
            learner.model.initial_weights().astype(np.float64),
            linear_sampler(),
            config,
            linear_loss_and_gradient,
        )
        learner.run(2)
        expected.run(2)
        self.assertAllClose(learner.slots().weights, expected.weights, atol=2e-5)

    @parameterized.parameters(1, 2)
    def test_a_shared_head_equals_numpy(self, copies):
        config = linear_config(shared_head=True)
        learner = linear_learner(config, copies, head=slice(0, 30))
        expected = SequentialReptile(
            ParallelModel(linear_model(SHAPE, 3)).initial_weights().astype(np.float64),
            linear_sampler(),
            config,
            linear_loss_and_gradient,
            num_features=9,
        )
        for _ in range(3):
            # Before the first outer iteration too.
            weights = learner.slots().weights
            self.assertAllClose(weights, expected.weights, atol=2e-5)
            rows = weights.reshape(10, 3)
            self.assertAllEqual(rows, np.broadcast_to(rows[:, :1], rows.shape))
            learner.run(1)
            expected.run(1)

    def test_a_shared_head_must_be_known(self):
        with self.assertRaisesRegex(ValueError, "`head` must be given"):
            linear_learner(linear_config(shared_head=True))

    @parameterized.parameters((True, 2), (False, 1))
    def test_the_inner_learning_rate_falls_by_half_a_cosine(self, jit, copies):
        config = linear_config(final_inner_learning_rate=0.001, outer_iterations=4)
        learner = linear_learner(config, copies, jit_compile=jit)
        expected = SequentialReptile(
            learner.model.initial_weights().astype(np.float64),
            linear_sampler(),
            config,
            linear_loss_and_gradient,
        )
        for _ in range(4):
            learner.run(1)
            expected.run(1)
            self.assertAllClose(learner.slots().weights, expected.weights, atol=2e-5)

    def test_each_outer_iteration_adapts_with_its_rate(self):
        # As in the test of the outer step: a weight moves by rate times step.
        config = linear_config(final_inner_learning_rate=0.002, **_ONE_STEP)
        learner = linear_learner(config)
        self.assertEqual(config.adam_after(0).inner_learning_rate, 0.01)
        for t in range(4):
            rate = 0.006 + 0.004 * np.cos(np.pi * t / 4)
            before = learner.slots().weights
            learner.run(1)
            change = np.abs(learner.slots().weights - before).max()
            self.assertAllClose(change, rate * (1 - t / 4), rtol=2e-3, atol=0)
            adam = config.adam_after(learner.iteration)
            self.assertAlmostEqual(adam.inner_learning_rate, rate, places=12)

    def test_the_outer_step_decays_linearly_to_0(self):
        # Fresh moments and one inner iteration: every episode moves each weight by the
        # learning rate, so a weight whose gradients agree in sign moves by the step.
        learner = linear_learner(linear_config(**_ONE_STEP))
        for step in (1.0, 0.75, 0.5, 0.25):
            before = learner.slots().weights
            learner.run(1)
            change = np.abs(learner.slots().weights - before).max()
            self.assertAllClose(change, 0.01 * step, rtol=1e-3)

    def test_copies_and_rounds_do_not_change_the_order_of_the_sum(self):
        config = linear_config(meta_batch_size=40)
        weights = []
        for copies in (1, 3, 8):
            model = _CoarseModel(
                linear_model(SHAPE, 3, num_parallel_episodes=copies), copies
            )
            learner = ReptileLearner(model, linear_sampler(), config)
            learner.run(1)
            weights.append(learner.slots().weights)
        self.assertAllEqual(weights[1], weights[0])
        self.assertAllEqual(weights[2], weights[0])

    def test_the_loss_is_the_mean_over_the_iterations_of_the_call(self):
        one, two = linear_learner(linear_config()), linear_learner(linear_config())
        self.assertAllClose(two.run(2), (one.run(1) + one.run(1)) / 2)

    def test_eager_equals_compiled(self):
        eager, compiled = (
            linear_learner(linear_config(), 2),
            linear_learner(linear_config(), 2),
        )
        compiled.run(1)
        tf.config.run_functions_eagerly(True)
        self.addCleanup(tf.config.run_functions_eagerly, False)
        eager.run(1)
        _assert_same_slots(eager.slots(), compiled.slots(), rtol=1e-5)


class RunTest(tf.test.TestCase, parameterized.TestCase):
    def test_in_parts_equals_in_one_bit_for_bit(self):
        one, parts = (
            linear_learner(linear_config(), 2),
            linear_learner(linear_config(), 2),
        )
        one.run(7)
        for part in (1, 4, 2):
            parts.run(part)
        self.assertEqual(parts.iteration, 7)
        _assert_same_slots(one.slots(), parts.slots())

    def test_repeats_itself_and_depends_on_the_seed(self):
        first, again, other = (
            linear_learner(linear_config(), seed=seed) for seed in (1, 1, 2)
        )
        for learner in (first, again, other):
            learner.run(2)
        _assert_same_slots(first.slots(), again.slots())
        self.assertNotAllClose(first.slots().weights, other.slots().weights)

    @parameterized.parameters(0, -1, 9)
    def test_refuses_iterations_that_are_not_left(self, num_iterations):
        learner = linear_learner(linear_config())
        with self.assertRaisesRegex(ValueError, "must be 1 to 8, .*Received: "):
            learner.run(num_iterations)

    def test_weights_that_are_not_finite_are_an_error(self):
        learner = linear_learner(linear_config(inner_learning_rate=1e38))
        with self.assertRaisesRegex(DivergedError, "after 4 outer iterations"):
            learner.run(4)

    def test_an_empty_slot_that_diverges_harms_nothing(self):
        learner, undisturbed = (
            linear_learner(linear_config(), 2),
            linear_learner(linear_config(), 2),
        )
        # Three episodes in two rounds of two: slot 3 is empty.
        moments = learner._second_moments.numpy()
        rounds = [learner.model.separate(row).numpy() for row in moments]
        rounds[1][1] = np.nan
        learner._second_moments.assign(
            tf.stack([learner.model.join(tf.constant(copies)) for copies in rounds])
        )
        self.assertAllClose(learner.run(2), undisturbed.run(2))
        _assert_same_slots(learner.slots(), undisturbed.slots())


class SlotsTest(tf.test.TestCase, parameterized.TestCase):
    def setUp(self):
        super().setUp()
        # Tracing would take longer than the few steps.
        tf.config.run_functions_eagerly(True)
        self.addCleanup(tf.config.run_functions_eagerly, False)

    @parameterized.parameters(
        ({}, 2),
        ({"inner_beta1": 0.9}, 1),
        ({"final_inner_learning_rate": 0.001}, 2),
    )
    def test_restored_learner_goes_on_bit_for_bit(self, fields, copies):
        config = linear_config(**fields)
        first, second = linear_learner(config, copies), linear_learner(config, copies)
        first.run(3)
        second.restore(first.slots())
        self.assertEqual(second.iteration, 3)
        _assert_same_slots(second.slots(), first.slots())
        first.run(3)
        second.run(3)
        _assert_same_slots(second.slots(), first.slots())

    @parameterized.parameters((1, 2), (3, 2))
    def test_restored_with_other_copies_goes_on_up_to_rounding(self, before, after):
        first, second = (
            linear_learner(linear_config(), before),
            linear_learner(linear_config(), after),
        )
        first.run(3)
        second.restore(first.slots())
        _assert_same_slots(second.slots(), first.slots())
        first.run(3)
        second.run(3)
        _assert_same_slots(second.slots(), first.slots(), rtol=1e-5)

    @parameterized.parameters(0.0, 0.9)
    def test_state_is_theta_and_the_mean_over_the_slots(self, inner_beta1):
        learner = linear_learner(linear_config(inner_beta1=inner_beta1), 2)
        learner.run(2)
        state, slots = learner.state(), learner.slots()
        self.assertEqual(slots.second_moments.shape, (3, 3 * 3 * 3 + 3))
        self.assertAllEqual(state.weights, slots.weights)
        self.assertAllClose(state.adam.second_moments, slots.second_moments.mean(0))
        self.assertAllClose(state.adam.first_moments, slots.first_moments.mean(0))
        self.assertEqual(float(state.adam.step), 2 * 3)

    def test_state_is_fresh_when_moments_are_not_carried(self):
        learner = linear_learner(linear_config(inner_beta1=0.9, carry_moments=False))
        learner.run(2)
        adam = learner.state().adam
        self.assertEqual(float(adam.step), 0)
        self.assertAllEqual(adam.second_moments, np.zeros(30))
        self.assertAllEqual(adam.first_moments, np.zeros(30))


if __name__ == "__main__":
    tf.test.main()
