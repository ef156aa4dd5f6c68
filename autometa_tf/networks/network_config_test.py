from absl.testing import absltest, parameterized

from autometa_tf.networks.network_config import NetworkConfig, Task, small_images


class NetworkConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        ("num_filters", 0),
        ("num_cell_repeats", -1),
        ("feature_scale_rate", 0.99),
        ("feature_scale_rate", 10.1),
        ("feature_scale_rate", float("nan")),
        ("stem_stride", 3),
    )
    def test_refuses_what_no_network_can_be_built_from(self, field, value):
        with self.assertRaisesRegex(ValueError, f"`{field}` must be .*Received: "):
            NetworkConfig(**{field: value})

    @parameterized.parameters(
        (10, 1, (10, 10, 10)),
        (12, 2, (12, 24, 48)),
        (12, 1.5, (12, 18, 27)),
        (10, 1.25, (10, 12, 16)),  # 12.5 and 15.625.
        (6, 1.25, (6, 8, 9)),  # 7.5 and 9.375.
    )
    def test_filters_grow_by_the_rate_and_are_rounded(self, filters, rate, expected):
        config = NetworkConfig(num_filters=filters, feature_scale_rate=rate)
        self.assertEqual(tuple(map(config.filters_of_stage, range(3))), expected)
        self.assertIsInstance(config.filters_of_stage(0), int)

    @parameterized.parameters(
        ((48, 48, 1), True), ((49, 8, 1), False), ((8, 49, 3), False)
    )
    def test_images_are_small_up_to_48_pixels_either_way(self, image_shape, expected):
        self.assertEqual(small_images(image_shape), expected)

    @parameterized.parameters(
        (0, (28, 28, 1), 1), (0, (84, 84, 3), 2), (1, (84, 84, 3), 1), (2, (8, 8, 1), 2)
    )
    def test_the_stem_of_large_images_strides_unless_told(
        self, stem_stride, image_shape, expected
    ):
        config = NetworkConfig(stem_stride=stem_stride)
        self.assertEqual(config.stem_stride_for(image_shape), expected)


class TaskTest(parameterized.TestCase):
    @parameterized.parameters(
        ("image_shape", (7, 8, 1)), ("image_shape", (8, 8)), ("ways", 1)
    )
    def test_refuses_what_no_network_can_classify(self, field, value):
        fields = {"image_shape": (8, 8, 1), "ways": 5, field: value}
        with self.assertRaisesRegex(ValueError, f"`{field}` must be .*Received: "):
            Task(**fields)


if __name__ == "__main__":
    absltest.main()
