import json
import pathlib
import tempfile

from absl.testing import absltest, parameterized

from autometa_tf.genomes.genome import (
    Block,
    Genome,
    InvalidGenomeError,
    genome_from_json,
    genome_to_json,
    read_genome,
)
from autometa_tf.genomes.operation import OPERATIONS

_GENOMES = pathlib.Path(__file__).parents[2] / "testdata" / "genomes"

_BLOCK = Block(0, "identity", 1, "conv3x3")


def _chain(num_blocks):
    """Every block reads the one before it."""
    return Genome(
        tuple(Block(b + 1, "conv3x3", b + 1, "conv3x3") for b in range(num_blocks))
    )


class GenomeTest(parameterized.TestCase):
    def test_a_block_may_read_cell_inputs_and_earlier_blocks(self):
        genome = Genome((_BLOCK, Block(2, "identity", 0, "identity")))
        self.assertEqual(genome.num_blocks, 2)

    @parameterized.parameters(-1, 3, 12, True, 1.0, "0", None)
    def test_refuses_other_inputs(self, number):
        with self.assertRaisesRegex(
            InvalidGenomeError, "Block 1 must read inputs 0 to 2"
        ):
            Genome((_BLOCK, Block(number, "identity", 0, "identity")))

    @parameterized.parameters("conv7x7", "", None, 3, (["identity"],))
    def test_refuses_unknown_operations_and_names_the_known(self, operation):
        with self.assertRaisesRegex(InvalidGenomeError, ", ".join(OPERATIONS)):
            Genome((Block(0, "identity", 1, operation),))

    @parameterized.parameters(0, 11, 10_000)
    def test_refuses_other_numbers_of_blocks(self, num_blocks):
        with self.assertRaisesRegex(
            InvalidGenomeError, f"1 to 10 blocks. Received: {num_blocks}"
        ):
            Genome((_BLOCK,) * num_blocks)

    @parameterized.parameters(([_BLOCK],), ((_BLOCK, "block"),), ("blocks",))
    def test_refuses_what_is_no_tuple_of_blocks(self, blocks):
        with self.assertRaises(InvalidGenomeError):
            Genome(blocks)

    @parameterized.parameters(1, 2, 10)
    def test_depth_of_a_chain_is_its_length(self, num_blocks):
        self.assertEqual(_chain(num_blocks).depth, num_blocks)

    def test_depth_of_blocks_side_by_side_is_one(self):
        self.assertEqual(Genome((_BLOCK,) * 10).depth, 1)

    def test_loose_blocks_are_those_nobody_reads(self):
        genome = Genome((_BLOCK, _BLOCK, Block(2, "identity", 0, "identity"), _BLOCK))
        self.assertEqual(genome.loose_blocks, (3, 4, 5))

    @parameterized.parameters(
        (Block(0, "identity", 1, "identity"), {0, 1}),
        (Block(1, "identity", 1, "conv3x3"), {1}),
        (Block(0, "identity", 0, "conv3x3"), {0}),
    )
    def test_inputs_read(self, block, expected):
        genome = Genome((block, Block(2, "identity", 2, "identity")))
        self.assertEqual(genome.inputs_read, expected)

    def test_is_one_short_line_for_people(self):
        genome = Genome((_BLOCK, Block(2, "identity", 0, "max_pool3x3")))
        self.assertEqual(
            str(genome), "(0 identity + 1 conv3x3) (2 identity + 0 max_pool3x3)"
        )


