"""Tests of JPEG files without their end: whole pixels are read, others refused."""

import io

import numpy as np
from absl.testing import absltest, parameterized
from PIL import Image

from autometa_tf.episodes.jpeg_end import with_end

_ROWS, _COLUMNS = np.mgrid[0:45, 0:61]
_PIXELS = np.stack(
    [3 * _COLUMNS % 256, 5 * _ROWS % 256, (_ROWS + _COLUMNS) % 256], axis=-1
).astype(np.uint8)


def _encode(**options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(_PIXELS).save(file, "JPEG", quality=90, **options)
    return file.getvalue()


def _decode(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        return image.tobytes()


class JpegEndTest(parameterized.TestCase):
    @parameterized.parameters(
        {}, {"progressive": True}, {"restart_marker_blocks": 1}, {"subsampling": 2}
    )
    def test_a_lost_end_is_made_good(self, **options):
        content = _encode(**options)
        self.assertEqual(with_end(content), content)
        for lost in (1, 2):
            self.assertEqual(with_end(content[:-lost]), content)

    @parameterized.parameters(
        {}, {"progressive": True}, {"restart_marker_blocks": 1}, {"subsampling": 2}
    )
    def test_lost_pixels_are_not(self, **options):
        content = _encode(**options)
        scan = content.index(b"\xff\xda")
        for length in range(scan + 20, len(content) - 2):
            completed = with_end(content[:length])
            if completed != content[:length]:  # The last byte may be filled up only.
                self.assertEqual(_decode(completed), _decode(content), length)
                self.assertGreaterEqual(length, len(content) - 3)

    def test_zeros_in_place_of_pixels_are_not(self):
        content = _encode()
        damaged = content[:-100] + bytes(100)
        self.assertEqual(with_end(damaged), damaged)


if __name__ == "__main__":
    absltest.main()
