"""What is measured in blocks and added up is what is measured at once."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from domain.estimates import PARTS_SCHEMA
from domain.groups import summed
from domain.kpis import KPIS
from tasks.measure.entries import parts

KPI = KPIS["backlog_age"]
FIRST = date(2026, 3, 2)
ENTRY = st.tuples(
    st.integers(0, 3), st.integers(0, 3), st.integers(-1, 1), st.sampled_from(["chat", "email", None]),
    st.integers(0, 4) | st.none(), st.integers(0, 2),
)  # fmt: skip


def entries(rows: list[tuple[int, int, int, str | None, int | None, int]]) -> pl.DataFrame:
    """One entry per row: day booked and days until it is known, what it adds, its channel and bin."""
    labels = dict.fromkeys(KPI.dimensions)
    made = [
        {**labels, "channel": channel, "booked_day": FIRST + timedelta(days=booked), "bin": bin_index,
         "known_day": FIRST + timedelta(days=booked + later), "n_items": adds, "n": adds, "total": adds * 0.5,
         "total_sq": adds * 0.25}
        for booked, later, adds, channel, bin_index, _ in rows
    ]  # fmt: skip
    schema = {
        **dict.fromkeys(KPI.dimensions, pl.String()), "booked_day": pl.Date(), "known_day": pl.Date(),
        "n_items": pl.Int64(), "n": pl.Int64(), "total": pl.Float64(), "total_sq": pl.Float64(), "bin": pl.Int64(),
    }  # fmt: skip
    return pl.DataFrame(made, schema=schema)


@given(st.lists(ENTRY, max_size=30))
@settings(max_examples=50, deadline=None)
def test_the_parts_of_blocks_add_up_to_those_of_all(
    rows: list[tuple[int, int, int, str | None, int | None, int]],
) -> None:
    whole = parts(entries(rows), KPI)
    blocks = [parts(entries([row for row in rows if row[-1] == block]), KPI) for block in range(3)]
    assert_frame_equal(summed(blocks), whole.sort("kpi", "scope", "booked_day", "known_day"), check_exact=True)


def test_nothing_and_what_cancels_out_leave_no_row() -> None:
    nothing = pl.DataFrame(schema=PARTS_SCHEMA)
    assert_frame_equal(summed([nothing, nothing]), nothing)
    one, other = (parts(entries([(0, 0, adds, "chat", None, 0)]), KPI) for adds in (1, -1))
    assert summed([one, other]).is_empty()
    assert_frame_equal(summed([one, nothing]), one)
