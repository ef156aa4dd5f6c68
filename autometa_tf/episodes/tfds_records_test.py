"""Tests of reading records whole."""

import pathlib

import numpy as np
import tensorflow as tf
from absl.testing import absltest

from autometa_tf.episodes.dataset import DatasetError
from autometa_tf.episodes.tfds_records import read_records

_PIXELS = np.random.RandomState(0).randint(0, 256, (1203, 2, 3, 1), dtype=np.uint8)


def _decode(pixels):
    return tf.reshape(tf.io.decode_raw(pixels, tf.uint8), (-1, 2, 3, 1))


def _record(pixels: bytes, label: int) -> bytes:
    feature = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[pixels])),
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
    }
    return tf.train.Example(
        features=tf.train.Features(feature=feature)
    ).SerializeToString()


class ReadRecordsTest(absltest.TestCase):
    def setUp(self):
        super().setUp()
        folder = pathlib.Path(self.create_tempdir().full_path)
        self.paths = [folder / "first", folder / "second"]
        records = [_record(image.tobytes(), i) for i, image in enumerate(_PIXELS)]
        self._write(self.paths[0], records[:700])
        self._write(self.paths[1], records[700:])

    def _write(self, path: pathlib.Path, records: list[bytes]) -> None:
        with tf.io.TFRecordWriter(str(path)) as writer:
            for record in records:
                writer.write(record)

    def _assert_damaged(self) -> None:
        with self.assertRaisesRegex(DatasetError, "are damaged; remove") as raised:
            read_records(self.paths, _PIXELS.shape, _decode)
        self.assertNotIn("\n", str(raised.exception))

    def test_reads_all_files_in_order(self):
        images, labels = read_records(self.paths, _PIXELS.shape, _decode)
        np.testing.assert_array_equal(images, _PIXELS, strict=True)
        np.testing.assert_array_equal(labels, np.arange(1203), strict=True)

    def test_refuses_too_few(self):
        self.paths.pop()
        self._assert_damaged()

    def test_refuses_too_many(self):
        self.paths.append(self.paths[0])
        self._assert_damaged()

    def test_refuses_a_truncated_file(self):
        self.paths[1].write_bytes(self.paths[1].read_bytes()[:-7])
        self._assert_damaged()

    def test_refuses_a_missing_file(self):
        self.paths[1].unlink()
        self._assert_damaged()

    def test_refuses_records_of_something_else(self):
        self._write(self.paths[1], [b"text"])
        self._assert_damaged()

    def test_refuses_images_of_another_size(self):
        self._write(self.paths[1], [_record(b"12345", 0)] * 503)
        self._assert_damaged()


if __name__ == "__main__":
    absltest.main()
