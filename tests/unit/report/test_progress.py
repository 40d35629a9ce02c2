"""The roadmap itself: milestones, money, what changed, what comes."""

from datetime import date

import pytest

from domain.roadmap import parse_roadmap
from tasks.report import phrases as say
from tasks.report.progress import InitiativeLine, MilestoneLine, next_turn, progress_of

MONDAY = date(2026, 3, 16)
ROADMAP = """
version: 1
company: {name: Acme Brew, currency: EUR, fiscal_year_starts: "02-01"}
vision: Good coffee never runs out.
owners: {coo: {channel: "#board"}, lead: {channel: "#cx"}}
benchmarks:
  nps: {kpi: nps, window: 28d, baseline: 24, on: 2025-07-01, target: 35, by: 2026-12-31, tolerance: 3, owner: lead}
initiatives:
  - id: carrier
    title: A second carrier
    horizon: next
    owner: lead
    budget: {planned: 90000, spent: 22000}
    needs: [routing]
    milestones: [{title: Signed, due: 2026-02-27, done: 2026-03-02}, {title: Berlin, due: 2026-03-10},
                 {title: All, due: 2026-09-30}]
capabilities: {routing: {kind: data, now: 2, want: 4, by: 2026-06-30, owner: lead},
               done: {kind: data, now: 4, want: 4, by: 2026-06-30, owner: lead}}
reviews: [{title: Funding, every: quarter, who: [coo]}, {title: Weekly, every: monday 08:00, who: [lead]},
          {title: Strategy, every: year, who: [coo]}]
"""


@pytest.fixture(scope="module")
def roadmap():
    return parse_roadmap(ROADMAP)


def test_a_milestone_is_hit_hit_late_slipped_due_or_coming(roadmap):
    carrier = progress_of(roadmap, MONDAY).initiatives[0]
    assert [m.standing for m in carrier.milestones] == ["hit late", "slipped", "coming"]
    assert carrier.next_milestone.title == "Berlin"
    assert not carrier.is_done


def test_on_an_earlier_day_a_later_done_is_not_known(roadmap):
    carrier = progress_of(roadmap, date(2026, 2, 16)).initiatives[0]
    assert [m.standing for m in carrier.milestones] == ["due", "due", "coming"]


def test_where_an_initiative_stands_is_told_with_its_delay(acme, roadmap):
    carrier = progress_of(roadmap, MONDAY).initiatives[0]
    assert say.initiative_line(carrier, acme) == "next: Berlin, due 10 Mar, 6 days late"
    assert say.milestones_done(carrier) == "1 of 3 milestones hit, 1 late"
    assert say.initiative_money(carrier, acme) == "22,000 of 90,000 EUR"


@pytest.mark.parametrize(("standing", "said"), [("hit", "hit in time"), ("hit late", "hit, late"), ("due", "")])
def test_a_single_milestone_is_not_counted(standing, said):
    done = date(2026, 1, 14) if standing != "due" else None
    only = MilestoneLine("Live for all", date(2026, 1, 14), done, standing)
    assert say.milestones_done(InitiativeLine("Refunds", "quick win", "product-lead", (only,))) == said


def test_only_capabilities_below_the_level_wanted_are_behind(roadmap):
    assert [c.name for c in progress_of(roadmap, MONDAY).capabilities] == ["routing"]


def test_reviews_of_the_next_month_are_told_and_weekly_ones_go_without_saying(roadmap):
    assert [(c.title, c.on) for c in progress_of(roadmap, MONDAY).coming] == [("Funding", date(2026, 4, 1))]


@pytest.mark.parametrize(
    ("every", "moment", "on"),
    [
        ("quarter", MONDAY, date(2026, 4, 1)),
        ("quarter", date(2026, 4, 1), date(2026, 4, 1)),
        ("month", date(2026, 12, 2), date(2027, 1, 1)),
        ("year", MONDAY, date(2027, 2, 1)),
        ("6 months", MONDAY, None),
        ("monday 08:00", MONDAY, None),
    ],
)
def test_the_calendar_gives_the_next_turn_of_a_review(every, moment, on):
    assert next_turn(every, moment, "02-01") == on


def test_a_changed_target_is_shown_in_the_week_it_changed(roadmap):
    before = parse_roadmap(ROADMAP.replace("target: 35", "target: 38"))
    assert progress_of(roadmap, MONDAY, before).changed[0].startswith("nps target 38 → 35.")
    assert progress_of(roadmap, MONDAY).changed == ()
