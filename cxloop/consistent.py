"""How alike customers are served: channels, teams, segments and personas, out of hours, and beside competitors."""

from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import select

from cxloop.journeyed import Last
from domain.roadmap import Roadmap
from domain.roadmap.schedules import hours_of_channels
from domain.windows import PeriodKind, start_of
from sql.queries.facts import REPLYING
from sql.queries.intake import fact_frame
from sql.queries.members import member_points
from sql.tables import FACTS
from tasks.measure.contacts.reply_times import with_replies
from tasks.measure.contacts.tickets import contacts
from tasks.measure.feedback.answers import is_satisfied, latest
from tasks.measure.feedback.rivals import rivals
from tasks.measure.journey.out_of_hours import reply_gap, satisfied_gap, with_hours
from tasks.measure.journey.spreads import DIMENSIONS, spread_kpis, spreads

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

_TICKETS = ("ticket_id", "channel", "status", "opened_at", "first_reply_at", "handler", "excluded_as", "deleted_at")
_EVENTS = ("ticket_id", "at", "field", "actor_role", "is_public")
_ANSWERS = (
    "answer_id", "ticket_id", "survey", "question", "measure", "score", "scale_low", "scale_high", "direction",
    "satisfied_from", "answered_at", "deleted_at",
)  # fmt: skip
_REVIEWS = ("channel", "about", "rating", "scale_low", "scale_high", "deleted_at")

Row = dict[str, Any]


def consistency(connection: "Connection", roadmap: Roadmap, window: PeriodKind, last: Last) -> Row:
    """What differs between groups over one window, as it was known at its moment.

    Args:
        connection: to read with.
        roadmap: channels with their hours, the smallest group, which KPIs are measured.
        window: what the window is called.
        last: the window.

    Returns:
        window_start, window_end (not included), spreads (rows of `spreads`), out_of_hours (rows of `satisfied_gap`,
        then of `reply_gap`), always_open (channels without a contact out of hours), reviews (rows of `rivals`).
    """
    smallest = roadmap.people.smallest_group
    kpis = spread_kpis(roadmap.measured)
    points = member_points(connection, kpis, DIMENSIONS, window, (last.start, last.end), last.known)
    hours, came = hours_of_channels(roadmap), _came(connection, roadmap, last)
    held = with_hours(came, hours)
    return {
        "window_start": last.start, "window_end": last.end, "spreads": spreads(points, smallest),
        "out_of_hours": [
            *satisfied_gap(held, _answers(connection, roadmap, last), smallest), *reply_gap(held, smallest)
        ],
        "always_open": sorted(set(came["channel"].drop_nulls()) & hours.keys() - set(held["channel"])),
        "reviews": rivals(_reviews(connection, roadmap, last)),
    }  # fmt: skip


def _within(roadmap: Roadmap, last: Last, fact: str, at: str) -> list[Any]:
    column = FACTS[fact].c[at]
    return [column >= start_of(last.start, roadmap.zone), column < start_of(last.end, roadmap.zone)]


def _ids(roadmap: Roadmap, last: Last) -> "Select[Any]":
    """Tickets opened in the window."""
    return select(FACTS["tickets"].c.ticket_id).where(*_within(roadmap, last, "tickets", "opened_at"))


def _came(connection: "Connection", roadmap: Roadmap, last: Last) -> pl.DataFrame:
    """Contacts of the window with `reply_s`, the time to the first reply as far as it was known (null: none yet)."""
    known = start_of(last.known, roadmap.zone)
    events, opened = FACTS["ticket_events"].c, _within(roadmap, last, "tickets", "opened_at")
    tickets = contacts(fact_frame(connection, "tickets", *opened, columns=_TICKETS))
    said = fact_frame(
        connection, "ticket_events", events.ticket_id.in_(_ids(roadmap, last)), events.field == "comment",
        events.is_public, events.actor_role.in_(REPLYING), events.at < known, columns=_EVENTS,
    )  # fmt: skip
    replied = pl.col("replied_at")
    waited = (replied - pl.col("opened_at")).dt.total_microseconds() / 1e6
    return with_replies(tickets, said).with_columns(reply_s=pl.when(replied < known).then(waited.clip(lower_bound=0)))


def _answers(connection: "Connection", roadmap: Roadmap, last: Last) -> pl.DataFrame:
    """What contacts of the window answered, as far as it was known."""
    answers = FACTS["survey_answers"].c
    rows = fact_frame(
        connection, "survey_answers", answers.ticket_id.in_(_ids(roadmap, last)), answers.measure == "csat",
        answers.answered_at < start_of(last.known, roadmap.zone), columns=_ANSWERS,
    )  # fmt: skip
    return latest(is_satisfied(rows))


def _reviews(connection: "Connection", roadmap: Roadmap, last: Last) -> pl.DataFrame:
    return fact_frame(connection, "reviews", *_within(roadmap, last, "reviews", "reviewed_at"), columns=_REVIEWS)
