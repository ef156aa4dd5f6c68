import dataclasses
from typing import Literal

from absl.testing import absltest, parameterized

from autometa_tf.experiments.config_fields import (
    field_texts,
    from_json,
    leaves,
    with_defaults,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Oven:
    """How it is baked.

    Attributes:
      degrees: The temperature of the oven, in degrees
        Celsius: not of the bread.
      fan: Whether its fan is on; None where the oven decides.

    Raises:
      ValueError: it is too hot.
    """

    degrees: float = 220.0
    fan: bool | None = None

    def __post_init__(self):
        if self.degrees > 300:
            raise ValueError(f"`degrees` must be at most 300. Received: {self.degrees}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bread:
    """What is baked.

    Attributes:
      oven: How it is baked.
      flour: The flour.
      size: Its two sides, in centimetres.
      loaves: The number of loaves.
    """

    oven: Oven
    flour: Literal["rye", "wheat"] = "rye"
    size: tuple[int, int] = (30, 10)
    loaves: int | None = 2


JSON = {
    "oven": {"degrees": 200, "fan": None},
    "flour": "wheat",
    "size": [20, 20],
    "loaves": 3,
}


class ConfigFieldsTest(parameterized.TestCase):
    def test_leaves_are_the_plain_fields_of_all_sections(self):
        found = leaves(Bread)
        self.assertEqual(list(found), ["degrees", "fan", "flour", "size", "loaves"])
        self.assertEqual(found["degrees"].path, "oven.degrees")
        self.assertEqual(found["degrees"].kind, float)
        self.assertEqual(found["degrees"].default, 220.0)
        self.assertEqual(found["flour"].path, "flour")
        self.assertEqual(found["flour"].choices, ("rye", "wheat"))
        self.assertEqual(found["fan"].plain_kind, bool)
        self.assertTrue(found["fan"].is_optional)
        self.assertFalse(found["flour"].is_optional)

    def test_texts_come_from_the_docstring_in_one_line(self):
        self.assertEqual(
            leaves(Bread)["degrees"].text,
            "The temperature of the oven, in degrees Celsius: not of the bread.",
        )
        self.assertEqual(
            leaves(Bread)["fan"].text,
            "Whether its fan is on; None where the oven decides.",
        )

    def test_texts_of_what_is_inherited_count(self):
        class Grill(Oven):
            """How it is grilled.

            Attributes:
              skewers: The number of skewers.
            """

        self.assertEqual(list(field_texts(Grill)), ["degrees", "fan", "skewers"])

    def test_a_field_that_no_docstring_tells_of_is_refused(self):
        silent = dataclasses.make_dataclass("Silent", [("x", int)])
        silent.__doc__ = "Attributes:\n  y: Another.\n"
        with self.assertRaisesRegex(TypeError, "Silent must document `x`"):
            leaves(silent)

    def test_a_name_that_comes_twice_is_refused(self):
        twice = dataclasses.make_dataclass("Twice", [("oven", Oven), ("fan", int)])
        twice.__doc__ = "Attributes:\n  fan: Another.\n"
        with self.assertRaisesRegex(TypeError, "oven.fan and fan"):
            leaves(twice)

    def test_json_makes_records_of_records(self):
        self.assertEqual(
            from_json(Bread, JSON),
            Bread(oven=Oven(degrees=200), flour="wheat", size=(20, 20), loaves=3),
        )

    @parameterized.parameters(
        ("flour", "oats", "`flour` must be one of rye, wheat. Received: 'oats'"),
        ("flour", 3, "`flour` must be one of"),
        ("loaves", "3", r"`loaves` must be int \| None. Received: '3'"),
        ("loaves", True, "`loaves` must be"),
        ("size", [1], "`size` must be"),
        ("size", [1, "x"], "`size` must be int"),
        ("oven", {"degrees": 1.0}, "Oven must have .*Received: without fan"),
        ("oven", {"degrees": 1, "fan": True, "x": 0}, "Received: with x"),
        ("oven", {"degrees": 301.0, "fan": True}, "`degrees` must be at most 300"),
        ("oven", None, "Oven must have the fields"),
    )
    def test_what_is_none_is_refused(self, name, value, message):
        with self.assertRaisesRegex(ValueError, message):
            from_json(Bread, JSON | {name: value})

    def test_fields_that_came_later_have_their_defaults(self):
        earlier = {"oven": {"degrees": 200}, "flour": "wheat", "size": [20, 20]}
        filled = with_defaults(Bread, earlier)
        self.assertEqual(filled, JSON | {"loaves": 2})
        self.assertEqual(earlier["oven"], {"degrees": 200})

    @parameterized.parameters(
        ({"flour": "wheat"}, "Bread must have .*Received: without oven"),
        ({"oven": 3}, "Oven must have"),
        ({"oven": {"smoke": 1}}, "Received: with smoke"),
        (None, "Bread must have"),
    )
    def test_what_is_no_earlier_version_is_refused(self, content, message):
        with self.assertRaisesRegex(ValueError, message):
            from_json(Bread, with_defaults(Bread, content))


if __name__ == "__main__":
    absltest.main()
