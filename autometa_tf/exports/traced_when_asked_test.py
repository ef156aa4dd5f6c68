import tensorflow as tf
from absl.testing import absltest

from autometa_tf.exports.traced_when_asked import TracedWhenAsked


class TracedWhenAskedTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        self.traced = []

    def _double(self, x):
        self.traced.append("double")
        return {"y": 2 * x}

    def _halve(self, x):
        self.traced.append("halve")
        return {"y": x / 2}

    def _functions(self):
        specs = {"x": tf.TensorSpec([None], tf.float32)}
        return TracedWhenAsked(
            {"double": self._double, "halve": self._halve},
            {"double": specs, "halve": specs},
            {"serving_default": "double"},
        )

    def test_nothing_is_traced_before_and_everything_once(self):
        functions = self._functions()
        self.assertCountEqual(functions, ["serving_default", "double", "halve"])
        self.assertLen(functions, 3)
        self.assertEmpty(self.traced)
        for size in (1, 2):
            answer = functions["double"](x=tf.ones([size]))["y"]
            self.assertEqual(answer.numpy().tolist(), [2.0] * size)
        self.assertEqual(self.traced, ["double"])
        self.assertIs(functions["serving_default"], functions["double"])
        dict(functions)
        self.assertEqual(self.traced, ["double", "halve"])

    def test_other_names_are_unknown(self):
        with self.assertRaises(KeyError):
            self._functions()["triple"]


if __name__ == "__main__":
    absltest.main()
