"""Whatever a text or file holds: a valid genome or an `InvalidGenomeError`."""

import json
import pathlib

import hypothesis
from absl.testing import absltest
from hypothesis import strategies

from autometa_tf.genomes.genome import (
    MAX_NUM_BLOCKS,
    Genome,
    InvalidGenomeError,
    genome_from_json,
    genome_to_json,
    read_genome,
)
from autometa_tf.genomes.operation import OPERATIONS
from autometa_tf.testing.genome_strategies import genomes

_SETTINGS = hypothesis.settings(deadline=None, derandomize=True, max_examples=300)

_SCALARS = (
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text()
    | strategies.sampled_from([*OPERATIONS, "blocks"])
)
_JSON_VALUES = strategies.recursive(
    _SCALARS,
    lambda values: (
        strategies.lists(values)
        | strategies.dictionaries(strategies.text() | strategies.just("blocks"), values)
    ),
)
# Almost genomes: most of what is wrong with them is a detail.
_INPUTS = strategies.integers(-1, MAX_NUM_BLOCKS + 2) | _SCALARS
_OPERATIONS = strategies.sampled_from(list(OPERATIONS)) | _SCALARS
_ROWS = strategies.tuples(_INPUTS, _OPERATIONS, _INPUTS, _OPERATIONS) | _JSON_VALUES
_ALMOST_GENOMES = strategies.fixed_dictionaries(
    {"blocks": strategies.lists(_ROWS, max_size=MAX_NUM_BLOCKS + 2)}
)


class GenomeFuzzTest(absltest.TestCase):
    def check_text(self, text):
        try:
            genome = genome_from_json(text)
        except InvalidGenomeError as error:
            self.assertNotIn("\n", str(error))
            self.assertLess(len(str(error)), 300)
        else:
            self.assertIsInstance(genome, Genome)
            content = json.loads(genome_to_json(genome))
            self.assertEqual(content, json.loads(text))

    @hypothesis.given(genomes())
    @_SETTINGS
    def test_reads_back_what_it_writes(self, genome):
        self.assertEqual(genome_from_json(genome_to_json(genome)), genome)

    @hypothesis.given(_JSON_VALUES)
    @_SETTINGS
    def test_any_json(self, value):
        self.check_text(json.dumps(value))

    @hypothesis.given(_ALMOST_GENOMES)
    @_SETTINGS
    def test_almost_genomes(self, value):
        self.check_text(json.dumps(value))

    @hypothesis.given(genomes(), strategies.data())
    @_SETTINGS
    def test_genomes_with_a_few_characters_changed(self, genome, data):
        text = genome_to_json(genome)
        for _ in range(data.draw(strategies.integers(1, 4))):
            start = data.draw(strategies.integers(0, len(text)))
            end = data.draw(strategies.integers(start, min(start + 10, len(text))))
            inserted = data.draw(
                strategies.text(max_size=5) | strategies.text('[]{}",: 0123456789e-.')
            )
            text = text[:start] + inserted + text[end:]
        self.check_text(text)

    @hypothesis.given(
        strategies.binary() | genomes().map(genome_to_json).map(str.encode)
    )
    @_SETTINGS
    def test_any_file(self, content):
        path = pathlib.Path(self.create_tempfile().full_path)
        path.write_bytes(content)
        try:
            self.assertEqual(genome_to_json(read_genome(path)).encode(), content)
        except InvalidGenomeError as error:
            self.assertIn(str(path), str(error))
            self.assertNotIn("\n", str(error))


if __name__ == "__main__":
    absltest.main()
