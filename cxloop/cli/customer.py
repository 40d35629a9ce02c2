"""One customer at every touch point."""

from dataclasses import asdict
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from cyclopts import Parameter
from sqlalchemy import Connection

from cxloop.cli.output import print_facts, print_json, print_table
from cxloop.cli.place import Here, Json
from cxloop.timeline import TOLD, Moment, columns_of, timeline
from cxloop.whom import over_time
from domain.errors import ConfigError
from domain.masking import masked
from domain.roadmap import load_roadmap
from sql.queries.people import ids_ending, ids_of, is_known, person_of, rows_about
from sql.queries.segments import segment_history

_LONGEST = 100
"""Letters of a text on one line; `--json` has all of it."""


def customer(
    customer: str,
    /,
    *,
    unmask: Annotated[
        bool, Parameter(negative="", help="Show e-mail addresses, phone and card numbers as they are.")
    ] = False,
    json: Json = False,
    here: Here,
) -> None:
    """One customer's timeline over all channels and sources, the newest first.

    It holds everything of all customer ids that are this person, and which segment and persona they had when.
    Addresses, phone and card numbers are masked; answers to anonymous surveys are never in it.

    Args:
        customer: any of the person's customer ids, with its source in front: helpdesk:4711.
    """
    with here.store.reading() as connection:
        person = _found(connection, customer)
        ids = ids_of(connection, person)
        names = [row["customer_id"] for row in ids]
        facts = {table: rows_about(connection, table, names, columns_of(table)) for table in TOLD}
        spells = [
            {**row, "customer_id": row["customer_id"] if unmask else masked(row["customer_id"])}
            for row in segment_history(connection, names)
        ]
    moments = [moment if unmask else moment.masked() for moment in timeline(facts)]
    shown = [{**row, "customer_id": row["customer_id"] if unmask else masked(row["customer_id"])} for row in ids]
    account = ids[0]["account_id"]
    if json:
        print_json({
            "person": person if unmask else masked(person), "account": account, "is_masked": not unmask,
            "customer_ids": [{"id": row["customer_id"], "through": row["through"]} for row in shown],
            "segments": spells,
            "moments": [asdict(moment) for moment in moments],
        })  # fmt: skip
        return
    zone = load_roadmap(here.project.roadmap).zone
    print_facts({
        "person": person if unmask else masked(person),
        "known as": ", ".join(_told(row) for row in shown) if len(shown) > 1 else "",
        "account": account,
        "segment": over_time(spells, "segment", zone),
        "persona": over_time(spells, "persona", zone),
    })  # fmt: skip
    print()
    columns = ["when", "channel", "source", "what happened", "in their words", "link"]
    print_table(columns, [_cells(moment, zone) for moment in moments], empty="Nothing is known to have happened.")


def _found(connection: Connection, customer: str) -> str:
    """The person that an id is of; ConfigError when no source knows the id."""
    if is_known(connection, customer):
        return person_of(connection, customer)
    near = ids_ending(connection, customer.rpartition(":")[2])
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise ConfigError(f"no source has a customer {customer!r}.{hint} Expected an id with its source: helpdesk:4711.")


def _told(row: dict[str, Any]) -> str:
    return f"{row['customer_id']} ({row['through']})"


def _cells(moment: Moment, zone: ZoneInfo) -> list[str]:
    words = " ".join(moment.text.split())
    short = words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"
    when = f"{moment.at.astimezone(zone):%Y-%m-%d %H:%M}"
    return [when, moment.channel, moment.source, moment.what, short, moment.url]
