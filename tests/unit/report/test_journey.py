"""The friction map: what is marked, what is blank, what is not said."""

import json
import re
from datetime import date, timedelta
from math import sqrt

import polars as pl
import pytest

from domain.estimates import POINTS_SCHEMA
from domain.kpis import KPIS
from domain.roadmap import parse_roadmap
from domain.roadmap.expectations import kpi_expected
from domain.scopes import canonical
from tasks.report.figures import journey_numbers, numbers_of
from tasks.report.friction import Journey
from tasks.report.journey import journey_of, kpis_of
from tasks.report.markdown import markdown_of
from tasks.report.page import page_of
from tasks.report.phrases import notes, promise_line, promises_lines, unheard_line, worst_lines
from tests.unit.report.test_page import tags_of

END = date(2026, 3, 16)
START = END - timedelta(days=28)
ROADMAP = """
version: 1
company: {name: Acme Brew}
vision: Good coffee never runs out.
owners: {cx: {channel: "#cx"}, logistics: {channel: "#logistics"}}
segments: {office: {when: "plan = 'office'"}, home: {when: "plan = 'home'"}}
personas:
  manager: {segment: office, wants: "Coffee", expects: {first_reply_hours: 4, ces: 6, delight: 9}}
  picky:   {segment: home, when: "country = 'FR'", wants: "Better coffee", expects: {csat: 0.5}}
journey:
  discover: {web-shop: cx}
  receive:  {delivery: logistics}
  use:      {app: cx, machine: cx}
"""


def point(kpi: str, value: float, half: float, n: int, n_open: int = 0, **scope: str) -> dict[str, object]:
    """A value with its interval, `half` to both sides."""
    return {
        "kpi": kpi, "scope": canonical(scope), "period": "28d", "period_start": START, "period_end": END, "n": n,
        "n_open": n_open, "total": None, "total_sq": None, "value": value, "low": value - half, "high": value + half,
        "bound_low": None, "bound_high": None,
    }  # fmt: skip


def mapped(*points: dict[str, object], roadmap: str = ROADMAP) -> Journey:
    made = journey_of(parse_roadmap(roadmap), pl.DataFrame(points, schema=POINTS_SCHEMA), START, END)
    assert made is not None
    return made


def cell(journey: Journey, touchpoint: str, kpi: str):
    place = [column.kpi for column in journey.columns].index(kpi)
    return next(row for row in journey.rows if row.touchpoint == touchpoint).cells[place]


CSAT = (
    point("csat", 0.88, 0.02, 1000),
    point("csat", 0.70, 0.06, 200, touchpoint="delivery"),
    point("csat", 0.925, 0.02, 800, touchpoint="app"),
)


def test_what_is_surely_worse_than_the_whole_is_marked_and_who_is_not_heard_is_blank():
    journey = mapped(*CSAT)
    assert cell(journey, "delivery", "csat").is_worse
    assert not cell(journey, "app", "csat").is_worse
    assert cell(journey, "web-shop", "csat").is_blank
    assert journey.unheard == ("web-shop", "machine")
    assert unheard_line(journey) == "Not heard at all (no answer, no contact): web-shop, machine."
    assert worst_lines(journey) == ["delivery: CSAT 70 % (64 … 76 %, n 200); whole company 88 %"]


def test_a_part_is_compared_with_what_it_is_a_part_of():
    """By hand: the part is half of the whole, so half of its error is in both: sqrt(3² × (1 − 2/2) + 2²) = 2."""
    whole, part = point("csat", 0.88, 0.02, 1000), point("csat", 0.856, 0.03, 500, touchpoint="app")
    assert cell(mapped(whole, part), "app", "csat").is_worse  # 2.4 points are 1.2 half-widths
    apart = sqrt(0.03**2 + 0.02**2)
    assert apart > 0.024  # as if they had nothing in common it would be no clear difference
    alone = mapped(whole, point("csat", 0.70, 0.02, 1000, touchpoint="app"))
    assert not cell(alone, "app", "csat").is_worse  # it is the whole


