"""The learners that come with the library do what their cards say."""

import math
import os
import pathlib

import numpy as np
import tensorflow as tf
from absl.testing import absltest

import autometa_tf
from autometa_tf.episodes.load_dataset import load_dataset
from autometa_tf.episodes.sampler import EpisodeSampler
from autometa_tf.experiments.learner_card import card_text
from autometa_tf.experiments.learner_folder import read_card
from autometa_tf.experiments.load_learner import load_learner

_RELEASED = pathlib.Path(autometa_tf.__file__).parent / "released"
_EPISODES = 20
_MANUAL_DIR = os.environ.get("AUTOMETA_MINI_IMAGENET_DIR", "")


def _episodes(classes, ways, shots, queries_per_class):
    """Support images and queries of episodes, by class."""
    sampler = EpisodeSampler(
        classes,
        ways=ways,
        images_per_class=shots + queries_per_class,
        seed=1,  # Others than the card's.
        split="test",
    )
    numbers = tf.range(_EPISODES, dtype=tf.int64)
    for rows in sampler.choose_images(sampler.classes, numbers).numpy():
        yield classes.images[rows[:, :shots]], classes.images[rows[:, shots:]]


def _flat(images):
    return images.reshape(-1, *images.shape[2:])


class ReleasedLearnersTest(absltest.TestCase):
    def test_cards_are_for_people_what_they_are_for_programs(self):
        folders = list(_RELEASED.iterdir())
        self.assertNotEmpty(folders)
        for folder in folders:
            card = read_card(folder)
            text = (folder / "card.md").read_text(encoding="utf-8")
            self.assertEqual(text, card_text(folder.name, card))
            self.assertNotIn("=/", card.command)
            # Weights and second moments, four bytes each.
            most = 8 * card.num_parameters + 20_000
            self.assertLess((folder / "weights.npz").stat().st_size, most)

    def test_glyphs_are_told_apart_as_the_card_says(self):
        self._check_card("glyphs-1shot", load_dataset("glyphs").test, ways=10)

    @absltest.skipUnless(
        _MANUAL_DIR, "AUTOMETA_MINI_IMAGENET_DIR names no mini-ImageNet."
    )
    def test_photos_are_told_apart_as_the_card_says(self):
        data_dir = self.create_tempdir().full_path
        splits = load_dataset(
            "mini_imagenet", data_dir=data_dir, manual_dir=_MANUAL_DIR
        )
        self._check_card("photos", splits.test, ways=5, shots=5)

    def _check_card(self, name, classes, **protocol):
        (score,) = [
            each
            for each in read_card(_RELEASED / name).scores
            if all(getattr(each, field) == protocol[field] for field in protocol)
        ]
        learner = load_learner(name)
        labels, right = np.arange(score.ways).repeat(score.shots), []
        for support, queries in _episodes(
            classes, score.ways, score.shots, score.queries_per_class
        ):
            classifier = learner.fit(_flat(support), labels)
            truth = np.arange(score.ways).repeat(score.queries_per_class)
            right.append(classifier.score(_flat(queries), truth))
        card = score.non_transductive
        of_episode = card.ci95 / 1.96 * math.sqrt(card.num_episodes)
        # The difference of two means, with 99.9% certainty.
        error = of_episode * math.sqrt(1 / _EPISODES + 1 / card.num_episodes)
        self.assertAlmostEqual(np.mean(right), card.mean, delta=3.3 * error)

    def test_its_saved_model_answers_the_same(self):
        learner = load_learner("glyphs-1shot")
        folder = os.path.join(self.create_tempdir().full_path, "saved_model")
        learner.save(folder)
        classes = load_dataset("glyphs").test
        (support, queries), *_ = _episodes(classes, 7, 2, 1)
        labels = np.arange(7).repeat(2)
        answers = [
            each.fit(_flat(support), labels).predict_proba(_flat(queries))
            for each in (learner, load_learner(folder))
        ]
        np.testing.assert_allclose(*answers, atol=1e-4)


if __name__ == "__main__":
    absltest.main()
