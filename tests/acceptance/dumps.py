"""Whole databases and folders as values that can be compared."""

from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from domain.project import Project
from domain.settings import load_settings
from sql.store import store_of
from sql.tables import METADATA

Rows = list[tuple[Any, ...]]


def compared(table: Table) -> list[Any]:
    """The columns of a table that two runs on the same data must agree on; none for a volatile table."""
    if table.info.get("volatile"):
        return []
    return [column for column in table.c if not column.info.get("volatile")]


def tables_of(folder: Path, *names: str) -> dict[str, Rows]:
    """Tables of a project by name (none named: all): rows in order of their key, without volatile columns."""
    project = Project.at(folder)
    store = store_of(project, load_settings(project))
    try:
        with store.reading() as connection:
            return {
                name: sorted(map(tuple, connection.execute(select(*columns))), key=partial(_key, table))
                for name, table in sorted(METADATA.tables.items())
                if (columns := compared(table)) and (not names or name in names)
            }
    finally:
        store.engine.dispose()


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of one table, each by column, without volatile columns."""
    names = [column.name for column in compared(METADATA.tables[name])]
    return [dict(zip(names, row, strict=True)) for row in tables_of(folder, name)[name]]


def adds_up(folder: Path) -> None:
    """Every row of every batch and table is accounted for."""
    for row in table(folder, "batch_tables"):
        assert row["n_source"] == row["n_mapped"] + row["n_left_out"] + row["n_unreadable"]
        went = ("n_inserted", "n_updated", "n_unchanged", "n_superseded", "n_quarantined")
        assert row["n_mapped"] == sum(row[name] for name in went)


def _key(table: Table, row: tuple[Any, ...]) -> list[str]:
    """What rows are ordered by here, and not in the database: two databases order text differently."""
    names = [column.name for column in compared(table)]
    return [str(row[names.index(column.name)]) for column in table.primary_key.columns]


def files_of(folder: Path) -> dict[str, str]:
    """Every file under `out/` by its path there: the sha256 of its content."""
    out = folder / "out"
    return {
        str(path.relative_to(out)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def differences(one: Mapping[str, Rows], other: Mapping[str, Rows]) -> list[str]:
    """What differs between two dumps of tables, in words: at most three rows a table."""
    found: list[str] = []
    for name in sorted(one.keys() | other.keys()):
        rows, others = one.get(name, []), other.get(name, [])
        if rows == others:
            continue
        gone = [row for row in rows if row not in others][:3]
        new = [row for row in others if row not in rows][:3]
        found.append(f"{name}: {len(rows)} and {len(others)} rows; only in one: {gone}; only in the other: {new}")
    return found
