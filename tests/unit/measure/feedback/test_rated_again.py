"""Of a ticket's ratings the latest counts, in each period that holds it."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.estimates import points
from domain.kpis import KPIS
from tasks.measure.entries import parts
from tasks.measure.feedback import answers
from tests.factories import at, facts

UTC = "UTC"
Told = dict[date, tuple[int, float]]


def rated(*rows: tuple[str, float | None, str | None], **values: object) -> pl.DataFrame:
    """Ratings: instant, score, ticket."""
    return facts(
        "survey_answers",
        [{"answered_at": at(when), "score": score, "ticket_id": ticket, **values} for when, score, ticket in rows],
    )


def told(rows: pl.DataFrame, kind: str = "week", by_account: tuple[str, ...] = (), as_of: date = date.max) -> Told:
    again = rows.filter(pl.col("ticket_id").is_not_null()).with_columns(is_mine=pl.lit(value=True))
    made = parts(answers.csat(rows, UTC, by_account, again), KPIS["csat"])
    found = points(made, kind, as_of=as_of, through=date(2026, 12, 31))  # pyright: ignore[reportArgumentType]
    return {row["period_start"]: (row["n"], row["value"]) for row in found.filter(scope="{}").to_dicts()}


def test_a_ticket_rated_1_and_then_5_is_one_satisfied_voice() -> None:
    rows = rated(("2026-03-09 09:00", 1, "T"), ("2026-03-10 09:00", 5, "T"), ("2026-03-10 09:00", 1, "U"))
    assert told(rows) == {date(2026, 3, 9): (2, 0.5)}


def test_of_two_ratings_on_one_day_the_later_counts() -> None:
    assert told(rated(("2026-03-09 15:00", 5, "T"), ("2026-03-09 09:00", 1, "T"))) == {date(2026, 3, 9): (1, 1.0)}


def test_the_earlier_rating_counts_until_the_later_one_came() -> None:
    rows = rated(("2026-03-04 09:00", 1, "T"), ("2026-03-11 09:00", 5, "T"))
    assert told(rows, "month") == {date(2026, 3, 1): (1, 1.0)}
    assert told(rows) == {date(2026, 3, 2): (1, 0.0), date(2026, 3, 9): (1, 1.0)}  # as each week was when it ended
    assert told(rows, "all", as_of=date(2026, 3, 11)) == {date(2026, 3, 4): (1, 0.0)}


def test_answers_without_a_ticket_all_count() -> None:
    assert told(rated(("2026-03-09", 1, None), ("2026-03-10", 5, None))) == {date(2026, 3, 9): (2, 0.5)}


@pytest.mark.parametrize("other", [{"survey": "yearly"}, {"question": "product"}])
def test_another_survey_and_another_question_take_nothing_back(other: dict[str, str]) -> None:
    rows = pl.concat([rated(("2026-03-09", 1, "T"), question="service"), rated(("2026-03-10", 5, "T"), **other)])
    assert told(rows) == {date(2026, 3, 9): (2, 0.5)}


def test_a_dismissed_rating_and_a_deleted_one_take_nothing_back() -> None:
    gone = rated(("2026-03-11", 5, "T"), deleted_at=at("2026-03-12"))
    assert told(pl.concat([rated(("2026-03-09", 1, "T"), ("2026-03-10", None, "T")), gone])) == {
        date(2026, 3, 9): (1, 0.0)
    }


def test_a_rating_that_its_account_and_its_ticket_stand_in_for_is_taken_back_once() -> None:
    office = {"segment": "office", "account_id": "A"}
    rows = rated(("2026-03-09", 1, "T"), ("2026-03-10", 1, "U"), ("2026-03-11", 5, "T"), **office)
    rows = rows.with_columns(answer_id=pl.Series(["a", "b", "c"]))
    assert told(rows, by_account=("office",)) == {date(2026, 3, 9): (1, 1.0)}


def first_ratings(rows: pl.DataFrame) -> Told:
    again = rows.filter(pl.col("ticket_id").is_not_null()).with_columns(is_mine=pl.lit(value=True))
    made = parts(answers.csat_first(rows, UTC, again), KPIS["csat_first"])
    found = points(made, "day", through=date(2026, 12, 31)).filter(scope="{}")
    return {row["period_start"]: (row["n"], row["value"]) for row in found.to_dicts()}


def test_the_first_rating_stays_visible() -> None:
    rows = rated(("2026-03-09 09:00", 1, "T"), ("2026-03-10 09:00", 5, "T"), ("2026-03-10 09:00", 4, None))
    assert first_ratings(rows) == {date(2026, 3, 9): (1, 0.0), date(2026, 3, 10): (1, 1.0)}


def test_out_of_hours_a_ticket_is_one_voice_too() -> None:
    rows = rated(("2026-03-10", 5, "T"), ("2026-03-09", 1, "T"), ("2026-03-09", 3, "U"))
    assert answers.latest(answers.is_satisfied(rows)).select("ticket_id", "score").rows() == [("U", 3.0), ("T", 5.0)]


_ROWS = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from(["T", "U", None]), st.sampled_from([1.0, 3.0, 4.0, 5.0])),
    min_size=1, max_size=30,
)  # fmt: skip


@given(_ROWS)
@settings(max_examples=60, deadline=None)
def test_every_period_holds_the_latest_rating_of_each_ticket(rows: list[tuple[int, str | None, float]]) -> None:
    first = at("2026-01-05 12:00")
    given_on = [(first + timedelta(days=day, seconds=i), ticket, score) for i, (day, ticket, score) in enumerate(rows)]
    frame = rated(*((f"{when:%Y-%m-%d %H:%M:%S}", score, ticket) for when, ticket, score in given_on))
    for kind in ("week", "month", "28d", "90d", "all"):
        for start, (n, value) in told(frame, kind).items():
            ends = {"week": 7, "28d": 28, "90d": 90, "all": 400}
            end = start + timedelta(days=ends[kind]) if kind in ends else (start + timedelta(days=31)).replace(day=1)
            within = [each for each in sorted(given_on, key=lambda each: each[0]) if start <= each[0].date() < end]
            heard = {ticket or f"nobody {when}": score for when, ticket, score in within}
            assert (n, value) == (len(heard), pytest.approx(sum(s >= 4 for s in heard.values()) / len(heard)))


@given(_ROWS)
@settings(max_examples=60, deadline=None)
def test_first_ratings_are_those_that_nobody_gave_before(rows: list[tuple[int, str | None, float]]) -> None:
    first = at("2026-01-05 12:00")
    given_on = sorted((day, i, ticket, score) for i, (day, ticket, score) in enumerate(rows))
    frame = rated(
        *(
            (f"{first + timedelta(days=day, seconds=i):%Y-%m-%d %H:%M:%S}", score, ticket)
            for day, i, ticket, score in given_on
        )
    )
    heard: dict[date, list[float]] = {}
    seen: set[str] = set()
    for day, _, ticket, score in given_on:
        if ticket is None or ticket not in seen:
            heard.setdefault((first + timedelta(days=day)).date(), []).append(score)
        seen |= {ticket} if ticket else set()
    assert first_ratings(frame) == {
        day: (len(scores), pytest.approx(sum(score >= 4 for score in scores) / len(scores)))
        for day, scores in heard.items()
    }
