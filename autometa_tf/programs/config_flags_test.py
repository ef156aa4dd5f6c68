import dataclasses
from typing import Literal

from absl import flags
from absl.testing import absltest, parameterized

from autometa_tf.programs.config_flags import define_flags, given_values


@dataclasses.dataclass(frozen=True, kw_only=True)
class Oven:
    """How it is baked.

    Attributes:
      degrees: The temperature, in degrees Celsius.
      fan: Whether its fan is on; auto where the oven decides.
      door: Whether its door is closed.
      flour: The flour.
      loaves: The number of loaves.
      name: The baker's name.
    """

    degrees: float = 220.0
    fan: bool | None = None
    door: bool = True
    flour: Literal["rye", "wheat"] = "rye"
    loaves: int | None = None
    name: str = ""


class ConfigFlagsTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.values = flags.FlagValues()
        define_flags(Oven, lambda leaf: str(leaf.default), self.values)

    def given(self, *arguments):
        self.values(["program", *arguments])
        return given_values(Oven, self.values)

    def test_what_is_not_given_is_not_there(self):
        self.assertEqual(self.given(), {})

    @parameterized.parameters(
        ("--degrees=200", {"degrees": 200.0}),
        ("--fan=on", {"fan": True}),
        ("--fan=off", {"fan": False}),
        ("--fan=auto", {"fan": None}),
        ("--nodoor", {"door": False}),
        ("--flour=wheat", {"flour": "wheat"}),
        ("--loaves=0", {"loaves": 0}),
        ("--name=", {"name": ""}),
    )
    def test_values_have_their_fields_types(self, argument, expected):
        found = self.given(argument)
        self.assertEqual(found, expected)
        self.assertEqual(
            list(map(type, found.values())), list(map(type, expected.values()))
        )

    @parameterized.parameters(
        "--degrees=hot", "--fan=yes", "--flour=oats", "--loaves=x"
    )
    def test_what_is_none_is_refused(self, argument):
        with self.assertRaises(flags.Error):
            self.given(argument)

    def test_help_is_the_docstring_and_the_default(self):
        self.assertEqual(
            self.values["degrees"].help,
            "The temperature, in degrees Celsius. Default: 220.0.",
        )

    def test_an_empty_default_is_not_told(self):
        values = flags.FlagValues()
        define_flags(Oven, lambda leaf: "", values)
        self.assertEqual(values["name"].help, "The baker's name.")


if __name__ == "__main__":
    absltest.main()
