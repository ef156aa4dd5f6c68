from absl.testing import absltest, parameterized

from autometa_tf.experiments.config_fields import leaves
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.may_change import (
    MAY_GROW,
    check_time_left,
    configuration_of,
)


def _configuration(**fields):
    return configuration_of(ExperimentConfig.from_preset(num_finalists=2, **fields))


class MayChangeTest(parameterized.TestCase):
    def test_all_that_may_grow_is_a_field(self):
        paths = {leaf.path for leaf in leaves(ExperimentConfig).values()}
        self.assertContainsSubset(MAY_GROW, paths)

    @parameterized.parameters(
        ("pnas", {"beam_size": 7}, True),
        ("pnas", {"exploration": 0.5}, True),
        ("pnas", {"outer_iterations": 99}, True),
        ("pnas", {"halving_rungs": 1}, True),
        ("pnas", {"max_num_blocks": 4}, False),
        ("random", {"max_num_blocks": 4}, True),
        ("pnas", {"finalist_factor": 5}, False),
    )
    def test_what_stages_are_chosen_by(self, strategy, changes, matters):
        before = _configuration(search_strategy=strategy)
        after = _configuration(search_strategy=strategy, **changes)
        self.assertNotEqual(before.fields, after.fields)
        self.assertEqual(before.stages_by != after.stages_by, matters)

    def test_where_nothing_may_grow_it_is_the_same(self):
        self.assertEqual(_configuration(), _configuration(data_dir="/elsewhere"))

    def test_another_configuration_needs_time(self):
        experiment = ExperimentConfig.from_preset(time_budget_hours=0.5)
        same = configuration_of(experiment).fields
        other = _configuration(beam_size=7).fields
        check_time_left(experiment, None, 1800.0)
        check_time_left(experiment, same, 1800.0)
        check_time_left(experiment, other, 1799.0)
        check_time_left(ExperimentConfig.from_preset(), other, 1e9)
        with self.assertRaisesRegex(
            ValueError, "`time_budget_hours` must be above the 0.5 .*Received: 0.5"
        ):
            check_time_left(experiment, other, 1800.0)


if __name__ == "__main__":
    absltest.main()
