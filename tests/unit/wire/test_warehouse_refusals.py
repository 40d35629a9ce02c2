"""What a warehouse has not, or must not be asked."""

from pathlib import Path

import pytest

from domain.errors import SourceChangedError, SourcesError
from domain.source_specs import Query
from tests.fakes.warehouse import execute, ids, read


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
