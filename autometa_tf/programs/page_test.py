"""Writes the page of the learner that comes with the library, and draws in a browser."""

import functools
import http.server
import os
import pathlib
import tempfile
import threading
import time

from absl.testing import absltest, parameterized
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from autometa_tf.teaching.litert_js import litert_js_files
from autometa_tf.testing.browser import browser, why_there_is_none
from autometa_tf.testing.tiny_runs import check, run

_PATIENCE = 60  # Seconds, of a busy machine.
# Strokes, each from point to point in [-1, 1].
_SYMBOLS = {
    "cross": [[(-0.6, -0.6), (0.6, 0.6)], [(0.6, -0.6), (-0.6, 0.6)]],
    "square": [[(-0.6, -0.6), (0.6, -0.6), (0.6, 0.6), (-0.6, 0.6), (-0.6, -0.6)]],
    "line": [[(0.0, -0.7), (0.05, 0.7)]],
}
# The same by another hand.
_AGAIN = {
    "cross": [[(-0.5, -0.7), (0.5, 0.6)], [(0.6, -0.5), (-0.6, 0.5)]],
    "square": [[(-0.5, -0.6), (0.6, -0.5), (0.5, 0.5), (-0.6, 0.6), (-0.5, -0.6)]],
    "line": [[(0.2, -0.5), (0.15, 0.5)]],
}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def _why_left_out() -> str:
    if reason := why_there_is_none():
        return reason
    try:
        litert_js_files()
    except (ConnectionError, ValueError) as error:
        return str(error)
    return ""


