import io
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import SourceChangedError, SourcesError, SourceUnavailableError
from domain.source_specs import Query
from wire.warehouse import FetchedRows, read_stream
from wire.warehouse_positions import earlier
from wire.warehouse_values import text_of

TICKETS = Query("ticket", changed_at="changed", key="id")
NONE = timedelta(0)
HOUR = timedelta(hours=1)


def execute(url: str, *statements: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            for statement in statements:
                connection.execute(statement)
    else:
        with psycopg.connect(url) as connection:
            for statement in statements:
                connection.execute(statement)


def frames(parts: list[FetchedRows]) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(io.BytesIO(part.content)) for part in parts])


def ids(parts: list[FetchedRows]) -> list[str]:
    return frames(parts)["id"].to_list()


def read(
    url: str, query: Query = TICKETS, position: Mapping[str, str] | None = None, **options: Any
) -> list[FetchedRows]:
    return list(read_stream(url, query, position, **({"overlap": NONE} | options)))


@pytest.fixture
def tickets(database_url: str) -> str:
    """Five tickets of a helpdesk; 2 and 3 changed at the same instant."""
    execute(
        database_url,
        "CREATE TABLE ticket (id INTEGER, changed TIMESTAMP, status TEXT)",
        "INSERT INTO ticket VALUES (4, '2026-03-03 09:00:00', 'open'), (1, '2026-03-01 09:00:00', 'closed'), "
        "(3, '2026-03-02 09:00:00', 'solved'), (2, '2026-03-02 09:00:00', 'open'), "
        "(5, '2026-03-04 09:00:00.25', 'new')",
    )
    return database_url


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


# ---- PostgreSQL's own types ------------------------------------------------------------------------------------------


def test_postgresql_values_are_written_exactly(postgresql_url: str) -> None:
    execute(
        postgresql_url,
        "CREATE TABLE t (id UUID, amount NUMERIC, at TIMESTAMPTZ, naive TIMESTAMP, day DATE, is_x BOOLEAN, "
        "tags TEXT[], body JSONB, share DOUBLE PRECISION, wait INTERVAL)",
        "INSERT INTO t VALUES ('12345678-1234-5678-1234-567812345678', 1234567890.1200, "
        "'2026-03-29 01:30:00.000001+02', "
        "'2026-03-29 02:30:00', '2026-03-29', true, '{a,b}', '{\"ü\": [1, null]}', 0.1, '1 day 00:00:00.5')",
        "INSERT INTO t VALUES ('22345678-1234-5678-1234-567812345678')",
    )
    rows = frames(read(postgresql_url, Query("t", key="id")))
    assert rows.row(0) == (
        "12345678-1234-5678-1234-567812345678", "1234567890.1200", "2026-03-28T23:30:00.000001+00:00",
        "2026-03-29T02:30:00", "2026-03-29", "true", '["a", "b"]', '{"ü": [1, null]}', "0.1", "86400.5",
    )  # fmt: skip
    assert rows.row(1)[1:] == (None,) * 9


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("TIMESTAMPTZ", ("'2026-03-29 01:00+01'", "'2026-03-29 03:00+02'", "'2026-03-29 04:00+02'")),
        ("DATE", ("'2026-03-28'", "'2026-03-29'", "'2026-03-30'")),
        ("BIGINT", ("1774738800000", "1774738800001", "1774738800002")),
        ("NUMERIC", ("1.5", "2.5", "3.5")),
        ("TEXT", ("'2026-03-29T01:00:00Z'", "'2026-03-29T01:30:00Z'", "'2026-03-29T02:00:00Z'")),
    ],
)
@pytest.mark.parametrize("key", ["UUID", "TEXT", "INTEGER"])
def test_postgresql_streams_go_on_whatever_the_types(
    postgresql_url: str, kind: str, key: str, values: tuple[str, ...]
) -> None:
    made = {"UUID": lambda n: f"'{uuid.UUID(int=n)}'", "TEXT": lambda n: f"'k{n}'", "INTEGER": str}[key]
    execute(
        postgresql_url,
        f"CREATE TABLE ticket (id {key}, changed {kind})",
        *(f"INSERT INTO ticket VALUES ({made(n)}, {value})" for n, value in enumerate(values)),
    )
    whole = ids(read(postgresql_url))
    assert len(whole) == 3
    first = read(postgresql_url, chunk_rows=1)[0]
    assert ids(read(postgresql_url, position=first.position)) == whole
    last = read(postgresql_url)[-1].position
    assert ids(read(postgresql_url, position=last)) == whole[2:]


def test_postgresql_tables_lie_in_a_schema(postgresql_url: str) -> None:
    execute(postgresql_url, "CREATE SCHEMA zendesk", "CREATE TABLE zendesk.ticket (id INT, changed TIMESTAMP)")
    assert read(postgresql_url, schema="zendesk")[0].n_records == 0
    with pytest.raises(SourceChangedError, match=r"'ticket' cannot be read .* The database has: no table"):
        read(postgresql_url)
    with pytest.raises(SourceChangedError, match=r"Did you mean 'ticket'\? The schema 'zendesk' has: ticket"):
        read(postgresql_url, Query("SELECT * FROM {schema}tickets"), schema="zendesk")