def test_one_in_twenty_by_chance_takes_more_where_there_are_many_cells():
    names = [f"t{i}" for i in range(40)]
    use = ", ".join(f"{name}: cx" for name in names)
    roadmap = f"{ROADMAP.split('journey:', maxsplit=1)[0]}journey: {{use: {{{use}}}}}\n"
    quiet = [point("csat", 0.88, 0.05, 60, touchpoint=name) for name in names[1:]]
    barely = point("csat", 0.815, 0.05, 60, touchpoint="t0")
    whole = point("csat", 0.88, 0.008, 2400)
    assert not mapped(whole, barely, *quiet, roadmap=roadmap).marked
    assert mapped(whole, barely, quiet[0], roadmap=roadmap).marked


def test_too_few_and_fewer_than_the_smallest_group_are_not_judged_and_the_latter_not_shown():
    journey = mapped(
        point("csat", 0.88, 0.02, 1000),
        point("csat", 0.10, 0.10, 12, touchpoint="app"),
        point("csat", 0.10, 0.10, 4, touchpoint="machine"),
    )
    few, fewest = cell(journey, "app", "csat"), cell(journey, "machine", "csat")
    assert (few.is_too_few, few.is_worse, few.value, few.n) == (True, False, 0.10, 12)
    assert (fewest.is_too_few, fewest.value, fewest.low, fewest.n) == (True, None, None, 4)


def test_outcomes_that_are_not_known_yet_widen_what_is_sure():
    open_ = point("sla_attainment", 0.70, 0.02, 400, 300, touchpoint="delivery") | {
        "bound_low": 0.4, "bound_high": 0.83,
    }  # fmt: skip
    whole = point("sla_attainment", 0.80, 0.01, 4000)
    assert not cell(mapped(whole, open_), "delivery", "sla_attainment").is_worse
    known = point("sla_attainment", 0.70, 0.02, 400, touchpoint="delivery")
    assert cell(mapped(whole, known), "delivery", "sla_attainment").is_worse


def test_a_difference_within_the_tolerance_is_no_matter():
    benchmark = (
        "benchmarks: {b: {kpi: csat, window: week, baseline: 0.8, on: 2025-01-01, target: 0.9, by: 2026-12-31, "
        "tolerance: 0.2, owner: cx}}\n"
    )
    assert not mapped(*CSAT, roadmap=ROADMAP + benchmark).marked


def test_a_persona_expects_hours_and_the_slow_touchpoint_is_marked_for_it():
    hours = 3600.0
    journey = mapped(
        point("first_reply_time", 3 * hours, 600, 900),
        point("first_reply_time", 6 * hours, 600, 200, touchpoint="machine"),
        point("first_reply_time", 5.9 * hours, 900, 300, persona="manager"),
    )
    assert cell(journey, "machine", "first_reply_time").missed == ("manager",)
    assert "all customers there, surely worse than the whole company and manager expects;" in worst_lines(journey)[0]
    first, *others = journey.promises
    assert (first.kpi, first.expected, first.verdict) == ("first_reply_time", 4 * hours, "not kept")
    assert promises_lines(journey) == [
        "Promised, not kept: manager expects first reply time 4.0 h, gets 5.9 h (5.7 … 6.2 h, n 300)."
    ]
    assert [(p.persona, p.kpi, p.verdict) for p in others] == [
        ("manager", "ces", "nobody is heard"), ("picky", "csat", "nobody is heard"),
    ]  # fmt: skip
    assert promise_line(others[0]) == "manager expects CES 6.0: nobody is heard"


def group(journey: Journey, touchpoint: str, name: str, kpi: str):
    place = [column.kpi for column in journey.columns].index(kpi)
    row = next(row for row in journey.rows if row.touchpoint == touchpoint)
    return next(group for group in row.groups if group.name == name).cells[place]


SLOW = (
    point("first_reply_time", 3 * 3600.0, 600, 900),
    point("first_reply_time", 3.5 * 3600.0, 600, 400, touchpoint="machine"),
    point("first_reply_time", 6 * 3600.0, 900, 200, touchpoint="machine", persona="manager"),
    point("first_reply_time", 1 * 3600.0, 900, 200, touchpoint="machine", persona="picky"),
    point("first_reply_time", 9 * 3600.0, 900, 12, touchpoint="app", persona="manager"),
    point("first_reply_time", 6 * 3600.0, 900, 200, touchpoint="app"),
)


