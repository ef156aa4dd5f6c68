"""What one candidate is: a network, meta-trained on episodes and scored on others."""

from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.sampler import EpisodeSampler, gather_side_by_side
from autometa_tf.evaluators.candidate_config import CandidateConfig
from autometa_tf.genomes.genome import Genome
from autometa_tf.kernels.library import kernel_path
from autometa_tf.kernels.operations import gather_images
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.learners.scoring import EpisodeScorer
from autometa_tf.networks.conv4 import build_conv4, conv4_config
from autometa_tf.networks.network import build_network


def make_model(
    genome: Genome | None, config: CandidateConfig, num_parallel_episodes: int
) -> ParallelModel:
    """The network of a genome, or the conv4 baseline for None, with seeded weights."""
    batch_last = kernel_path() != "off" and not config.jit_compile
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
    """A learner before its first outer iteration."""
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
        jit_compile=config.jit_compile,
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
