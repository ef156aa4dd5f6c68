from absl.testing import absltest

from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.export_trained import adaptation_of


class ExportTrainedTest(absltest.TestCase):
    def test_it_adapts_with_the_learning_rate_training_ended_with(self):
        config = ExperimentConfig.from_preset(final_inner_learning_rate=0.001).final
        self.assertEqual(adaptation_of(config).adam, config.reptile.adam_after())

    def test_it_adapts_as_it_is_scored(self):
        config = ExperimentConfig.from_preset(
            scoring_inner_iterations=7,
            scoring_inner_batch_size=15,
            scoring_inner_learning_rate=0.5,
            class_balanced_batches=True,
        ).final
        adaptation = adaptation_of(config)
        self.assertEqual(adaptation.inner_iterations, 7)
        self.assertEqual(adaptation.inner_batch_size, 15)
        self.assertEqual(adaptation.adam.inner_learning_rate, 0.5)
        self.assertTrue(adaptation.class_balanced_batches)
        self.assertFalse(adaptation.shared_head)


if __name__ == "__main__":
    absltest.main()
