"""The page as a browser shows it, and what text from outside cannot do there."""

import dataclasses
import json
import os
import pathlib
import re
import unittest

from absl.testing import absltest

from autometa_tf.reports.page import (
    _safe_json,
    write_comparison_page,
    write_run_page,
)
from autometa_tf.reports.run_record import read_run
from autometa_tf.testing import fake_run
from autometa_tf.testing.browser import browser, console_errors, why_there_is_none

_HOSTILE = (
    "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>"
)


def _record(folder, **kwargs):
    fake_run.write_run(folder, **kwargs)
    return read_run(folder)


class PageTest(absltest.TestCase):
    def test_data_ends_no_script(self):
        text = _safe_json({"name": f"{_HOSTILE}<!--\u2028&"})
        self.assertNotRegex(text, "[<>&\u2028]")
        self.assertEqual(json.loads(text), {"name": f"{_HOSTILE}<!--\u2028&"})

    def test_text_from_outside_is_escaped(self):
        folder = self.create_tempdir().full_path
        failed = dataclasses.replace(fake_run.EVALUATIONS[2], failure=_HOSTILE)
        evaluations = [*fake_run.EVALUATIONS[:2], failed, *fake_run.EVALUATIONS[3:]]
        record = dataclasses.replace(
            _record(folder, evaluations=evaluations), name=_HOSTILE, command=_HOSTILE
        )
        page = pathlib.Path(write_run_page(record, folder)).read_text("utf-8")
        self.assertNotIn("<img", re.sub(r"<script>.*?</script>", "", page, flags=re.S))
        self.assertEqual(page.count("document.title='taken'"), page.count("'taken'"))
        self.assertNotIn("<script>document.title", page)

    def test_a_page_of_a_running_search_loads_itself_again(self):
        folder = self.create_tempdir().full_path
        record = _record(folder, evaluations=fake_run.EVALUATIONS[:3])
        text = pathlib.Path(
            write_run_page(record, folder, refresh_seconds=7)
        ).read_text()
        self.assertIn('<meta http-equiv="refresh" content="7">', text)
        self.assertIn("unfinished: stage 2 of 2", text)
        text = pathlib.Path(write_run_page(record, folder)).read_text()
        self.assertNotIn('http-equiv="refresh"', text)

    def test_nothing_is_around_the_table(self):
        folder = self.create_tempdir().full_path
        text = pathlib.Path(write_run_page(_record(folder), folder)).read_text()
        self.assertIn('<section><h2>Candidates</h2><div class="filters">', text)
        self.assertIn("<tbody></tbody></table></div></section>", text)

    def test_a_page_without_a_candidate_is_one_too(self):
        folder = self.create_tempdir().full_path
        record = _record(folder, stages=(), evaluations=())
        text = pathlib.Path(write_run_page(record, folder)).read_text()
        self.assertIn("No candidate has a score yet.", text)


@unittest.skipIf(why_there_is_none(), why_there_is_none())
class PageInBrowserTest(absltest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.driver = cls.enterClassContext(browser())

    def open(self, **kwargs):
        folder = self.create_tempdir().full_path
        record = _record(os.path.join(folder, "run"), **kwargs)
        self.driver.get(pathlib.Path(write_run_page(record, folder)).as_uri())
        return record

    def ask(self, script, *arguments):
        return self.driver.execute_script(f"return {script}", *arguments)

    def column(self, name):
        """The column's texts, row by row, as they are shown."""
        return self.ask(
            "(() => { const heads = [...document.querySelectorAll('#candidates th')];"
            "const i = heads.findIndex(h => h.textContent === arguments[0]);"
            "return [...document.querySelectorAll('#candidates tbody tr')]"
            ".map(r => r.cells[i].textContent); }).apply(null, arguments)",
            name,
        )

    def test_it_draws_sorts_filters_and_opens(self):
        self.open(summary=fake_run.SUMMARY)
        traces = "Array.from(document.querySelectorAll('.plot'), p => p.data.length)"
        self.assertEqual(self.ask(traces), [3, 3, 2, 2, 4])
        self.assertGreater(
            self.ask("document.querySelectorAll('.plot path').length"), 20
        )
        self.assertLen(self.ask("document.querySelectorAll('#best-drawing .frame')"), 2)
        # The best first, those without a score last.
        scores = ["95.0%", "90.0%", "80.0%", "70.0%", "60.0%", "50.0%", ""]
        self.assertEqual(self.column("Score"), scores)
        click = (
            "document.querySelectorAll('#candidates th button')[arguments[0]].click()"
        )
        heads = self.ask(
            "[...document.querySelectorAll('th button')].map(b => b.textContent)"
        )
        self.ask(click, heads.index("Parameters"))
        self.assertEqual(self.column("Parameters")[0], "5,000")
        self.ask(click, heads.index("Parameters"))
        self.assertEqual(self.column("Parameters")[0], "0")
        fill = (
            "(() => { const e = document.getElementById(arguments[0]);"
            "e.value = arguments[1]; e.dispatchEvent(new Event(arguments[2]));})"
            ".apply(null, arguments)"
        )
        self.ask(fill, "filter-stage", "2", "change")
        self.assertLen(self.column("Cell"), 3)
        self.ask(fill, "filter-text", "identity CONV1x5", "input")
        self.assertEqual(self.column("Cell"), [str(fake_run.DEEP)])
        self.driver.refresh()  # As a page does that is being watched.
        self.assertEqual(self.column("Cell"), [str(fake_run.DEEP)])
        self.ask("document.querySelector('#candidates tbody tr').click()")
        self.assertTrue(self.ask("document.getElementById('cell').open"))
        self.assertLen(self.ask("document.querySelectorAll('#cell-drawing .frame')"), 2)
        text = self.ask("document.getElementById('cell-text').textContent")
        self.assertEqual(json.loads(text)["blocks"][0][1], "avg_pool3x3")
        self.assertEqual(console_errors(self.driver), [])

    def test_hostile_text_is_text(self):
        failed = dataclasses.replace(fake_run.EVALUATIONS[2], failure=_HOSTILE)
        self.open(evaluations=[*fake_run.EVALUATIONS[:2], failed])
        self.assertNotEqual(self.driver.title, "taken")
        self.assertIn(_HOSTILE, self.column("Failure"))
        self.assertEqual(self.ask("document.images.length"), 0)
        self.assertEqual(console_errors(self.driver), [])

    def test_a_phone_shows_all_of_it(self):
        with browser(width=390, height=800) as self.driver:
            self.open(summary=fake_run.SUMMARY)
            self.assertEqual(self.ask("window.innerWidth"), 390)
            self.assertLessEqual(self.ask("document.documentElement.scrollWidth"), 390)
            widths = (
                "Array.from(document.querySelectorAll('.plot svg'), s => s.clientWidth)"
            )
            self.assertLessEqual(max(self.ask(widths)), 390)

    def test_runs_are_compared_on_one_page(self):
        folder = self.create_tempdir().full_path
        records = [
            dataclasses.replace(
                _record(
                    os.path.join(folder, name), config=fake_run.experiment(beam_size=k)
                ),
                name=name,
            )
            for name, k in (("one", 3), ("<b>two", 4))
        ]
        self.driver.get(pathlib.Path(write_comparison_page(records, folder)).as_uri())
        self.assertEqual(self.ask("document.querySelector('.plot').data.length"), 2)
        text = self.ask("document.body.innerText")
        self.assertIn("<b>two", text)
        self.assertIn("beam_size", text)
        self.assertEqual(console_errors(self.driver), [])


if __name__ == "__main__":
    absltest.main()
