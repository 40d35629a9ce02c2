"""Our side: each ticket's figures as the KPIs count them, now and as they stood when the vendor exported."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

import polars as pl

REPLYING: Final = ("agent", "bot")
SOLVED: Final = ("solved", "closed")


@dataclass(frozen=True)
class Ours:
    """Our side.

    Attributes:
        rows: one row per ticket: key (the vendor's), url, word (excluded as; null: a contact), is_deleted,
            opened_at, reply_at, solved_at, status, n_reopens, score, is_satisfied, version_at, has_history; and as
            it stood at the export: reply_then, solved_then, status_then, reopens_then, score_then, satisfied_then.
        comments: public comments: key, at, is_reply, is_agent_now (null: not known), is_bot.
        turns: each time a ticket was solved: key, at.
        set_aside: every value of the rows that wait in quarantine.
        exported_at: when the vendor exported; None: not known.
        known_until: the first instant of which we need not know anything; None: not known.
    """

    rows: pl.DataFrame
    comments: pl.DataFrame
    turns: pl.DataFrame
    set_aside: frozenset[str]
    exported_at: datetime | None
    known_until: datetime | None


def ours_of(
    tickets: pl.DataFrame, events: pl.DataFrame, turned: pl.DataFrame, comments: pl.DataFrame, answers: pl.DataFrame,
    agents: pl.DataFrame, set_aside: pl.DataFrame, source: str,
    exported_at: datetime | None = None, known_until: datetime | None = None,
) -> Ours:  # fmt: skip
    """Our side.

    Args:
        tickets: one row per ticket of the source, excluded and deleted ones too.
        events: changes of status: ticket_id, at, field, new, sequence.
        turned: each time a ticket became solved or unsolved, as `measure` tells it: ticket_id, at, is_solved, until.
        comments: public comments: ticket_id, at, actor, actor_role.
        answers: answers about satisfaction: ticket_id, score, scale, answered_at.
        agents: agents there are now: agent_id.
        set_aside: rows in quarantine: raw (JSON).
        source: whose prefix the ids have.
        exported_at: when the vendor exported.
        known_until: end of the last day that the source is complete.
    """
    then = pl.lit(value=True) if exported_at is None else pl.col("at") < exported_at
    key = pl.col("ticket_id").str.strip_prefix(f"{source}:").alias("key")
    solved = turned.filter("is_solved")
    back = turned.filter("is_solved", pl.col("until").is_not_null())
    is_before = pl.lit(value=True) if exported_at is None else pl.col("until") < exported_at
    spoken = comments.with_columns(
        is_reply=pl.col("actor_role").is_in(REPLYING).fill_null(value=False),
        is_bot=(pl.col("actor_role") == "bot").fill_null(value=False),
        is_agent_now=_is_agent_now(agents, source),
    )
    replies = spoken.filter("is_reply")
    statuses = events.filter(pl.col("field").cast(pl.String) == "status").sort("ticket_id", "at", "sequence")
    voted = answers.sort("ticket_id", "answered_at").with_columns(
        at=pl.col("answered_at"), is_satisfied=_is_satisfied()
    )
    rows = (
        tickets.join(_last(replies, "ticket_id", pl.col("at").min().alias("told_at")), on="ticket_id", how="left")
        .join(_last(replies.filter(then), "ticket_id", pl.col("at").min().alias("told_then")), on="ticket_id",
              how="left")
        .join(_last(solved.filter(pl.col("until").is_null()), "ticket_id", pl.col("at").max().alias("solved_at")),
              on="ticket_id", how="left")
        .join(_last(solved.filter(then & (pl.col("until").is_null() | ~is_before)), "ticket_id",
                    pl.col("at").max().alias("solved_then")), on="ticket_id", how="left")
        .join(_last(back, "ticket_id", pl.len().alias("n_back")), on="ticket_id", how="left")
        .join(_last(back.filter(is_before), "ticket_id", pl.len().alias("n_back_then")), on="ticket_id", how="left")
        .join(_last(statuses, "ticket_id", pl.len().alias("n_statuses")), on="ticket_id", how="left")
        .join(_last(statuses.filter(then), "ticket_id", pl.col("new").last().alias("changed_to")), on="ticket_id",
              how="left")
        .join(_last(voted, "ticket_id", pl.col("score", "is_satisfied").last()), on="ticket_id", how="left")
        .join(_last(voted.filter(then), "ticket_id", pl.col("score").last().alias("score_then"),
                    pl.col("is_satisfied").last().alias("satisfied_then")), on="ticket_id", how="left")
    )  # fmt: skip
    closed_later = pl.lit(value=False) if exported_at is None else pl.col("closed_at") >= exported_at
    told = pl.col("first_reply_at")
    told_then = told if exported_at is None else pl.when(told < exported_at).then(told)
    has_history = pl.col("n_statuses").is_not_null()
    made = rows.select(
        key, "url", "opened_at", "status", "score", "is_satisfied", "version_at", "solved_at", "solved_then",
        "score_then", "satisfied_then",
        word=pl.col("excluded_as"), is_deleted=pl.col("deleted_at").is_not_null() | (pl.col("status") == "deleted"),
        reply_at=pl.coalesce("told_at", told), reply_then=pl.coalesce("told_then", told_then),
        n_reopens=pl.coalesce("n_reopens", "n_back", pl.lit(0)).cast(pl.Float64),
        reopens_then=pl.when(has_history).then(pl.col("n_back_then").fill_null(0)).cast(pl.Float64),
        status_then=pl.when(has_history).then("changed_to")
        .when((pl.col("status") == "closed") & closed_later).then(pl.lit("solved")).otherwise("status"),
        has_history=has_history,
    )  # fmt: skip
    return Ours(
        made, spoken.select(key, "at", "is_reply", "is_agent_now", "is_bot"), solved.select(key, "at"),
        values_in(set_aside), exported_at, known_until,
    )  # fmt: skip


def values_in(set_aside: pl.DataFrame) -> frozenset[str]:
    """Every value of rows that were set aside, as text: the key of a ticket is one of them."""
    found: set[str] = set()
    for raw in set_aside["raw"]:
        read = cast("object", json.loads(raw))
        if isinstance(read, Mapping):
            found.update(str(value).strip() for value in cast("Mapping[str, object]", read).values())
    return frozenset(found)


def _last(frame: pl.DataFrame, by: str, *values: pl.Expr) -> pl.DataFrame:
    return frame.group_by(by, maintain_order=True).agg(*values)


def _is_agent_now(agents: pl.DataFrame, source: str) -> pl.Expr:
    """Null where the source tells no agents, or not who wrote."""
    if agents.is_empty():
        return pl.lit(None, pl.Boolean)
    actor = pl.col("actor").str.strip_prefix(f"{source}:")
    return actor.is_in(agents["agent_id"].str.strip_prefix(f"{source}:").implode())


def _is_satisfied() -> pl.Expr:
    """Null where nobody declared from which score on."""
    up = pl.when(pl.col("direction") == "down").then(
        pl.col("scale_low") + pl.col("scale_high") - pl.col("score")
    ).otherwise("score")  # fmt: skip
    return up >= pl.col("satisfied_from")
