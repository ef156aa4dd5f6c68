import dataclasses
from typing import Literal

from absl.testing import absltest, parameterized

from autometa_tf.field_checks import check_at_least, check_choices


@dataclasses.dataclass
class Bread:
    flour: Literal["rye", "wheat"] = "rye"
    loaves: int | None = 2
    degrees: float = 220.0


class FieldChecksTest(parameterized.TestCase):
    @parameterized.parameters(2, 3, None)
    def test_enough_or_none_is_allowed(self, loaves):
        check_at_least(Bread(loaves=loaves), loaves=2)

    @parameterized.parameters(
        ({"loaves": 1}, "`loaves` must be at least 2. Received: 1."),
        ({"degrees": float("nan")}, "`degrees` must be at least 0. Received: nan."),
    )
    def test_less_is_refused_by_name(self, fields, message):
        with self.assertRaisesRegex(ValueError, f"^{message}$"):
            check_at_least(Bread(**fields), loaves=2, degrees=0)

    def test_one_of_the_choices_is_allowed(self):
        check_choices(Bread(flour="wheat"))

    @parameterized.parameters("oats", None, 3)
    def test_another_is_refused_with_what_is_allowed(self, flour):
        with self.assertRaisesRegex(
            ValueError, f"^`flour` must be one of rye, wheat. Received: {flour!r}.$"
        ):
            check_choices(Bread(flour=flour))


if __name__ == "__main__":
    absltest.main()
