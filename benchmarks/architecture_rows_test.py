from absl.testing import absltest, parameterized

from autometa_tf.networks.network import build_network
from autometa_tf.networks.network_config import Task
from autometa_tf.networks.network_kinds import Conv4
from benchmarks.architecture_rows import MOST_WEIGHTS, ROWS, widest
from benchmarks.recipe_rows import experiment_of


class ArchitectureRowsTest(parameterized.TestCase):
    @parameterized.parameters(*ROWS)
    def test_has_no_more_weights_and_with_one_filter_more_it_had(self, name):
        row = ROWS[name]
        config = experiment_of(row, 0, image_folder="images").final
        task = Task(image_shape=(48, 48, 3), ways=5)
        self.assertEqual(config.image_shape, task.image_shape)
        model = build_network(row.network, config.network, task)
        self.assertLessEqual(model.count_params(), MOST_WEIGHTS)
        self.assertGreater(model.count_params(), 0.75 * MOST_WEIGHTS)
        if isinstance(row.network, Conv4):
            wider = build_network(
                Conv4(row.network.num_filters + 1), config.network, task
            )
            self.assertGreater(wider.count_params(), MOST_WEIGHTS)

    def test_the_paper_has_ten_filters_and_all_is_compared_with_it(self):
        self.assertEqual(MOST_WEIGHTS, 24_185)
        self.assertEqual(ROWS["figure_1"].fields["num_filters"], 10)
        self.assertLen(ROWS, 7)
        self.assertLen({row.network for row in ROWS.values()}, 7)
        references = {row.reference for row in ROWS.values()}
        self.assertEqual(references, {"", "figure_1"})

    def test_the_widest_is_just_within(self):
        self.assertEqual(widest(lambda filters: filters**2, 80), 8)
        self.assertEqual(widest(lambda filters: filters**2, 81), 9)


if __name__ == "__main__":
    absltest.main()
