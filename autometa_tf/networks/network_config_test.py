from absl.testing import absltest, parameterized

from autometa_tf.networks.network_config import NetworkConfig


class NetworkConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        ("image_shape", (7, 8, 1)),
        ("image_shape", (8, 8)),
        ("ways", 1),
        ("num_filters", 0),
        ("num_cell_repeats", -1),
        ("feature_scale_rate", 0),
        ("stem_stride", 3),
    )
    def test_refuses_what_no_network_can_be_built_from(self, field, value):
        fields = {"image_shape": (8, 8, 1), "ways": 5, field: value}
        with self.assertRaisesRegex(ValueError, f"`{field}` must be .*Received: "):
            NetworkConfig(**fields)

    def test_a_shape_read_from_json_is_as_good_as_a_tuple(self):
        self.assertEqual(
            NetworkConfig(image_shape=[8, 8, 1], ways=5),
            NetworkConfig(image_shape=(8, 8, 1), ways=5),
        )


if __name__ == "__main__":
    absltest.main()