class PageTest(parameterized.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if reason := _why_left_out():
            cls.skipTest(cls, reason)
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        done = check(run("bin.page", f"--output_dir={folder}"))
        cls.printed = done.stdout
        cls.folder = pathlib.Path(folder)
        serve = functools.partial(_Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.address = f"http://127.0.0.1:{server.server_port}"
        cls.browser = cls.enterClassContext(browser(height=1100))

    def open(self, page="index.html"):
        self.browser.get(f"{self.address}/{page}")
        self.wait_for("Ready")

    def wait_for(self, words):
        deadline = time.time() + _PATIENCE
        while words not in self.status:
            self.assertLess(time.time(), deadline, self.status)
            time.sleep(0.05)

    @property
    def status(self):
        return self.browser.find_element(By.ID, "status").text

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def click(self, identifier):
        self.browser.find_element(By.ID, identifier).click()

    def draw(self, canvas, strokes):
        half = canvas.size["width"] / 2
        actions = ActionChains(self.browser, duration=20)
        for stroke in strokes:
            for number, (x, y) in enumerate(stroke):
                place = (round(half * x), round(half * y))
                actions.move_to_element_with_offset(canvas, *place)
                if number == 0:
                    actions.click_and_hold()
            actions.release()
        actions.perform()

    def answers(self, best):
        """The percentages, once that of class `best` is the highest.

        There are answers while one draws, and of what is not finished yet.
        """
        deadline = time.time() + _PATIENCE
        while True:
            texts = [element.text for element in self.all("#answers .percent")]
            found = [int(text.removesuffix("%") or -1) for text in texts]
            if found[best] == max(found) >= 0:
                return found
            self.assertLess(time.time(), deadline, f"{found}: {self.status}")
            time.sleep(0.05)

    def test_prints_where_the_page_is(self):
        self.assertEqual(self.printed, f"{self.folder / 'index.html'}\n")

    def test_learns_what_is_drawn_and_recognises_it_while_one_draws(self):
        self.open()
        # Some boxes stay empty, and two are added.
        self.click("add")
        self.click("add")
        boxes = self.all("#classes canvas")
        self.assertLen(boxes, 7)
        for place, symbol in zip((0, 3, 6), _SYMBOLS.values(), strict=True):
            self.draw(boxes[place], symbol)
        self.click("learn")
        self.wait_for("It has learned 3 symbols")
        (pad,) = self.all("#query canvas")
        for number, strokes in enumerate(_AGAIN.values()):
            self.draw(pad, strokes)
            found = self.answers(best=number)
            self.assertLen(found, 3)
            self.assertBetween(sum(found), 98, 102)
            self.all("#query .clear")[0].click()
        self.draw(boxes[1], _SYMBOLS["cross"])
        self.wait_for("press Learn again")
        self.click("clear")
        self.assertEqual(self.all("#answers li"), [])

    def test_says_what_is_missing_in_whatever_order(self):
        self.open()
        boxes, (pad,) = self.all("#classes canvas"), self.all("#query canvas")
        self.draw(pad, _AGAIN["square"])
        self.wait_for("Teach it first")
        self.click("learn")
        self.wait_for("so far there are none")
        self.draw(boxes[4], _SYMBOLS["square"])
        self.click("learn")
        self.wait_for("so far there is one")
        self.draw(boxes[2], _SYMBOLS["cross"])
        self.click("learn")
        self.wait_for("It has learned 2 symbols")
        # What was asked before is answered now.
        found = self.answers(best=1)
        self.assertGreater(found[1], found[0])
        add = self.browser.find_element(By.ID, "add")
        while add.is_enabled():
            add.click()
        self.assertLen(self.all("#classes canvas"), 10)

    def test_with_the_keyboard(self):
        self.open()
        across = [Keys.ARROW_LEFT] * 6 + [Keys.SPACE] + [Keys.ARROW_RIGHT] * 12
        down = [Keys.ARROW_UP] * 6 + [Keys.SPACE] + [Keys.ARROW_DOWN] * 12
        boxes, (pad,) = self.all("#classes canvas"), self.all("#query canvas")
        for canvas, keys in ((boxes[0], across), (boxes[1], down), (pad, down)):
            canvas.send_keys(*keys, Keys.SPACE)
        self.browser.find_element(By.ID, "learn").send_keys(Keys.ENTER)
        self.wait_for("It has learned 2 symbols")
        self.assertGreater(self.answers(best=1)[1], 60)
        pad.send_keys(Keys.DELETE)
        self.assertEqual([e.text for e in self.all("#answers .percent")], ["", ""])

    def test_photos_from_files(self):
        """The same learner with the page's other face."""
        text = (self.folder / "index.html").read_text("utf-8")
        page = text.replace('data-kind="drawings"', 'data-kind="photos"')
        (self.folder / "photos.html").write_text(page, "utf-8")
        files = pathlib.Path(self.create_tempdir().full_path)
        for name, box in {"level": (4, 20, 60, 34), "upright": (24, 4, 38, 60)}.items():
            picture = Image.new("RGB", (64, 64), "white")
            picture.paste("black", box)
            picture.save(files / f"{name}.png")
        (files / "bad.png").write_text("no image")
        self.open("photos.html")
        inputs = self.all("#classes input[type=file]")
        inputs[0].send_keys(os.fspath(files / "bad.png"))
        self.wait_for("No photos: bad.png")
        for place, name in ((0, "level"), (2, "upright")):
            inputs[place].send_keys(os.fspath(files / f"{name}.png"))
        names = self.all("#classes input[type=text]")
        names[2].send_keys("<b>pole")
        self.click("learn")
        self.wait_for("It has learned 2 things")
        self.all("#query input")[0].send_keys(os.fspath(files / "upright.png"))
        found = self.answers(best=1)
        self.assertGreater(found[1], found[0])
        shown = [element.text for element in self.all("#answers .name")]
        self.assertEqual(shown, ["thing 1", "<b>pole"])

    @parameterized.parameters(
        ((), "`output_dir` must be given"),
        (("--output_dir=x", "--learner=nobody"), "A learner must be a folder"),
    )
    def test_bad_flags_are_one_line(self, arguments, message):
        done = run("bin.page", *arguments)
        self.assertEqual(done.returncode, 1)
        self.assertIn(message, done.stderr)
        self.assertLen(done.stderr.strip().splitlines(), 1)


if __name__ == "__main__":
    absltest.main()
