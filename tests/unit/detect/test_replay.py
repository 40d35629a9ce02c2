from datetime import date, timedelta
from random import Random

import polars as pl
from polars.testing import assert_frame_equal

from domain.estimates import PARTS_SCHEMA, POINTS_SCHEMA, points
from domain.kpis import KPIS
from domain.windows import mondays, periods
from tasks.detect.pace import Target
from tasks.detect.replay import BySeries, Known, Watch, judged, needed_scopes

FIRST = date(2025, 6, 2)


def parts(seed: int, kpi: str = "sla_attainment", scope: str = "{}", weeks: int = 12) -> pl.DataFrame:
    """Items of every day, whose outcomes become known up to 40 days later, some corrected later still."""
    dice = Random(seed)
    rows: list[dict[str, object]] = []
    blank = {"kpi": kpi, "scope": scope, "n_items": 0, "n": 0, "total": 0.0, "total_sq": 0.0, "bins": None}
    for i in range(weeks * 7):
        day = FIRST + timedelta(days=i)
        rows.append({**blank, "booked_day": day, "known_day": day, "n_items": 9})
        for _ in range(9):
            met = float(dice.random() < 0.6)
            known = day + timedelta(days=dice.randrange(40))
            rows.append({**blank, "booked_day": day, "known_day": known, "n": 1, "total": met, "total_sq": met})
    keys = ["kpi", "scope", "booked_day", "known_day"]
    frame = pl.DataFrame(rows, schema=PARTS_SCHEMA)
    return (
        frame.group_by(keys).agg(pl.col("n_items", "n", "total", "total_sq").sum(), pl.col("bins").first()).sort(keys)
    )


def test_going_on_from_moment_to_moment_gives_what_a_fresh_look_gives() -> None:
    for kind in ("week", "28d", "month"):
        held = parts(1)
        moments = mondays(FIRST + timedelta(days=7), FIRST + timedelta(weeks=20))
        known = Known(held, kind, periods(kind, FIRST, moments[-1]), moments)
        for moment in moments:
            known.advance(moment)
            fresh = points(held, kind, as_of=moment, through=moment - timedelta(days=1))
            fresh = fresh.filter(pl.col("period_end") <= moment)
            assert_frame_equal(known.points.select(fresh.columns), fresh, check_row_order=False)


def watch(mark: date | None, through: date) -> Watch:
    target = Target("sla", "sla_attainment", "{}", "week", "up", 30, (1, 1), 1, lambda _day: 0.9, 0.05, FIRST)
    return Watch("pace", "sla_attainment", "{}", "sla", "week", mark, through, target)


def test_a_day_more_of_knowledge_never_changes_what_was_said_before() -> None:
    held, none = parts(2), pl.DataFrame(schema=POINTS_SCHEMA)
    through = FIRST + timedelta(weeks=12)
    whole = judged([watch(None, through)], held, none, date(2026, 1, 1))
    for moment in {finding.moment for finding in whole}:
        cut = held.filter(pl.col("known_day") < moment)
        alone = judged([watch(moment - timedelta(days=7), through)], cut, none, moment)
        assert alone == [finding for finding in whole if finding.moment == moment]


def test_moments_already_judged_and_moments_beyond_the_data_are_not_due() -> None:
    assert watch(None, FIRST + timedelta(days=20)).moments(FIRST, date(2026, 1, 1)) == [
        FIRST + timedelta(days=7), FIRST + timedelta(days=14), FIRST + timedelta(days=21)
    ]  # fmt: skip
    assert watch(FIRST + timedelta(days=14), FIRST + timedelta(days=19)).moments(FIRST, date(2026, 1, 1)) == []
    assert watch(None, FIRST + timedelta(days=90)).moments(FIRST, FIRST + timedelta(days=10)) == [
        FIRST + timedelta(days=7)
    ]


def test_a_series_is_split_by_the_dimension_its_kpi_holds_constant() -> None:
    scopes = ["{}", '{"topic":"a"}', '{"topic":"b"}', '{"channel":"chat"}', '{"channel":"chat","topic":"a"}',
              '{"channel":"chat","topic":"b"}']  # fmt: skip
    known = BySeries(pl.DataFrame({"kpi": ["sla_attainment"] * 6, "scope": scopes}))
    found = known.strata(KPIS["sla_attainment"], '{"channel":"chat"}')
    assert found is not None
    assert found["stratum"].to_list() == ["a", "b"]
    assert known.strata(KPIS["nps"], "{}") is None


def test_a_split_series_needs_the_parts_of_its_strata_too() -> None:
    drift = Watch("drift", "sla_attainment", "{}", "", "week", None, FIRST)
    held = [
        ("sla_attainment", "{}"),
        ("sla_attainment", '{"topic":"a"}'),
        ("sla_attainment", '{"channel":"chat","topic":"a"}'),
    ]
    assert needed_scopes([drift], held) == [("sla_attainment", '{"topic":"a"}'), ("sla_attainment", "{}")]
