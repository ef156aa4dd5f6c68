"""What one candidate is: a network, meta-trained on episodes and scored on others."""

from autometa_tf.candidates.candidate_config import CandidateConfig
from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.sampler import EpisodeSampler, gather_side_by_side
from autometa_tf.genomes.genome import Genome
from autometa_tf.kernels.library import kernel_path
from autometa_tf.kernels.operations import gather_images
from autometa_tf.learners.devices import (
    gpu_available,
    grouped_gradients_available,
    operations_at_once,
)
from autometa_tf.learners.parallel_episodes import (
    choose_parallel_episodes,
    side_by_side_pays,
)
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.learners.scoring import EpisodeScorer
from autometa_tf.networks.conv4 import build_conv4, conv4_config
from autometa_tf.networks.network import build_network


def kernels_serve(config: CandidateConfig, *, baseline: bool = False) -> bool:
    """Whether networks are made of our kernels in this process: the rule.

    Where they run they are the fastest for cells of any width. Conv4's convolutions
    have 32 or 64 channels, for which oneDNN's on AVX-512 are as fast, and its pooling
    is faster. XLA knows nothing of them.

    Args:
      config: The learner's.
      baseline: Whether it is conv4 and no cell.
    """
    path = kernel_path()
    if path == "off" or config.jit_compile:
        return False
    return not (baseline and path == "avx512" and grouped_gradients_available())


def parallel_episodes(
    config: CandidateConfig,
    *,
    baseline: bool = False,
    num_replicas: int = 1,
    batch_last: bool | None = None,
) -> int:
    """E as configured, else what the rule says for this process.

    Args:
      config: The learner's.
      baseline: Whether it is conv4 and no cell.
      num_replicas: Of the learner.
      batch_last: Whether it is made of our kernels. None: as `kernels_serve` says.

    Raises:
      ValueError: this process cannot compute as many as are configured.
    """
    kernels = batch_last
    if kernels is None:
        kernels = kernels_serve(config, baseline=baseline)
    chosen = config.num_parallel_episodes
    if chosen is None:
        return choose_parallel_episodes(
            meta_batch_size=config.reptile.meta_batch_size,
            num_threads=operations_at_once(),
            num_replicas=num_replicas,
            side_by_side_pays=side_by_side_pays(
                map_bytes=_first_map_bytes(config, baseline),
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


def _first_map_bytes(config: CandidateConfig, baseline: bool) -> int:
    """Of the first convolution's output for an episode's inner batch, in float32."""
    height, width, _ = config.network.image_shape
    if baseline:
        network = conv4_config(config.network.image_shape, config.network.ways)
        stride = 1 if network.max_pooling else 2
    else:
        network = config.network
        stride = network.stem_stride or (1 if max(height, width) <= 48 else 2)
    pixels = -(-height // stride) * -(-width // stride)
    return 4 * pixels * network.num_filters * config.reptile.inner_batch_size


def make_model(
    genome: Genome | None,
    config: CandidateConfig,
    num_parallel_episodes: int,
    *,
    batch_last: bool | None = None,
) -> ParallelModel:
    """The network of a genome, or the conv4 baseline for None, with seeded weights.

    Args:
      genome: The cell, or None.
      config: What surrounds it.
      num_parallel_episodes: E.
      batch_last: Whether it is made of our kernels. None: as `kernels_serve` says.
    """
    if batch_last is None:
        batch_last = kernels_serve(config, baseline=genome is None)
    settings = {
        "num_parallel_episodes": num_parallel_episodes,
        "seed": config.seed,
        "batch_last": batch_last,
    }
    if genome is None:
        baseline = conv4_config(config.network.image_shape, config.network.ways)
        model = build_conv4(baseline, **settings)
    else:
        model = build_network(genome, config.network, **settings)
    gather = gather_images if batch_last else gather_side_by_side
    return ParallelModel(model, num_parallel_episodes, gather)


def make_learner(
    model: ParallelModel, config: CandidateConfig, train: ClassImages, strategy=None
) -> ReptileLearner:
    """A learner before its first outer iteration.

    XLA compiles it on a GPU, where it fuses small operations; on a CPU its convolutions
    cost more than that saves.
    """
    jit_compile = config.jit_compile
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
        strategy=strategy,
        jit_compile=jit_compile,
    )


def make_scorer(
    model: ParallelModel, config: CandidateConfig, classes: ClassImages, split: str
) -> EpisodeScorer:
    """A scorer on the episodes of `split`, whose images are `classes`."""
    episodes = EpisodeSampler(
        classes,
        ways=config.episodes.ways,
        images_per_class=config.episodes.shots + 1,
        seed=config.seed,
        split=split,
    )
    return EpisodeScorer(model, episodes, config.scoring, config.reptile.adam)
