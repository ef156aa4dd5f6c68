from absl.testing import absltest, parameterized

from autometa_tf.exports.litert_settings import LiteRTRoom, litert_settings
from autometa_tf.testing.litert_learner import tiny_parts


class LiteRTSettingsTest(parameterized.TestCase):
    def test_a_batch_has_room_for_that_of_any_number_of_classes(self):
        settings = litert_settings(tiny_parts(), LiteRTRoom(ways=6))
        # The smallest that hold every class equally often, and 5 images.
        self.assertEqual(settings.batch_sizes, (6, 6, 8, 5, 6))
        self.assertEqual(settings.batch_size, 8)

    def test_other_batches_are_as_large_as_configured(self):
        parts = tiny_parts(class_balanced_batches=False)
        settings = litert_settings(parts, LiteRTRoom(shots=2))
        self.assertEqual(settings.batch_sizes, (5,) * 9)
        self.assertEqual((settings.ways, settings.support_size), (10, 20))

    def test_without_a_shared_head_there_are_the_classes_of_training(self):
        parts = tiny_parts(shared_head=False, inner_beta1=0.5)
        settings = litert_settings(parts, LiteRTRoom())
        self.assertEqual(settings.ways, parts.task.ways)
        state = ("weights", "first_moments", "second_moments", "step")
        self.assertEqual(settings.state, state)
        with self.assertRaisesRegex(ValueError, "`ways` must be 3.*Received: 10"):
            litert_settings(parts, LiteRTRoom(ways=10))

    @parameterized.parameters(
        ({"ways": 1}, r"`ways` must be in \[2, 1000\]. Received: 1"),
        ({"ways": 0}, r"`ways` must be in \[2, 1000\]. Received: 0"),
        ({"ways": 1001}, r"`ways` must be in .*Received: 1001"),
        ({"shots": 0}, "`shots` must be at least 1, and with 10 classes at most 100"),
        ({"shots": 101}, "`shots` must be .*Received: 101"),
    )
    def test_refuses_numbers_without_room(self, given, message):
        with self.assertRaisesRegex(ValueError, message):
            litert_settings(tiny_parts(), LiteRTRoom(**given))


if __name__ == "__main__":
    absltest.main()
