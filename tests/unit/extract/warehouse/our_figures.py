"""The figures of dbt_zendesk's tables from our facts: KPIs by the functions that measure them, the rest by events."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise

import polars as pl

from tasks.measure.contacts import tickets as measured
from tasks.measure.contacts.reply_times import first_reply, with_replies
from tests.unit.extract.warehouse.dbt_zendesk import Figure

Facts = dict[str, pl.DataFrame]
UTC = "UTC"


def ticket_metrics(facts: Facts, now: datetime) -> dict[str, dict[str, Figure]]:
    tickets, events = facts["tickets"], facts["ticket_events"].sort("at", "sequence", "event_id")
    by_kpi = _by_kpi(tickets, events)
    return {
        row["ticket_id"].removeprefix("desk:"): _told(held := events.filter(ticket_id=row["ticket_id"]), row)
        | _worked(held, now) | _rated(held) | by_kpi[row["ticket_id"]]
        for row in tickets.iter_rows(named=True)
    }  # fmt: skip


def _by_kpi(tickets: pl.DataFrame, events: pl.DataFrame) -> dict[str, dict[str, Figure]]:
    """What the KPIs' own functions make of each ticket: entries keep labels, so each ticket is a topic of its own."""
    labelled = tickets.with_columns(topic="ticket_id")
    turned = measured.turns(labelled, events)
    sums = {
        name: entries.group_by("topic").agg(pl.col("n", "total").sum())
        for name, entries in (
            ("reply", first_reply(with_replies(labelled, events), turned, UTC)),
            ("full", measured.full_resolution(measured.resolutions(labelled, turned), UTC)),
        )
    }
    seconds: dict[str, dict[str, float]] = {
        name: dict(frame.filter(pl.col("n") > 0).select("topic", "total").iter_rows()) for name, frame in sums.items()
    }
    found: dict[str, dict[str, Figure]] = {}
    for ticket, opened_at in tickets.select("ticket_id", "opened_at").iter_rows():
        reply, full = (seconds[name].get(ticket) for name in ("reply", "full"))
        own = list(turned.filter(ticket_id=ticket).select("at", "is_solved").iter_rows())
        solved = [at for at, is_solved in own if is_solved]
        found[ticket] = {
            "first_reply_time_calendar_minutes": None if reply is None else reply / 60,
            "first_solved_at": solved[0] if solved else None,
            "last_solved_at": solved[-1] if own and own[-1][1] else None,
            "count_resolutions": len(solved) or None,
            "count_reopens": len(own) - len(solved) if solved else None,
            "first_resolution_calendar_minutes": (solved[0] - opened_at).total_seconds() / 60 if solved else None,
            "final_resolution_calendar_minutes": None if full is None else full / 60,
        }
    return found


def _told(events: pl.DataFrame, ticket: dict[str, Figure]) -> dict[str, Figure]:
    said = events.filter(pl.col("field").is_in(["comment", "opening"]))
    agent, public = pl.col("actor_role") == "agent", pl.col("is_public")
    replies = said.filter(agent, public, field="comment").height
    talk = said.filter(public, field="comment").select("at", "actor_role").rows()
    is_solved = ticket["status"] in measured.SOLVED
    return {
        "total_reply_time_calendar_minutes": _waited(talk, ticket["opened_at"]),  # type: ignore[arg-type]
        "count_public_agent_comments": replies,
        "count_agent_comments": said.filter(agent).height,
        "count_end_user_comments": said.filter(~agent).height,
        "count_public_comments": said.filter(public).height,
        "count_internal_comments": said.filter(~public).height,
        "total_comments": said.height,
        "count_ticket_handoffs": said.filter(agent)["actor"].n_unique(),
        "ticket_last_comment_date": said["at"].max(),  # type: ignore[dict-item]
        "total_agent_replies": replies,
        "is_one_touch_resolution": is_solved and replies == 1,
        "is_two_touch_resolution": is_solved and replies == 2,
        "is_multi_touch_resolution": is_solved and not said.is_empty() and replies not in (1, 2),
    }


