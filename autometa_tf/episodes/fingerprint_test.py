"""Tests of what a run knows its data by."""

import dataclasses
import hashlib
import json
import time
import zlib
from unittest import mock

import numpy as np
from absl.testing import absltest, parameterized

from autometa_tf.episodes import fingerprint as fingerprint_lib
from autometa_tf.episodes.dataset import ClassSplits, class_images_from, empty_classes
from autometa_tf.episodes.fingerprint import data_differences, fingerprint

_SHAPE = (4, 5, 3)


def _classes(**sizes):
    """Classes whose pixels depend on their name and number of images only."""
    return class_images_from(
        {
            name: np.random.RandomState(zlib.crc32(name.encode()))
            .randint(0, 256, (size, *_SHAPE))
            .astype(np.uint8)
            for name, size in sizes.items()
        }
    )


def _splits(train=None, validation=None, test=None, **options):
    return ClassSplits(
        train=train or _classes(a=2, b=3),
        validation=validation or _classes(c=2),
        test=test or _classes(d=4),
        **options,
    )


def _differences(then, now):
    def names(splits):
        return {
            name: list(getattr(splits, name).class_names)
            for name in ("train", "validation", "test")
        }

    return data_differences(
        fingerprint(then), fingerprint(now), names(then), names(now)
    )


class FingerprintTest(parameterized.TestCase):
    def test_is_what_it_says(self):
        classes = _classes(a=2, b=3)
        listed = [list(_SHAPE)] + [
            [
                ["a", 2, zlib.crc32(classes.images[:2].tobytes())],
                ["b", 3, zlib.crc32(classes.images[2:].tobytes())],
            ]
        ]
        text = json.dumps(listed, separators=(",", ":"))
        found = fingerprint(_splits(train=classes)).train
        self.assertEqual((found.num_classes, found.num_images), (2, 5))
        self.assertEqual(found.hash, hashlib.sha256(text.encode()).hexdigest()[:32])

    def test_never_changes(self):
        images = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
        classes = class_images_from({"zebra": images})
        found = fingerprint_lib.split_fingerprint(classes)
        self.assertEqual(found.hash, "c7b1918341b7c7467b656e86a943d0e8")

    @parameterized.parameters(1, 7)
    def test_is_the_same_for_any_number_of_cores(self, cores):
        expected = fingerprint(_splits())
        with mock.patch.object(fingerprint_lib, "usable_cores", return_value=cores):
            self.assertEqual(fingerprint(_splits()), expected)

    def test_is_the_same_however_images_lie_in_memory(self):
        classes = _classes(a=2, b=3)
        strided = np.empty((5, 4, 5, 6), np.uint8)[..., ::2]
        strided[:] = classes.images
        other = dataclasses.replace(classes, images=strided)
        self.assertEqual(fingerprint(_splits(other)), fingerprint(_splits(classes)))

    def test_any_pixel_matters(self):
        classes = _classes(a=2, b=3)
        expected = fingerprint(_splits(classes)).train
        for index in range(classes.images.size):
            images = classes.images.copy()
            images.flat[index] ^= 1
            changed = dataclasses.replace(classes, images=images)
            self.assertNotEqual(fingerprint(_splits(changed)).train, expected)

    def test_offsets_names_and_order_matter(self):
        classes = _classes(a=2, b=3)
        others = (
            dataclasses.replace(classes, offsets=np.array([0, 3, 5])),
            dataclasses.replace(classes, class_names=("a", "e")),
            classes.select([1, 0]),
        )
        hashes = {fingerprint(_splits(other)).train.hash for other in others}
        hashes.add(fingerprint(_splits(classes)).train.hash)
        self.assertLen(hashes, 4)

    def test_a_split_without_classes_has_one_too(self):
        found = fingerprint(_splits(validation=empty_classes(_SHAPE))).validation
        self.assertEqual((found.num_classes, found.num_images), (0, 0))

    def test_names_need_not_be_text(self):
        classes = class_images_from({"a\udc80": np.zeros((1, *_SHAPE), np.uint8)})
        self.assertLen(fingerprint_lib.split_fingerprint(classes).hash, 32)

    def test_a_gigabyte_takes_seconds(self):
        images = np.zeros((1000, 84, 84, 3), np.uint8)
        classes = class_images_from({"a": images[:500], "b": images[500:]})
        start = time.process_time()
        fingerprint_lib.split_fingerprint(classes)
        # Of the 60,000 images of mini-ImageNet in under 2 seconds; three times that is
        # allowed, as tests share their core.
        self.assertLess(60 * (time.process_time() - start), 6)


class DataDifferencesTest(absltest.TestCase):
    def test_the_same_data_do_not_differ(self):
        self.assertEqual(_differences(_splits(), _splits()), [])

    def test_names_what_was_added_and_removed(self):
        now = _splits(train=_classes(a=2, e=3, f=1), test=_classes(d=5))
        self.assertEqual(
            _differences(_splits(), now),
            [
                "classes added: 'e', 'f'",
                "classes removed: 'b'",
                "train: 2 classes with 5 images then, 3 classes with 6 images now",
                "test: 1 classes with 4 images then, 1 classes with 5 images now",
            ],
        )

    def test_says_when_only_pixels_differ(self):
        changed = _classes(c=2)
        changed.images[0, 0, 0, 0] ^= 1
        (phrase,) = _differences(_splits(), _splits(validation=changed))
        self.assertEqual(
            phrase,
            "validation: 1 classes with 2 images as then, and other pixels or another "
            "order of them",
        )

    def test_says_when_classes_have_changed_places(self):
        then = _splits(validation=_classes(c=2), test=_classes(d=2))
        now = _splits(validation=_classes(d=2), test=_classes(c=2))
        for phrase in _differences(then, now):
            self.assertEndsWith(phrase, "with 2 images as then, and other classes")
        self.assertLen(_differences(then, now), 2)

    def test_says_when_the_depth_differs(self):
        (phrase,) = _differences(_splits(depth=10), _splits(depth=12))
        self.assertEqual(phrase, "images taken as 10 bits then, 12 bits now")

    def test_counts_names_beyond_ten(self):
        many = _classes(**{f"x{i:02}": 1 for i in range(25)})
        added = _differences(_splits(), _splits(train=many))[0]
        self.assertStartsWith(added, "classes added: 'x00', 'x01'")
        self.assertEndsWith(added, "'x09' and 15 more")

    def test_without_the_names_of_then_it_counts(self):
        then, now = fingerprint(_splits()), fingerprint(_splits(_classes(a=1)))
        names = {"train": ["a"], "validation": ["c"], "test": ["d"]}
        self.assertEqual(
            data_differences(then, now, {}, names),
            ["train: 2 classes with 5 images then, 1 classes with 1 images now"],
        )


if __name__ == "__main__":
    absltest.main()
