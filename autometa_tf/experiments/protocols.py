"""Protocols: under which settings one and the same trained learner is scored.

A protocol is an experiment of which only what concerns the scoring is another's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from autometa_tf.experiments.experiment_config import ExperimentConfig, field_values

# Under these a learner can be scored that was trained with others.
PROTOCOL_FIELDS = (
    "final_split",
    "shots",
    "queries_per_class",
    "scoring_inner_iterations",
    "scoring_inner_batch_size",
    "scoring_inner_learning_rate",
    "num_test_episodes",
)
# A SavedModel adapts as it was exported to.
SAVED_MODEL_FIELDS = (
    "final_split",
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

    Args:
      experiment: The learner's.
      protocol: Values by the names of fields. Other fields than those allowed may be
        among them, where they have the experiment's own value.
      allowed: The fields that may differ.

    Raises:
      ValueError: A field may not differ, is unknown, or has a value that may not be.
    """
    own, now = field_values(experiment), experiment.with_fields(**protocol)
    for name in protocol:
        value = field_values(now)[name]
        if name in allowed or value == own[name]:
            continue
        if name == "ways":
            raise ValueError(
                f"`ways` must be {own[name]}, neither more nor fewer: the network has "
                "an output for each of the classes it was trained to tell apart. "
                f"Received: {value}."
            )
        raise ValueError(
            f"`{name}` must be {own[name]!r}, with which the learner came about: only "
            f"{', '.join(allowed)} may be others when it is scored. "
            f"Received: {value!r}."
        )
    return now


def protocol_of(
    experiment: ExperimentConfig, names: Sequence[str] = ("ways", *PROTOCOL_FIELDS)
) -> dict[str, Any]:
    """All that a score depends on besides the learner, by the names of fields."""
    values = field_values(experiment)
    return {name: values[name] for name in names}


def protocol_text(protocol: Mapping[str, Any]) -> str:
    """What `protocol_of` has, for people, but for the number of episodes."""
    num_queries = protocol["queries_per_class"]
    ways = f"{protocol['ways']}-way " if "ways" in protocol else ""
    parts = [
        f"{protocol['final_split']} classes",
        f"{ways}{protocol['shots']}-shot",
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
