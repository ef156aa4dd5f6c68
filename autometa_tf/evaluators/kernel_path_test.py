from absl.testing import absltest

from autometa_tf.evaluators.kernel_path import kernel_path


class KernelPathTest(absltest.TestCase):
    def test_it_is_one_of_the_known_paths(self):
        self.assertIn(kernel_path(), ("avx512", "avx2", "base", "off"))


if __name__ == "__main__":
    absltest.main()
