"""PostgreSQL as a warehouse: its own types, schemas, rights, and servers that do not answer."""

import uuid
from pathlib import Path

import psycopg
import pytest

from domain.errors import SourceChangedError, SourcesError, SourceUnavailableError
from domain.source_specs import Query
from tests.fakes.warehouse import execute, frames, ids, read


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
