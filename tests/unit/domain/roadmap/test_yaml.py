"""Broken YAML is told with line, finding and remedy; no text whatever gives a traceback."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import RoadmapError
from domain.roadmap import Roadmap, parse_roadmap
from domain.roadmap.yaml_tree import read_yaml

LINES = (Path(__file__).parents[3] / "golden" / "acme_roadmap.yaml").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "roadmap.yaml  the file is empty"),
        ("# nothing\n", "roadmap.yaml  the file is empty"),
        ("- a\n- b\n", "roadmap.yaml:1  this is a list or a text; keys are expected"),
        ("a: 1\n\tb: 2\n", "roadmap.yaml:2  this line is no YAML: it starts with a tab. Use blanks"),
        ("a: @cx\n", 'roadmap.yaml:1  this line is no YAML: a text cannot start with @. Put it in quotes: "@…"'),
        ("a: b: c\n", "roadmap.yaml:1  this line is no YAML: a second `: ` in one line. Put the text in quotes"),
        ("a: {x: 1\nb: 2\n", "a comma or a closing bracket is missing; the bracket opened in line 1"),
        ("a: {x: #cx, y: 2}\nb: 2\n", 'roadmap.yaml:1  #cx is not read, and what follows it neither'),
        ('a: "x\nb: 1\n', "the quotes opened in line 1 are never closed"),
        ("a: *x\n", "undefined alias 'x'. Put a text that starts with * in quotes"),
        ("a: 1\n---\nb: 2\n", "`---` starts a second document"),
        ("a:\n  - b\n c: 1\n", "roadmap.yaml:3  this line is no YAML: it is neither in nor beside the entry of line 1"),
        ("a: \x00\n", "this is no text YAML can read"),
        ("a: &x {b: *x}\n", "roadmap.yaml:1  b: this entry contains itself"),
        ("? [a]\n: b\n", "roadmap.yaml:1  a key is a list or a mapping here"),
    ],
)  # fmt: skip
def test_broken_yaml_is_told_with_line_finding_and_remedy(told_of, text, expected):
    lines = told_of(text)
    assert any(expected in line for line in lines), lines


def test_a_key_that_stands_twice_is_told_with_both_lines(told):
    lines = told(("  contacts: ", "  nps-home: "))
    assert (
        lines[0] == "roadmap.yaml:60  nps-home: 'nps-home' stands here twice, first in line 52. Keep one, or rename one"
    )


def test_anchors_and_merged_keys_are_read():
    values, _, problems = read_yaml("a: &base {x: 1, y: 2}\nb:\n  <<: *base\n  y: 3\n", "f.yaml")
    assert values["b"] == {"x": 1, "y": 3}
    assert problems == []


def test_words_of_old_yaml_are_words():
    values, _, _ = read_yaml("on: off\nyes: no\nnorway: NO\nt: 12:30\nn: 010\n", "f.yaml")
    assert values == {"on": "off", "yes": "no", "norway": "NO", "t": "12:30", "n": 10}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_roadmap_loads_or_is_told_but_never_breaks(data):
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(lines) - 1))
        start = data.draw(st.integers(0, len(lines[index])))
        end = data.draw(st.integers(start, min(start + 12, len(lines[index]))))
        put = data.draw(
            st.sampled_from(["", " ", "x", "0", "-1", "null", "[]", "{}", ": ", "- ", "'", '"', "#", "\t", "1e999"])
        )
        lines[index] = lines[index][:start] + put + lines[index][end:]
    _loads_or_is_told("\n".join(lines))


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_loads_or_is_told_but_never_breaks(text):
    _loads_or_is_told(text)


def _loads_or_is_told(text: str) -> None:
    told = ""
    try:
        assert isinstance(parse_roadmap(text), Roadmap)
    except RoadmapError as error:
        told = str(error)
    assert all(line.startswith("roadmap.yaml") for line in told.splitlines()), told
