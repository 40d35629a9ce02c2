"""What fivetran/dbt_zendesk makes of a warehouse: its SQL retold in plain Python, row by row, with default variables.

Source: fivetran/dbt_zendesk, models/ of July 2026: int_zendesk__updates, __comments_enriched, __comment_metrics,
__ticket_reply_times, __ticket_historical_status, __ticket_resolution_times_calendar, __ticket_work_time_calendar,
__ticket_historical_satisfaction, __field_calendar_spine, __field_history_scd, zendesk__ticket_metrics,
zendesk__ticket_backlog, zendesk__ticket_summary. Each `Departure` is one thing that we do otherwise, on purpose.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from itertools import pairwise

Row = Mapping[str, str | None]
Tables = Mapping[str, Sequence[Row]]
Figure = float | datetime | str | None
SOLVED = ("solved", "closed")
DAY = timedelta(days=1)


class Departure(Enum):
    """What we do otherwise; the value says why."""

    EXACT = "rounding: they count ends of minutes between two times, we count time"
    HOLD = "on-hold, as Fivetran's own seed spells it, is hold; they know it under one of the names alone"
    ROLES = "who was an agent then: those who left keep their replies, who is in no user table has written all the same"
    OPENING = "what an agent wrote to open a ticket is no reply; they count it as one after 0 minutes"
    CREATION = "the first reply is counted from the ticket's creation; their SQL begins at the customer's first comment"
    TURNS = "solved and reopened are turns: a reopened ticket is not solved, and closing after reopening solves it"
    ONCE = "a row that is landed twice is one change"
    UNREPLIED = "defect: they count tickets with fewer replies than none, which gives 0"
    FLAGS = "defect: good-to-bad and bad-to-good are swapped, since their look-back runs over descending time"
    CONTACTS = "who is deleted now is no contact, they count it as unsolved; who was for a while waited all the same"
    STATUS = "a ticket is open before its first status is known, too; they have no row then"


PUBLISHED: frozenset[Departure] = frozenset()
OURS = frozenset(Departure)


@dataclass(frozen=True)
class Comment:
    at: datetime
    user: str
    is_public: bool
    is_agent: bool
    is_opening: bool = False


def instant(text: str | None) -> datetime:
    return datetime.fromisoformat(text or "").replace(tzinfo=UTC)


def minutes(start: datetime, end: datetime, how: Collection[Departure]) -> float:
    """dbt's datediff in minutes: how many ends of minutes lie between."""
    if Departure.EXACT in how:
        return (end - start).total_seconds() / 60
    return (end.replace(second=0, microsecond=0) - start.replace(second=0, microsecond=0)).total_seconds() / 60


