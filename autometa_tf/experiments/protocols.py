"""Protocols: under which settings one and the same trained learner is scored.

A protocol is an experiment of which only what concerns the scoring is another's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from autometa_tf.experiments.experiment_config import ExperimentConfig, field_values
from autometa_tf.learners.scoring_config import balanced_batch_size

# Under these a learner can be scored that was trained with others; with other `ways`
# where it was trained with a shared head.
PROTOCOL_FIELDS = (
    "final_split",
    "ways",
    "shots",
    "queries_per_class",
    "scoring_inner_iterations",
    "scoring_support_passes",
    "scoring_inner_batch_size",
    "scoring_inner_learning_rate",
    "num_test_episodes",
)
# How a learner adapts. A release may have others than its run.
ADAPTATION_FIELDS = (
    "scoring_inner_iterations",
    "scoring_support_passes",
    "scoring_inner_batch_size",
    "scoring_inner_learning_rate",
)
# A SavedModel adapts as it was exported to.
SAVED_MODEL_FIELDS = (
    "final_split",
    "ways",
    "shots",
    "queries_per_class",
    "num_test_episodes",
)


def with_protocol(
    experiment: ExperimentConfig,
    protocol: Mapping[str, Any],
    allowed: Sequence[str] = PROTOCOL_FIELDS,
) -> ExperimentConfig:
    """The experiment whose learner is scored under another protocol.

    With other `ways` and `class_balanced_batches` an inner batch is the smallest that
    holds every class equally often and as many images as the experiment's, unless the
    protocol gives its size.

    Args:
      experiment: The learner's.
      protocol: Values by the names of fields. Other fields than those allowed may be
        among them, where they have the experiment's own value.
      allowed: The fields that may differ.

    Raises:
      ValueError: A field may not differ, is unknown, or has a value that may not be.
    """
    own = field_values(experiment)
    sizes = _batch_sizes(experiment, protocol.get("ways"))
    now = experiment.with_fields(**sizes | dict(protocol))
    for name in protocol:
        value = field_values(now)[name]
        if value == own[name]:
            continue
        # What a SavedModel takes it says itself.
        if name == "ways" and allowed is PROTOCOL_FIELDS and not own["shared_head"]:
            raise ValueError(
                f"`ways` must be {own[name]}, neither more nor fewer: the network has "
                "an output for each of the classes it was trained to tell apart. Only "
                "one that was trained with `shared_head` can be scored with others. "
                f"Received: {value}."
            )
        if name in allowed:
            continue
        raise ValueError(
            f"`{name}` must be {own[name]!r}, with which the learner came about: only "
            f"{', '.join(allowed)} may be others when it is scored. "
            f"Received: {value!r}."
        )
    return now


def _batch_sizes(experiment: ExperimentConfig, ways: Any) -> dict[str, int]:
    """The sizes of inner batches that hold so many classes equally often, by name.

    Scoring does not depend on that of training, but an experiment is checked as a whole.
    """
    own = field_values(experiment)
    if not own["class_balanced_batches"] or type(ways) is not int or ways < 1:
        return {}
    return {
        name: balanced_batch_size(own[name], ways)
        for name in ("inner_batch_size", "scoring_inner_batch_size")
    }


def protocol_of(
    experiment: ExperimentConfig, names: Sequence[str] = PROTOCOL_FIELDS
) -> dict[str, Any]:
    """All that a score depends on besides the learner, by the names of fields.

    The inner iterations are as many as there are, `scoring_support_passes` or not.
    """
    values = field_values(experiment)
    values["scoring_inner_iterations"] = experiment.final.num_scoring_iterations
    return {name: values[name] for name in names if name != "scoring_support_passes"}


def protocol_text(protocol: Mapping[str, Any]) -> str:
    """What `protocol_of` has, for people, but for the number of episodes."""
    num_queries = protocol["queries_per_class"]
    parts = [
        f"{protocol['final_split']} classes",
        f"{protocol['ways']}-way {protocol['shots']}-shot",
        f"{num_queries} {'query' if num_queries == 1 else 'queries'} a class",
    ]
    if "scoring_inner_iterations" in protocol:
        rate = protocol["scoring_inner_learning_rate"]
        parts.append(
            f"{protocol['scoring_inner_iterations']} inner iterations of "
            f"{protocol['scoring_inner_batch_size']} images"
            + (f" at learning rate {rate:g}" if rate is not None else "")
        )
    return ", ".join(parts)


def accuracies_file_name(own: ExperimentConfig, scored: ExperimentConfig) -> str:
    """The file of the accuracies under a protocol: how it differs from a run's own.

    "test_accuracies.csv", "test_accuracies-shots=5-queries_per_class=15.csv".

    Args:
      own: The experiment of the run.
      scored: That with the protocol.
    """
    before, now = protocol_of(own), protocol_of(scored)
    split = now.pop("final_split")
    del now["num_test_episodes"]  # A file grows.
    differing = [f"-{name}={now[name]}" for name in now if now[name] != before[name]]
    return f"{split}_accuracies{''.join(differing)}.csv"
