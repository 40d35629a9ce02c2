"""Rows of an interface as texts, whatever their values are."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.extract.instants import to_instants
from tasks.extract.interface_rows import text_frame

NUMBERS = st.none() | st.integers()
VALUE = NUMBERS | st.booleans() | st.text() | st.floats(allow_nan=False) | st.lists(st.integers(0, 9), max_size=3)


def written(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(value)
    return json.dumps(value, separators=(",", ":"))


@settings(deadline=None)
@given(st.lists(VALUE, min_size=1) | st.lists(NUMBERS, min_size=1) | st.lists(st.none() | st.text(), min_size=1))
def test_values_become_the_texts_that_json_writes(values: list[Any]) -> None:
    frame = text_frame([{"a": value} for value in values], "s/t")
    assert frame["a"].to_list() == [written(value) for value in values]
    assert frame["a"].dtype == pl.String


def test_rows_may_lack_what_others_have() -> None:
    frame = text_frame([{"a": 1}, {"b": "x", "a": 2}, {}], "s/t")
    assert frame.select("a", "b").rows() == [("1", None), ("2", "x"), (None, None)]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.datetimes(datetime(1980, 1, 1), datetime(2040, 1, 1)).flatmap(  # noqa: DTZ001
            lambda at: st.integers(-14 * 4, 14 * 4).map(
                lambda quarters: at.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
            )
        ),
        min_size=1,
    )
)
def test_machines_times_keep_their_offset_and_their_fraction(instants: list[datetime]) -> None:
    texts = [at.isoformat() for at in instants] + [at.isoformat().replace("T", " ") for at in instants]
    texts += [at.astimezone(UTC).isoformat().replace("+00:00", "Z") for at in instants]
    assert to_instants(pl.Series(texts), "Europe/Berlin", ()).values.to_list() == instants * 3
