"""How an experiment's fields say which candidates there are and how far they go."""

from absl.testing import absltest, parameterized

from autometa_tf.candidates.evaluation import EvaluationKey
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.genomes.genome import Block, Genome


class EvaluationPlanTest(parameterized.TestCase):
    def test_candidates_are_evaluated_as_the_fields_say(self):
        plan = ExperimentConfig.from_preset(
            seed=7,
            outer_iterations=1000,
            num_scoring_episodes=50,
            halving_rungs=2,
            halving_factor=3,
            num_finalists=4,
            finalist_factor=5,
            num_finalist_episodes=60,
        ).evaluation_plan
        self.assertEqual([key.rung for key in plan.keys], [111, 333, 1000])
        self.assertEqual({key.num_episodes for key in plan.keys}, {50})
        self.assertEqual(plan.num_reaching(9), (9, 3, 1))
        self.assertEqual(plan.num_finalists, 4)
        self.assertEqual(
            plan.finalist_key,
            EvaluationKey(seed=7, outer_iterations=5000, rung=5000, num_episodes=60),
        )

    @parameterized.parameters("omniglot", "mini_imagenet_small", "mini_imagenet_large")
    def test_the_papers_candidates_are_all_trained_to_the_end(self, preset):
        plan = ExperimentConfig.from_preset(preset).evaluation_plan
        self.assertEqual([key.rung for key in plan.keys], [1000])
        self.assertEqual(plan.num_finalists, 0)

    @parameterized.parameters("parameters", "multiply_adds")
    def test_candidates_cost_no_more_than_they_may(self, what):
        cell = Genome((Block(0, "conv3x3", 1, "identity"),))
        config = ExperimentConfig.from_preset(dataset="glyphs")
        number = getattr(config.cost(cell), f"num_{what}")
        for limit, expected in ((number, True), (number - 1, False), (None, True)):
            config = config.with_fields(**{f"max_{what}": limit})
            self.assertEqual(config.admits(cell), expected)

    @parameterized.parameters(
        # A stem of 10 filters, two cells with one adapter (what reads H^(c-2) alone
        # leaves the third out), a dense layer.
        ("max_parameters", (9 * 10 + 20) + 2 * (100 + 20) + (10 * 5 + 5)),
        # The adapters make maps of 28x28 and, two cells on, of 7x7 pixels.
        ("max_multiply_adds", 784 * 90 + (784 + 49) * 100 + 50),
    )
    def test_refuses_a_limit_below_the_smallest_cell(self, name, smallest):
        ExperimentConfig.from_preset(dataset="glyphs", **{name: smallest})
        with self.assertRaisesRegex(
            ValueError, f"`{name}` must be at least {smallest}"
        ):
            ExperimentConfig.from_preset(dataset="glyphs", **{name: smallest - 1})

    def test_refuses_more_rungs_than_outer_iterations(self):
        with self.assertRaisesRegex(ValueError, "`halving_rungs` must .* Received: 9."):
            ExperimentConfig.from_preset(halving_rungs=9, outer_iterations=5)


if __name__ == "__main__":
    absltest.main()
