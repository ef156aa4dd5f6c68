from absl.testing import absltest, parameterized

from autometa_tf.workers.workers_config import WorkersConfig


class WorkersConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        {"num_workers": -1},
        {"candidate_timeout_minutes": float("nan")},
        {"max_retries_per_candidate": float("inf")},
        {"cpus_per_candidate": 0},
        {"ray_address": "127.0.0.1"},
        {"ray_address": "ray://127.0.0.1:10001"},
        {"ray_address": "auto", "num_workers": 2},
        {"ray_address": "auto", "num_workers": 0},
    )
    def test_refuses_what_is_out_of_range(self, **fields):
        with self.assertRaisesRegex(ValueError, "must .* Received: "):
            WorkersConfig(**fields)

    @parameterized.parameters("", "auto", "10.0.0.1:6379", "head.example:6379")
    def test_accepts_addresses(self, address):
        self.assertEqual(WorkersConfig(ray_address=address).ray_address, address)

    @parameterized.parameters((None, False), (0, True), (1, False))
    def test_no_workers_means_this_process(self, num_workers, expected):
        config = WorkersConfig(num_workers=num_workers)
        self.assertEqual(config.in_this_process, expected)


if __name__ == "__main__":
    absltest.main()
