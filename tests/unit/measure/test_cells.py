"""Daily parts beside the same sums made entry by entry in plain Python."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.histogram import decoded
from domain.kpis import KPIS
from domain.scopes import canonical
from tasks.measure import cells
from tasks.measure.entries import awaited, parts

FIRST = date(2024, 2, 26)
KPI = KPIS["sla_attainment"]
NAMES = (*KPI.dimensions, KPI.mix)
ENTRY = st.fixed_dictionaries({
    "booked": st.integers(0, 9), "lag": st.integers(0, 400), "n_items": st.integers(-1, 1), "n": st.integers(-1, 2),
    "total": st.integers(-5, 5), "bin": st.none() | st.integers(0, 1200),
    "channel": st.sampled_from(["chat", "email", 'a "quoted" one', "zo\u00eb", None]),
    "topic": st.sampled_from(["late", "refund", None]),
})  # fmt: skip


def entries_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    made = [
        {
            "booked_day": FIRST + timedelta(days=row["booked"]), "n_items": row["n_items"], "n": row["n"],
            "known_day": FIRST + timedelta(days=row["booked"] + row["lag"]), "total": float(row["total"]),
            "total_sq": float(row["total"] ** 2), "bin": row["bin"], "channel": row["channel"], "topic": row["topic"],
        }
        for row in rows
    ]  # fmt: skip
    schema = {
        "booked_day": pl.Date(), "known_day": pl.Date(), "n_items": pl.Int64(), "n": pl.Int64(), "total": pl.Float64(),
        "total_sq": pl.Float64(), "bin": pl.Int64(), "channel": pl.Categorical(), "topic": pl.String(),
    }  # fmt: skip
    return pl.DataFrame(made, schema=schema)


def by_hand(entries: pl.DataFrame) -> dict[tuple[str, date, date], tuple[int, int, float, float, dict[int, int]]]:
    sums: dict[Any, list[float]] = defaultdict(lambda: [0, 0, 0.0, 0.0])
    bins: dict[Any, Counter[int]] = defaultdict(Counter)
    for row in entries.iter_rows(named=True):
        scopes = [{}, *({name: row[name]} for name in ("channel", "topic") if row[name] is not None)]
        for scope in scopes:
            key = canonical(scope), row["booked_day"], row["known_day"]
            for index, name in enumerate(("n_items", "n", "total", "total_sq")):
                sums[key][index] += row[name]
            if row["bin"] is not None:
                bins[key][row["bin"]] += row["n"]
    held = {key: (*found, {index: n for index, n in bins[key].items() if n}) for key, found in sums.items()}
    return {key: found for key, found in held.items() if any(found[:4]) or found[4]}


def told(made: pl.DataFrame) -> dict[tuple[str, date, date], tuple[int, int, float, float, dict[int, int]]]:
    each: dict[int, dict[int, int]] = defaultdict(dict)
    for place, index, count in decoded(made["bins"]).iter_rows():
        each[place][index] = count
    return {
        (row["scope"], row["booked_day"], row["known_day"]): (
            row["n_items"], row["n"], row["total"], row["total_sq"], each[place]
        )
        for place, row in enumerate(made.iter_rows(named=True))
    }  # fmt: skip


@pytest.mark.parametrize("few", [cells.FEW, 0], ids=["dense", "sparse"])
@settings(deadline=None, max_examples=60)
@given(rows=st.lists(ENTRY, min_size=1, max_size=60))
def test_parts_are_the_sums_made_by_hand(few: int, rows: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "FEW", few)
        patch.setattr(cells, "SPARSE", 4 if few else 0)
        entries = entries_of(rows)
        made = parts(entries, KPI)
    assert told(made) == by_hand(entries)
    assert made.equals(made.sort("scope", "booked_day", "known_day"))


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(ENTRY, min_size=1, max_size=60), cut=st.integers(0, 60))
def test_parts_of_two_halves_add_up_to_those_of_the_whole(rows: list[dict[str, Any]], cut: int) -> None:
    entries = entries_of(rows)
    halves = pl.concat([parts(entries.head(cut), KPI), parts(entries.slice(cut), KPI)])
    sums = halves.group_by("scope", "booked_day", "known_day").agg(pl.col("n_items", "n", "total", "total_sq").sum())
    found = {row[:3]: row[3:] for row in sums.iter_rows() if any(row[3:])}
    whole = {key: value[:4] for key, value in by_hand(entries).items() if any(value[:4])}
    assert found == whole


def test_outcomes_of_the_same_day_are_one_entry_and_of_a_later_day_two() -> None:
    days = [date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 2)]
    known = [date(2026, 3, 2), date(2026, 3, 5), None, date(2026, 3, 1)]
    rows = pl.DataFrame({"channel": ["chat"] * 4, "day": days, "known": known, "met": [1.0, 0.0, 1.0, 1.0]})
    made = awaited(rows, ["channel"], booked=pl.col("day"), known=pl.col("known"), total=pl.col("met"))
    assert made.select("known_day", "n_items", "n", "total").rows() == [
        (date(2026, 3, 2), 1, 1, 1.0),
        (date(2026, 3, 2), 1, 0, 0.0),
        (date(2026, 3, 2), 1, 0, 0.0),
        (date(2026, 3, 2), 1, 1, 1.0),  # recorded before it was booked: known when it was
        (date(2026, 3, 5), 0, 1, 0.0),
    ]


@settings(deadline=None)
@given(st.data(), st.lists(ENTRY, min_size=2, max_size=20), st.integers(1, 10**9), st.sampled_from([1.0, 0.1]))
def test_the_order_of_entries_changes_no_bit_of_a_part(
    data: st.DataObject, rows: list[dict[str, Any]], scale: int, unit: float
) -> None:
    """Also where squares add up to more than 2**53, and where seconds have fractions."""
    total = pl.col("total") * scale * unit + unit
    entries = entries_of(rows).with_columns(total=total, total_sq=total**2)
    order = data.draw(st.permutations(range(len(rows))))
    assert parts(entries[order], KPI).equals(parts(entries, KPI))
