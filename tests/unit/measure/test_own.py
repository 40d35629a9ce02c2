from datetime import date
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from domain.estimates import points
from domain.kpis import KPIS
from domain.own_kpis import OwnKpi, read_own_kpis
from tasks.measure.contacts import tickets
from tasks.measure.entries import parts
from tasks.measure.feedback import answers
from tasks.measure.own import counted
from tests.factories import at, facts

BERLIN = "Europe/Berlin"


def own(**said: object) -> OwnKpi:
    lines = "".join(f"\n    {key}: {value}" for key, value in said.items())
    return read_own_kpis(f"version: 1\nkpis:\n  ours:{lines}")[0]


def value(rows: pl.DataFrame, kpi: OwnKpi, as_of: date = date(2030, 1, 1)) -> dict[str, Any]:
    with KPIS.including([kpi]):
        made = points(parts(counted(rows, kpi, BERLIN).entries, kpi), "all", as_of=as_of)
    return made.filter(pl.col("scope") == "{}").row(0, named=True)


CSAT = {
    "question": "Satisfied?", "fact": "survey_answers", "statistic": "share", "better": "up",
    "numerator": "score >= satisfied_from", "where": "measure = 'csat'",
}  # fmt: skip
SOLVED = {
    "question": "Solved in two hours?", "fact": "tickets", "statistic": "share", "better": "up",
    "numerator": "resolved_at - opened_at <= INTERVAL '2 hours'", "known_at": "resolved_at",
}  # fmt: skip


def test_a_catalogue_kpi_declared_again_has_the_same_parts() -> None:
    scores = [5.0, 4.0, 3.0, None, 1.0, 5.0]
    rows = facts("survey_answers", [
        {"score": score, "answered_at": at(f"2026-03-0{n % 3 + 1} 23:30"), "channel": "chat" if n % 2 else "email",
         "deleted_at": at("2026-03-09") if n == 5 else None}
        for n, score in enumerate(scores)
    ])  # fmt: skip
    kpi = own(**CSAT)
    mine = parts(counted(rows, kpi, BERLIN).entries, kpi)
    theirs = parts(answers.csat(rows, BERLIN), KPIS["csat"])
    assert mine.height > 0
    assert_frame_equal(mine.drop("kpi"), theirs.drop("kpi"))


def test_contacts_counted_again_are_the_catalogues() -> None:
    rows = facts("tickets", [
        {"opened_at": at("2026-03-01 22:59"), "team": "a"}, {"opened_at": at("2026-03-01 23:01"), "team": "b"},
        {"opened_at": at("2026-03-02"), "excluded_as": "spam"}, {"opened_at": at("2026-03-02"), "channel": "chat"},
    ])  # fmt: skip
    kpi = own(question="How many?", fact="tickets", statistic="count", better="none")
    mine = parts(counted(rows, kpi, BERLIN).entries, kpi)
    theirs = parts(tickets.volume(tickets.contacts(rows), BERLIN), KPIS["ticket_volume"])
    assert_frame_equal(mine.drop("kpi"), theirs.drop("kpi"))


def test_what_is_not_known_yet_is_open_and_no_failure() -> None:
    rows = facts("tickets", [
        {"opened_at": at("2026-03-02 10:00"), "resolved_at": at("2026-03-02 11:00")},
        {"opened_at": at("2026-03-02 10:00"), "resolved_at": at("2026-03-05 11:00")},
        {"opened_at": at("2026-03-02 10:00")},
    ])  # fmt: skip
    found = value(rows, own(**SOLVED))
    assert (found["value"], found["n"], found["n_open"]) == (0.5, 2, 1)
    assert (found["bound_low"], found["bound_high"]) == pytest.approx((1 / 3, 2 / 3))
    before = value(rows, own(**SOLVED), as_of=date(2026, 3, 4))
    assert (before["value"], before["n"], before["n_open"]) == (1.0, 1, 2)


def test_a_blank_answer_is_in_no_denominator() -> None:
    rows = facts("survey_answers", [{"score": None, "answered_at": at("2026-03-02")},
                                    {"score": 5.0, "answered_at": at("2026-03-02")}])  # fmt: skip
    found = value(rows, own(**CSAT))
    assert (found["value"], found["n"], found["n_open"]) == (1.0, 1, 0)


def test_counts_of_counts_make_a_share_and_what_cannot_be_is_left_out_and_told() -> None:
    days = [{"day_at": at("2026-03-02"), "n_visits": visits, "n_solved": solved}
            for visits, solved in [(100, 40), (300, 60), (0, 0), (10, 11), (None, 3), (-5, -2)]]  # fmt: skip
    solved = own(question="Found it alone?", fact="help_center_days", statistic="share", better="up",
                 numerator="n_solved", denominator="n_visits")  # fmt: skip
    rows = facts("help_center_days", days)
    found = value(rows, solved)
    assert (found["value"], found["n"], found["n_open"]) == (0.25, 400, 0)
    assert counted(rows, solved, BERLIN).n_impossible == 2


def test_a_mean_an_nps_and_a_median_are_what_they_are() -> None:
    mean = own(question="What?", fact="orders", statistic="mean", value="amount_minor / 100", better="up")
    rows = facts("orders", [{"customer_id": "c", "ordered_at": at("2026-03-02"), "amount_minor": n}
                            for n in (100, 300, None)])  # fmt: skip
    assert (value(rows, mean)["value"], value(rows, mean)["n"]) == (2.0, 2)
    nps = own(question="What?", fact="survey_answers", statistic="nps", value="score", better="up")
    asked = facts("survey_answers", [{"score": score, "answered_at": at("2026-03-02")}
                                     for score in (9.0, 10.0, 8.5, 6.5, 11.0, -1.0)])  # fmt: skip
    assert (value(asked, nps)["value"], value(asked, nps)["n"]) == (25.0, 4)
    median = own(question="What?", fact="tickets", statistic="quantile", quantile=0.5, better="down",
                 value="first_reply_at - opened_at", known_at="first_reply_at")  # fmt: skip
    replied = facts("tickets", [{"opened_at": at("2026-03-02"), "first_reply_at": at(f"2026-03-02 0{n}:00")}
                                for n in (1, 2, 3)])  # fmt: skip
    assert value(replied, median)["value"] == pytest.approx(7200, rel=0.01)


def test_different_surveys_are_told_apart() -> None:
    rows = facts("survey_answers", [{"score": 5.0, "survey": name, "answered_at": at("2026-03-02")} for name in "ab"])
    assert len(counted(rows, own(**CSAT), BERLIN).surveys) == 2
    assert counted(rows, own(**{**CSAT, "where": "survey = 'a'"}), BERLIN).surveys == {"a"}


def test_nothing_gives_nothing() -> None:
    found = counted(facts("tickets", []), own(**SOLVED), BERLIN)
    assert (found.entries.height, found.n_impossible, found.surveys) == (0, 0, frozenset())
