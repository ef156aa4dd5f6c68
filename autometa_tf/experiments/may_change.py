"""Which fields of an experiment may change when a run goes on."""

import json

from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.search.config_differences import flat_fields
from autometa_tf.search.configurations import Configuration

# What may be changed when a run goes on: where data lie (a fingerprint says what they
# are), how it is computed, when a search gives up and how long it may take, of which it
# keeps what it decided. None of it changes an answer that is there but by rounding, of
# which each sitting tells.
MAY_DIFFER = (
    "data.data_dir",
    "data.manual_dir",
    "data.image_folder",
    "data.split_file",
    "computation",
    "distribution",
    "search.max_consecutive_failures",
    "search.time_budget_hours",
)
# What else may be changed when a search goes on: which candidates it tries, and how far it
# trains them. Evaluations are kept with their lengths, and stages are chosen anew from
# the first that depends on it, as in a search that was begun so.
MAY_GROW = (
    "search.max_num_blocks",
    "search.beam_size",
    "search.exploration",
    "search.max_parameters",
    "search.max_multiply_adds",
    "search.halving_rungs",
    "search.halving_factor",
    "search.num_finalists",
    "search.finalist_factor",
    "search.num_finalist_episodes",
    "reptile.outer_iterations",
)
# Those of them on which no choice of a stage depends; for `pnas` nor on the number of
# blocks, since it grows cells block by block.
_FINALISTS_ALONE = (
    "search.num_finalists",
    "search.finalist_factor",
    "search.num_finalist_episodes",
)
# The fields that a training which is no part of a search does not depend on.
ONLY_SEARCHED_WITH = (
    "search",
    "predictor",
    "reptile.outer_iterations",
    "scoring.num_scoring_episodes",
)


def configuration_of(experiment: ExperimentConfig) -> Configuration:
    """What of a search may change, for its store."""
    values = dict(flat_fields(experiment.to_json()))
    by_blocks = experiment.search.search_strategy == "pnas"
    free = (*_FINALISTS_ALONE, *(["search.max_num_blocks"] if by_blocks else []))
    stages_by = [path for path in MAY_GROW if path not in free]
    return Configuration(
        fields=json.dumps({path: values[path] for path in MAY_GROW}),
        stages_by=json.dumps({path: values[path] for path in stages_by}),
    )


def check_time_left(
    experiment: ExperimentConfig, before: str | None, spent_seconds: float
) -> None:
    """Sees that there is time for another configuration.

    With more to do and no time for it, a search would end worse than before.

    Args:
      experiment: To go on with.
      before: The fields of the search's configuration so far; None before any.
      spent_seconds: What it has taken.

    Raises:
      ValueError: Its time is over.
    """
    limit, spent = experiment.search.time_budget_hours, spent_seconds / 3600
    if limit is None or before in (None, configuration_of(experiment).fields):
        return
    if spent >= limit:
        raise ValueError(
            f"`time_budget_hours` must be above the {spent:.3g} hours that the search "
            f"has taken, for it to go on with another configuration. Received: {limit}."
        )
