"""Both sides made up: eight tickets of ours, and an export that agrees with them but for what a test plants."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from cxloop.reconciling import _instants
from domain.calendars import DAY, Hours, Schedule
from tasks.measure.contacts.tickets import turns
from tasks.reconcile.comparing import Compared, compared
from tasks.reconcile.export import Export
from tasks.reconcile.matching import cover_of
from tasks.reconcile.ours import Ours, ours_of
from tasks.reconcile.reading import Theirs, theirs_of
from tests.factories import at, facts

OFFICE = Schedule("Europe/Berlin", tuple(Hours(day * DAY + 9 * 60, day * DAY + 17 * 60) for day in range(5)))
CALENDARS = {"support": OFFICE}
EXPORTED = at("2026-03-16 08:00")
UNTIL = at("2026-03-16")
N = 8

Rows = Iterable[Mapping[str, Any]]


def ticket(number: int, **more: Any) -> dict[str, Any]:
    """One contact of Monday, 2 March on, 16:00 UTC (17:00 in Berlin): answered in 90.5 min, solved in 26 h."""
    day = 2 + number
    return {
        "ticket_id": f"desk:{number}", "opened_at": at(f"2026-03-{day:02} 16:00"), "status": "solved",
        "url": f"https://desk.example/{number}", "first_reply_at": at(f"2026-03-{day:02} 17:30:30"),
        "resolved_at": at(f"2026-03-{day + 1:02} 18:00"), "n_reopens": 0,
        "version_at": at(f"2026-03-{day + 1:02} 18:00"), **more,
    }  # fmt: skip


def ours(
    tickets: Rows | None = None, *, events: Rows = (), answers: Rows = (), agents: Sequence[str] = (),
    set_aside: Sequence[str] = (), exported_at: datetime | None = EXPORTED, until: datetime | None = UNTIL,
) -> Ours:  # fmt: skip
    """Our side, of facts as they are kept."""
    held = facts("tickets", tickets if tickets is not None else (ticket(n) for n in range(N)))
    told = facts("ticket_events", events)
    return ours_of(
        held, told, turns(held, told), told.filter(pl.col("field") == "comment"), facts("survey_answers", answers),
        facts("agents", [{"agent_id": agent} for agent in agents]),
        pl.DataFrame({"raw": list(set_aside)}, {"raw": pl.String}), "desk", exported_at, until,
    )  # fmt: skip


def export_row(number: int, **more: str) -> dict[str, str]:
    """What an export that agrees says of `ticket(number)`; durations in minutes with one decimal."""
    day = 2 + number
    return {
        "ticket": str(number), "opened": f"2026-03-{day:02} 16:00:00", "first_reply": "90.5", "resolution": "1560.0",
        "status": "Solved", "reopens": "0", **more,
    }  # fmt: skip


def theirs(rows: Sequence[Mapping[str, str]] | None = None, export: Export = Export()) -> Theirs:  # noqa: B008
    """Their side, of texts as they are in the file."""
    texts = pl.DataFrame(rows if rows is not None else [export_row(n) for n in range(N)])
    return theirs_of(texts, export, "export.csv", _instants)


def planted(**first: str) -> list[dict[str, str]]:
    """An export that agrees in all but what it says of ticket 0."""
    return [export_row(0, **first), *(export_row(n) for n in range(1, N))]


def beside(
    rows: Sequence[Mapping[str, str]] | None = None, mine: Ours | None = None, export: Export = Export(),  # noqa: B008
    *, is_selection: bool = False,
) -> Compared:  # fmt: skip
    """Both sides, compared."""
    their = theirs(rows, export)
    cover = cover_of(their, export.zone, None, None, is_selection=is_selection)
    return compared(their, mine or ours(), export, cover, CALENDARS, ("Europe/Berlin",))


def differences(found: Compared) -> dict[tuple[str, str], str]:
    """(ticket, measure) to class, of all that is not equal."""
    return {
        (row["key"], measure): row["class"]
        for measure, frame in found.pairs.items()
        for row in frame.filter(pl.col("class") != "equal").to_dicts()
    }
