from absl.testing import absltest, parameterized

from autometa_tf.search.config_differences import (
    config_differences,
    differences_text,
)


class ConfigDifferencesTest(parameterized.TestCase):
    def test_none_of_equals(self):
        config = {"a": 1, "b": {"c": [1, 2]}}
        self.assertEmpty(config_differences(config, config))

    def test_names_all_fields_and_both_values(self):
        self.assertEqual(
            config_differences(
                {"beam": 4, "network": {"filters": 10, "rate": 1}},
                {"network": {"filters": 12, "rate": 1}, "seed": 7},
            ),
            [
                "beam: 4 stored, nothing given",
                "network.filters: 10 stored, 12 given",
                "seed: nothing stored, 7 given",
            ],
        )

    @parameterized.parameters(
        ((), 2), (("a",), 1), (("b",), 1), (("b.c",), 1), (("a", "b"), 0), (("b.",), 2)
    )
    def test_leaves_out_what_may_differ(self, may_differ, expected):
        differences = config_differences(
            {"a": 1, "b": {"c": 2}}, {"a": 3, "b": {"c": 4}}, may_differ
        )
        self.assertLen(differences, expected)

    def test_names_that_begin_alike_are_others(self):
        self.assertLen(config_differences({"ab": 1}, {"ab": 2}, ("a",)), 1)

    def test_of_many_the_first_are_named(self):
        self.assertEqual(differences_text(["a", "b"]), "a; b")
        many = differences_text([f"field {i}" for i in range(30)])
        self.assertEndsWith(many, "field 7; and 22 more")


if __name__ == "__main__":
    absltest.main()
