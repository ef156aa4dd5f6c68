from absl.testing import absltest, parameterized

from autometa_tf.workers.ray_config import RayEvaluatorConfig


class RayEvaluatorConfigTest(parameterized.TestCase):
    @parameterized.parameters(
        {"num_workers": -1},
        {"candidate_timeout_minutes": float("nan")},
        {"max_retries_per_candidate": float("inf")},
        {"cpus_per_candidate": 0},
        {"num_queued": 0},
        {"ray_address": "127.0.0.1"},
        {"ray_address": "ray://127.0.0.1:10001"},
        {"ray_address": "auto", "num_workers": 2},
    )
    def test_refuses_what_is_out_of_range(self, **fields):
        with self.assertRaisesRegex(ValueError, "must .* Received: "):
            RayEvaluatorConfig(**fields)

    @parameterized.parameters("", "auto", "10.0.0.1:6379", "head.example:6379")
    def test_accepts_addresses(self, address):
        self.assertEqual(RayEvaluatorConfig(ray_address=address).ray_address, address)


if __name__ == "__main__":
    absltest.main()
