"""mini-ImageNet as a dataset of TensorFlow Datasets, registered as `mini_imagenet`."""

import pathlib
from collections.abc import Iterator

import numpy as np
import tensorflow_datasets as tfds

from autometa_tf.episodes.mini_imagenet_sources import (
    MINI_IMAGENET_IMAGE_SIZE,
    SPLITS,
    SourceImage,
)
from autometa_tf.episodes.read_mini_imagenet import (
    CLASSES_PER_SPLIT,
    read_mini_imagenet,
)

_DESCRIPTION = """
mini-ImageNet, the usual few-shot image classification set: 100 classes of ImageNet with
600 images each, 84x84 pixels. 64 classes are for training, 16 for validation and 20 for
testing, as divided by Ravi and Larochelle.
"""

_CITATION = """
@inproceedings{vinyals2016matching,
  title={Matching networks for one shot learning},
  author={Vinyals, Oriol and Blundell, Charles and Lillicrap, Timothy and
          Kavukcuoglu, Koray and Wierstra, Daan},
  booktitle={Advances in Neural Information Processing Systems},
  year={2016}
}
@inproceedings{ravi2017optimization,
  title={Optimization as a model for few-shot learning},
  author={Ravi, Sachin and Larochelle, Hugo},
  booktitle={International Conference on Learning Representations},
  year={2017}
}
"""


class MiniImagenet(tfds.core.GeneratorBasedBuilder):
    """Builds mini-ImageNet from files that the user has, checked one by one.

    Images are stored as raw pixels: 1.3 GB on disk, but all 60,000 load in about a
    second, where decoding them would cost that much again for every start.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = """
    ImageNet's terms do not allow downloading mini-ImageNet freely. `manual_dir` must
    hold one of:
    - train, val and test, each a folder or a .tar of `<wnid>/*.jpg`;
    - a folder images, and Ravi and Larochelle's train.csv, val.csv and test.csv
      (https://github.com/twitter-research/meta-learning-lstm);
    - ILSVRC2012_img_train.tar (https://image-net.org) and those three lists;
    - mini-imagenet-cache-train.pkl, -val.pkl (or -validation.pkl) and -test.pkl.
    """

    def _info(self) -> tfds.core.DatasetInfo:
        size = MINI_IMAGENET_IMAGE_SIZE
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Tensor(
                        shape=(size, size, 3),
                        dtype=np.uint8,
                        encoding=tfds.features.Encoding.BYTES,
                    ),
                    "label": tfds.features.ClassLabel(
                        num_classes=sum(CLASSES_PER_SPLIT.values())
                    ),
                    "file_name": tfds.features.Text(),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://github.com/twitter-research/meta-learning-lstm",
            citation=_CITATION,
            # Ordered by class: whoever samples episodes shuffles anyway.
            disable_shuffling=True,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator]:
        splits = read_mini_imagenet(pathlib.Path(dl_manager.manual_dir))
        # Labels number the train classes first, then validation, then test.
        self.info.features["label"].names = list(
            dict.fromkeys(image.wnid for split in SPLITS for image in splits[split])
        )
        return {split: self._generate_examples(splits[split]) for split in SPLITS}

    def _generate_examples(
        self, images: list[SourceImage]
    ) -> Iterator[tuple[int, dict[str, object]]]:
        for key, image in enumerate(images):
            yield (
                key,
                {
                    "image": image.content,
                    "label": image.wnid,
                    "file_name": image.file_name,
                },
            )
