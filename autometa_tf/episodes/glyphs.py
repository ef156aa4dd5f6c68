"""Glyphs: a few-shot character set drawn from fonts, which needs no download.

It has the letters of the many scripts in the DejaVu fonts, which come with matplotlib.
As in Omniglot a class is a character and has 20 images, dark strokes on a background of
1.0; where Omniglot has 20 people draw it, here it is set in up to twelve faces (sans,
serif and mono; bold, oblique) and each image is slightly turned, sheared, scaled and
shifted. The same images come out on every run.
"""

import importlib.util
import math
import pathlib
import unicodedata

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from autometa_tf.episodes.class_splits import divide_classes, held_out_classes
from autometa_tf.episodes.dataset import (
    ClassImages,
    ClassSplits,
    DatasetError,
    class_images_from,
)

GLYPHS_IMAGE_SIZE = 28
IMAGES_PER_CLASS = 20

_FONT_PIXELS = 64
_MIN_FACES = 2
# Smaller letters are dots and hooks, mere blots once they are enlarged.
_MIN_LETTER_PIXELS = _FONT_PIXELS // 4
# Two letters look alike when the ink they share, one laid over the other at the same
# size, is more than this part of the ink of both.
_MAX_SHARED_INK = 0.6
_OUTLINE_SIZE = 32
# Glyphs are drawn larger, then averaged down, so that edges are smooth.
_OVERSAMPLING = 2

_Mask = Image.Image


def load_glyphs(image_size: int = 0, split_seed: int = 0) -> ClassSplits:
    """Draws the glyphs and divides their classes: 64, 16 and 20 %.

    Args:
      image_size: Height and width in pixels; 0 is 28.
      split_seed: Seed of the division. The images do not depend on it.
    """
    classes = draw_glyphs(image_size or GLYPHS_IMAGE_SIZE)
    return divide_classes(classes, *held_out_classes(classes.num_classes), split_seed)


def draw_glyphs(image_size: int) -> ClassImages:
    """All glyphs: `[20 * classes, image_size, image_size, 1]`, named like `U+0416`."""
    faces = _letter_faces(_font_paths())
    # The first face has all letters, so that like is compared with like.
    masks = {letter: _letter_mask(fonts[0], letter) for letter, fonts in faces.items()}
    letters = [c for c, mask in masks.items() if max(mask.size) >= _MIN_LETTER_PIXELS]
    kept = distinct_outlines(np.stack([_outline(masks[letter]) for letter in letters]))
    images_by_class = {}
    for letter in [letters[i] for i in kept]:
        images = _draw_class(letter, faces[letter], image_size)
        images_by_class[f"U+{ord(letter):04X}"] = images
    return class_images_from(images_by_class)


def distinct_outlines(outlines: np.ndarray) -> list[int]:
    """Keeps the first of each set of look-alikes.

    Args:
      outlines: bool `[n, size, size]`, where the ink is.

    Returns:
      Indices into `outlines`, ascending; no two of them look alike.
    """
    ink = outlines.reshape(len(outlines), -1).astype(np.float32)
    shared = ink @ ink.T
    amounts = ink.sum(axis=1)
    both = amounts[:, None] + amounts[None, :] - shared
    alike = shared > _MAX_SHARED_INK * both
    kept: list[int] = []
    for i in range(len(outlines)):
        if not alike[i, kept].any():
            kept.append(i)
    return kept


def _font_paths() -> list[pathlib.Path]:
    """The DejaVu faces of matplotlib, found without importing it; sans comes first."""
    spec = importlib.util.find_spec("matplotlib")
    folder = pathlib.Path(spec.origin if spec else "").parent / "mpl-data/fonts/ttf"
    paths = sorted(
        path for path in folder.glob("DejaVu*.ttf") if "Display" not in path.name
    )
    if not paths:
        raise DatasetError(
            "The dataset 'glyphs' needs the DejaVu fonts that come with matplotlib. "
            f"None found in: {str(folder)!r}."
        )
    return sorted(paths, key=lambda path: path.name != "DejaVuSans.ttf")


