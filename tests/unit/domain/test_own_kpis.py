from pathlib import Path

import pytest

from domain.errors import OwnKpiError, RoadmapError, UnknownKpiError
from domain.kpis import KPIS
from domain.own_kpis import OwnKpi, load_own_kpis, read_own_kpis
from domain.roadmap import load_roadmap

QUICK = """
  quick_help:
    question: Which share of contacts is solved within two hours?
    fact: tickets
    statistic: share
    numerator: "resolved_at - opened_at <= INTERVAL '2 hours'"
    better: up
    known_at: resolved_at
"""
ROADMAP = """version: 1
company: {name: Kiosk}
vision: Nobody waits
owners: {lead: {channel: "#cx"}}
benchmarks:
  quick: {kpi: quick_help, window: 28d, baseline: 0.5, on: 2026-01-05, target: 0.8, by: 2026-12-31, tolerance: 0.05,
          owner: lead}
"""


def read(text: str) -> OwnKpi:
    (found,) = read_own_kpis("version: 1\nkpis:" + text)
    return found


def refused(text: str) -> str:
    with pytest.raises(OwnKpiError) as problem:
        read_own_kpis("version: 1\nkpis:" + text)
    return str(problem.value)


def test_what_is_not_said_is_filled_in() -> None:
    quick = read(QUICK)
    assert (quick.title, quick.unit, quick.kind, quick.booked_at) == ("quick help", "share", "sum", "opened_at")
    assert quick.dimensions == ("channel", "touchpoint", "segment", "persona", "team", "product", "source")
    assert (quick.min_n, quick.watches_drift, quick.docs) == (30, True, "kpis.yaml")
    assert quick.columns == ("resolved_at", "opened_at", "deleted_at", "excluded_as")


def test_a_median_is_kept_as_a_histogram_and_a_count_is_never_too_small() -> None:
    median = "statistic: quantile, quantile: 0.5, value: resolved_at - opened_at"
    slow = read(f"\n  slow: {{question: How long?, fact: tickets, {median}, better: down, booked_at: resolved_at}}")
    assert (slow.kind, slow.unit, slow.quantile, slow.booked_at) == ("sketch", "seconds", 0.5, "resolved_at")
    seen = read("\n  seen: {question: How often?, fact: mentions, statistic: count, better: none}")
    assert (seen.min_n, seen.watches_drift, seen.unit) == (0, False, "count")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("fact: tickets", "fact: ticket",
         "kpis.yaml:5  quick_help: fact: 'ticket' is not known. Did you mean 'tickets'?"),
        ("quick_help:", "csat:", "kpis.yaml:3  kpis: csat: the catalogue has a KPI of this name already. Give yours "),
        ("quick_help:", "Quick:", "names are small letters, digits and _, and begin with a letter"),
        ("resolved_at - opened_at", "solved_at - opened_at",
         "reads 'solved_at', which tickets has not. Did you mean 'resolved_at'?"),
        ("better: up", "better: more", "better: 'more' is not known. Known: up, down, none."),
        ("known_at: resolved_at", "known_at: status", "'status' is no instant of tickets."),
        ("known_at: resolved_at", "know_at: resolved_at", "unknown key 'know_at'. Did you mean 'known_at'?"),
        ("known_at: resolved_at", "value: n_reopens", "a share is counted by `numerator` and `denominator`. "),
        ("known_at: resolved_at", "dimensions: [chanel]", "'chanel' is no label of tickets. Did you mean 'channel'?"),
        ("known_at: resolved_at", "where: n_reopens", "'n_reopens' is no condition: it must be true or not"),
        ("known_at: resolved_at", "unit: seconds", "unit: 'seconds' is not known. Known: share."),
        ("known_at: resolved_at", "quantile: 0.5", "quantile: a share has none"),
        ("known_at: resolved_at", "watches_drift: often", "expected true or false, found 'often'"),
        ("resolved_at - opened_at <= INTERVAL '2 hours'", "n_reopens / 2", "gives neither yes or no nor a whole "),
        ("resolved_at - opened_at <= INTERVAL '2 hours'", "channel + 1", "'channel + 1' does not hold: "),
        ("resolved_at - opened_at <= INTERVAL '2 hours'", "SUM(n_reopens) > 3", "looks at other rows ('SUM(')"),
        ("resolved_at - opened_at <= INTERVAL '2 hours'", "SELECT 1", "never a statement or a sub-query"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_told_in_the_writers_words(before: str, after: str, told: str) -> None:
    assert before in QUICK
    assert told in refused(QUICK.replace(before, after))


def test_a_fact_with_several_days_must_say_which_one_counts() -> None:
    left = "\n  left: {question: Who left?, fact: subscriptions, statistic: count, better: down}"
    assert "booked_at: missing: on which day does a row count? Known: started_at, ended_at" in refused(left)


def test_everything_wrong_is_told_at_once() -> None:
    told = refused("\n  a: {fact: tickets}\n  b: {question: What?, statistic: share}").splitlines()
    assert [line.partition("  ")[0] for line in told] == [*["kpis.yaml:3"] * 3, *["kpis.yaml:4"] * 2]


def test_the_example_of_the_documentation_holds() -> None:
    page = (Path(__file__).parents[3] / "docs" / "own-kpis.md").read_text(encoding="utf-8")
    found = read_own_kpis(page.partition("```yaml\n")[2].partition("```")[0])
    assert [kpi.name for kpi in found] == ["quick_help", "found_it_alone", "basket"]


def test_a_project_without_own_kpis_has_none(tmp_path) -> None:
    assert load_own_kpis(tmp_path / "kpis.yaml") == ()


def test_own_kpis_are_known_while_their_project_is_at_hand_and_no_longer() -> None:
    quick, other = read(QUICK), read(QUICK.replace("quick_help", "slow_help"))
    shipped = list(KPIS)
    with KPIS.including([quick]):
        assert [*KPIS] == [*shipped, "quick_help"]
        with KPIS.including([other]):
            assert [*KPIS] == [*shipped, "slow_help"]
        assert KPIS["quick_help"] is quick
    assert [*KPIS] == shipped
    with pytest.raises(UnknownKpiError, match="there is no KPI 'quick_help'"):
        KPIS["quick_help"]


def test_a_roadmap_may_name_an_own_kpi_of_its_project_alone(tmp_path) -> None:
    (tmp_path / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    with pytest.raises(RoadmapError, match="no KPI called 'quick_help'"):
        load_roadmap(tmp_path / "roadmap.yaml")
    (tmp_path / "kpis.yaml").write_text("version: 1\nkpis:" + QUICK, encoding="utf-8")
    assert load_roadmap(tmp_path / "roadmap.yaml").benchmarks["quick"].kpi == "quick_help"
