"""Rows set aside: list, show, replay."""

from typing import Annotated, Any

from cyclopts import App, Parameter
from sqlalchemy import func, select, update

from cxloop.cli.examples import examples
from cxloop.cli.output import print_facts, print_json, print_table
from cxloop.cli.place import Here, Json
from domain.errors import ConfigError
from domain.shown import counted
from sql.store import Store
from sql.tables import batches, quarantine

app = App(
    name="quarantine",
    help="Rows that were set aside, with the reason: list, show, replay.",
    version_flags=[],
    sort_key=9,
)

_GROUP = ("source", "table_name", "rule", "state")


@app.command(
    name="list", help_epilogue=examples("cxloop quarantine list", "cxloop quarantine list surveys --rows --json")
)
def list_rows(
    source: str | None = None,
    /,
    *,
    rows: Annotated[bool, Parameter(negative="", help="Every row, not only how many by rule.")] = False,
    json: Json = False,
    here: Here,
) -> None:
    """How many rows were set aside, by source, table and rule.

    Args:
        source: only of this source.
    """
    with here.store.reading() as connection:
        found = Store.rows(connection, _each(source) if rows else _counted(source))
    if json:
        print_json(found)
    elif rows:
        cells = [
            [r["quarantine_id"], r["source"], r["table_name"], f"{r['file']}:{r['row']}", r["rule"], r["state"]]
            for r in found
        ]
        print_table(["id", "source", "table", "row", "rule", "state"], cells, empty="Nothing is set aside.")
    else:
        cells = [[*(r[name] for name in _GROUP), counted(r["n_rows"])] for r in found]
        print_table(["source", "table", "rule", "state", "rows"], cells, empty="Nothing is set aside.")


@app.command(help_epilogue=examples("cxloop quarantine show 1f0c"))
def show(row: str, /, *, json: Json = False, here: Here) -> None:
    """One row as it came, and what was wrong with it.

    Args:
        row: its id, or the first letters of it: cxloop quarantine list --rows
    """
    with here.store.reading() as connection:
        wanted = select(quarantine).where(quarantine.c.quarantine_id.startswith(row, autoescape=True)).limit(2)
        found = Store.rows(connection, wanted)
    if len(found) != 1:
        what = "several rows begin" if found else "no row begins"
        raise ConfigError(f"{what} with {row!r}. See: cxloop quarantine list --rows")
    if json:
        print_json(found[0])
    else:
        print_facts(found[0])


@app.command(help_epilogue=examples("cxloop quarantine replay", "cxloop quarantine replay surveys"))
def replay(source: str | None = None, /, *, here: Here) -> None:
    """Read again, from the landing zone, every batch that has rows set aside: after a mapping was mended.

    Rows that still fail are set aside again.

    Args:
        source: only of this source.
    """
    from cxloop.turn import turn
    from sql.ledger import refuse_if_held

    refuse_if_held(here.store)
    waiting = quarantine.c.state == "waiting"
    mine = waiting if source is None else waiting & (quarantine.c.source == source)
    with here.store.transaction() as connection:
        ids = select(quarantine.c.batch_id).where(mine)
        n_batches = Store.execute(connection, update(batches).where(batches.c.batch_id.in_(ids)).values(state="landed"))
        n_rows = Store.execute(connection, update(quarantine).where(mine).values(state="replayed"))
    if n_rows == 0:
        print("Nothing is set aside.")
        return
    print(f"Reading {counted(n_batches)} batches again; {counted(n_rows)} rows had been set aside.")
    turn(here, "flows.backfill_source:backfill_source", source=source)


def _each(source: str | None) -> Any:
    columns = [c for c in quarantine.c if c.name != "raw"]
    wanted = select(*columns).order_by(
        quarantine.c.source, quarantine.c.file, quarantine.c.row, quarantine.c.quarantine_id
    )
    return wanted if source is None else wanted.where(quarantine.c.source == source)


def _counted(source: str | None) -> Any:
    group = [quarantine.c[name] for name in _GROUP]
    wanted = select(*group, func.count().label("n_rows")).group_by(*group).order_by(*group)
    return wanted if source is None else wanted.where(quarantine.c.source == source)
