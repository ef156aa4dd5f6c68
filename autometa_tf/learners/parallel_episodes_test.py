from absl.testing import absltest, parameterized

from autometa_tf.learners.parallel_episodes import (
    MAX_MAP_BYTES,
    choose_parallel_episodes,
    side_by_side_pays,
)


class SideBySidePaysTest(parameterized.TestCase):
    @parameterized.named_parameters(
        ("with_onednn", {}, True),
        ("not_without", {"grouped_gradients": False}, False),
        ("not_on_a_gpu", {"on_gpu": True}, False),
        ("not_with_maps_that_fill_the_cache", {"map_bytes": MAX_MAP_BYTES + 1}, False),
        ("with_kernels", {"kernels": True}, True),
        ("with_kernels_alone", {"kernels": True, "grouped_gradients": False}, True),
        ("not_on_a_gpu_beside_kernels", {"kernels": True, "on_gpu": True}, False),
        (
            "not_with_large_maps_and_kernels",
            {"kernels": True, "map_bytes": 2**30},
            False,
        ),
    )
    def test_it_pays(self, changes, expected):
        having = {
            "map_bytes": MAX_MAP_BYTES,
            "kernels": False,
            "grouped_gradients": True,
            "on_gpu": False,
        }
        self.assertEqual(side_by_side_pays(**(having | changes)), expected)


class ChooseParallelEpisodesTest(parameterized.TestCase):
    def choose(self, meta_batch_size, num_threads, num_replicas, pays=True):
        return choose_parallel_episodes(
            meta_batch_size=meta_batch_size,
            num_threads=num_threads,
            num_replicas=num_replicas,
            side_by_side_pays=pays,
        )

    @parameterized.parameters(
        (5, 1, 1, 5),
        (5, 2, 1, 3),
        (5, 4, 1, 2),
        (5, 8, 1, 1),
        (5, 1, 2, 3),
        (5, 2, 2, 2),
        (1, 1, 1, 1),
        (12, 3, 2, 2),
    )
    def test_threads_and_replicas_share_the_meta_batch(
        self, meta_batch_size, num_threads, num_replicas, expected
    ):
        chosen = self.choose(meta_batch_size, num_threads, num_replicas)
        self.assertEqual(chosen, expected)

    def test_it_is_one_where_more_do_not_pay(self):
        self.assertEqual(self.choose(5, 1, 1, pays=False), 1)


if __name__ == "__main__":
    absltest.main()
