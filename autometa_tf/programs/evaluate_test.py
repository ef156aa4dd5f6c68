from absl.testing import absltest, parameterized

from autometa_tf.programs.evaluate import parse_protocol


class ParseProtocolTest(parameterized.TestCase):
    @parameterized.parameters(
        ("", {}),
        ("shots=5,queries_per_class=15", {"shots": 5, "queries_per_class": 15}),
        ("final_split=validation", {"final_split": "validation"}),
        ("scoring_inner_learning_rate=3e-3", {"scoring_inner_learning_rate": 0.003}),
    )
    def test_values_have_the_types_they_look_like(self, text, fields):
        self.assertEqual(parse_protocol(text), fields)

    @parameterized.parameters("shots", "shots=1,5", "shots=1,shots=5")
    def test_another_form_is_refused(self, text):
        with self.assertRaisesRegex(ValueError, f"each field once. Received: '{text}'"):
            parse_protocol(text)


if __name__ == "__main__":
    absltest.main()
