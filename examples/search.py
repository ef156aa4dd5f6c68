"""Searches a cell for letters, and says what came out.

  python3 examples/search.py runs/letters
  python3 examples/search.py runs/letters beam_size=20 num_filters=12

The second argument and those after it are fields of the experiment, with numbers. What
was stopped goes on with the same line.
"""

import json
import sys

import autometa_tf as am


def main(run_dir: str, *fields: str) -> None:
    texts = dict(field.split("=") for field in fields)
    given = {name: json.loads(text) for name, text in texts.items()}
    # How many are trained at a time: on every core, unless it is given.
    workers = am.WorkersConfig(num_workers=given.pop("num_workers", None))
    config = am.ExperimentConfig.from_preset("quick", dataset="glyphs", **given)
    run = am.search_cell(config, run_dir, workers)
    rows = [row for row in am.candidate_rows(run) if row["score"] is not None]
    for row in sorted(rows, key=lambda row: -row["score"])[:3]:
        print(f"{row['score']:.3f} {row['num_parameters']:6,} {row['genome']}")
    summary = am.open_run(run).summary
    print(summary)


if __name__ == "__main__":
    main(*sys.argv[1:] or ["runs/letters"])
