import csv
import os

from absl.testing import absltest

from autometa_tf.genomes.canonical import canonical_form
from autometa_tf.search.store import open_store
from autometa_tf.testing.fake_evaluator import FakeEvaluator
from benchmarks.bank import entries, fill, keys, rows, write_table

_WANTED = entries(20)


class Killed(Exception):
    pass


class KilledEvaluator(FakeEvaluator):
    def evaluation(self, request):
        if len(self.requests) > 7:
            raise Killed
        return super().evaluation(request)


class EntriesTest(absltest.TestCase):
    def test_any_beginning_is_a_mixture(self):
        sizes = [entry.genome.num_blocks for entry in _WANTED]
        self.assertEqual(sizes, [1, 2, 3, 4, 5] * 4)
        self.assertEqual(entries(7), _WANTED[:7])
        self.assertEqual(
            [e.part for e in _WANTED[:5]], ["tuning"] * 2 + ["test"] * 2 + ["tuning"]
        )
        self.assertEqual([entry.num_rungs for entry in _WANTED[:4]], [4, 3, 4, 3])
        self.assertEqual([len(e.seeds) for e in _WANTED[:9]], [2, *[1] * 7, 2])

    def test_cells_are_distinct_and_canonical(self):
        genomes = [entry.genome for entry in entries(400)]
        self.assertLen(set(genomes), 400)
        for genome in genomes:
            self.assertEqual(canonical_form(genome), genome)
        self.assertEqual(sum(genome.num_blocks == 1 for genome in genomes), 55)


class FillTest(absltest.TestCase):
    def test_a_killed_bank_goes_on_to_the_same_table(self):
        def table(folder, evaluators):
            for evaluator in evaluators:
                with open_store(folder) as store:
                    try:
                        fill(store, evaluator, _WANTED)
                    except Killed:
                        continue
            with open_store(folder) as store:
                return list(rows(store, _WANTED))

        whole = FakeEvaluator()
        expected = table(self.create_tempdir().full_path, [whole])
        killed = [KilledEvaluator() for _ in range(9)]
        folder = self.create_tempdir().full_path
        last = FakeEvaluator()
        self.assertEqual(table(folder, [*killed, last]), expected)
        count = sum(entry.num_rungs * len(entry.seeds) for entry in _WANTED)
        self.assertLen(whole.requests, count)
        self.assertLen(expected, count)
        self.assertLen(last.requests, count - 9 * 7)
        for request in whole.requests:
            index = keys(request.key.seed).index(request.key)
            before = b"" if not index else str((30, 100, 300)[index - 1]).encode()
            self.assertEqual(request.learner, before)
        path = os.path.join(folder, "bank.csv")
        write_table(path, expected)
        with open(path, newline="") as file:
            self.assertEqual(
                [row["genome"] for row in csv.DictReader(file)],
                [row["genome"] for row in expected],
            )


if __name__ == "__main__":
    absltest.main()