def _letter_faces(
    font_paths: list[pathlib.Path],
) -> dict[str, list[ImageFont.FreeTypeFont]]:
    """Every letter that the first font and another have, with all its fonts."""
    fonts = [
        ImageFont.truetype(path, _FONT_PIXELS, layout_engine=ImageFont.Layout.BASIC)
        for path in font_paths
    ]
    codes = [_letter_codes(path) for path in font_paths]
    faces = {}
    for code in sorted(codes[0]):
        have_it = [font for font, has in zip(fonts, codes, strict=True) if code in has]
        if len(have_it) >= _MIN_FACES:
            faces[chr(code)] = have_it
    return faces


def _letter_codes(font_path: pathlib.Path) -> set[int]:
    """The code points of a font's letters.

    Letters that decompose are left out: accented ones hardly differ from one another,
    and presentation forms are the same letter again.
    """
    with TTFont(font_path, lazy=True) as font:
        return {
            code
            for code in font.getBestCmap()
            if unicodedata.category(chr(code)) in ("Lu", "Ll", "Lo")
            and not unicodedata.decomposition(chr(code))
        }


def _letter_mask(font: ImageFont.FreeTypeFont, letter: str) -> _Mask:
    """The letter's ink (255 = full), cropped to it."""
    image = Image.new("L", (4 * _FONT_PIXELS, 3 * _FONT_PIXELS))
    corner = (_FONT_PIXELS, _FONT_PIXELS // 2)
    ImageDraw.Draw(image).text(corner, letter, fill=255, font=font)
    return image.crop(image.getbbox())


def _outline(mask: _Mask) -> np.ndarray:
    """Where the ink is, bool `[32, 32]`, scaled to the square's size and centred."""
    scale = _OUTLINE_SIZE / max(mask.size)
    width, height = (max(1, round(side * scale)) for side in mask.size)
    square = Image.new("L", (_OUTLINE_SIZE, _OUTLINE_SIZE))
    corner = ((_OUTLINE_SIZE - width) // 2, (_OUTLINE_SIZE - height) // 2)
    square.paste(mask.resize((width, height), Image.Resampling.BOX), corner)
    return np.asarray(square) > 127


def _draw_class(
    letter: str, fonts: list[ImageFont.FreeTypeFont], image_size: int
) -> np.ndarray:
    """The 20 images of a letter, uint8 `[20, image_size, image_size, 1]`."""
    masks = [_letter_mask(font, letter) for font in fonts]
    # The letter is the seed, so that its images do not depend on the other letters.
    variations = np.random.RandomState(ord(letter)).uniform(
        -1, 1, (IMAGES_PER_CLASS, 5)
    )
    images = [
        np.asarray(_distort(masks[i % len(masks)], variation, image_size))
        for i, variation in enumerate(variations)
    ]
    return 255 - np.stack(images)[..., None]


def _distort(mask: _Mask, variation: np.ndarray, image_size: int) -> _Mask:
    """Sets a letter into a square, scaled, turned, sheared and shifted.

    Args:
      mask: The letter's ink.
      variation: `[5]` numbers in [-1, 1]: how far to go each way with the scale, the
        turn, the shear, and the shifts to the right and down.
      image_size: The square's side in pixels.
    """
    scale, turn, shear, right, down = variation.tolist()
    side = image_size * _OVERSAMPLING
    zoom = side * (0.72 + 0.10 * scale) / max(mask.size)
    angle, slant = math.radians(12) * turn, 0.15 * shear
    cos, sin = math.cos(angle) / zoom, math.sin(angle) / zoom
    # Pillow wants the inverse map: pixel (x, y) shows the letter at (ax + by + c, dx +
    # ey + f), turned and zoomed back, then sheared, middle on middle.
    a, b, d, e = cos - slant * sin, sin + slant * cos, -sin, cos
    x, y = side * (0.5 + 0.06 * right), side * (0.5 + 0.06 * down)
    c, f = mask.width / 2 - a * x - b * y, mask.height / 2 - d * x - e * y
    drawn = mask.transform(
        (side, side),
        Image.Transform.AFFINE,
        (a, b, c, d, e, f),
        resample=Image.Resampling.BILINEAR,
    )
    return drawn.reduce(_OVERSAMPLING)
