from absl.testing import absltest, parameterized

from autometa_tf.search.file_system import is_local

_MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
proc /proc proc rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/me/disk xfs rw 0 0
//server/share /mnt/a\040share cifs rw 0 0
/dev/sdc1 /data ext4 rw 0 0
bucket /data fuse.s3fs rw 0 0
host /shared 9p rw 0 0
""".strip()


class IsLocalTest(parameterized.TestCase):
    @parameterized.parameters(
        ("/", True),
        ("/var/run.sqlite", True),
        ("/home", False),
        ("/home/me/run", False),
        ("/homes/run", True),
        ("/home/me/disk/run", True),
        ("/mnt/a share/run", False),
        ("/data/run", False),
        ("/shared/run", False),
        ("/home/me/../../var", True),
    )
    def test_the_innermost_file_system_counts(self, path, expected):
        mounts = self.create_tempfile(content=_MOUNTS).full_path
        self.assertEqual(is_local(path, mounts), expected)

    def test_nothing_is_local_where_nothing_is_known(self):
        self.assertFalse(is_local("/", "/no/such/table"))

    def test_reads_this_machines_table(self):
        self.assertFalse(is_local("/proc/self"))


if __name__ == "__main__":
    absltest.main()
