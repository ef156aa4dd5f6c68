import dataclasses

from absl.testing import absltest, parameterized

from autometa_tf.episodes.dataset_config import DatasetConfig


class DatasetConfigTest(parameterized.TestCase):
    @parameterized.named_parameters(
        ("name", {"dataset": "cifar"}, "one of omniglot.*Received: 'cifar'"),
        ("image_size", {"image_size": 7}, "8 to 1024 pixels. Received: 7"),
        ("negative_image_size", {"image_size": -1}, "Received: -1"),
        (
            "mini_imagenet_size",
            {"dataset": "mini_imagenet", "image_size": 28},
            "0 or 84. Received: 28",
        ),
        ("split_seed", {"split_seed": -1}, "`split_seed`.*Received: -1"),
        ("omniglot_validation_classes", {"omniglot_validation_classes": 1200}, "1200"),
        ("folder", {"dataset": "image_folder"}, "needs `image_folder`"),
    )
    def test_refuses(self, change, message):
        with self.assertRaisesRegex(ValueError, message):
            DatasetConfig(**{"dataset": "omniglot", **change})

    def test_is_plain_data(self):
        config = DatasetConfig(dataset="glyphs", split_seed=3)
        self.assertEqual(DatasetConfig(**dataclasses.asdict(config)), config)


if __name__ == "__main__":
    absltest.main()
