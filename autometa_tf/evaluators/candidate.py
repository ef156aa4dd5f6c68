"""What one candidate is: a network, meta-trained on episodes and scored on others."""

from autometa_tf.episodes.dataset import ClassImages
from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.evaluators.candidate_config import CandidateConfig
from autometa_tf.genomes.genome import Genome
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.learners.scoring import EpisodeScorer
from autometa_tf.networks.conv4 import build_conv4, conv4_config
from autometa_tf.networks.network import build_network


def make_model(
    genome: Genome | None, config: CandidateConfig, num_parallel_episodes: int
) -> ParallelModel:
    """The network of a genome, or the conv4 baseline for None, with seeded weights."""
    settings = {"num_parallel_episodes": num_parallel_episodes, "seed": config.seed}
    if genome is None:
        baseline = conv4_config(config.network.image_shape, config.network.ways)
        return ParallelModel(build_conv4(baseline, **settings), num_parallel_episodes)
    model = build_network(genome, config.network, **settings)
    return ParallelModel(model, num_parallel_episodes)


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