def test_a_persona_is_held_against_its_own_customers_where_they_are_heard():
    journey = mapped(*SLOW)
    assert not cell(journey, "machine", "first_reply_time").missed  # all customers get what the manager expects
    mine = group(journey, "machine", "manager", "first_reply_time")
    assert (mine.missed, mine.is_worse, mine.n) == (("manager",), True, 200)
    assert not group(journey, "machine", "picky", "first_reply_time").is_marked
    # 12 are too few to say: there it is all customers
    few = group(journey, "app", "manager", "first_reply_time")
    assert (few.is_too_few, few.missed) == (True, ())
    assert cell(journey, "app", "first_reply_time").missed == ("manager",)
    assert [group.name for row in journey.rows for group in row.groups] == ["manager", "manager", "picky"]
    app, machine = worst_lines(journey)[:2]
    sure = "surely worse than the whole company and manager expects; whole company 3.0 h"
    assert machine == f"machine × manager: first reply time 6.0 h (5.8 … 6.3 h, n 200), {sure}"
    assert app == f"app: first reply time 6.0 h (5.8 … 6.3 h, n 200), all customers there, {sure}"
    assert notes(journey)[0].startswith("Under a touchpoint stand its personas")


def test_without_personas_it_is_told_by_segment():
    bare = ROADMAP.replace(ROADMAP[ROADMAP.index("personas:") : ROADMAP.index("journey:")], "")
    journey = mapped(
        *CSAT, point("csat", 0.5, 0.05, 90, touchpoint="delivery", segment="office"),
        point("csat", 0.88, 0.05, 90, touchpoint="delivery", segment="home"),
        point("csat", 0.1, 0.05, 90, touchpoint="delivery", segment="unknown"), roadmap=bare,
    )  # fmt: skip
    assert journey.told_by == "segment"
    assert group(journey, "delivery", "office", "csat").is_worse
    assert not group(journey, "delivery", "home", "csat").is_worse
    assert worst_lines(journey)[1] == "delivery × office: CSAT 50 % (45 … 55 %, n 90); whole company 88 %"
    assert notes(journey) == ["Under a touchpoint stand its segments, as far as they are heard there."]


def test_a_group_that_is_not_heard_in_the_columns_shown_is_left_out():
    journey = mapped(*SLOW, *CSAT)
    narrow = journey.narrowed(1)
    assert [column.kpi for column in narrow.columns] == ["csat"]
    assert not any(row.groups for row in narrow.rows)
    assert mapped(*SLOW).narrowed(1).rows[3].groups


def test_what_is_not_kept_for_personas_is_said_to_be_so_and_not_to_be_silent():
    roadmap = ROADMAP.replace("ces: 6, delight: 9", "churn_rate: 0.02, review_rating: 4, ces: 6, nps: 30")
    surveys = [point("ces", 5, 0.1, 100, survey="a"), point("ces", 5, 0.1, 100, survey="b")]
    verdicts = {p.kpi: p.verdict for p in mapped(*CSAT, *surveys, roadmap=roadmap).promises}
    assert verdicts == {
        "first_reply_time": "nobody is heard", "churn_rate": "not measured apart", "ces": "not measured apart",
        "review_rating": "not measured apart", "nps": "nobody is heard", "csat": "nobody is heard",
    }  # fmt: skip


def test_levels_counts_and_what_is_never_judged_are_no_columns_but_count_as_heard():
    journey = mapped(point("ticket_volume", 40, 5, 40, touchpoint="app"), point("ticket_volume", 90, 5, 90))
    assert journey.columns == ()
    assert journey.unheard == ("web-shop", "delivery", "machine")