def test_postgresql_is_read_in_a_transaction_that_cannot_write(postgresql_url: str) -> None:
    execute(
        postgresql_url,
        "CREATE TABLE t (id INT)",
        "CREATE FUNCTION add() RETURNS INT LANGUAGE sql AS 'INSERT INTO t VALUES (1) RETURNING id'",
    )
    with pytest.raises(SourceChangedError, match="read-only transaction"):
        read(postgresql_url, Query("SELECT add() AS id"))


def test_a_query_that_fails_on_a_row_is_not_tried_again(postgresql_url: str) -> None:
    execute(postgresql_url, "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (0)")
    with pytest.raises(SourceChangedError, match=r"cannot run the stream's query \(division by zero\)"):
        read(postgresql_url, Query("SELECT 1 / id AS id FROM t"))


@pytest.fixture
def postgresql_reader(postgresql_url: str) -> str:
    """The URL of a user that has to give its password, over TCP or socket; it may read nothing."""
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        place = connection.execute("SHOW hba_file").fetchone()
        path = Path(place[0] if place else "")
        rule = "local all cx_reader scram-sha-256\n"
        if not path.read_text().startswith(rule):
            path.write_text(rule + path.read_text())
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("DROP ROLE IF EXISTS cx_reader")
        connection.execute("CREATE ROLE cx_reader LOGIN PASSWORD 'right-word'")
        connection.execute("CREATE TABLE ticket (id INT, changed TIMESTAMP)")
    return postgresql_url.replace("postgres:@", "cx_reader:WORD@")


def test_a_wrong_password_is_told_and_never_shown(postgresql_reader: str) -> None:
    with pytest.raises(SourcesError, match="refused the user 'cx_reader'") as found:
        read(postgresql_reader.replace("WORD", "s3cret%2Fw0rd"))
    assert "s3cret" not in "".join([str(found.value), repr(found.value.__context__)])


def test_a_user_without_the_right_to_read_is_told(postgresql_reader: str) -> None:
    with pytest.raises(SourcesError, match=r"may not read this .* Grant it SELECT"):
        read(postgresql_reader.replace("WORD", "right-word"))


def test_a_database_that_is_not_there_is_told(postgresql_url: str) -> None:
    name = postgresql_url.split("/")[3].split("?", maxsplit=1)[0]
    with pytest.raises(SourcesError, match="no such database"):
        read(postgresql_url.replace(f"/{name}?", "/nowhere?"))


def test_a_server_that_does_not_answer_is_tried_again_later() -> None:
    with pytest.raises(SourceUnavailableError, match="did not answer") as found:
        read("postgresql://me:s3cret@127.0.0.1:1/x")
    assert "s3cret" not in str(found.value)


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_a_table_that_is_not_there_is_told_with_those_that_are(tickets: str) -> None:
    with pytest.raises(SourceChangedError, match=r"Did you mean 'ticket'\? The database has: ticket\."):
        read(tickets, Query("tickets", key="id"))


def test_a_column_of_the_query_that_is_not_there_is_told_with_those_that_are(tickets: str) -> None:
    with pytest.raises(SourceChangedError, match=r"stat.*The columns are: ticket: id, changed, status\."):
        read(tickets, Query("SELECT id, stat FROM {schema}ticket"))


@pytest.mark.parametrize(
    "query", [Query("ticket", changed_at="chnged"), Query("SELECT id, changed FROM ticket", key="chnged")]
)
def test_a_column_to_follow_that_is_not_there_is_told_with_those_that_are(tickets: str, query: Query) -> None:
    with pytest.raises(SourceChangedError, match=r"'chnged'.*Did you mean 'changed'\? It has: id, changed"):
        read(tickets, query)


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("DELETE FROM ticket", "write one SELECT"),
        ("SELECT 1; DROP TABLE ticket", "several statements"),
        ("SELECT 1 -- all", "SQL comment"),
        (r"SELECT E'\'; DROP TABLE ticket; --'", "several statements|escaped text"),
        (r"SELECT e'x' AS x", "escaped text"),
        ("ticket; DROP TABLE ticket", "neither a table's name nor a SELECT"),
    ],
)
def test_only_one_select_is_run(tickets: str, select: str, said: str) -> None:
    with pytest.raises(SourcesError, match=said):
        read(tickets, Query(select))
    assert len(ids(read(tickets))) == 5


def test_a_schema_is_a_name(tickets: str) -> None:
    with pytest.raises(SourcesError, match="the schema 'x; DROP' is no name"):
        read(tickets, schema="x; DROP")


@pytest.mark.parametrize(("url", "kind"), [("sqlite", "BLOB"), ("postgresql", "BYTEA")])
def test_bytes_are_refused(request: pytest.FixtureRequest, tmp_path: Path, url: str, kind: str) -> None:
    address = f"sqlite:///{tmp_path}/w.db" if url == "sqlite" else request.getfixturevalue("postgresql_url")
    made = "x'00ff'" if url == "sqlite" else r"'\x00ff'"
    execute(address, f"CREATE TABLE ticket (id INT, photo {kind})", f"INSERT INTO ticket VALUES (1, {made})")
    with pytest.raises(SourcesError, match="'photo' holds bytes"):
        read(address, Query("ticket", key="id"))


