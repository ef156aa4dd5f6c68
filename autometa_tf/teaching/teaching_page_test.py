"""What is in the folder; programs' page_test opens it in a browser."""

import dataclasses
import pathlib
import re
from unittest import mock

from absl.testing import absltest, parameterized

from autometa_tf.exports.litert_settings import LiteRTRoom, litert_settings
from autometa_tf.teaching import teaching_page
from autometa_tf.testing.litert_learner import tiny_parts


def _litert_js_files(cache):
    """Stands in for npm's registry."""
    del cache
    return {"core.js": b'import { x } from "./wasm-utils.js";', "wasm-utils.js": b"x"}


def _export_litert(parts, folder, room):
    """Stands in for the conversion."""
    pathlib.Path(folder, "learner.tflite").write_bytes(b"x" * 123_400)
    pathlib.Path(folder, "learner.json").touch()
    return litert_settings(parts, room)


class TeachingPageTest(parameterized.TestCase):
    def setUp(self):
        super().setUp()
        for function in (_litert_js_files, _export_litert):
            name = function.__name__.removeprefix("_")
            self.enter_context(mock.patch.object(teaching_page, name, function))
        self.folder = pathlib.Path(self.create_tempdir().full_path, "new", "page")

    def write(self, name="mine", **changes) -> str:
        parts = dataclasses.replace(tiny_parts(), **changes)
        page = teaching_page.write_teaching_page(parts, name, self.folder, LiteRTRoom())
        return page.read_text("utf-8")

    def test_whatever_it_asks_for_lies_in_the_folder(self):
        asked = set(re.findall(r'(?:src|href)="([^:"]+)"', self.write()))
        scripts = [path for path in asked if path.endswith(".js")]
        self.assertNotEmpty(scripts)
        while scripts:
            path = self.folder / scripts.pop()
            text = path.read_text("utf-8")
            for name in re.findall(r"""from ['"]([^'"]+)['"]""", text):
                found = (path.parent / name).relative_to(self.folder)
                scripts.append(str(found))
                asked.add(str(found))
        self.assertContainsSubset(
            {"page.css", "page.js", "learner.js", "litert/core.js"}, asked
        )
        self.assertIn("litert/wasm-utils.js", asked)
        for name in asked:
            self.assertTrue((self.folder / name).is_file(), name)

    def test_nothing_comes_from_elsewhere(self):
        self.write()
        for path in self.folder.glob("*.*"):
            if path.suffix in (".html", ".css", ".js"):
                self.assertNotRegex(path.read_text("utf-8"), r"https?://|//\w+\.\w+/")

    def test_the_name_of_a_learner_is_text(self):
        text = self.write("<script>'&$learner")
        self.assertIn("<b>&lt;script&gt;&#x27;&amp;$learner</b>, 123 kB", text)

    @parameterized.parameters((True, "drawings"), (False, "photos"))
    def test_knows_drawings_from_photos(self, drawings, kind):
        self.assertIn(f'<body data-kind="{kind}">', self.write(drawings=drawings))


if __name__ == "__main__":
    absltest.main()
