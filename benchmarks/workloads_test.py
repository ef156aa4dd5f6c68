import pathlib

from absl.testing import absltest

from autometa_tf.candidates.candidate import make_model
from autometa_tf.genomes.genome import read_genome
from benchmarks.workloads import make_workloads, noise_classes

_ROOT = pathlib.Path(__file__).parents[1]
_CELL = read_genome(_ROOT / "testdata" / "genomes" / "auto_meta_small.json")


class WorkloadsTest(absltest.TestCase):
    def test_the_networks_are_the_published_ones(self):
        parameters = {
            name: make_model(workload.network, workload.config, 1).num_weights
            for name, workload in make_workloads(_CELL).items()
        }
        self.assertEqual(
            parameters,
            {
                "conv4_28": 113_221,
                "cell_28": 24_005,
                "conv4_84": 34_661,
                "cell_84": 24_185,
                "cell_84_stride2": 24_185,
            },
        )

    def test_an_outer_iteration_is_reptiles_and_the_papers(self):
        for name, workload in make_workloads(_CELL).items():
            reptile = workload.config.reptile
            self.assertEqual(
                (
                    reptile.meta_batch_size,
                    reptile.inner_iterations,
                    reptile.inner_batch_size,
                ),
                (5, 5 if name == "conv4_28" else 8, 10),
            )

    def test_noise_uses_all_values(self):
        classes = noise_classes((4, 5, 3), num_classes=3, images_per_class=20)
        self.assertEqual(classes.images.shape, (60, 4, 5, 3))
        self.assertEqual(classes.num_classes, 3)
        self.assertEqual(classes.images.__array_interface__["data"][0] % 64, 0)
        self.assertLess(classes.images.min(), 3)
        self.assertGreater(classes.images.max(), 252)


if __name__ == "__main__":
    absltest.main()
