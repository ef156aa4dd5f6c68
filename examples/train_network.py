"""Meta-trains one network in full: a cell, or Reptile's own conv4.

  python3 examples/train_network.py conv4 runs/conv4
  python3 examples/train_network.py testdata/genomes/auto_meta_small.json runs/figure1

Arguments after the run directory are fields of the experiment with numbers, such as
shots=5.
"""

import json
import sys

import autometa_tf as am


def main(network: str, run_dir: str, *fields: str) -> None:
    given = dict(field.split("=") for field in fields)
    config = am.ExperimentConfig.from_preset(
        "quick",
        dataset="glyphs",
        **{name: json.loads(value) for name, value in given.items()},
    )
    chosen = am.Conv4() if network == "conv4" else am.Cell(am.read_genome(network))
    run = am.train(chosen, config, run_dir)
    accuracy = am.open_run(run).summary.accuracy
    print(f"{accuracy.transductive.mean:.3f} transductive")


if __name__ == "__main__":
    main(*sys.argv[1:])
