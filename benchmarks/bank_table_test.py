import os

from absl.testing import absltest

from autometa_tf.genomes.expansion import one_block_genomes
from autometa_tf.genomes.genome import genome_to_json
from benchmarks.bank_table import read_curves

_HEAD = "index,part,genome,seed,rung,score,score_ci95,failure\n"


class BankTableTest(absltest.TestCase):
    def read(self, content):
        path = self.create_tempfile(content=content).full_path
        return path, lambda: read_curves(path)

    def test_rows_become_curves_and_failures_end_them(self):
        first, second = one_block_genomes()[:2]
        texts = [
            '"' + genome_to_json(g).replace('"', '""') + '"' for g in (first, second)
        ]
        _, read = self.read(
            _HEAD
            + f"0,tuning,{texts[0]},0,30,0.5,0.04,\n"
            + f"0,tuning,{texts[0]},0,100,0.6,0.03,\n"
            + f"0,tuning,{texts[0]},1,30,0.55,0.05,\n"
            + f"2,test,{texts[1]},0,30,,,the score is not a number\n"
        )
        curves = read()
        self.assertEqual([c.genome for c in curves], [first, first, second])
        self.assertEqual([c.seed for c in curves], [0, 1, 0])
        self.assertEqual([c.part for c in curves], ["tuning", "tuning", "test"])
        self.assertEqual(curves[0].scores, {30: 0.5, 100: 0.6})
        self.assertEqual(curves[0].ci95, {30: 0.04, 100: 0.03})
        self.assertEqual(curves[1].scores, {30: 0.55})
        self.assertEqual(curves[2].scores, {})

    def test_refuses_other_tables(self):
        path, read = self.read("genome,score\n")
        with self.assertRaisesRegex(
            ValueError, "without failure, part, rung"
        ) as caught:
            read()
        self.assertIn(os.path.basename(path), str(caught.exception))


if __name__ == "__main__":
    absltest.main()
