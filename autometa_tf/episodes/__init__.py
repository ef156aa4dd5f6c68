"""Images -> few-shot episodes: datasets, class splits, the sampler."""

from autometa_tf.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "ClassImages": "dataset",
        "ClassSplits": "dataset",
        "DatasetConfig": "dataset_config",
        "DatasetError": "dataset",
        "EpisodeConfig": "episode_config",
        "EpisodeSampler": "sampler",
        "class_images_from": "dataset",
    },
)
