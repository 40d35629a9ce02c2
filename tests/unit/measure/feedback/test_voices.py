"""As customers are counted: where an account is one voice, its latest answer in a period stands for it."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.estimates import points
from domain.kpis import KPIS
from tasks.measure.entries import parts
from tasks.measure.feedback import answers
from tasks.measure.feedback.voices import HEARD_DAYS, read_beside, touched_answers
from tests.factories import at, facts

UTC = "UTC"
OFFICES = ("office",)
NPS = {"measure": "nps", "survey": "relationship", "scale_low": 0.0, "scale_high": 10.0, "satisfied_from": None}


def asked(*rows: tuple[str, float, str | None], segment: str = "office") -> pl.DataFrame:
    """NPS answers: instant, score, account."""
    return facts(
        "survey_answers",
        [{**NPS, "answered_at": at(when), "score": score, "account_id": account, "segment": segment}
         for when, score, account in rows],
    )  # fmt: skip


def weeks(
    rows: pl.DataFrame, by_account: tuple[str, ...] = OFFICES, kind: str = "week"
) -> dict[date, tuple[int, float]]:
    made = parts(answers.nps(rows, UTC, by_account), KPIS["nps"])
    found = points(made, kind, through=date(2026, 12, 31)).filter(pl.col("scope") == "{}")  # pyright: ignore[reportArgumentType]
    return {row["period_start"]: (row["n"], row["value"]) for row in found.to_dicts()}


def test_an_office_with_three_users_is_one_voice_and_its_latest_counts() -> None:
    rows = asked(("2026-03-09 09:00", 0, "A"), ("2026-03-10 09:00", 3, "A"), ("2026-03-11 09:00", 10, "A"),
                 ("2026-03-11 10:00", 2, "B"))  # fmt: skip
    assert weeks(rows) == {date(2026, 3, 9): (2, 0.0)}
    assert weeks(rows, ()) == {date(2026, 3, 9): (4, -50.0)}


def test_of_two_answers_on_one_day_the_later_counts() -> None:
    rows = asked(("2026-03-09 15:00", 10, "A"), ("2026-03-09 09:00", 0, "A"))
    assert weeks(rows) == {date(2026, 3, 9): (1, 100.0)}


def test_a_week_shows_what_counted_when_it_ended() -> None:
    rows = asked(("2026-03-04 09:00", 0, "A"), ("2026-03-11 09:00", 10, "A"))
    assert weeks(rows) == {date(2026, 3, 2): (1, -100.0), date(2026, 3, 9): (1, 100.0)}
    assert weeks(rows, kind="month") == {date(2026, 3, 1): (1, 100.0)}


def test_where_each_account_answers_once_nothing_changes() -> None:
    rows = asked(*((f"2026-03-{9 + i % 5:02}", float(i % 11), f"A{i}") for i in range(30)))
    assert weeks(rows) == weeks(rows, ())


def test_who_has_no_account_or_is_counted_as_a_customer_is_a_voice_each_time() -> None:
    nobody = asked(("2026-03-09", 0, None), ("2026-03-10", 10, None))
    home = asked(("2026-03-09", 0, "A"), ("2026-03-10", 10, "A"), segment="home")
    assert weeks(nobody) == weeks(home) == {date(2026, 3, 9): (2, 0.0)}


def test_another_survey_does_not_take_an_answer_back() -> None:
    rows = pl.concat([asked(("2026-03-09", 0, "A")), asked(("2026-03-10", 10, "A")).with_columns(survey=pl.lit("new"))])
    made = parts(answers.nps(rows, UTC, OFFICES), KPIS["nps"], is_pooled=False)
    found = points(made, "week", through=date(2026, 3, 31)).filter(pl.col("scope").str.starts_with('{"survey":'))
    assert sorted(found["value"]) == [-100.0, 100.0]


def test_a_dismissed_answer_takes_nothing_back() -> None:
    rows = asked(("2026-03-09", 0, "A"), ("2026-03-10", 10, "A"))
    rows = rows.with_columns(score=pl.when(pl.col("score") < 5).then("score"))
    assert weeks(rows) == {date(2026, 3, 9): (1, -100.0)}


def test_the_interval_is_that_of_as_many_voices_as_there_are_accounts() -> None:
    many = asked(*((f"2026-03-{9 + i % 5:02} 09:{i:02}", float(10 * (i % 2)), f"A{i % 2}") for i in range(40)))
    two = asked(("2026-03-09", 0, "A0"), ("2026-03-09", 10, "A1"))
    bounds = [
        points(parts(answers.nps(rows, UTC, OFFICES), KPIS["nps"]), "week", through=date(2026, 3, 31))
        .filter(pl.col("scope") == "{}").select("n", "low", "high").row(0)
        for rows in (many, two)
    ]  # fmt: skip
    assert bounds[0] == bounds[1]


def test_members_add_up_to_the_whole_where_users_of_one_account_differ() -> None:
    rows = asked(("2026-03-09", 0, "A"), ("2026-03-10", 10, "A"), ("2026-03-10", 10, "B"))
    rows = rows.with_columns(channel=pl.Series(["app", "email", "app"]))
    found = points(parts(answers.nps(rows, UTC, OFFICES), KPIS["nps"]), "week", through=date(2026, 3, 31))
    by_scope = dict(found.select("scope", "n").iter_rows())
    assert by_scope['{"channel":"app"}'] + by_scope['{"channel":"email"}'] == by_scope["{}"] == 2


_ROWS = st.lists(
    st.tuples(st.integers(0, 130), st.sampled_from(["A", "B", "C"]), st.sampled_from([0.0, 6.5, 7.0, 8.9, 9.0, 10.0])),
    min_size=1, max_size=40,
)  # fmt: skip


@given(_ROWS)
@settings(max_examples=60, deadline=None)
def test_every_period_holds_the_latest_answer_of_each_account(rows: list[tuple[int, str, float]]) -> None:
    first = at("2026-01-05 12:00")
    told = [(first + timedelta(days=day, seconds=i), account, score) for i, (day, account, score) in enumerate(rows)]
    frame = asked(*((f"{when:%Y-%m-%d %H:%M:%S}", score, account) for when, account, score in told))
    made = parts(answers.nps(frame, UTC, OFFICES), KPIS["nps"])
    for kind in ("week", "month", "28d", "90d"):
        found = points(made, kind, through=date(2026, 6, 30)).filter(pl.col("scope") == "{}")
        for row in found.to_dicts():
            heard = {
                account: score
                for when, account, score in sorted(told)
                if row["period_start"] <= when.date() < row["period_end"]
            }
            value = 100 * (sum(s >= 9 for s in heard.values()) - sum(s < 7 for s in heard.values())) / len(heard)
            assert (row["n"], row["value"]) == (len(heard), pytest.approx(value))


def test_days_that_a_new_answer_touches_reach_back_as_far_as_it_takes_answers_back() -> None:
    day = date(2026, 6, 1)
    assert touched_answers([day])[0] == day - timedelta(days=HEARD_DAYS - 1)
    assert read_beside([day])[-1] == day + timedelta(days=HEARD_DAYS - 1)
    far = asked(("2026-01-01", 0, "A"), ("2026-04-01", 10, "A"))  # 90 days later: no window holds both
    assert answers.nps(far, UTC, OFFICES).height == 2
