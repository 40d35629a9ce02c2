"""A warehouse read in parts, from where the last read ended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import SourceChangedError
from domain.source_specs import Query
from tests.fakes.warehouse import HOUR, NONE, TICKETS, execute, frames, ids, read
from wire.warehouse import read_stream


def test_a_first_read_gives_every_row_in_the_order_of_its_change(tickets: str) -> None:
    (part,) = read(tickets)
    assert ids([part]) == ["1", "2", "3", "4", "5"]
    assert (part.n_records, part.is_last) == (5, True)
    assert part.position.keys() == {"after"}


def test_every_column_is_text(tickets: str) -> None:
    rows = frames(read(tickets))
    assert rows.schema == {"id": pl.String, "changed": pl.String, "status": pl.String}
    assert rows["changed"][0][:10] == "2026-03-01"


def test_rows_come_in_parts_and_only_the_last_one_says_so(tickets: str) -> None:
    parts = read(tickets, chunk_rows=2)
    assert [ids([part]) for part in parts] == [["1", "2"], ["3", "4"], ["5"]]
    assert [part.is_last for part in parts] == [False, False, True]


def test_a_full_last_part_is_followed_by_no_empty_one(tickets: str) -> None:
    assert [part.n_records for part in read(tickets, chunk_rows=5)] == [5]


def test_the_next_read_gives_what_changed_since_and_the_last_row_again(tickets: str) -> None:
    before = read(tickets)[-1].position
    execute(tickets, "UPDATE ticket SET status = 'closed', changed = '2026-03-05 09:00:00' WHERE id = 4")
    assert ids(read(tickets, position=before)) == ["5", "4"]


def test_the_next_read_begins_earlier_by_the_overlap(tickets: str) -> None:
    before = read(tickets)[-1].position
    execute(tickets, "INSERT INTO ticket VALUES (6, '2026-03-04 08:30:00', 'late')")
    assert ids(read(tickets, position=before, overlap=NONE)) == ["5"]
    assert ids(read(tickets, position=before, overlap=HOUR)) == ["6", "5"]


def test_a_read_cut_off_at_a_tie_goes_on_at_the_row_it_ended_with(tickets: str) -> None:
    first = read(tickets, chunk_rows=2)[0]
    assert ids([first]) == ["1", "2"]
    assert ids(read(tickets, position=first.position, overlap=HOUR)) == ["2", "3", "4", "5"]


def test_what_came_late_while_a_read_was_cut_off_is_found_by_the_read_after_it(tickets: str) -> None:
    cut_off = read(tickets, chunk_rows=4)[0].position
    execute(
        tickets,
        "INSERT INTO ticket VALUES (6, '2026-03-02 08:59:00', 'late'), (7, '2026-03-09 09:00:00', 'new')",
    )
    resumed = read(tickets, position=cut_off)
    assert ids(resumed) == ["4", "5", "7"]
    assert "6" in ids(read(tickets, position=resumed[-1].position, overlap=timedelta(days=3)))


def test_an_empty_table_gives_one_part_without_rows(tickets: str) -> None:
    execute(tickets, "DELETE FROM ticket")
    (part,) = read(tickets)
    assert (part.n_records, part.is_last, part.position) == (0, True, {})
    assert frames([part]).columns == ["id", "changed", "status"]


def test_a_table_that_was_emptied_keeps_its_position(tickets: str) -> None:
    before = read(tickets)[-1].position
    execute(tickets, "DELETE FROM ticket")
    assert read(tickets, position=before)[-1].position == before


def test_rows_that_do_not_say_when_they_changed_come_each_time(tickets: str) -> None:
    execute(tickets, "INSERT INTO ticket VALUES (8, NULL, 'odd'), (9, NULL, 'odd'), (NULL, NULL, 'odd')")
    parts = read(tickets, chunk_rows=2)
    assert sorted(ids(parts), key=str) == ["1", "2", "3", "4", "5", "8", "9", None]
    again = read(tickets, position=parts[-1].position)
    assert {"8", "9", None, "5"} == set(ids(again))


def test_a_read_cut_off_among_rows_without_a_time_loses_none(tickets: str) -> None:
    execute(tickets, "INSERT INTO ticket VALUES (8, NULL, 'odd'), (9, NULL, 'odd')")
    first = read(tickets, chunk_rows=1)[0]
    rest = read(tickets, position=first.position)
    assert {*ids([first]), *ids(rest)} == {"1", "2", "3", "4", "5", "8", "9"}


def test_a_stream_without_changed_at_is_read_whole_each_time(tickets: str) -> None:
    query = Query("ticket", key="id")
    parts = read(tickets, query, chunk_rows=2)
    assert ids(parts) == ["1", "2", "3", "4", "5"]
    assert parts[-1].position == {}
    assert ids(read(tickets, query, parts[-1].position)) == ["1", "2", "3", "4", "5"]


def test_a_whole_read_that_was_cut_off_goes_on_at_its_key(tickets: str) -> None:
    query = Query("ticket", key="id")
    first = read(tickets, query, chunk_rows=3)[0]
    assert ids(read(tickets, query, first.position)) == ["3", "4", "5"]


def test_a_stream_without_a_key_goes_on_at_the_instant(tickets: str) -> None:
    query = Query("ticket", changed_at="changed")
    first = read(tickets, query, chunk_rows=2)[0]
    assert sorted(ids(read(tickets, query, first.position))) == ["2", "3", "4", "5"]


def test_a_query_may_join_and_hold_colons_and_percent_signs(tickets: str) -> None:
    query = Query(
        "SELECT t.id, t.changed, ' :x 100%s' AS odd FROM {schema}ticket t WHERE t.status LIKE '%o%' "
        "AND CAST(t.id AS TEXT) <> ':y';",
        changed_at="changed", key="id",
    )  # fmt: skip
    rows = frames(read(tickets, query))
    assert rows["id"].to_list() == ["1", "2", "3", "4"]
    assert rows["odd"].unique().to_list() == [" :x 100%s"]
    assert ids(read(tickets, query, {"after": "2026-03-02T09:00:00"}))[-1] == "4"


def test_a_name_in_braces_is_quoted_as_the_database_needs(tickets: str) -> None:
    execute(tickets, 'CREATE TABLE "group" (id INTEGER, "user" TEXT)', "INSERT INTO \"group\" VALUES (1, 'x')")
    query = Query("SELECT g.id, g.{user} FROM {schema}{group} g", key="id")
    assert frames(read(tickets, query)).rows() == [("1", "x")]
    assert frames(read(tickets, Query("group", key="id"))).rows() == [("1", "x")]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seconds=st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=14),
    chunk_rows=st.integers(1, 5), cuts=st.lists(st.integers(0, 4), max_size=4),
)  # fmt: skip
def test_however_often_a_read_is_cut_off_every_row_comes(
    tmp_path_factory: pytest.TempPathFactory, seconds: list[int | None], chunk_rows: int, cuts: list[int]
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('w')}/w.db"
    rows = ", ".join(
        f"({n}, {'NULL' if at is None else f'{chr(39)}2026-03-01 09:00:0{at}{chr(39)}'})"
        for n, at in enumerate(seconds)
    )
    execute(
        url, "CREATE TABLE ticket (id INTEGER, changed TEXT)", *([f"INSERT INTO ticket VALUES {rows}"] if rows else [])
    )
    seen: set[str] = set()
    position: dict[str, str] = {}
    for cut in cuts:
        for n, part in enumerate(read_stream(url, TICKETS, position, overlap=NONE, chunk_rows=chunk_rows)):
            seen |= set(ids([part]))
            position = part.position
            if n == cut:
                break
    seen |= set(ids(read(url, position=position, chunk_rows=chunk_rows)))
    assert seen == {str(n) for n in range(len(seconds))}


BERLIN = ZoneInfo("Europe/Berlin")


NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_a_change_in_the_future_hides_none_that_comes_before_it(tickets: str) -> None:
    execute(tickets, "INSERT INTO ticket VALUES (9, '2099-01-01 00:00:00', 'odd')")
    before = read(tickets, now=NOW)[-1].position
    assert before["after"].startswith("2026-03-04")
    execute(tickets, "INSERT INTO ticket VALUES (10, '2026-03-04 11:30:00', 'new')")
    assert ids(read(tickets, position=before, now=NOW + HOUR)) == ["5", "10", "9"]


def test_a_position_that_was_kept_in_the_future_is_now(tickets: str) -> None:
    execute(tickets, "INSERT INTO ticket VALUES (9, '2099-01-01 00:00:00', 'odd')")
    assert ids(read(tickets, position={"after": "2099-01-01 00:00:00"}, now=NOW)) == ["5", "9"]


def test_a_read_that_was_cut_off_in_the_future_goes_on_at_its_row(tickets: str) -> None:
    execute(tickets, *(f"INSERT INTO ticket VALUES ({n}, '2099-01-01 00:00:00', 'odd')" for n in (7, 8, 9)))
    cut_off = read(tickets, chunk_rows=7, now=NOW)[0].position
    assert ids(read(tickets, position=cut_off, now=NOW)) == ["8", "9"]


def test_the_overlap_is_the_streams_own(tickets: str) -> None:
    query = replace(TICKETS, overlap=25 * HOUR)
    before = read(tickets)[-1].position
    assert ids(list(read_stream(tickets, query, before))) == ["4", "5"]
    assert ids(list(read_stream(tickets, replace(query, overlap=NONE), before))) == ["5"]


EPOCH = int(datetime(2026, 1, 4, 22, 59, 59, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("TIMESTAMPTZ", ("'2026-01-04 22:59:59Z'", "'2026-01-04 23:00:00Z'", "'2026-01-05 00:00:00Z'")),
        ("TIMESTAMP", ("'2026-01-04 23:59:59'", "'2026-01-05 00:00:00'", "'2026-01-05 01:00:00'")),
        ("DATE", ("'2026-01-04'", "'2026-01-05'", "'2026-01-06'")),
        ("BIGINT", (f"{EPOCH}", f"{EPOCH + 1}", f"{EPOCH + 2}")),
        ("BIGINT", (f"{EPOCH}999", f"{EPOCH + 1}000", f"{EPOCH + 2}000")),
        ("NUMERIC", (f"{EPOCH}.9", f"{EPOCH + 1}.0", f"{EPOCH + 1}.1")),
        ("DOUBLE PRECISION", (f"{EPOCH}.9", f"{EPOCH + 1}.0", f"{EPOCH + 1}.1")),
        ("TEXT", ("'2026-01-04T22:59:59.9Z'", "'2026-01-04T23:00:00.0Z'", "'2026-01-05T00:00:00.0Z'")),
        ("TEXT", ("'2026-01-04 23:59:59'", "'2026-01-05 00:00:00'", "'2026-01-05 01:00:00'")),
        ("TEXT", ("'2026-01-04'", "'2026-01-05'", "'2026-01-06'")),
    ],
)
def test_a_read_from_a_day_on_begins_at_its_midnight(postgresql_url: str, kind: str, values: tuple[str, ...]) -> None:
    execute(
        postgresql_url,
        f"CREATE TABLE ticket (id INT, changed {kind})",
        *(f"INSERT INTO ticket VALUES ({n}, {value})" for n, value in enumerate(values)),
    )
    parts = read(postgresql_url, position={"after": "2026-01-05"}, zone=BERLIN)
    assert ids(parts) == ["1", "2"]
    assert ids(read(postgresql_url, position=parts[-1].position, zone=BERLIN)) == ["2"]


def test_a_read_from_a_day_after_the_last_change_keeps_the_day(tickets: str) -> None:
    (part,) = read(tickets, position={"after": "2026-03-06"})
    assert (part.n_records, part.position) == (0, {"after": "2026-03-06"})


def test_memory_does_not_grow_with_the_number_of_parts(tickets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    from sqlalchemy import CursorResult

    fetch: Callable[..., Any] = CursorResult.fetchmany
    monkeypatch.setattr(CursorResult, "fetchmany", lambda self, size: asked.append(size) or fetch(self, size))
    monkeypatch.setattr(CursorResult, "fetchall", lambda self: pytest.fail("read at once"))
    read(tickets, chunk_rows=20_000)
    assert max(asked) == 5_000


KEYS = Query("ticket", key="id")
BEGAN = datetime(2026, 4, 1, 6, tzinfo=UTC)


def test_of_a_list_of_keys_only_these_columns_are_read(tickets: str) -> None:
    parts = read(tickets, KEYS, columns=["id", "status"], is_compared=True, chunk_rows=2, now=BEGAN)
    assert frames(parts).columns == ["id", "status"]
    assert ids(parts) == ["1", "2", "3", "4", "5"]
    assert [part.reading is not None for part in parts] == [False, False, True]


def test_a_column_of_a_key_that_is_not_there_is_told(tickets: str) -> None:
    with pytest.raises(SourceChangedError, match="'number', which 'ticket' does not have"):
        read(tickets, KEYS, columns=["id", "number"], is_compared=True)


def test_a_stream_that_is_not_compared_tells_of_no_reading(tickets: str) -> None:
    assert [part.reading for part in read(tickets, KEYS)] == [None]


def test_a_reading_that_was_cut_off_began_when_its_first_part_was_read(tickets: str) -> None:
    first, *_ = read(tickets, KEYS, columns=["id"], is_compared=True, chunk_rows=2, now=BEGAN)
    later = read(tickets, KEYS, first.position, columns=["id"], is_compared=True, now=BEGAN + timedelta(days=1))
    whole = later[-1].reading
    assert ids(later) == ["2", "3", "4", "5"]
    assert whole is not None
    assert (whole.began, whole.since) == (BEGAN, None)
    assert later[-1].position == {"began": BEGAN.isoformat()}


def test_a_read_that_was_cut_off_before_the_stream_was_compared_is_begun_anew(tickets: str) -> None:
    first, *_ = read(tickets, KEYS, chunk_rows=2)
    assert ids(read(tickets, KEYS, first.position, is_compared=True)) == ["1", "2", "3", "4", "5"]


def test_an_empty_table_that_is_compared_was_read_whole(tickets: str) -> None:
    execute(tickets, "DELETE FROM ticket")
    (part,) = read(tickets, KEYS, columns=["id"], is_compared=True, now=BEGAN)
    assert (part.n_records, part.reading is not None) == (0, True)
