from absl.testing import absltest

from tests import source_tree
from tests.source_tree import SourceFile


class SourceTreeTest(absltest.TestCase):
    def test_imports_are_found_at_the_top_and_within_functions(self):
        file = SourceFile(
            path="bin/x.py",
            text="import ray.util\ndef f():\n    from tests import source_tree\n",
        )
        self.assertEqual(file.imports, {"ray.util", "tests.source_tree"})

    def test_labels_of_a_build_file_are_made_absolute(self):
        (target,) = source_tree.parse_build(
            "py_test(name='a_test', srcs=['a_test.py'], deps=[':a', '//b:c'])",
            "room",
        )
        self.assertEqual(target.label, "//room:a_test")
        self.assertEqual(target.sources, ("room/a_test.py",))
        self.assertEqual(target.deps, {"//room:a", "//b:c"})

    def test_a_test_on_several_cpus_is_one_target(self):
        (target,) = source_tree.parse_build(
            "load('//tools:cpu_tests.bzl', 'py_test_on_cpus')\n"
            "py_test_on_cpus(name='a_test', srcs=['a_test.py'])",
            "room",
        )
        self.assertEqual((target.label, target.rule), ("//room:a_test", "py_test"))

    def test_a_module_is_a_library_and_its_test(self):
        library, test = source_tree.parse_build(
            "py_module(name='a', test='small', test_deps=[':t'], deps=['//b:c'])",
            "room",
        )
        self.assertEqual((library.rule, test.rule), ("py_library", "py_test"))
        self.assertEqual(library.sources, ("room/a.py",))
        self.assertEqual(library.deps, {"//b:c"})
        self.assertEqual(test.label, "//room:a_test")
        self.assertEqual(test.sources, ("room/a_test.py",))
        self.assertEqual(test.deps, {"//room:a", "//b:c", "//room:t"})
        (alone,) = source_tree.parse_build("py_module(name='a')", "room")
        self.assertEqual(alone.rule, "py_library")


if __name__ == "__main__":
    absltest.main()
