"""The page stands alone, hurts nobody and can be read in every way."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from tasks.report.episodes import Alerts, Board
from tasks.report.markdown import markdown_of
from tasks.report.page import MOST_CHARTS, page_of
from tasks.report.progress import Progress
from tasks.report.small_print import SmallPrint
from tasks.report.standing import Standing
from tasks.report.summary import Summary


class Tags(HTMLParser):
    """Every opening tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def tags_of(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    return parser.found


@pytest.fixture(scope="module")
def page(acme):
    return page_of(acme)


def test_the_same_summary_gives_the_same_bytes(acme, page):
    assert page_of(acme) == page


def test_the_page_fetches_nothing_and_runs_nothing(page):
    tags = tags_of(page)
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "src"]
    assert not re.search(r"@import|url\((?!#)", page)
    policy = next(a["content"] for tag, a in tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_hostile_words_are_shown_and_never_run(acme):
    nasty = "</style><script>alert(1)</script><img src=x onerror=alert(1)>"
    row = replace(
        acme.benchmarks[0], title=nasty, owner=nasty, markers=(replace(acme.benchmarks[0].markers[0], title=nasty),)
    )
    page = page_of(replace(acme, company=nasty, sentences=(nasty,), benchmarks=(row,)))
    assert not {tag for tag, _ in tags_of(page)} & {"script", "img"}
    assert "&lt;script&gt;" in page


def test_hostile_words_do_nothing_in_markdown(acme):
    text = markdown_of(replace(acme, sentences=("<img src=x> [click](javascript:x) | `a`\n# Big",)))
    assert "<img" not in text.replace("\\<img", "")
    assert "\n# Big" not in text
    assert "[click](" not in text.replace("\\[click\\](", "")


def test_every_header_cell_has_a_scope_and_every_table_a_caption(page):
    tags = tags_of(page)
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in tags if tag == "th")
    assert sum(tag == "table" for tag, _ in tags) == sum(tag == "caption" for tag, _ in tags) > 0


def test_headings_go_down_one_step_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in tags_of(page) if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_chart_says_in_words_what_it_shows_and_has_its_numbers_beside_it(page, acme):
    charts = [a for tag, a in tags_of(page) if tag == "svg" and a.get("role") == "img"]
    ids = {a["id"] for _, a in tags_of(page) if "id" in a}
    assert all(set(chart["aria-labelledby"].split()) <= ids for chart in charts)
    with_series = sum(bool(row.series) for row in acme.benchmarks)
    assert len(charts) == with_series + 1
    assert page.count("<details>") == with_series


def test_ids_are_never_used_twice(page):
    ids = [a["id"] for _, a in tags_of(page) if "id" in a]
    assert len(ids) == len(set(ids))


def test_colour_is_never_the_only_sign(page):
    for mark in re.findall(r'<span class="mark [a-z]+">(.*?)</span>', page, re.DOTALL):
        assert "<svg" in mark
        assert re.sub(r"<svg.*?</svg>", "", mark, flags=re.DOTALL).strip()


def test_no_line_ends_within_a_date_or_between_an_arrow_and_its_task(page):
    assert "16\u00a0Mar →\u00a0CX-41" in page
    assert "Sun\u00a015\u00a0Mar" in page
    shown = re.sub(r"<(style|svg|desc).*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r"\d (Jan|Feb|Mar|%)|→ CX-", shown)


def test_with_too_many_benchmarks_those_that_stand_worst_are_drawn(acme):
    good = next(row for row in acme.benchmarks if row.standing is Standing.ON_PLAN)
    many = tuple(replace(good, id=f"good-{i}") for i in range(12)) + acme.benchmarks[:1]
    page = page_of(replace(acme, benchmarks=many, progress=Progress()))
    assert page.count('role="img"') == MOST_CHARTS
    assert "chart-nps-office-title" in page


def test_a_company_without_benchmarks_and_data_still_gets_a_page(acme):
    bare = Summary("Acme", "", acme.week_start, acme.as_of, acme.today, ("Nothing was measured yet.",))
    assert bare.alerts == Alerts()
    assert (bare.board, bare.small_print) == (Board(), SmallPrint())
    page = page_of(bare)
    assert "The roadmap names no benchmark yet." in page
    assert "No task was ever opened." in page
    assert 'role="img"' not in page
