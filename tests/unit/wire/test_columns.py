"""Values of a page taken by column say what they say one by one."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.connectors import Field
from domain.errors import SourceChangedError
from domain.paging import inside
from wire import drift
from wire.columns import column, objects
from wire.drift import checked
from wire.marks import _instant, marks_of  # pyright: ignore[reportPrivateUsage]
from wire.sweeps import digest

WORDS = ["new", "open", "w" * 120 + "a", "w" * 120 + "b"]
KINDS: st.SearchStrategy[Any] = st.sampled_from(["any", "text", "list", "number", "object"])
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.sampled_from(WORDS), st.integers(0, 2), st.booleans(),
    st.lists(st.sampled_from(["new", "x"]), max_size=2),
)  # fmt: skip
RECORDS: st.SearchStrategy[list[Any]] = st.lists(
    st.fixed_dictionaries(
        {}, optional={"a": VALUES, "b": st.one_of(VALUES, st.fixed_dictionaries({}, optional={"c": VALUES}))}
    ),
    max_size=4,
)
FIELDS: st.SearchStrategy[list[Field]] = st.lists(
    st.builds(
        Field, st.sampled_from([("a",), ("b",), ("b", "c")]), KINDS, st.sampled_from([(), ("new", "open")]),
        st.booleans(),
    ),
    max_size=3,
)  # fmt: skip


def said(fields: list[Field], records: list[Any], check: Any) -> Counter[tuple[str, str]] | str:
    try:
        return check(records, fields, "here")
    except SourceChangedError as error:
        return str(error)


@given(RECORDS, FIELDS)
def test_a_page_is_checked_as_its_records_one_by_one(records: list[Any], fields: list[Field]):
    one_by_one = drift._one_by_one  # pyright: ignore[reportPrivateUsage]
    assert said(fields, records, checked) == said(fields, records, one_by_one)


@given(RECORDS, st.sampled_from([("a",), ("b", "c")]))
def test_a_column_is_what_each_record_holds(records: list[Any], path: tuple[str, ...]):
    assert column(records, path, is_required=False) == [inside(record, path) for record in records]
    whole = column(records, path)
    assert whole is None or whole == [inside(record, path) for record in records]


def test_a_page_with_something_that_is_no_record_has_no_columns():
    assert objects([{}, 1]) is None
    assert objects([]) == []


TIMES = ["2026-03-01T10:00:00Z", "2026-03-01T10:00:00+02:00", "2026-03-01", "2026-03-01 10:00", "20260301",
         "20260301.05", "1772359200", "1772359200.5", "Sun, 01 Mar 2026 10:00:00 GMT", "-5", "soon"]  # fmt: skip


@given(st.lists(st.sampled_from(TIMES), min_size=1, max_size=4))
def test_marks_are_read_together_as_they_are_one_by_one(texts: list[str]):
    try:
        expected = [_instant(text) for text in texts]
    except (ValueError, OverflowError):
        with pytest.raises(SourceChangedError, match="is expected to be a time"):
            marks_of([{"at": text} for text in texts], ("at",), "here")
        return
    assert marks_of([{"at": text} for text in texts], ("at",), "here") == expected


def test_a_fingerprint_takes_instants_and_numbers_beyond_64_bits():
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert digest([(1, at)]) == digest([(1, at)]) != digest([(2, at)])
    assert digest([2**70]) == digest([2**70]) != digest([2**70 + 1])
