"""What one candidate is: a network, meta-trained on episodes and scored on others."""

import dataclasses

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.sampler import EpisodeSampler, gather_side_by_side
from autometa_tf.kernels.library import kernel_path
from autometa_tf.kernels.operations import gather_images
from autometa_tf.learners.devices import (
    gpu_available,
    grouped_gradients_available,
    operations_at_once,
)
from autometa_tf.learners.distribution import Distribution
from autometa_tf.learners.parallel_episodes import (
    choose_parallel_episodes,
    side_by_side_pays,
)
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.learners.scoring import EpisodeScorer
from autometa_tf.networks.network import (
    build_network,
    first_convolution,
    head_weights,
)
from autometa_tf.networks.network_kinds import Conv4, Network


def kernels_serve(config: CandidateConfig, network: Network) -> bool:
    """Whether a network is made of our kernels in this process: the rule.

    Where they run they are the fastest for cells of any width. Conv4's convolutions
    have 32 or 64 channels, for which oneDNN's on AVX-512 are as fast, and its pooling
    is faster. XLA knows nothing of them.
    """
    path = kernel_path()
    if path == "off" or config.computation.jit_compile:
        return False
    one_dnn_is_faster = path == "avx512" and grouped_gradients_available()
    return not (isinstance(network, Conv4) and one_dnn_is_faster)


def parallel_episodes(
    config: CandidateConfig,
    network: Network,
    *,
    num_replicas: int = 1,
    batch_last: bool | None = None,
) -> int:
    """E as configured, else what the rule says for this process.

    Args:
      config: The learner's.
      network: Any cell will do for a cell.
      num_replicas: Of the learner.
      batch_last: Whether it is made of our kernels. None: as `kernels_serve` says.

    Raises:
      ValueError: This process cannot compute as many as are configured.
    """
    kernels = kernels_serve(config, network) if batch_last is None else batch_last
    chosen = config.computation.num_parallel_episodes
    if chosen is None:
        return choose_parallel_episodes(
            meta_batch_size=config.reptile.meta_batch_size,
            num_threads=operations_at_once(),
            num_replicas=num_replicas,
            side_by_side_pays=side_by_side_pays(
                map_bytes=_first_map_bytes(config, network),
                kernels=kernels,
                grouped_gradients=grouped_gradients_available(),
                on_gpu=gpu_available(),
            ),
        )
    if chosen > 1 and not kernels and not grouped_gradients_available():
        raise ValueError(
            "`num_parallel_episodes` must be 1, or not be given, where TensorFlow has "
            "no gradients of grouped convolutions (on a CPU: without oneDNN). "
            f"Received: {chosen}."
        )
    return chosen


def _first_map_bytes(config: CandidateConfig, network: Network) -> int:
    """Of the first convolution's output for an episode's inner batch, in float32."""
    first = first_convolution(network, config.network, config.task)
    height, width, _ = config.image_shape
    pixels = -(-height // first.stride) * -(-width // first.stride)
    return 4 * pixels * first.num_filters * config.reptile.inner_batch_size


def make_model(
    network: Network,
    config: CandidateConfig,
    num_parallel_episodes: int,
    *,
    batch_last: bool | None = None,
    ways: int | None = None,
) -> ParallelModel:
    """A network with seeded weights.

    Args:
      network: A cell, or conv4.
      config: What surrounds the cell, and the rest.
      num_parallel_episodes: E.
      batch_last: Whether it is made of our kernels. None: as `kernels_serve` says.
      ways: The classes that it tells apart. None: those of an episode.
    """
    if batch_last is None:
        batch_last = kernels_serve(config, network)
    task = config.task
    if ways is not None:
        task = dataclasses.replace(task, ways=ways)
    model = build_network(
        network,
        config.network,
        task,
        num_parallel_episodes=num_parallel_episodes,
        seed=config.seed,
        batch_last=batch_last,
    )
    gather = gather_images if batch_last else gather_side_by_side
    return ParallelModel(model, num_parallel_episodes, gather)


def make_learner(
    model: ParallelModel,
    config: CandidateConfig,
    train: ClassImages,
    distribution: Distribution | None = None,
) -> ReptileLearner:
    """A learner before its first outer iteration.

    XLA compiles it on a GPU, where it fuses small operations; on a CPU its convolutions
    cost more than that saves.

    Args:
      model: E copies of the network.
      config: The learner's.
      train: The classes it is meta-trained on.
      distribution: From `make_distribution`; None is one replica.
    """
    jit_compile = config.computation.jit_compile
    if jit_compile is None:
        jit_compile = gpu_available()
    episodes = EpisodeSampler(
        train,
        ways=config.episodes.ways,
        images_per_class=config.episodes.train_shots,
        seed=config.seed,
        split="train",
    )
    return ReptileLearner(
        model,
        episodes,
        config.reptile,
        head=head_weights(model.model, model.num_parallel_episodes),
        distribution=distribution,
        jit_compile=jit_compile,
    )


def make_scorer(
    model: ParallelModel, config: CandidateConfig, classes: ClassImages, split: str
) -> EpisodeScorer:
    """A scorer on the episodes of `split`, whose images are `classes`.

    Unless the scoring has a learning rate of its own, it adapts with the one of the last
    outer iteration of the training.
    """
    episodes = EpisodeSampler(
        classes,
        ways=config.episodes.ways,
        images_per_class=config.images_to_score,
        seed=config.seed,
        split=split,
    )
    return EpisodeScorer(
        model,
        episodes,
        config.scoring,
        config.scoring_adam,
        class_balanced_batches=config.reptile.class_balanced_batches,
    )
