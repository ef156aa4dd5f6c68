"""A learner of a linear model on tiny classes, of which numpy can compute the same."""

from typing import Any

from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.learners.parallel_model import ParallelModel
from autometa_tf.learners.reptile_config import ReptileConfig
from autometa_tf.learners.reptile_learner import ReptileLearner
from autometa_tf.testing.linear_model import linear_model
from autometa_tf.testing.tiny_classes import tiny_classes

SHAPE = (3, 3, 1)


def linear_sampler(seed: int = 0) -> EpisodeSampler:
    """Episodes of 3 ways and 3 images of each class."""
    return EpisodeSampler(
        tiny_classes(6, 4, SHAPE), ways=3, images_per_class=3, seed=seed, split="train"
    )


def linear_config(**fields: Any) -> ReptileConfig:
    """A few iterations of each kind, but for the fields that are given."""
    fields = {
        "inner_iterations": 3,
        "inner_batch_size": 4,
        "meta_batch_size": 3,
        "outer_iterations": 8,
    } | fields
    return ReptileConfig(**fields)


def linear_learner(
    config: ReptileConfig, copies: int = 1, *, seed: int = 0, **settings: Any
) -> ReptileLearner:
    """A learner of E = `copies`; settings are `ReptileLearner`'s."""
    model = linear_model(SHAPE, 3, num_parallel_episodes=copies)
    parallel = ParallelModel(model, copies)
    return ReptileLearner(parallel, linear_sampler(seed), config, **settings)
