"""Teaches a learner new classes from a few images, and shows where it is wrong.

  python3 examples/adapt_letters.py
  python3 examples/adapt_letters.py my_classes

Without an argument it learns ten letters that the learner has never seen. With a folder,
which has a folder of images for each class, it learns from half of them and is asked
about the others.
"""

import pathlib
import sys

import autometa_tf as am


def main(folder: str = "") -> None:
    shown, asked = photos(folder) if folder else letters(10)
    learner = am.load_learner("glyphs-1shot")
    classifier = learner.fit(*zip(*shown))
    images, labels = zip(*asked)
    answers = classifier.predict(images)
    for label, answer in zip(labels, answers):
        if answer != label:
            print(f"{label} was taken for {answer}")
    right = sum(answer == label for label, answer in zip(labels, answers))
    print(f"{right} of {len(labels)} are right")


def letters(ways: int) -> tuple[list, list]:
    """Two images of each letter to learn from, and three to ask about."""
    test = am.load_dataset("glyphs").test
    pairs = [
        (image, test.class_names[i])
        for i in range(ways)
        for image in test.class_images(i)[:5]
    ]
    return [p for n, p in enumerate(pairs) if n % 5 < 2], [
        p for n, p in enumerate(pairs) if n % 5 >= 2
    ]


def photos(folder: str) -> tuple[list, list]:
    """Every other file of each class to learn from, and the rest to ask about."""
    shown, asked = [], []
    for place in sorted(pathlib.Path(folder).iterdir()):
        files = sorted(place.iterdir())
        shown += [(str(path), place.name) for path in files[::2]]
        asked += [(str(path), place.name) for path in files[1::2]]
    return shown, asked


if __name__ == "__main__":
    main(*sys.argv[1:])
