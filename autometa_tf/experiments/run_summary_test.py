import dataclasses
import json

from absl.testing import absltest, parameterized

from autometa_tf.experiments.run_summary import RunSummary, SplitAccuracy
from autometa_tf.genomes.genome import Block, Genome
from autometa_tf.learners.score import Score
from autometa_tf.networks.network_kinds import Cell
from autometa_tf.search.pareto import ParetoCell

CELL = Cell(Genome((Block(0, "identity", 1, "conv3x3"),)))
SUMMARY = RunSummary(
    network=CELL,
    num_parameters=3,
    accuracy=SplitAccuracy(
        transductive=Score(mean=0.5, ci95=0.25, num_episodes=2),
        non_transductive=Score(mean=0.25, ci95=0.125, num_episodes=2),
    ),
)
SEARCHED = dataclasses.replace(
    SUMMARY,
    candidates_evaluated=57,
    pareto=(
        ParetoCell(
            genome=CELL.genome, score=0.75, num_parameters=3, seconds_per_episode=0.5
        ),
    ),
)
(_PARETO,) = SEARCHED.to_json()["pareto"]


class RunSummaryTest(parameterized.TestCase):
    def test_summary_json_has_the_published_names(self):
        content = SEARCHED.to_json()
        self.assertEqual(
            json.loads(json.dumps(content)),
            {
                "genome": {"blocks": [[0, "identity", 1, "conv3x3"]]},
                "num_parameters": 3,
                "test_accuracy": {
                    "transductive": {"mean": 0.5, "ci95": 0.25, "num_episodes": 2},
                    "non_transductive": {
                        "mean": 0.25,
                        "ci95": 0.125,
                        "num_episodes": 2,
                    },
                },
                "candidates_evaluated": 57,
                "pareto": [
                    {
                        "genome": {"blocks": [[0, "identity", 1, "conv3x3"]]},
                        "score": 0.75,
                        "num_parameters": 3,
                        "seconds_per_episode": 0.5,
                    }
                ],
                "wall_seconds": 0.0,
            },
        )

    def test_an_accuracy_on_validation_classes_is_never_called_one_on_test_classes(
        self,
    ):
        accuracy = dataclasses.replace(SUMMARY.accuracy, split="validation")
        summary = dataclasses.replace(SUMMARY, accuracy=accuracy)
        content = summary.to_json()
        self.assertNotIn("test_accuracy", content)
        self.assertEqual(
            content["validation_accuracy"], SUMMARY.to_json()["test_accuracy"]
        )
        self.assertIsNone(summary.test_accuracy)
        self.assertEqual(SUMMARY.test_accuracy, SUMMARY.accuracy)
        self.assertStartsWith(str(summary), "validation accuracy over 2 episodes: 50")

    @parameterized.parameters("test", "validation")
    def test_what_it_says_as_json_comes_back(self, split):
        accuracy = dataclasses.replace(SUMMARY.accuracy, split=split)
        summary = dataclasses.replace(SUMMARY, accuracy=accuracy)
        self.assertEqual(RunSummary.from_json(summary.to_json()), summary)
        self.assertEqual(RunSummary.from_json(SEARCHED.to_json()), SEARCHED)

    def test_it_says_itself_in_one_line(self):
        self.assertEqual(
            str(SUMMARY),
            "test accuracy over 2 episodes: 50.0±25.0% transductive, 25.0±12.5% "
            "non-transductive; 3 parameters",
        )

    @parameterized.parameters(
        (None,),
        ([],),
        ({},),
        ({"genome": "conv4"},),
        ({**SUMMARY.to_json(), "num_parameters": "3"},),
        ({**SUMMARY.to_json(), "wall_seconds": -1.0},),
        ({**SEARCHED.to_json(), "pareto": 3},),
        ({**SEARCHED.to_json(), "pareto": [{}]},),
        ({**SEARCHED.to_json(), "pareto": [_PARETO | {"score": 2.0}]},),
        ({**SEARCHED.to_json(), "pareto": [_PARETO | {"genome": "conv4"}]},),
        ({**SUMMARY.to_json(), "test_accuracy": {}},),
        ({**SUMMARY.to_json(), "genome": {"blocks": 3}},),
    )
    def test_a_damaged_summary_is_a_clear_error(self, content):
        with self.assertRaisesRegex(ValueError, "must"):
            RunSummary.from_json(content)


if __name__ == "__main__":
    absltest.main()
