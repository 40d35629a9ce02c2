"""Which scopes daily parts are kept for, against a plain count."""

from collections import Counter
from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from domain.kpis import KPIS
from domain.scopes import canonical
from tasks.measure.contacts.tickets import DIMENSIONS
from tasks.measure.entries import entry, parts

DAY = date(2026, 3, 2)
PERSONAS = ("buyer", "banker")
ROW = st.tuples(
    st.integers(0, 2), st.sampled_from([None, "app", "delivery"]), st.sampled_from([None, *PERSONAS, "other"]),
)  # fmt: skip


def entries(rows: list[tuple[int, str | None, str | None]]) -> pl.DataFrame:
    """One contact per row: day, touchpoint, persona."""
    held = [
        {**dict.fromkeys(DIMENSIONS), "touchpoint": place, "persona": who, "day": DAY + timedelta(days=day)}
        for day, place, who in rows
    ]
    frame = pl.DataFrame(held, schema={**dict.fromkeys(DIMENSIONS, pl.String), "day": pl.Date})
    day = pl.col("day")
    return frame.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1, n=1, total=1))


@given(st.lists(ROW, max_size=12), st.booleans())
def test_each_touchpoint_within_a_persona_is_kept_once(rows: list[tuple[int, str | None, str | None]], is_named: bool):
    counts: Counter[tuple[str, date]] = Counter()
    for day, place, who in rows:
        scopes = [{}, {"touchpoint": place}, {"persona": who}]
        scopes += [{"touchpoint": place, "persona": who}] if place and who in PERSONAS else []
        counts.update((canonical(scope), DAY + timedelta(days=day)) for scope in scopes if None not in scope.values())
    named = [{"persona": "buyer", "touchpoint": "app"}] if is_named else []  # a benchmark names it, too
    made = parts(entries(rows), KPIS["ticket_volume"], named, crossed=[{"persona": name} for name in PERSONAS])
    found = {(row["scope"], row["booked_day"]): row["n"] for row in made.iter_rows(named=True)}
    assert found == dict(counts)
    assert made.height == len(found)


def test_surveys_that_are_never_pooled_have_no_pairs():
    rows = entries([(0, "app", "buyer")]).with_columns(survey=pl.lit("after-help"))
    made = parts(rows, KPIS["csat"], crossed=[{"persona": "buyer"}], is_pooled=False)
    assert made["scope"].to_list() == ['{"survey":"after-help"}']
