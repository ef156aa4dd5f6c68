from absl.testing import absltest, parameterized

from autometa_tf.episodes.episode_config import EpisodeConfig


class EpisodeConfigTest(parameterized.TestCase):
    @parameterized.parameters(("ways", 1), ("shots", 0), ("train_shots", 0))
    def test_refuses_episodes_without_a_task(self, field, value):
        with self.assertRaisesRegex(ValueError, f"`{field}` must be .*: {value}"):
            EpisodeConfig(**{field: value})


if __name__ == "__main__":
    absltest.main()
