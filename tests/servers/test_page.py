"""The summary page as people see it, in Chromium; and hostile words, wherever they are shown."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.processes import cxloop
from tests.servers.chromium import Browser, View
from tests.servers.hostile import AS_OF, LONG, SCRIPT, TEAM, write_hostile

pytestmark = pytest.mark.servers
PHONE = 375
OPEN_ALL = "document.querySelectorAll('details').forEach(part => part.open = true)"
WIDER_THAN_ITS_PLACE = """
[...document.querySelectorAll('main *')].filter(part => part.getBoundingClientRect().right > innerWidth + 1
    && !part.closest('.wide, .unseen, svg *')).map(part => part.outerHTML.slice(0, 80))
"""
FAINT = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = share => share <= .04045 ? share / 12.92 : ((share + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
  const behind = part => {
    const colour = part ? rgba(getComputedStyle(part).backgroundColor) : [255, 255, 255, 255];
    return colour[3] === 255 ? colour : behind(part.parentElement);
  };
  const isShown = part => part.checkVisibility() && !part.closest('.unseen, title, desc, style')
    && [...part.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return [...document.body.querySelectorAll('*')].filter(isShown).map(part => {
    const style = getComputedStyle(part), ink = rgba(part.closest('svg') ? style.fill : style.color);
    const [more, less] = [light(ink), light(behind(part))].sort((a, b) => b - a);
    return [(more + .05) / (less + .05), part.textContent.trim().slice(0, 40)];
  }).filter(([contrast]) => contrast < 4.5);
})()
"""
"""Texts with less contrast than WCAG 2 asks for (4.5 to 1), with it."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project full of hostile words, after its first run; tests only read it."""
    folder = tmp_path_factory.mktemp("hostile") / "project"
    write_hostile(folder)
    done = cxloop("--project", str(folder), "run", "--as-of", AS_OF.isoformat())
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def page(hostile: Path) -> Path:
    return hostile / "out" / "summary" / "latest.html"


@pytest.fixture(params=["light", "dark"])
def view(request: pytest.FixtureRequest, browser: Browser, page: Path) -> View:
    return browser.open(page, dark=request.param == "dark")


@pytest.fixture
def phone(browser: Browser, page: Path) -> View:
    return browser.open(page, width=PHONE)


def test_the_page_asks_for_nothing_and_complains_of_nothing(browser: Browser, page: Path) -> None:
    view = browser.open(page)
    view.evaluate(OPEN_ALL)
    assert view.requests == [page.as_uri()]
    assert view.complaints == []


def test_nothing_is_wider_than_a_phone(phone: View) -> None:
    phone.evaluate(OPEN_ALL)
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE
    assert phone.evaluate(WIDER_THAN_ITS_PLACE) == []


def test_every_text_can_be_read_in_light_and_in_dark(view: View) -> None:
    view.evaluate(OPEN_ALL)
    assert view.evaluate(FAINT) == []


def test_dark_is_dark_with_its_charts(browser: Browser, page: Path) -> None:
    ink = "getComputedStyle(document.querySelector('svg.chart text')).fill"
    look = f"[getComputedStyle(document.body).backgroundColor, {ink}]"
    light, dark = (browser.open(page, dark=dark).evaluate(look) for dark in (False, True))
    brightness = [[sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours] for colours in (light, dark)]
    (page_by_day, ink_by_day), (page_by_night, ink_by_night) = brightness
    assert page_by_day > ink_by_day
    assert page_by_night < ink_by_night


def test_every_chart_is_drawn_and_says_what_it_is(browser: Browser, page: Path) -> None:
    charts: list[dict[str, Any]] = browser.open(page).evaluate("""
        [...document.querySelectorAll('svg.chart')].map(chart => ({
            role: chart.getAttribute('role'), title: chart.querySelector('title').textContent,
            said: chart.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id).textContent),
            height: chart.getBoundingClientRect().height, lines: chart.querySelectorAll('path').length }))
    """)
    assert len(charts) == 3  # a benchmark each, and the timeline
    for chart in charts:
        assert chart["role"] == "img"
        assert chart["height"] > 50
        assert chart["lines"] > 3
        assert chart["title"] == chart["said"][0]
        assert all(chart["said"])


def test_what_the_page_links_to_is_there(browser: Browser, page: Path) -> None:
    links = browser.open(page).evaluate("[...document.querySelectorAll('a')].map(link => link.href)")
    assert {Path(link.removeprefix("file://")).suffix for link in links} == {".md", ".json"}
    assert all(Path(link.removeprefix("file://")).is_file() for link in links)


def test_hostile_words_are_text_in_the_page(browser: Browser, page: Path) -> None:
    view = browser.open(page)
    assert view.evaluate("document.body.textContent").count(TEAM) > 5
    assert view.evaluate("document.querySelector('svg.chart title').textContent").startswith(TEAM)
    assert view.evaluate("document.title").startswith(TEAM)
    assert view.evaluate("document.querySelectorAll('script, iframe, object, embed, img, form, base').length") == 0
    links = view.evaluate("[...document.querySelectorAll('[href], [src]')].map(one => one.outerHTML)")
    assert [link for link in links if "evil" in link] == []


def test_hostile_words_are_text_in_slack(hostile: Path) -> None:
    messages = [json.loads(path.read_text(encoding="utf-8")) for path in (hostile / "out" / "messages").glob("*.json")]
    assert len(messages) == 2
    texts = [text for message in messages for text in (message["text"], *marked_up(message["blocks"]))]
    assert len([text for text in texts if LONG in text]) >= 4
    for text in texts:
        assert re.findall(r"<[^>]*>", text) == []
        assert re.findall(r"@(?:here|channel|everyone)\b", text) == []
    for text in marked_up([block for message in messages for block in message["blocks"]]):
        assert [sign for sign in ("*bold*", "_slanted_", "`code`") if sign in text] == []


def test_hostile_words_are_text_in_the_written_files(hostile: Path) -> None:
    markdown = (hostile / "out" / "summary" / "latest.md").read_text(encoding="utf-8")
    assert LONG in markdown
    assert re.findall(r"(?<!\\)[<*`\[]\w*", "".join(line for line in markdown.splitlines() if LONG in line)) == []
    numbers = json.loads((hostile / "out" / "summary" / "latest.json").read_text(encoding="utf-8"))
    assert any(TEAM in text for text in texts_in(numbers))
    for path in (hostile / "out" / "messages").glob("*.txt"):
        assert SCRIPT in path.read_text(encoding="utf-8")
    written = {path.suffix for path in (hostile / "out").rglob("*") if path.is_file()}
    assert written == {".html", ".json", ".md", ".txt"}  # nothing that a spreadsheet would open and compute


def marked_up(blocks: list[dict[str, Any]]) -> list[str]:
    """Every text in which Slack reads signs as formatting."""
    held = [block["text"] for block in blocks if block["type"] == "section"]
    held += [element for block in blocks if block["type"] == "context" for element in block["elements"]]
    return [text["text"] for text in held if text["type"] == "mrkdwn"]


def texts_in(held: Any) -> Iterator[str]:
    """Every text in JSON, keys too."""
    if isinstance(held, str):
        yield held
    for inner in (*held, *held.values()) if isinstance(held, dict) else held if isinstance(held, list) else ():
        yield from texts_in(inner)
