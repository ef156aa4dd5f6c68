"""What the process it is called in computes with, to be that of a learner."""

import tensorflow as tf

from autometa_tf.candidates.candidate import kernels_serve, parallel_episodes
from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.candidates.sitting import Sitting
from autometa_tf.kernels.library import kernel_path
from autometa_tf.learners.devices import gpu_names
from autometa_tf.machine import cpu_model
from autometa_tf.networks.network_kinds import Network


def describe_sitting(
    config: CandidateConfig, network: Network, *, num_replicas: int = 1
) -> Sitting:
    """Describes the process it is called in, to be that of a learner.

    Args:
      config: The learner's.
      network: What it learns with; any cell will do for candidates.
      num_replicas: Of the learner.
    """
    serve = kernels_serve(config, network)
    return Sitting(
        num_parallel_episodes=parallel_episodes(
            config, network, num_replicas=num_replicas
        ),
        kernels=kernel_path() if serve else "off",
        processor=", ".join(gpu_names()) or cpu_model(),
        tensorflow=tf.__version__,
    )