def _waited(talk: list[tuple[datetime, str]], opened_at: datetime) -> float | None:
    """Minutes that the customer waited for an answer, from contact on; an unanswered last message is open, not zero."""
    waited, since = timedelta(0), opened_at if talk else None
    is_any = False
    for at, role in talk:
        if role == "agent" and since is not None:
            waited, since, is_any = waited + (at - since), None, True
        elif role != "agent" and since is None:
            since = at
    return waited.total_seconds() / 60 if is_any else None


def _worked(events: pl.DataFrame, now: datetime) -> dict[str, Figure]:
    statuses = list(events.filter(field="status").select("at", "new").iter_rows())
    spent: dict[str, float] = defaultdict(float)
    for (at, status), (until, _) in pairwise([*statuses, (now, "")]):
        spent[status] += (until - at).total_seconds() / 60

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
        "ticket_deleted_count": events.filter(field="status", new="deleted").height if statuses else None,
        "total_ticket_recoveries": events.filter(
            pl.col("new") != "deleted", field="status", old="deleted"
        ).height if statuses else None,
        "last_status_assignment_date": statuses[-1][0] if statuses else None,
    }  # fmt: skip


def _rated(events: pl.DataFrame) -> dict[str, Figure]:
    scores = events.filter(field="satisfaction_score")
    rated = scores.filter(pl.col("new") != "offered")["new"].to_list()
    if scores.is_empty():
        return dict.fromkeys(
            ("ticket_first_satisfaction_score", "ticket_satisfaction_score", "ticket_total_satisfaction_scores",
             "is_good_to_bad_satisfaction_score", "is_bad_to_good_satisfaction_score")
        )  # fmt: skip
    return {
        "ticket_first_satisfaction_score": rated[0] if rated else None,
        "ticket_satisfaction_score": rated[-1] if rated else None,
        "ticket_total_satisfaction_scores": max(scores.height - 1, 0),
        "is_good_to_bad_satisfaction_score": not scores.filter(old="good", new="bad").is_empty(),
        "is_bad_to_good_satisfaction_score": not scores.filter(old="bad", new="good").is_empty(),
    }


def backlog(facts: Facts, last: date) -> dict[date, int]:
    """The level of the KPI `backlog` at the end of each day up to `last`; days of 0 are left out."""
    held = measured.contacts(facts["tickets"])
    entries = measured.backlog(held, measured.turns(held, facts["ticket_events"]), UTC)
    changes: Counter[date] = Counter()
    for day, n in entries.select("booked_day", "n").iter_rows():
        changes[day] += n
    found: dict[date, int] = {}
    level, day = 0, min(changes, default=last)
    while day <= last:
        level += changes[day]
        if level:
            found[day] = level
        day += timedelta(days=1)
    return found


def summary(facts: Facts, now: datetime) -> dict[str, int]:
    held = measured.contacts(facts["tickets"])
    rows = ticket_metrics({**facts, "tickets": held}, now)
    status = held["status"]
    unsolved = held.filter(~pl.col("status").is_in(measured.SOLVED))
    unreplied = [ticket for ticket, row in rows.items() if not row["total_agent_replies"]]
    return {
        **{f"{name}_ticket_count": int((status == word).sum())
           for name, word in (("new", "new"), ("on_hold", "hold"), ("open", "open"), ("pending", "pending"))},
        "solved_ticket_count": int(status.is_in(measured.SOLVED).sum()),
        "unsolved_ticket_count": unsolved.height,
        "deleted_ticket_count": facts["tickets"]["deleted_at"].count(),
        "reopened_ticket_count": sum(bool(row["count_reopens"]) for row in rows.values()),
        "recovered_ticket_count": sum(bool(row["total_ticket_recoveries"]) for row in rows.values()),
        "unreplied_ticket_count": len(unreplied),
        "unreplied_unsolved_ticket_count": int(
            unsolved["ticket_id"].is_in([f"desk:{one}" for one in unreplied]).sum()
        ),
        "unassigned_unsolved_ticket_count": unsolved["agent"].null_count(),
        "active_agent_count": facts["agents"].height,
        "end_user_count": facts["customers"]["deleted_at"].null_count(),
    }  # fmt: skip