def test_two_columns_of_one_name_are_refused(postgresql_url: str) -> None:
    with pytest.raises(SourcesError, match="more than one column called 'id'"):
        read(postgresql_url, Query("SELECT 1 AS id, 2 AS id"))


def test_a_text_that_does_not_sort_by_time_cannot_be_followed(tickets: str) -> None:
    execute(tickets, "CREATE TABLE note (id INTEGER, changed TEXT)", "INSERT INTO note VALUES (1, '31/12/2025')")
    query = Query("note", changed_at="changed", key="id")
    with pytest.raises(SourcesError, match="'31/12/2025', whose order by alphabet is not that of time"):
        read(tickets, query, read(tickets, query)[-1].position)


def test_a_column_that_changed_its_type_is_told(postgresql_url: str) -> None:
    execute(postgresql_url, "CREATE TABLE ticket (id INT, changed BIGINT)", "INSERT INTO ticket VALUES (1, 7)")
    with pytest.raises(
        SourceChangedError, match="was read up to '2026-03-01', and its column now holds values such as '7'"
    ):
        read(postgresql_url, position={"after": "2026-03-01"})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3cret nonsense", "is no database URL"),
        ("mysql://me:s3cret@host/x", "mysql database, and its driver is not installed: pip install 'pymysql'"),
        ("snowflake://me:s3cret@host/x", "pip install 'snowflake-sqlalchemy'"),
        ("nothing://me:s3cret@host/x", r"its SQLAlchemy dialect \('nothing'\)"),
        ("sqlite://", "names no SQLite file"),
        ("sqlite:////nowhere/at/all.db", "there is no SQLite file /nowhere/at/all.db"),
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_used_is_told_without_it(url: str, said: str) -> None:
    with pytest.raises(SourcesError, match=said) as found:
        read(url)
    assert "s3cret" not in str(found.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "w.db").write_text("no database " * 100)
    with pytest.raises(SourcesError, match="is no SQLite database"):
        read(f"sqlite:///{tmp_path}/w.db")


def test_the_projects_own_database_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "cxloop.db"
    execute(f"sqlite:///{own}", "CREATE TABLE ticket (id INT, changed TEXT)")
    (tmp_path / "link.db").symlink_to(own)
    with pytest.raises(SourcesError, match="is this project's own database"):
        read(f"sqlite:///{tmp_path}/link.db", ours=[own])


def test_a_sqlite_file_is_opened_read_only(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a b%.db"
    execute(url, "CREATE TABLE ticket (id INT, changed TEXT)", "INSERT INTO ticket VALUES (1, '2026-03-01')")
    (tmp_path / "a b%.db").chmod(0o400)
    before = sorted(path.name for path in tmp_path.iterdir())
    assert ids(read(url)) == ["1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == before


# ---- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"), (False, "false"), (10**20, "100000000000000000000"), (0.1, "0.1"), (1e300, "1e+300"),
        (Decimal("0.10"), "0.10"), (Decimal("1E+3"), "1000"), (date(2026, 3, 1), "2026-03-01"),
        (time(9, 5), "09:05:00"), (datetime(2026, 3, 1, 9), "2026-03-01T09:00:00"),  # noqa: DTZ001
        (datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=2))), "2026-03-01T09:00:00+02:00"),
        (timedelta(days=-1, microseconds=1), "-86399.999999"), ({"a": [Decimal("1.10")]}, '{"a": ["1.10"]}'),
    ],
)  # fmt: skip
def test_a_value_is_written_exactly(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01 00:30:00.5", "2026-02-28 23:30:00"),
        ("2026-03-01T00:30:00.000Z", "2026-02-28T23:30:00"),
        ("2026-03-01", "2026-02-28"),
        (date(2026, 3, 1), date(2026, 2, 28)),
        (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 2, 28, 23, tzinfo=UTC)),
        (1_774_738_800, 1_774_735_200), (1_774_738_800_000, 1_774_735_200_000), (12_345, 12_345),
        (Decimal("1774738800.5"), Decimal("1774735200.5")), (1_774_738_800.5, 1_774_735_200.5),
    ],
)  # fmt: skip
def test_an_hour_earlier_is_never_later_in_the_columns_own_order(value: object, expected: object) -> None:
    assert earlier(value, HOUR) == expected


def test_memory_does_not_grow_with_the_number_of_parts(tickets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    from sqlalchemy import CursorResult

    fetch: Callable[..., Any] = CursorResult.fetchmany
    monkeypatch.setattr(CursorResult, "fetchmany", lambda self, size: asked.append(size) or fetch(self, size))
    monkeypatch.setattr(CursorResult, "fetchall", lambda self: pytest.fail("read at once"))
    read(tickets, chunk_rows=20_000)
    assert max(asked) == 5_000
