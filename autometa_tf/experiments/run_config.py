"""What config.json of a run has, read and found to be that."""

import os
from collections.abc import Mapping
from typing import Any

from autometa_tf import __version__
from autometa_tf.experiments.config_fields import with_defaults
from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.json_file import read_json


def records_in(config: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of records, such as "sittings", of what config.json has.

    Raises:
      ValueError: It is no list of objects.
    """
    records = config.get(name)
    if not isinstance(records, list) or not all(
        isinstance(each, dict) for each in records
    ):
        raise ValueError(
            f"`{name}` in config.json must be a list of objects. "
            f"Received: {records!r:.80}."
        )
    return records


def read_run_config(path: str) -> dict[str, Any]:
    """Reads a run's config.json.

    Fields of its experiment that an earlier version did not have are there, with their
    defaults, so that such a run goes on.

    Args:
      path: Of the file, in the run's folder.

    Raises:
      ValueError: There is none, or one of an earlier version, or a damaged one.
    """
    content, folder = read_json(path), os.path.dirname(path)
    if content is None:
        raise ValueError(
            "`run_dir` must be the folder of a run, with its config.json. "
            f"Received: {folder!r}."
        )
    if not isinstance(content, dict):
        raise ValueError(
            f"{path!r} must be a run's configuration. "
            f"Received: {content!r:.80}. Mend it, or give another --run_dir."
        )
    if "experiment" not in content:
        version = content.get("version", "0.1.0")
        raise ValueError(
            f"`run_dir` must hold a run of version {__version__}, this one. Received: "
            f"{folder!r}, of version {version}. Go on with that version, or begin "
            "another run with another --run_dir."
        )
    experiment = with_defaults(ExperimentConfig, content["experiment"])
    return content | {"experiment": experiment}
