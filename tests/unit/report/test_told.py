"""What people read: golden files under tests/golden/report; set CXLOOP_GOLDEN=write to write them anew."""

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tasks.report.figures import numbers_of
from tasks.report.markdown import markdown_of
from tasks.report.page import page_of
from tasks.report.slack_text import slack_text

GOLDEN = Path(__file__).parents[2] / "golden" / "report"
PAGE = "out/summary/2026-W11.html"


class Text(HTMLParser):
    """The words of a page, one line per piece; the style sheet and the drawings left out."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in ("style", "svg"):
            self._silent.append(tag)

    def handle_endtag(self, tag):
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()

    def handle_data(self, data):
        if not self._silent and data.strip():
            self.lines.append(" ".join(data.split()))


def text_of(page: str) -> str:
    parser = Text()
    parser.feed(re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL))
    return "\n".join(parser.lines) + "\n"


TOLD = {
    "acme.md": markdown_of,
    "acme.json": numbers_of,
    "acme.slack.txt": lambda summary: slack_text(summary, PAGE) + "\n",
    "acme.page.txt": lambda summary: text_of(page_of(summary)),
}


@pytest.mark.parametrize("name", TOLD)
def test_the_week_of_the_example_reads_as_agreed(acme, name):
    _same(name, TOLD[name](acme))


def test_a_quiet_week_reads_as_agreed(quiet):
    _same("quiet.md", markdown_of(quiet))
    _same("quiet.slack.txt", slack_text(quiet, PAGE) + "\n")


def _same(name: str, text: str) -> None:
    if os.environ.get("CXLOOP_GOLDEN") == "write":
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")
