"""Makes the table of what was reached: results/README.md, from the runs beside it.

  bazel run //benchmarks:results -- --results=$PWD/results

A folder of `results/` with an about.json has a result. Its scores on test classes are
computed from its files of episode accuracies and written, with all that one needs to run
it again, to result.json. about.json is written by hand and says what the run's own files
do not know:

  title: What was trained, on what.
  published: By protocol ("" is the run's own, or as in the files' names: "shots=5") the
    numbers to compare with, `[transductive, non-transductive]`, and their source.
  core_hours: Of the training alone, on one core.
  commit: The version of the code that trained it.
  test_was_scored: How often and when its test classes were looked at.

One with a `summary` beside the `title` is a study, told in the folder's own README, whether
the folder is a run's or not.
"""

import argparse
import json
import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autometa_tf.learners.score import Score, summarize_accuracies
from benchmarks.markdown import markdown_table

_HEAD = """# Results

What was trained with this library, each with the command that does it again. Validation classes chose; test classes were scored at
the end, and every folder says how often. Accuracies in percent with 95% intervals over episodes; "published" is the paper's number or that of the
page named in the folder. This page is made by `bazel run //benchmarks:results -- --results=$PWD/results` from the `result.json` files.
"""
_COLUMNS = (
    "what",
    "protocol",
    "published, transductive",
    "ours, transductive",
    "published",
    "ours",
    "episodes",
    "parameters",
    "core-hours",
)


def read_result(folder: pathlib.Path) -> dict[str, Any]:
    """What result.json of a run's folder has.

    Raises:
      ValueError: Its about.json names a protocol that was not scored.
    """
    about = _read(folder / "about.json")
    config = _read(folder / "config.json")
    scores = {}
    for path in sorted(folder.glob("test_accuracies*.csv"), key=lambda path: path.stem):
        protocol = path.stem.removeprefix("test_accuracies").removeprefix("-")
        accuracies = np.loadtxt(path, delimiter=",", skiprows=2, ndmin=2)
        scores[protocol] = {
            "transductive": _score(accuracies[:, 1]),
            "non_transductive": _score(accuracies[:, 2]),
        }
    if missing := set(about["published"]) - set(scores):
        raise ValueError(
            f"`published` of {folder / 'about.json'} must have protocols that were "
            f"scored: {sorted(scores)}. Received: {sorted(missing)}."
        )
    return about | {
        "network": config["network"],
        "num_parameters": _read(folder / "summary.json")["num_parameters"],
        "scores": scores,
        "commands": [config["begun_with"]["command"], *about.get("commands", [])],
        "computed_by": _distinct(
            {name: sitting[name] for name in ("processor", "kernels", "tensorflow")}
            for sitting in config["sittings"]
        ),
        "experiment": config["experiment"],
        "scored": config["scored"],
    }


def readme(results: Mapping[str, Mapping[str, Any]]) -> str:
    """The page: results by the name of their folder."""
    runs = {name: each for name, each in results.items() if "scores" in each}
    studies = {name: each for name, each in results.items() if "scores" not in each}
    rows = [row for name, each in runs.items() for row in _rows(name, each)]
    commands = "\n\n".join(
        f"{each['title']}:\n\n" + _indented(each["commands"]) for each in runs.values()
    )
    told = "\n".join(
        f"- [{each['title']}]({name}): {each['summary']}"
        for name, each in studies.items()
    )
    parts = (
        _HEAD,
        markdown_table(_COLUMNS, rows),
        f"## Commands\n\n{commands}",
        f"## Studies\n\n{told}",
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def write_results(results_dir: pathlib.Path) -> None:
    """Writes each run's result.json, and the page."""
    results = {}
    for about in sorted(results_dir.glob("*/about.json")):
        folder, told = about.parent, _read(about)
        if "summary" in told:
            results[folder.name] = told
            continue
        results[folder.name] = read_result(folder)
        text = json.dumps(results[folder.name], indent=1) + "\n"
        (folder / "result.json").write_text(text, encoding="utf-8")
    (results_dir / "README.md").write_text(readme(results), encoding="utf-8")


def _rows(name: str, result: Mapping[str, Any]) -> Iterable[list[str]]:
    for protocol, score in result["scores"].items():
        published = result["published"].get(protocol, ["–", "–"])
        yield [
            f"[{result['title']}]({name})",
            _protocol_text(result["experiment"]["episodes"], protocol),
            published[0],
            _score_text(score["transductive"]),
            published[1],
            _score_text(score["non_transductive"]),
            f"{score['transductive']['num_episodes']:,}",
            f"{result['num_parameters']:,}",
            f"{result['core_hours']:g}",
        ]


def _protocol_text(episodes: Mapping[str, int], protocol: str) -> str:
    """Such as "5-way 1-shot", or "5-way 5-shot, queries_per_class=15".

    A protocol is as in the files' names, "shots=5-queries_per_class=15".
    """
    parts = re.split(r"-(?=[a-z_]+=)", protocol)
    changes = dict(each.split("=") for each in parts if each)
    ways = changes.pop("ways", episodes["ways"])
    shots = changes.pop("shots", episodes["shots"])
    more = [f"{name}={value}" for name, value in changes.items()]
    return ", ".join([f"{ways}-way {shots}-shot", *more])


def _score(accuracies: np.ndarray) -> dict[str, float]:
    score = summarize_accuracies(accuracies)
    return {
        "mean": round(score.mean, 6),
        "ci95": round(score.ci95, 6),
        "num_episodes": score.num_episodes,
    }


def _score_text(score: Mapping[str, float]) -> str:
    checked = Score(**score)
    return f"{100 * checked.mean:.2f}±{100 * checked.ci95:.2f}"


def _distinct(records: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for record in records:
        if record not in found:
            found.append(record)
    return found


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


def _read(path: pathlib.Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    """Writes results/README.md and every result.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", required=True, help="the folder of all results")
    write_results(pathlib.Path(parser.parse_args().results))


if __name__ == "__main__":
    main()
