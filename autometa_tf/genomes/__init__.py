"""What a cell is: operations, blocks, genomes, their canonical form, expansion."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "Block": "genome",
        "Genome": "genome",
        "InvalidGenomeError": "genome",
        "Operation": "operation",
        "canonical_form": "canonical",
        "expand_beam": "expansion",
        "expand_genome": "expansion",
        "genome_from_json": "genome",
        "genome_to_json": "genome",
        "one_block_genomes": "expansion",
        "read_genome": "genome",
        "write_genome": "genome",
    },
)
