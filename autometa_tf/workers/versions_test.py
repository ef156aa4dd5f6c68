import hashlib
import pathlib
from unittest import mock

import numpy as np
from absl.testing import absltest

from autometa_tf.workers import versions


class VersionsTest(absltest.TestCase):
    def test_names_packages_and_files(self):
        found = versions.software_versions()
        self.assertEqual(found["numpy"], np.__version__)
        digest = hashlib.sha256(pathlib.Path(versions.__file__).read_bytes())
        self.assertEqual(
            found["autometa_tf/workers/versions.py"], digest.hexdigest()[:12]
        )

    def test_accepts_its_own_versions(self):
        versions.check_versions(versions.software_versions())

    def test_refuses_another_version_and_says_which(self):
        expected = versions.software_versions() | {"keras": "2.0"}
        with self.assertRaisesRegex(
            versions.VersionMismatchError,
            r"Differing: keras \(2\.0 in the search, 3\.",
        ):
            versions.check_versions(expected)

    def test_refuses_another_source_file(self):
        expected = versions.software_versions() | {
            "autometa_tf/workers/versions.py": "0"
        }
        with self.assertRaisesRegex(versions.VersionMismatchError, "versions.py"):
            versions.check_versions(expected)

    def test_refuses_other_kernels_where_they_are_told(self):
        expected = versions.with_kernels(versions.software_versions(), "avx2")
        with mock.patch.object(versions, "kernel_path", lambda: "avx2"):
            versions.check_versions(expected)
        with (
            mock.patch.object(versions, "kernel_path", lambda: "off"),
            self.assertRaisesRegex(
                versions.VersionMismatchError,
                r"Differing: kernels \(avx2 in the search, off in the worker\)",
            ),
        ):
            versions.check_versions(expected)

    def test_ignores_files_that_only_one_of_the_two_has(self):
        versions.check_versions(
            versions.software_versions() | {"autometa_tf/episodes/extra.py": "0"}
        )


if __name__ == "__main__":
    absltest.main()
