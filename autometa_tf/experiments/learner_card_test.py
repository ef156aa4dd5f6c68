import json

from absl.testing import absltest, parameterized

from autometa_tf.experiments.learner_card import (
    LearnerCard,
    ProtocolScore,
    card_text,
    is_name,
    public_command,
)
from autometa_tf.exports.adaptation import Adaptation
from autometa_tf.learners.adam_config import AdamConfig
from autometa_tf.learners.score import Score
from autometa_tf.networks.network_config import NetworkConfig

_SCORE = ProtocolScore(
    split="test",
    ways=20,
    shots=1,
    queries_per_class=15,
    inner_iterations=7,
    inner_batch_size=40,
    inner_learning_rate=0.001,
    transductive=Score(mean=0.9123, ci95=0.0101, num_episodes=1000),
    non_transductive=Score(mean=0.8, ci95=0.02, num_episodes=1000),
)
_CARD = LearnerCard(
    version="0.2.0",
    dataset="mini_imagenet",
    train_classes=64,
    image_shape=(84, 84, 3),
    ways=5,
    network_config=NetworkConfig(),
    adaptation=Adaptation(
        inner_iterations=7,
        inner_batch_size=10,
        adam=AdamConfig(),
        class_balanced_batches=False,
        shared_head=True,
    ),
    outer_iterations=3000,
    num_parameters=24_185,
    command="autometa train --run_dir=RUN_DIR",
    scores=(_SCORE,),
)


class LearnerCardTest(parameterized.TestCase):
    def test_json_and_back(self):
        content = json.loads(json.dumps(_CARD.to_json()))
        self.assertEqual(LearnerCard.from_json(content), _CARD)

    def test_people_read_what_it_is_and_what_it_reaches(self):
        text = card_text("photos-1shot", _CARD)
        for part in (
            "# photos-1shot\n",
            "24,185 parameters that learns any number of classes from 2 on from a few",
            'am.load_learner("photos-1shot")',
            "- Images: 84x84x3, float32 in [0, 1]",
            "64 classes of `mini_imagenet`, 5 in an episode, for 3,000 outer",
            "autometa train --run_dir=RUN_DIR\n",
            "ImageNet's, whose terms allow non-commercial research",
            "| test | 20 | 1 | 15 | 7 of 40 images | 1,000 | 5% | 91.2±1.0% | 80.0±2.0% |",
            "--protocol=final_split=test,ways=20,shots=1,queries_per_class=15,"
            "scoring_inner_iterations=7,scoring_inner_batch_size=40,"
            "scoring_inner_learning_rate=0.001,num_test_episodes=1000\n",
        ):
            self.assertIn(part, text)

    @parameterized.parameters(
        ("num_parameters", 0, "`num_parameters` must be at least 1"),
        ("ways", 1, "`ways` must be at least 2"),
        ("ways", 10**9, "`ways` must be at most 10000"),
        ("image_shape", [8, 10**6, 1], "`image_shape` must be at most 1024"),
        ("image_shape", [8, 8], "`image_shape` must be tuple"),
        ("dataset", "photos", "`dataset` must be one of omniglot, mini"),
        ("command", 7, "`command` must be str"),
        ("scores", {}, "an object with a list of `scores`"),
        ("scores", [{}], "ProtocolScore must have the fields"),
        ("more", 1, "with more"),
    )
    def test_what_no_learner_has_is_refused(self, field, value, message):
        with self.assertRaisesRegex(ValueError, message):
            LearnerCard.from_json(_CARD.to_json() | {field: value})

    @parameterized.parameters(
        ("network_config", "num_filters", 10**9),
        ("network_config", "num_cell_repeats", 10**9),
        ("adaptation", "inner_iterations", 10**9),
        ("adaptation", "inner_batch_size", 10**9),
        ("adaptation", "support_passes", 10**9),
    )
    def test_nobody_asks_for_the_moon(self, section, field, value):
        content = _CARD.to_json()
        content[section][field] = value
        with self.assertRaisesRegex(ValueError, f"`{field}` must be at most"):
            LearnerCard.from_json(content)

    def test_an_earlier_card_knew_no_passes(self):
        content = _CARD.to_json()
        del content["adaptation"]["support_passes"]
        self.assertEqual(LearnerCard.from_json(content), _CARD)

    @parameterized.parameters(
        (
            "bazel run //bin:train -- '--run_dir=/home/me/my run' --genome=/x/g.json",
            "bazel run //bin:train -- --run_dir=RUN_DIR --genome=genome.json",
        ),
        (
            "autometa train --image_folder=/x --data_dir=~/y --manual_dir=z --ways=5",
            "autometa train --image_folder=IMAGE_FOLDER --data_dir=DATA_DIR "
            "--manual_dir=MANUAL_DIR --ways=5",
        ),
    )
    def test_a_command_tells_nothing_of_folders(self, command, expected):
        self.assertEqual(public_command(command), expected)

    @parameterized.parameters(
        ("glyphs-1shot", True), ("Glyphs", False), ("a/b", False), ("", False)
    )
    def test_names(self, name, expected):
        self.assertEqual(is_name(name), expected)


if __name__ == "__main__":
    absltest.main()
