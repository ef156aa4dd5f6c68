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


def _episodes(ways, shots, queries_per_class):
    """Support images and queries of episodes of glyphs' test classes, by class."""
    classes = load_dataset("glyphs").test
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
            self.assertLess((folder / "weights.npz").stat().st_size, 210_000)

    def test_glyphs_are_told_apart_as_the_card_says(self):
        scores = read_card(_RELEASED / "glyphs-1shot").scores
        (score,) = [each for each in scores if each.ways == 10]
        learner = load_learner("glyphs-1shot")
        labels, right = np.arange(score.ways), []
        for support, queries in _episodes(score.ways, 1, score.queries_per_class):
            classifier = learner.fit(_flat(support), labels)
            truth = labels.repeat(score.queries_per_class)
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
        (support, queries), *_ = _episodes(7, 2, 1)
        labels = np.arange(7).repeat(2)
        answers = [
            each.fit(_flat(support), labels).predict_proba(_flat(queries))
            for each in (learner, load_learner(folder))
        ]
        np.testing.assert_allclose(*answers, atol=1e-4)


if __name__ == "__main__":
    absltest.main()
