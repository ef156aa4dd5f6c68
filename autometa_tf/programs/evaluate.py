"""Scores a trained network, or a SavedModel, under one protocol or several.

  bazel run //bin:evaluate -- --run_dir=runs/search-omniglot-quick
  bazel run //bin:evaluate -- --run_dir=runs/search-omniglot-quick \\
      --num_test_episodes=10000 \\
      --protocol=shots=1 --protocol=shots=5,queries_per_class=15
  bazel run //bin:evaluate -- --saved_model=runs/search-omniglot-quick/saved_model/1 \\
      --dataset=omniglot --shots=1

Without `--saved_model` everything is as in the run's training but for what is given of
`--final_split`, `--ways`, `--shots`, `--queries_per_class`, `--scoring_inner_iterations`,
`--scoring_support_passes`, `--scoring_inner_batch_size`, `--scoring_inner_learning_rate`
and `--num_test_episodes`,
and for where the data lie now (`--image_folder`, `--data_dir`, `--manual_dir`). Each
episode is kept in the run directory, in a file for each protocol, and not scored again.
A SavedModel has run directories of its own, and adapts as it was exported to.
"""

import dataclasses
import json
import os
from collections.abc import Mapping
from typing import Any

from absl import flags

from autometa_tf.experiments import jobs
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.protocols import (
    PROTOCOL_FIELDS,
    SAVED_MODEL_FIELDS,
    protocol_of,
    protocol_text,
    with_protocol,
)
from autometa_tf.experiments.run_data import PLACES
from autometa_tf.experiments.run_directory import RunDirectory
from autometa_tf.experiments.run_summary import SplitAccuracy
from autometa_tf.programs import config_flags, experiment_flags
from autometa_tf.programs.config_flags import given_values
from autometa_tf.programs.paths import user_path
from autometa_tf.programs.program import run_program
from autometa_tf.programs.progress_lines import say, tell

flags.adopt_module_key_flags(experiment_flags)  # So that --help lists them.
flags.adopt_module_key_flags(config_flags)
SAVED_MODEL = flags.DEFINE_string("saved_model", "", "The SavedModel to score.")
PROTOCOL = flags.DEFINE_multi_string(
    "protocol",
    [],
    "A protocol to score under, as fields and values: shots=5,queries_per_class=15. "
    "What it does not name is as the other flags have it. The flag may be given several "
    "times, for one protocol after the other.",
)


def main() -> None:
    """Scores what the flags name and prints both accuracies under each protocol."""
    experiment = experiment_flags.experiment()
    if experiment_flags.printed_config(experiment):
        return
    protocols = [parse_protocol(text) for text in PROTOCOL.value] or [{}]
    evaluate = _evaluate_saved_model if SAVED_MODEL.value else _evaluate_run
    results = [
        _result(protocol, accuracy)
        for protocol, accuracy in evaluate(experiment, protocols)
    ]
    # A number of other classes is never to be taken for that of the run's own.
    results = [{"dataset": _dataset(experiment)} | result for result in results]
    tell(json.dumps(results if PROTOCOL.value else results[0]))


def parse_protocol(text: str) -> dict[str, Any]:
    """Fields and values, by name, of "shots=5,queries_per_class=15".

    Raises:
      ValueError: It is not of that form, or names a field twice.
    """
    fields = {}
    for part in filter(None, text.split(",")):
        name, sign, value = part.partition("=")
        if not sign or name in fields:
            raise ValueError(
                "`protocol` must be fields and values, such as "
                f"shots=5,queries_per_class=15, each field once. Received: {text!r}."
            )
        try:
            fields[name] = json.loads(value)
        except ValueError:  # A word.
            fields[name] = value
    return fields


def _evaluate_saved_model(
    experiment: ExperimentConfig, protocols: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], SplitAccuracy]]:
    given = given_values(ExperimentConfig)
    for name in PROTOCOL_FIELDS:
        if name in given and name not in SAVED_MODEL_FIELDS:
            raise ValueError(
                f"`{name}` must not be given with `saved_model`, which adapts as it was "
                f"exported to. Received: {given[name]}."
            )
    run_dir = experiment_flags.run_directory_path("evaluate", experiment)
    saved_model = user_path(SAVED_MODEL.value)
    accuracies = jobs.evaluate_saved_model(
        saved_model, experiment, run_dir, protocols, report=say
    )
    scored = [with_protocol(experiment, each, SAVED_MODEL_FIELDS) for each in protocols]
    whole = [protocol_of(each, SAVED_MODEL_FIELDS) for each in scored]
    return list(zip(whole, accuracies, strict=True))


def _evaluate_run(
    _: ExperimentConfig, protocols: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], SplitAccuracy]]:
    run_dir = user_path(experiment_flags.RUN_DIR.value)
    if not run_dir:
        raise ValueError("`run_dir` or `saved_model` must be given. Received: neither.")
    given = given_values(ExperimentConfig)
    _check_dataset(run_dir, given)
    places = {name: user_path(given.pop(name)) for name in PLACES if name in given}
    protocols = [given | each for each in protocols]
    accuracies = jobs.evaluate(run_dir, protocols, **places, report=say)
    experiment = RunDirectory(run_dir).experiment
    whole = [protocol_of(with_protocol(experiment, each)) for each in protocols]
    return list(zip(whole, accuracies, strict=True))


def _check_dataset(run_dir: str, given: Mapping[str, Any]) -> None:
    """Sees that the flags ask for the run's own dataset, or for none."""
    own = RunDirectory(run_dir).experiment.data.dataset
    asked = given.get("dataset", "image_folder" if "image_folder" in given else own)
    if asked != own:
        model = os.path.join(experiment_flags.RUN_DIR.value, "saved_model", "1")
        raise ValueError(
            f"`dataset` must be {own!r}, that of the run. Received: {asked!r}. To score "
            f"its learner on other classes give --saved_model={model} in place of "
            "--run_dir: those scores have a run directory of their own."
        )


def _dataset(experiment: ExperimentConfig) -> str:
    """The dataset whose classes were scored."""
    if not SAVED_MODEL.value:  # Always that of the run.
        run_dir = user_path(experiment_flags.RUN_DIR.value)
        experiment = RunDirectory(run_dir).experiment
    return experiment.data.dataset


def _result(protocol: Mapping[str, Any], accuracy: SplitAccuracy) -> dict[str, Any]:
    """Says what was reached under a protocol, in one line, and returns it for JSON."""
    num_episodes = accuracy.transductive.num_episodes
    say(f"{protocol_text(protocol)}: {accuracy} over {num_episodes:,} episodes")
    result = dataclasses.asdict(accuracy)
    del result["split"]  # The protocol has it.
    return {"protocol": dict(protocol)} | result


def run() -> None:
    """Starts the program; it ends the process."""
    run_program(main, "Start the same command again to go on where it stopped.")
