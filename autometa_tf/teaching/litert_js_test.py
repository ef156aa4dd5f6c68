from unittest import mock

from absl.testing import absltest

from autometa_tf.teaching import litert_js

_IMPORT = b'x;\nimport { createWasmLib } from "@litertjs/wasm-utils";\ny;'


class LiteRTJsTest(absltest.TestCase):
    def files(self, index: bytes) -> dict[str, bytes]:
        """The files, where the registry has this for the module that comes first."""

        def read_files(package, names, cache):
            del cache
            if package == litert_js.WASM_UTILS:
                return {name: b"utils" for name in names}
            return {name: index if name == "dist/index.js" else b"" for name in names}

        with mock.patch.object(litert_js, "read_files", read_files):
            return litert_js.litert_js_files()

    def test_modules_find_one_another_by_their_paths(self):
        files = self.files(_IMPORT)
        expected = _IMPORT.replace(b"@litertjs/wasm-utils", b"./wasm-utils.js")
        self.assertEqual(files["core.js"], expected)
        self.assertEqual(files["wasm-utils.js"], b"utils")
        self.assertContainsSubset(["litert_wasm_internal.wasm"], files)

    def test_another_module_is_noticed(self):
        with self.assertRaisesRegex(ValueError, "must import @litertjs/wasm-utils"):
            self.files(b"other")


if __name__ == "__main__":
    absltest.main()