def test_touchpoints_that_the_roadmap_does_not_name_and_surveys_that_are_not_pooled_are_said():
    journey = mapped(
        *CSAT, point("csat", 0.5, 0.1, 100, touchpoint="kiosk"), point("ces", 5, 0.1, 100, survey="a"),
        point("ces", 5, 0.1, 100, survey="b"), point("ces", 5, 0.1, 100, survey="b", touchpoint="app"),
    )  # fmt: skip
    assert (journey.elsewhere, journey.apart) == (("kiosk",), ("ces",))


def test_nothing_measured_gives_an_empty_map_and_no_journey_none():
    assert mapped().unheard == ("web-shop", "delivery", "app", "machine")
    bare = parse_roadmap(ROADMAP.split("journey:", maxsplit=1)[0])
    assert journey_of(bare, pl.DataFrame(schema=POINTS_SCHEMA), START, END) is None


@pytest.mark.parametrize(
    ("said", "kpi"),
    [("first_reply_hours", "first_reply_time"), ("ces", "ces"), ("waiting_on_us_hours", "waiting_on_us"),
     ("csat_hours", None), ("delight", None)],
)  # fmt: skip
def test_what_is_expected_is_a_kpi(said: str, kpi: str | None):
    assert kpi_expected(said) == kpi


def test_what_a_persona_expects_is_measured():
    roadmap = parse_roadmap(ROADMAP.replace("delight: 9", "waiting_on_us_hours: 2"))
    assert "waiting_on_us" in roadmap.measured
    assert "waiting_on_us" in kpis_of(roadmap)
    assert "transfers" not in kpis_of(roadmap)


def test_so_many_columns_as_can_be_read_the_named_ones_first():
    points = [
        point(name, 0.5, 0.01, 100, touchpoint="app")
        for name, kpi in KPIS.items()
        if "touchpoint" in kpi.dimensions and kpi.unit == "share"
    ]
    journey = mapped(*points)
    assert len(journey.columns) > 4
    narrow = journey.narrowed(2)
    assert [column.kpi for column in narrow.columns] == ["csat", "csat_first"]
    assert {len(row.cells) for row in narrow.rows} == {2}


@pytest.fixture(scope="module")
def told(acme):
    from dataclasses import replace

    nasty = ROADMAP.replace("logistics}\n", '"logistics"}\n')
    mine = point("csat", 0.87, 0.06, 50, touchpoint="delivery", persona="manager")
    return replace(acme, journey=mapped(*CSAT, mine, roadmap=nasty))


def test_the_page_has_the_map_with_its_marks_in_words_too(told):
    page = page_of(told)
    section = re.search(r'<section aria-labelledby="hurts">.*?</section>', page, re.DOTALL)
    assert section
    html = section.group()
    assert '<span class="unseen"> surely worse than the whole company</span>' in html
    tags = tags_of(html)
    headers = [attributes for tag, attributes in tags if tag == "th"]
    assert all(a.get("scope") and a.get("role") for a in headers)
    cells = [attributes for tag, attributes in tags if tag == "td"]
    assert len(cells) == 6
    assert '<span class="unseen">delivery, </span>manager' in html
    assert {a["data-name"] for a in cells} == {"CSAT"}
    assert sum("worse-than" in (a["class"] or "") for a in cells) == 1
    assert "Not heard at all" in html


def test_a_roadmap_without_a_journey_shows_nothing(acme):
    assert acme.journey is None
    assert "Where it hurts" not in page_of(acme) + markdown_of(acme)
    assert "journey" not in json.loads(numbers_of(acme))


def test_markdown_and_json_have_the_same_map(told):
    text = markdown_of(told)
    assert "| delivery | receive | logistics | 70 % ▼ (64 … 76 %, n 200) |" in text
    assert "| web-shop | discover | cx |  |" in text
    numbers = json.loads(numbers_of(told))["journey"]
    assert numbers["touchpoints"][1]["groups"]["manager"]["csat"]["n"] == 50
    assert "| delivery × manager |  |  | 87 % (81 … 93 %, n 50) |" in text
    assert numbers["touchpoints"][1]["cells"]["csat"]["is_worse"]
    assert numbers["touchpoints"][0]["cells"] == {}
    assert numbers["unheard"] == ["web-shop", "machine"]
    assert numbers == json.loads(json.dumps(journey_numbers(told.journey), default=str))
