"""Fingerprints of images, by which a run knows its data again wherever they lie."""

import concurrent.futures
import dataclasses
import hashlib
import json
import zlib

import numpy as np

from autometa_tf.episodes.dataset import ClassImages, ClassSplits
from autometa_tf.machine import usable_cores

_SPLITS = ("train", "validation", "test")
_MAX_NAMES = 10


@dataclasses.dataclass(frozen=True, kw_only=True)
class SplitFingerprint:
    """What a run keeps of one split.

    Attributes:
      num_classes: How many classes it has.
      num_images: How many images they have together.
      hash: A hash of the images' pixels, their class names, and which class has which.
    """

    num_classes: int
    num_images: int
    hash: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What a run keeps of its data.

    Attributes:
      train: The fingerprint of the train classes.
      validation: The fingerprint of the validation classes.
      test: The fingerprint of the test classes.
      depth: How many bits were used of images with more than 8 a channel.
    """

    train: SplitFingerprint
    validation: SplitFingerprint
    test: SplitFingerprint
    depth: int


def fingerprint(splits: ClassSplits) -> Fingerprint:
    """The fingerprint of decoded images; the same on every machine.

    It takes under a second for a gigabyte on one core.
    """
    return Fingerprint(
        depth=splits.depth,
        **{name: split_fingerprint(getattr(splits, name)) for name in _SPLITS},
    )


def split_fingerprint(classes: ClassImages) -> SplitFingerprint:
    """The fingerprint of one split.

    Nobody forges images here. So each class has a checksum, which costs a third of a
    cryptographic hash, and only the list of the checksums has such a hash.
    """
    checksums = _checksums(classes)
    sizes = np.diff(classes.offsets).tolist()
    listed = [
        classes.image_shape,
        list(zip(classes.class_names, sizes, checksums, strict=True)),
    ]
    # The text is escaped, since names of files need not be valid text.
    text = json.dumps(listed, ensure_ascii=True, separators=(",", ":"))
    return SplitFingerprint(
        num_classes=classes.num_classes,
        num_images=len(classes.images),
        hash=hashlib.sha256(text.encode("ascii")).hexdigest()[:32],
    )


def _checksums(classes: ClassImages) -> list[int]:
    """CRC-32 of each class's pixels, row by row, on all cores."""

    def checksum(index: int) -> int:
        return zlib.crc32(np.ascontiguousarray(classes.class_images(index)))

    with concurrent.futures.ThreadPoolExecutor(usable_cores()) as threads:
        return list(threads.map(checksum, range(classes.num_classes)))


def data_differences(
    then: Fingerprint,
    now: Fingerprint,
    names_then: dict[str, list[str]],
    names_now: dict[str, list[str]],
) -> list[str]:
    """What differs between a run's data and other data, a phrase each; [] if nothing.

    Args:
      then: The fingerprint of the run.
      now: The fingerprint of the other data.
      names_then: The class names of each split of the run; a split may be missing where
        they are not known any more.
      names_now: The class names of each split of the other data.
    """
    if then == now:
        return []
    phrases = []
    all_then = {name for names in names_then.values() for name in names}
    all_now = {name for names in names_now.values() for name in names}
    if all_then:
        phrases += _named("classes added", all_now - all_then)
        phrases += _named("classes removed", all_then - all_now)
    if then.depth != now.depth:
        phrases.append(f"images taken as {then.depth} bits then, {now.depth} bits now")
    for split in _SPLITS:
        before, after = getattr(then, split), getattr(now, split)
        if before != after:
            same_names = names_then.get(split) == names_now[split]
            phrases.append(f"{split}: {_split_difference(before, after, same_names)}")
    return phrases


def _split_difference(
    before: SplitFingerprint, after: SplitFingerprint, same_names: bool
) -> str:
    counts = [
        f"{fingerprint.num_classes:,} classes with {fingerprint.num_images:,} images"
        for fingerprint in (before, after)
    ]
    if counts[0] != counts[1]:
        return f"{counts[0]} then, {counts[1]} now"
    if same_names:
        return f"{counts[0]} as then, and other pixels or another order of them"
    return f"{counts[0]} as then, and other classes"


def _named(what: str, names: set[str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(repr(name) for name in sorted(names)[:_MAX_NAMES])
    more = len(names) - _MAX_NAMES
    return [f"{what}: {shown}" + (f" and {more:,} more" if more > 0 else "")]