class GenomeTextTest(parameterized.TestCase):
    def test_is_the_documented_json(self):
        self.assertEqual(
            genome_to_json(Genome((_BLOCK,))),
            '{"blocks": [[0, "identity", 1, "conv3x3"]]}',
        )

    def test_reads_back_what_it_writes(self):
        genome = _chain(10)
        self.assertEqual(genome_from_json(genome_to_json(genome)), genome)

    @parameterized.named_parameters(
        ("empty", "", "JSON"),
        ("not_json", "blocks", "JSON"),
        ("cut_off", '{"blocks": [[0, "identity"', "JSON"),
        ("two_values", '{"blocks": []} {"blocks": []}', "JSON"),
        ("byte_order_mark", '\ufeff{"blocks": []}', "JSON"),
        ("number_of_5000_digits", '{"blocks": ' + "1" * 5000 + "}", "JSON"),
        ("no_object", "[]", "one key 'blocks'"),
        ("no_key", "{}", "one key 'blocks'"),
        ("other_key", '{"cells": []}', "one key 'blocks'"),
        ("extra_key", '{"blocks": [], "name": "x"}', "one key 'blocks'"),
        ("duplicate_key", '{"blocks": [], "blocks": []}', "differ from one another"),
        ("blocks_no_list", '{"blocks": {}}', "must be a list. Received: {}"),
        ("no_blocks", '{"blocks": []}', "1 to 10 blocks. Received: 0"),
        ("block_no_list", '{"blocks": ["abcd"]}', "Received: 'abcd'"),
        ("short_block", '{"blocks": [[0, "identity", 0]]}', "Block 0 must be"),
        ("nan", '{"blocks": [[NaN, "identity", 0, "identity"]]}', "NaN"),
        ("infinity", '{"blocks": [[-Infinity, "identity", 0, "identity"]]}', "Inf"),
        ("bool", '{"blocks": [[true, "identity", 0, "identity"]]}', "True"),
        ("float", '{"blocks": [[1.0, "identity", 0, "identity"]]}', "1.0"),
        ("cycle", '{"blocks": [[2, "identity", 0, "identity"]]}', "0 to 1"),
        ("operation", '{"blocks": [[0, "sep_conv", 0, "identity"]]}', "'sep_conv'"),
        ("nested_deeply", "[" * 100_000, "nested too deeply"),
        ("long_text", " " * 1_000_001, "at most 1000000 characters"),
    )
    def test_refuses_with_one_clear_line(self, text, message):
        with self.assertRaisesRegex(InvalidGenomeError, message) as raised:
            genome_from_json(text)
        self.assertLess(len(str(raised.exception)), 300)
        self.assertNotIn("\n", str(raised.exception))

    def test_refuses_ten_thousand_blocks(self):
        text = json.dumps({"blocks": [[0, "identity", 0, "identity"]] * 10_000})
        with self.assertRaisesRegex(InvalidGenomeError, "Received: 10000"):
            genome_from_json(text)


class GenomeFileTest(absltest.TestCase):
    def _write(self, content):
        path = pathlib.Path(self.create_tempdir().full_path) / "genome.json"
        path.write_bytes(content)
        return path

    def test_reads_the_cell_of_the_papers_figure_1(self):
        genome = read_genome(_GENOMES / "auto_meta_small.json")
        self.assertEqual(genome.num_blocks, 5)
        self.assertEqual(genome.depth, 3)
        self.assertEqual(genome.inputs_read, {1})
        self.assertEqual(genome.loose_blocks, (4, 5, 6))

    def test_error_names_the_file(self):
        path = self._write(b"{}")
        with self.assertRaisesRegex(InvalidGenomeError, f"{path}.*one key 'blocks'"):
            read_genome(path)

    def test_refuses_missing_files_and_folders(self):
        with tempfile.TemporaryDirectory() as folder:
            for path in (folder, folder + "/missing.json"):
                with self.assertRaisesRegex(InvalidGenomeError, path):
                    read_genome(path)

    def test_refuses_what_is_not_utf8(self):
        with self.assertRaisesRegex(InvalidGenomeError, "utf-8"):
            read_genome(self._write(b'{"blocks": "\xff"}'))

    def test_refuses_an_endless_file_early(self):
        with self.assertRaisesRegex(InvalidGenomeError, "at most 1000000 bytes"):
            read_genome("/dev/zero")


if __name__ == "__main__":
    absltest.main()
