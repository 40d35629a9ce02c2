"""Rows of an interface as texts, whatever their values are."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.connectors import Options, Page, Rows, Stream
from domain.errors import SourceChangedError
from domain.paging import Request
from tasks.extract import interface_rows
from tasks.extract.instants import to_instants
from tasks.extract.interface_rows import gathered, text_columns

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
    frame = text_columns([{"a": value} for value in values], 1)
    assert frame["a"].to_list() == [written(value) for value in values]
    assert frame["a"].dtype == pl.String


def test_rows_may_lack_what_others_have() -> None:
    frame = text_columns([{"a": 1}, {"b": "x", "a": 2}, {}], 1)
    assert frame.select("a", "b").rows() == [("1", None), ("2", "x"), (None, None)]


def rows_of(page: Page, _: Options) -> Rows:
    return {"tickets": page.body, "reviews": page.body[::2]}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.dictionaries(st.sampled_from("abc"), NUMBERS | st.text(), max_size=3), max_size=4)),
    st.integers(1, 5),
)
def test_rows_come_out_the_same_however_many_are_held_at_once(pages: list[list[Any]], n_rows: int) -> None:
    stream = Stream("list", Request("/list"), rows_of, ("tickets", "reviews"))

    def read() -> dict[str, pl.DataFrame]:
        made = gathered([Page(rows, {}, "") for rows in pages], stream, {})
        return {table: parsed.frame for table, parsed in made.items()}

    whole = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interface_rows, "_ROWS_AT_ONCE", n_rows)
        parts = read()
    assert {table: frame.to_dict(as_series=False) for table, frame in parts.items()} == {
        table: frame.to_dict(as_series=False) for table, frame in whole.items()
    }
    rows = [row for page in pages for row in page]
    assert whole["tickets"]["_row"].to_list() == [*range(1, len(rows) + 1)]
    names = [name for name in whole["tickets"].columns if not name.startswith("_")]
    assert whole["tickets"].select(names).rows() == (
        [tuple(written(row.get(n)) for n in names) for row in rows] if names else []
    )


@pytest.mark.parametrize("n_rows", [1, 2_000])
def test_what_cannot_be_written_stops_its_source_alone(monkeypatch: pytest.MonkeyPatch, n_rows: int) -> None:
    """Not the run, whether a batch is written while its pages are read or at its end."""
    monkeypatch.setattr(interface_rows, "_ROWS_AT_ONCE", n_rows)
    stream = Stream("list", Request("/list"), rows_of, ("tickets", "reviews"))
    with pytest.raises(SourceChangedError, match=r"list: page 1 does not look as it should \(UnicodeEncodeError"):
        gathered([Page([{"a": "cut \ud83d"}], {}, "")], stream, {})


@settings(deadline=None, max_examples=10)
@given(st.sampled_from(["2026-03-01T10:00:00Z", "2026-03-01", "2026-03-01T10:00:00.5+02:00"]), st.integers(0, 3))
def test_many_times_are_read_as_few_are(first: str, n_others: int) -> None:
    others = ["2026-03-29 02:30:00", "2026-03-29 03:30:00", "1 March", "2026-03-01T10:00:00+01:00"]
    few = [first, None, *others[n_others:]]
    expected = to_instants(pl.Series(few), "Europe/Berlin", ())
    many = to_instants(
        pl.Series([*few, *(f"{first[:10]} 10:{n // 60:02}:{n % 60:02}" for n in range(3000))]), "Europe/Berlin", ()
    )
    assert many.values[: len(few)].to_list() == expected.values.to_list()
    assert many.nonexistent[: len(few)].to_list() == expected.nonexistent.to_list()


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
