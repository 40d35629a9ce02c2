"""Rows set aside: list, show, replay."""

from typing import Annotated, Any, Literal

from cyclopts import App, Parameter
from sqlalchemy import Connection, Select, func, select

from cxloop.cli.examples import examples
from cxloop.cli.output import print_facts, print_json, print_table
from cxloop.cli.place import Here, Json, Place
from domain.errors import ConfigError
from domain.shown import counted
from sql.queries.quarantine import WAITING
from sql.store import Store
from sql.tables import quarantine

app = App(
    name="quarantine",
    help="Rows that were set aside, with the reason: list, show, replay.",
    version_flags=[],
    sort_key=9,
)

_GROUP = ("source", "table_name", "rule", "state")


@app.command(
    name="list",
    help_epilogue=examples(
        "cxloop quarantine list",
        "cxloop quarantine list surveys --rows --json",
        "cxloop quarantine list --batch 1f0c",
        "cxloop quarantine list --state corrected",
    ),
)
def list_rows(
    source: str | None = None,
    /,
    *,
    rows: Annotated[bool, Parameter(negative="", help="Every row, not only how many by rule.")] = False,
    batch: Annotated[str | None, Parameter(help="Only of this batch, by its id or the first letters of it.")] = None,
    state: Annotated[
        Literal["waiting", "replayed", "corrected"] | None,
        Parameter(help="waiting; replayed: their batch was read again; corrected: a later batch has them well."),
    ] = None,
    every: Annotated[
        bool, Parameter(name="--all", negative="", help="Those that were read again or corrected since, too.")
    ] = False,
    json: Json = False,
    here: Here,
) -> None:
    """How many rows are set aside and wait, by source, table and rule.

    Args:
        source: only of this source.
    """
    if every and state is not None:
        raise ConfigError("give --state or --all, not both.")
    wanted = _of(_each() if rows else _counted(), source, batch)
    if not every:
        wanted = wanted.where(quarantine.c.state == (state or WAITING))
    with here.store.reading() as connection:
        _refuse_unknown(connection, here, source)
        found = Store.rows(connection, wanted)
    nothing = "Nothing is set aside." if state in (None, WAITING) else f"Nothing that was set aside is {state}."
    if json:
        print_json(found)
    elif rows:
        cells = [
            [r["quarantine_id"], r["source"], r["table_name"], f"{r['file']}:{r['row']}", r["rule"], r["state"]]
            for r in found
        ]
        print_table(["id", "source", "table", "row", "rule", "state"], cells, empty=nothing)
    else:
        cells = [[*(r[name] for name in _GROUP), counted(r["n_rows"])] for r in found]
        print_table(["source", "table", "rule", "state", "rows"], cells, empty=nothing)


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
    waiting = select(func.count()).where(quarantine.c.state == WAITING)
    mine = waiting if source is None else waiting.where(quarantine.c.source == source)
    with here.store.reading() as connection:
        _refuse_unknown(connection, here, source)
        n_rows = connection.execute(mine).scalar() or 0
    if n_rows == 0:
        print("Nothing is set aside.")
        return
    print(f"Reading again the batches that {counted(n_rows)} rows were set aside from.")
    turn(here, "flows.backfill_source:backfill_source", source=source, again=True)


def _refuse_unknown(connection: Connection, here: Place, source: str | None) -> None:
    """ConfigError for a source that is not declared and that no row was ever set aside of."""
    kept = connection.execute(select(quarantine.c.source).where(quarantine.c.source == source).limit(1))
    if source is None or kept.first() is not None:
        return
    from domain.sources import load_sources

    declared = [spec.name for spec in load_sources(here.project.sources)]
    if source not in declared:
        raise ConfigError(f"sources.yaml has no source {source!r}. It has: {', '.join(declared)}.")


def _each() -> Select[Any]:
    columns = [c for c in quarantine.c if c.name != "raw"]
    order = (quarantine.c.source, quarantine.c.file, quarantine.c.row, quarantine.c.quarantine_id)
    return select(*columns).order_by(*order)


def _counted() -> Select[Any]:
    group = [quarantine.c[name] for name in _GROUP]
    return select(*group, func.count().label("n_rows")).group_by(*group).order_by(*group)


def _of(wanted: Select[Any], source: str | None, batch: str | None) -> Select[Any]:
    """Only the rows of a source or a batch, where one is named."""
    if source is not None:
        wanted = wanted.where(quarantine.c.source == source)
    return wanted if batch is None else wanted.where(quarantine.c.batch_id.startswith(batch, autoescape=True))
