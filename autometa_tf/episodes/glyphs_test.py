"""Tests of the character set drawn from fonts."""

import hashlib
import os
import subprocess
import sys
import unicodedata

import numpy as np
from absl.testing import absltest

from autometa_tf.episodes import glyphs
from autometa_tf.episodes.dataset import ClassImages


def _letters(classes: ClassImages) -> list[str]:
    return [chr(int(name.removeprefix("U+"), 16)) for name in classes.class_names]


class DistinctOutlinesTest(absltest.TestCase):
    def test_keeps_the_first_of_each_set_of_look_alikes(self):
        full = np.ones((4, 4), bool)
        nearly_full = full.copy()
        nearly_full[0, 0] = False
        left = np.zeros((4, 4), bool)
        left[:, :2] = True
        self.assertEqual(
            glyphs.distinct_outlines(np.stack([left, full, nearly_full, left])), [0, 1]
        )

    def test_compares_shared_ink_with_the_ink_of_both(self):
        # Rows of 10 pixels that share 5 with the first: 5 of 8 ink pixels, 5 of 9.
        outlines = np.zeros((3, 1, 10), bool)
        outlines[0, 0, :6] = True
        outlines[1, 0, 1:8] = True
        outlines[2, 0, 1:9] = True
        self.assertEqual(glyphs.distinct_outlines(outlines[[0, 1]]), [0])
        self.assertEqual(glyphs.distinct_outlines(outlines[[0, 2]]), [0, 1])


class GlyphsTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classes = glyphs.draw_glyphs(28)

    def test_has_hundreds_of_classes_of_20_images(self):
        self.assertBetween(self.classes.num_classes, 700, 1100)
        self.assertEqual(set(np.diff(self.classes.offsets)), {20})
        self.assertEqual(self.classes.image_shape, (28, 28, 1))

    def test_spans_many_scripts(self):
        scripts = {
            unicodedata.name(letter).split()[0] for letter in _letters(self.classes)
        }
        self.assertContainsSubset(
            ["LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN", "HEBREW", "ARABIC"]
            + ["TIFINAGH", "CANADIAN", "NKO", "LAO", "OGHAM"],
            scripts,
        )

    def test_draws_dark_strokes_on_a_background_of_one(self):
        self.assertEqual(np.median(self.classes.images), 255)
        darkest = self.classes.images.reshape(len(self.classes.images), -1).min(axis=1)
        self.assertLess(darkest.max(), 128)

    def test_no_image_occurs_twice(self):
        digests = {image.tobytes() for image in self.classes.images}
        self.assertLen(digests, len(self.classes.images))

    def test_keeps_one_of_a_set_of_look_alikes(self):
        letters = set(_letters(self.classes))
        for alike in ("AΑА", "OoΟοОоՕօ", "HΗН", "XxΧХх"):
            self.assertEqual(letters.intersection(alike), {alike[0]})

    def test_no_class_is_the_box_of_a_missing_letter(self):
        fonts = glyphs._letter_faces(glyphs._font_paths())
        for letter in _letters(self.classes):
            for font in fonts[letter]:
                box = font.getmask("\uffff", mode="L")
                mask = font.getmask(letter, mode="L")
                self.assertNotEqual((mask.size, bytes(mask)), (box.size, bytes(box)))

    def test_a_class_is_set_in_several_faces(self):
        fonts = glyphs._letter_faces(glyphs._font_paths())
        counts = [len(fonts[letter]) for letter in _letters(self.classes)]
        self.assertGreaterEqual(min(counts), 2)
        self.assertEqual(max(counts), 12)

    def test_other_sizes_show_the_same_letters(self):
        smaller = glyphs.draw_glyphs(14)
        self.assertEqual(smaller.class_names, self.classes.class_names)
        halved = self.classes.images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
        self.assertLess(np.abs(halved - smaller.images[..., 0]).mean(), 5)

    def test_another_process_draws_the_same_without_tensorflow(self):
        program = (
            "import hashlib, sys\n"
            "from autometa_tf.episodes.glyphs import draw_glyphs\n"
            "print(hashlib.sha256(draw_glyphs(28).images.tobytes()).hexdigest())\n"
            "print([name for name in sys.modules if name.startswith('tensorflow')])\n"
        )
        output = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        digest = hashlib.sha256(self.classes.images.tobytes()).hexdigest()
        self.assertEqual(output.splitlines(), [digest, "[]"])

    def test_splits_divide_the_same_images(self):
        splits = glyphs.load_glyphs(split_seed=3)
        parts = (splits.train, splits.validation, splits.test)
        fractions = [part.num_classes / self.classes.num_classes for part in parts]
        np.testing.assert_allclose(fractions, [0.64, 0.16, 0.20], atol=0.002)
        for part in parts:
            index = self.classes.class_names.index(part.class_names[0])
            np.testing.assert_array_equal(
                part.class_images(0), self.classes.class_images(index)
            )


if __name__ == "__main__":
    absltest.main()