def _by_ticket(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(str(row["ticket_id"]), []).append(row)
    return found


class Warehouse:
    """The tables by ticket."""

    def __init__(self, tables: Tables, now: datetime, how: Collection[Departure] = PUBLISHED) -> None:
        self.tables, self.now, self.how = tables, now, how
        self.tickets = {str(row["id"]): row for row in tables["ticket"]}
        self.roles = {str(row["id"]): row["role"] for row in tables["user"]}
        self.history = _by_ticket(tables["ticket_field_history"])
        self.said = _by_ticket(tables["ticket_comment"])
        self.assigned = {row["value"] for row in tables["ticket_field_history"] if row["field_name"] == "assignee_id"}

    def changes(self, ticket: str, field: str) -> list[tuple[datetime, str]]:
        """(from, value) of one field, in order of time."""
        found = [
            (instant(row["updated"]), row["value"] or "")
            for row in self.history.get(ticket, ())
            if row["field_name"] == field
        ]
        if Departure.HOLD in self.how:
            found = [(at, "hold" if value == "on-hold" else value) for at, value in found]
        return sorted(set(found) if Departure.ONCE in self.how else found)

    def comments(self, ticket: str) -> list[Comment]:
        rows = self.said.get(ticket, ())
        known = self.tickets[ticket]
        found: list[Comment] = []
        for nth, row in enumerate(sorted(rows, key=lambda row: (instant(row["created"]), int(row["id"] or 0)))):
            user = str(row["user_id"])
            is_public = (row["public"] or "").lower() == "true"
            is_staff = self.roles.get(user) in ("agent", "admin")
            if Departure.ROLES in self.how:
                is_agent = user != known["requester_id"] and (is_staff or user in self.assigned or not is_public)
            elif user in self.roles:
                is_agent = is_staff
            else:
                continue  # the comment is joined to its author, and gone where there is none
            is_opening = nth == 0 and is_agent and user == known["submitter_id"] and user != known["requester_id"]
            found.append(
                Comment(instant(row["created"]), user, is_public, is_agent,
                        is_opening and Departure.OPENING in self.how)
            )  # fmt: skip
        return found


def ticket_metrics(house: Warehouse) -> dict[str, dict[str, Figure]]:
    """One row per ticket of the tables that zendesk__ticket_metrics is joined from; what is null there is None."""
    return {
        ticket: _replies(house, ticket)
        | _resolutions(house, ticket)
        | _work(house, ticket)
        | _satisfaction(house, ticket)
        for ticket in house.tickets
    }


def _replies(house: Warehouse, ticket: str) -> dict[str, Figure]:
    said = house.comments(ticket)
    public = [comment for comment in said if comment.is_public and not comment.is_opening]
    created = instant(house.tickets[ticket]["created_at"])
    waits: list[tuple[bool, float | None]] = []
    for before, comment in pairwise([None, *public]):
        assert comment
        if before is not None and (comment.is_agent or not before.is_agent):
            continue  # neither the first one nor net new from the customer
        start, reply = comment.at, comment.at
        if comment.is_agent or (before is None and Departure.CREATION in house.how):
            start = created
        if not comment.is_agent:
            reply = min((other.at for other in public if other.is_agent and other.at > comment.at), default=None)
        waits.append((before is None, (reply - start).total_seconds() / 60 if reply else None))
    n_agent = sum(comment.is_public and comment.is_agent and not comment.is_opening for comment in said)
    is_solved = house.tickets[ticket]["status"] in SOLVED
    first = [wait for is_first, wait in waits if is_first and wait is not None]
    every = [wait for _, wait in waits if wait is not None]
    return {
        "first_reply_time_calendar_minutes": sum(first) if n_agent and first else None,
        "total_reply_time_calendar_minutes": sum(every) if n_agent and every else None,
        "count_public_agent_comments": n_agent,
        "count_agent_comments": sum(comment.is_agent for comment in said),
        "count_end_user_comments": sum(not comment.is_agent for comment in said),
        "count_public_comments": sum(comment.is_public for comment in said),
        "count_internal_comments": sum(not comment.is_public for comment in said),
        "total_comments": len(said),
        "count_ticket_handoffs": len({comment.user for comment in said if comment.is_agent}),
        "ticket_last_comment_date": max((comment.at for comment in said), default=None),
        "total_agent_replies": sum(
            comment.is_agent and (n > 0 or Departure.OPENING in house.how) for n, comment in enumerate(public)
        ),
        "is_one_touch_resolution": is_solved and n_agent == 1,
        "is_two_touch_resolution": is_solved and n_agent == 2,
        "is_multi_touch_resolution": is_solved and bool(said) and n_agent not in (1, 2),
    }


def _resolutions(house: Warehouse, ticket: str) -> dict[str, Figure]:
    statuses = house.changes(ticket, "status")
    if Departure.TURNS in house.how:
        states = [(at, value in SOLVED) for at, value in statuses]
        turned = [at for (_, before), (at, is_solved) in pairwise([(None, False), *states]) if is_solved and not before]
        n_again = sum(before and not is_solved for (_, before), (_, is_solved) in pairwise(states))
        first = turned[0] if turned else None
        last = turned[-1] if turned and states[-1][1] else None
        n_solved: int | None = len(turned) or None
    else:
        solved = [at for at, value in statuses if value == "solved"]
        ends = solved or [at for at, value in statuses if value == "closed"]
        first, last = (ends[0], ends[-1]) if ends else (None, None)
        # the sum over a ticket that was closed but never solved is 0, not null: the fall-back never comes to be
        n_solved = len(solved) if ends else None
        n_again = max((n_solved or 0) - 1, 0)
    created = instant(house.tickets[ticket]["created_at"])
    return {
        "first_solved_at": first,
        "last_solved_at": last,
        "count_resolutions": n_solved,
        "count_reopens": None if n_solved is None else n_again,
        "first_resolution_calendar_minutes": minutes(created, first, house.how) if first else None,
        "final_resolution_calendar_minutes": minutes(created, last, house.how) if last else None,
    }


def _work(house: Warehouse, ticket: str) -> dict[str, Figure]:
    statuses = house.changes(ticket, "status")
    spent: dict[str, float] = defaultdict(float)
    for (at, status), (until, _) in pairwise([*statuses, (house.now, "")]):
        spent[status] += minutes(at, until, house.how)

    def within(*names: str) -> Figure:
        return sum(spent[name] for name in names) if statuses else None

    return {
        "agent_wait_time_in_calendar_minutes": within("pending"),
        "requester_wait_time_in_calendar_minutes": within("new", "open", "hold"),
        "solve_time_in_calendar_minutes": within("new", "open", "hold", "pending"),
        "agent_work_time_in_calendar_minutes": within("new", "open"),
        "on_hold_time_in_calendar_minutes": within("hold"),
        "new_status_duration_in_calendar_minutes": within("new"),
        "open_status_duration_in_calendar_minutes": within("open"),
        "ticket_deleted_count": sum(value == "deleted" for _, value in statuses) if statuses else None,
        "total_ticket_recoveries": sum(
            before == "deleted" and value != "deleted" for (_, before), (_, value) in pairwise(statuses)
        ) if statuses else None,
        "last_status_assignment_date": statuses[-1][0] if statuses else None,
    }  # fmt: skip


def _satisfaction(house: Warehouse, ticket: str) -> dict[str, Figure]:
    scores = [value for _, value in house.changes(ticket, "satisfaction_score")]
    rated = [value for value in scores if value != "offered"]
    turns = set(pairwise(scores))
    to_bad, to_good = ("good", "bad") in turns, ("bad", "good") in turns
    if Departure.FLAGS not in house.how:
        to_bad, to_good = to_good, to_bad  # lag over descending time looks at the score after, not before
    return {
        "ticket_first_satisfaction_score": rated[0] if rated else None,
        "ticket_satisfaction_score": rated[-1] if rated else None,
        "ticket_total_satisfaction_scores": max(len(scores) - 1, 0) if scores else None,
        "is_good_to_bad_satisfaction_score": to_bad if scores else None,
        "is_bad_to_good_satisfaction_score": to_good if scores else None,
    }


def backlog(house: Warehouse) -> dict[date, set[str]]:
    """Tickets of zendesk__ticket_backlog by day (UTC)."""
    found: dict[date, set[str]] = {}
    for ticket, row in house.tickets.items():
        statuses = house.changes(ticket, "status")
        if Departure.CONTACTS in house.how and row["status"] == "deleted":
            continue
        if Departure.STATUS in house.how and row["status"] not in SOLVED and not statuses:
            statuses = [(instant(row["created_at"]), "open")]
        day = instant(row["created_at"]).date()
        last = (instant(row["updated_at"]) if row["status"] == "closed" else house.now).date()
        while day <= last:
            so_far = [value for at, value in statuses if at.date() <= day]
            status = so_far[-1] if so_far else "open" if statuses and Departure.STATUS in house.how else None
            gone = SOLVED if Departure.CONTACTS in house.how else (*SOLVED, "deleted")
            if status is not None and status not in gone:
                found.setdefault(day, set()).add(ticket)
            day += DAY
    return found


def summary(house: Warehouse) -> dict[str, int]:
    """zendesk__ticket_summary, of the columns that ask nothing of tables which we do not read."""
    rows = ticket_metrics(house)
    kept = [ticket for ticket, row in house.tickets.items()
            if Departure.CONTACTS not in house.how or row["status"] != "deleted"]  # fmt: skip
    status = {ticket: str(house.tickets[ticket]["status"]) for ticket in kept}
    if Departure.HOLD in house.how:
        status = {ticket: "hold" if value == "on-hold" else value for ticket, value in status.items()}
    limit = 1 if Departure.UNREPLIED in house.how else 0
    unreplied = [ticket for ticket in kept if int(rows[ticket]["total_agent_replies"] or 0) < limit]  # type: ignore[arg-type]
    users = house.tables["user"]
    return {
        **{f"{name}_ticket_count": sum(value == word for value in status.values())
           for name, word in (("new", "new"), ("on_hold", "hold"), ("open", "open"), ("pending", "pending"))},
        "solved_ticket_count": sum(value in SOLVED for value in status.values()),
        "unsolved_ticket_count": sum(value not in SOLVED for value in status.values()),
        "deleted_ticket_count": sum(row["status"] == "deleted" for row in house.tickets.values()),
        "reopened_ticket_count": sum(bool(rows[ticket]["count_reopens"]) for ticket in kept),
        "recovered_ticket_count": sum(bool(rows[ticket]["total_ticket_recoveries"]) for ticket in kept),
        "unreplied_ticket_count": len(unreplied),
        "unreplied_unsolved_ticket_count": sum(status[ticket] not in SOLVED for ticket in unreplied),
        "unassigned_unsolved_ticket_count": sum(
            house.tickets[ticket]["assignee_id"] is None and status[ticket] not in SOLVED for ticket in kept
        ),
        "active_agent_count": sum(row["role"] != "end-user" and row["active"] in ("TRUE", "true") for row in users),
        "end_user_count": sum(row["role"] == "end-user" and row["active"] in ("TRUE", "true") for row in users),
    }  # fmt: skip
