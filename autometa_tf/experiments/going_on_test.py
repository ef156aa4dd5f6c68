from absl.testing import absltest, parameterized

from autometa_tf.experiments.experiment_config import ExperimentConfig
from autometa_tf.experiments.going_on import gone_on_with

_EXPERIMENT = ExperimentConfig.from_preset(num_filters=7, beam_size=5)


def _given(network=None, **changes):
    experiment = _EXPERIMENT.with_fields(**changes).to_json()
    return {"experiment": experiment, "network": network}


class GoneOnWithTest(parameterized.TestCase):
    def go_on(self, kept, given, begun="now", summary=None):
        return gone_on_with(kept, given, begun, summary)

    def test_nothing_changes_where_nothing_differs(self):
        kept = _given() | {"sittings": []}
        self.assertEqual(self.go_on(kept, _given()), kept)

    def test_a_search_with_more_says_what_it_was_grown_from(self):
        kept, given = _given(), _given(beam_size=9, outer_iterations=99)
        now = self.go_on(kept, given, begun="later", summary={"accuracy": 1})
        self.assertEqual(now["experiment"], given["experiment"])
        record = {
            "fields": {"search.beam_size": 5, "reptile.outer_iterations": 56},
            "begun_with": "later",
            "summary": {"accuracy": 1},
        }
        self.assertEqual(now["grown_from"], [record])
        back = self.go_on(now, _given(outer_iterations=99))
        self.assertEqual(back["grown_from"][0], record)
        self.assertEqual(back["grown_from"][1]["fields"], {"search.beam_size": 9})

    def test_what_only_rounds_is_no_growth(self):
        now = self.go_on(_given(), _given(num_parallel_episodes=2))
        self.assertEqual(now, _given(num_parallel_episodes=2))

    @parameterized.parameters(
        {"num_filters": 8},
        {"inner_iterations": 3},
        {"seed": 1},
        {"scoring_split": "test"},
        {"num_scoring_episodes": 99},
        {"search_strategy": "random"},
        {"predictor_cell_size": 3},
        {"final_outer_iterations": 9},
    )
    def test_what_makes_scores_or_choices_others_is_refused(self, **changes):
        (name,) = changes
        with self.assertRaisesRegex(ValueError, f"{name}: .* stored, .* given"):
            self.go_on(_given(), _given(beam_size=9, **changes))

    def test_a_training_stays_what_it_was(self):
        kept = _given("conv4")
        now = self.go_on(kept, _given("conv4", beam_size=9, data_dir="/elsewhere"))
        self.assertEqual(now, _given("conv4", data_dir="/elsewhere"))


if __name__ == "__main__":
    absltest.main()
