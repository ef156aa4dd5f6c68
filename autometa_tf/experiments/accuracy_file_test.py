import os

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.experiments.accuracy_file import AccuracyFile

PAIRS = np.array([[0.2, 0.4], [1.0, 0.6], [0.0, 0.1]])


class AccuracyFileTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.create_tempdir().full_path, "accuracies.csv")

    def file(self, description="a learner"):
        return AccuracyFile(self.path, description)

    def write_pairs(self):
        file = self.file()
        file.read()
        file.append(0, PAIRS[:2])
        file.append(2, PAIRS[2:])

    def test_a_new_file_is_empty(self):
        self.assertEqual(self.file().read().shape, (0, 2))

    def test_what_was_appended_is_read(self):
        self.write_pairs()
        np.testing.assert_array_equal(self.file().read(), PAIRS)

    def test_other_programs_can_read_it(self):
        self.write_pairs()
        columns = np.genfromtxt(self.path, delimiter=",", names=True, skip_header=1)
        np.testing.assert_array_equal(columns["transductive"], PAIRS[:, 0])
        np.testing.assert_array_equal(columns["episode"], [0, 1, 2])

    def test_another_description_begins_anew(self):
        self.write_pairs()
        self.assertEmpty(self.file("another learner").read())
        self.assertEmpty(self.file("a learner").read())

    def test_wherever_a_kill_cuts_it_whole_episodes_remain(self):
        self.write_pairs()
        with open(self.path, "rb") as file:
            content = file.read()
        for size in range(len(content)):
            with open(self.path, "wb") as file:
                file.write(content[:size])
            read = self.file().read()
            np.testing.assert_array_equal(read, PAIRS[: len(read)])
            self.file().append(len(read), PAIRS[len(read) :])
            np.testing.assert_array_equal(self.file().read(), PAIRS)

    @parameterized.parameters("3,0.5", "3,a,b", "5,0.5,0.5", "3,0.5,nan", "3,2.0,0.1")
    def test_a_damaged_line_ends_it(self, line):
        self.write_pairs()
        with open(self.path, "a") as file:
            file.write(f"{line}\n4,0.5,0.5\n")
        np.testing.assert_array_equal(self.file().read(), PAIRS)


if __name__ == "__main__":
    absltest.main()
