"""A helpdesk, its surveys and reviews, made up column by column: the same seed gives the same rows."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

FIRST_S: Final = 1_710_720_000
"""2024-03-18 00:00 UTC, a Monday."""
DAYS: Final = 728
END_S: Final = FIRST_S + DAYS * 86_400
"""2026-03-16 00:00 UTC: what is not over by then is not known."""

CHANNELS: Final = {"email": 0.38, "chat": 0.3, "phone": 0.2, "bot": 0.07, "social": 0.05}
SEGMENTS: Final = {"home": 0.78, "office": 0.22}
PRODUCTS: Final = {"beans": 0.4, "capsules": 0.3, "machine": 0.18, "office": 0.12}
TOUCHPOINTS: Final = {
    "delivery": 0.34,
    "billing": 0.2,
    "app": 0.16,
    "machine-service": 0.12,
    "checkout": 0.1,
    "support": 0.08,
}
TOPICS: Final = {"order-status": 0.24, "late": 0.17, "refund": 0.14, "card-refused": 0.1, "machine": 0.12,
                 "cancel": 0.08, "address": 0.08, "other": 0.07}  # fmt: skip
TEAMS: Final = {"support-1": 0.34, "support-2": 0.3, "office-desk": 0.2, "technicians": 0.16}
LANGUAGES: Final = {"en": 0.3, "de": 0.5, "fr": 0.2}
PRIORITIES: Final = {"low": 0.2, "normal": 0.6, "high": 0.17, "urgent": 0.03}
STORES: Final = {"app-store": 0.45, "play-store": 0.4, "reviews-site": 0.15}
WEEKDAYS: Final = np.array([1.25, 1.15, 1.1, 1.05, 1.0, 0.75, 0.7])

REPLY_S: Final = {"email": 9_000.0, "chat": 90.0, "phone": 40.0, "bot": 3.0, "social": 7_200.0}
"""Median seconds until the first reply."""

FEWEST_CUSTOMERS: Final = 60_000

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Helpdesk:
    """Tickets, one row per ticket, and their events, one row per changed field, both in order of time."""

    tickets: pl.DataFrame
    events: pl.DataFrame


def customers_of(n_tickets: int) -> int:
    """How many customers ask so much in two years: six of them a hundred times."""
    return max(FEWEST_CUSTOMERS, n_tickets * 6 // 100)


def helpdesk(
    dice: Generator,
    n: int,
    first_s: int,
    end_s: int,
    first_number: int = 1,
    opened_until_s: int | None = None,
    n_customers: int = FEWEST_CUSTOMERS,
) -> Helpdesk:
    """`n` tickets opened in [first_s, opened_until_s or end_s) and four times as many events, as known at `end_s`."""
    opened = _instants(dice, n, first_s, opened_until_s or end_s)
    channel = _drawn(dice, CHANNELS, n)
    medians = np.array([REPLY_S[name] for name in CHANNELS])
    replied = opened + _durations(dice, medians[channel], 1.1)
    solved = replied + _durations(dice, np.full(n, 21_000.0), 1.4)
    is_reopened = dice.random(n) < 0.06
    again = solved + dice.integers(3_600, 6 * 86_400, n)
    solved_again = again + _durations(dice, np.full(n, 40_000.0), 1.0)
    was_reopened = is_reopened & (again < end_s)
    last = np.where(was_reopened, solved_again, solved)
    is_solved = last < end_s
    closed = last + 7 * 86_400
    is_replied = replied < end_s
    is_late = (replied - opened) > 4 * medians[channel]
    ids = np.arange(first_number, first_number + n)
    tickets = pl.DataFrame({
        "number": ids, "customer": dice.integers(1, n_customers, n),
        **{name: _words(_drawn(dice, words, n), words) for name, words in (
            ("segment", SEGMENTS), ("product", PRODUCTS), ("language", LANGUAGES), ("touchpoint", TOUCHPOINTS),
            ("topic", TOPICS), ("team", TEAMS), ("priority", PRIORITIES))},
        "channel": _words(channel, CHANNELS), "opened": opened, "replied": _known(replied, is_replied),
        "solved": _known(last, is_solved), "closed": _known(closed, is_solved & (closed < end_s)),
        "reopens": was_reopened.astype(np.int64), "late": is_late, "is_replied": is_replied,
    })  # fmt: skip
    kinds = [
        _events(ids, opened, np.ones(n, bool), "status", None, "open", "customer"),
        _events(ids, replied, is_replied, "comment", None, None, "agent"),
        _events(ids, solved, solved < end_s, "status", "open", "solved", "agent"),
        _events(ids, again, was_reopened, "status", "solved", "open", "customer"),
        _events(ids, again, was_reopened, "n_reopens", "0", "1", "customer"),
        _events(ids, solved_again, was_reopened & is_solved, "status", "open", "solved", "agent"),
        _events(
            ids, opened + 60, (dice.random(n) < 0.2) & (opened + 60 < end_s), "team", "support-1", "support-2", "agent"
        ),
        _events(
            ids, opened + 90, (dice.random(n) < 0.2) & (opened + 90 < end_s), "priority", "normal", "high", "agent"
        ),
    ]
    n_rest = max(0, 4 * n - sum(len(kind) for kind in kinds))
    chosen = dice.integers(0, n, n_rest)
    asked = np.minimum(opened[chosen] + 120, end_s - 1)
    kinds.append(_events(ids[chosen], asked, np.ones(n_rest, bool), "comment", None, None, "customer"))
    events = pl.concat(kinds).sort("at", "number", maintain_order=True)
    return Helpdesk(_shown_tickets(tickets), events)


def _shown_tickets(tickets: pl.DataFrame) -> pl.DataFrame:
    """Tickets as the helpdesk exports them: texts, times in UTC."""
    is_solved, is_closed = pl.col("solved").is_not_null(), pl.col("closed").is_not_null()
    at = {f"{name}_at": written(name) for name in ("opened", "replied", "solved", "closed")}
    return tickets.select(
        ticket=numbered("T", "number"), customer=numbered("C", "customer"), **at,
        segment="segment", product="product", language="language", channel="channel", touchpoint="touchpoint",
        topic="topic", team="team", priority="priority",
        status=pl.when(is_closed).then(pl.lit("closed")).when(is_solved).then(pl.lit("solved")).otherwise(pl.lit("open")),
        handler=pl.when(pl.col("channel") == "bot").then(pl.lit("bot")).otherwise(pl.lit("people")),
        reopens="reopens",
        sla_met=pl.when("is_replied").then(~pl.col("late")),
        sla_known_at=pl.when("is_replied").then(written("replied")),
        updated_at=pl.coalesce(at["closed_at"], at["solved_at"], at["replied_at"], at["opened_at"]),
    )  # fmt: skip


def shown_events(events: pl.DataFrame, first_number: int = 1) -> pl.DataFrame:
    """Events as the helpdesk exports them, numbered in order."""
    return events.with_row_index("row").select(
        event=pl.lit("E") + (pl.col("row").cast(pl.Int64) + first_number).cast(pl.String).str.zfill(8),
        ticket=numbered("T", "number"), at=written("at"), field="field", old="old", new="new", actor_role="role",
        public=pl.col("field") == "comment",
    )  # fmt: skip


def relationship_answers(dice: Generator, n: int) -> pl.DataFrame:
    """Would you recommend us? 0 to 10; some leave it blank."""
    score = np.clip(np.round(dice.normal(7.9, 2.1, n)), 0, 10).astype(np.int64)
    return _answers(dice, n, "N").with_columns(score=_known(score, dice.random(n) > 0.01))


def help_answers(dice: Generator, n: int) -> pl.DataFrame:
    """How satisfied (1 to 5), and how easy was it (1 to 7)?"""
    score = np.clip(np.round(dice.normal(4.2, 1.0, n)), 1, 5).astype(np.int64)
    effort = np.clip(np.round(dice.normal(5.4, 1.3, n)), 1, 7).astype(np.int64)
    return _answers(dice, n, "H").with_columns(
        score=_known(score, dice.random(n) > 0.01), effort=_known(effort, dice.random(n) > 0.02)
    )


def reviews(dice: Generator, n: int) -> pl.DataFrame:
    """Public reviews, 1 to 5 stars."""
    bodies = {"Great coffee, late boxes.": 0.4, "Immer frisch, gerne wieder.": 0.3, "The app signs me out.": 0.3}
    return pl.DataFrame({
        "at": _instants(dice, n, FIRST_S, END_S), "store": _words(_drawn(dice, STORES, n), STORES),
        "product": _words(_drawn(dice, PRODUCTS, n), PRODUCTS), "lang": _words(_drawn(dice, LANGUAGES, n), LANGUAGES),
        "rating": np.clip(np.round(dice.normal(4.1, 1.1, n)), 1, 5).astype(np.int64),
        "body": _words(_drawn(dice, bodies, n), bodies),
    }).with_row_index("number").select(
        review=numbered("R", "number"), store="store", product="product", language="lang", rating="rating", body="body",
        published_at=written("at"),
    )  # fmt: skip


def numbered(prefix: str, column: str) -> pl.Expr:
    """Ids that sort as their numbers do: `T0000042`."""
    return pl.lit(prefix) + pl.col(column).cast(pl.String).str.zfill(7)


def written(column: str) -> pl.Expr:
    """Seconds since 1970 as exports write instants: `2026-03-15T08:00:00Z`."""
    return pl.from_epoch(column, time_unit="s").dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def _answers(dice: Generator, n: int, prefix: str) -> pl.DataFrame:
    columns: dict[str, Any] = {
        name: _words(_drawn(dice, words, n), words)
        for name, words in (
            ("segment", SEGMENTS), ("product", PRODUCTS), ("touchpoint", TOUCHPOINTS), ("channel", CHANNELS),
            ("team", TEAMS),
        )
    }  # fmt: skip
    customers = dice.integers(1, customers_of(n * 8), n)  # one in eight contacts is asked
    made = pl.DataFrame({"at": _instants(dice, n, FIRST_S, END_S), "customer": customers, **columns})
    return made.with_row_index("number").select(
        response=numbered(prefix, "number"), customer=numbered("C", "customer"), answered_at=written("at"),
        **{name: pl.col(name) for name in columns},
    )  # fmt: skip


def _instants(dice: Generator, n: int, first_s: int, end_s: int) -> Ints:
    """Sorted seconds: more on Mondays than on Sundays, most of them in the daytime, and a little more each week."""
    n_days = max(1, (end_s - first_s) // 86_400)
    day = np.arange(n_days)
    weight = WEEKDAYS[((first_s // 86_400 + 3) + day) % 7] * np.linspace(1, 1.3, n_days)
    days = dice.choice(n_days, n, p=weight / weight.sum())
    seconds = np.clip(dice.normal(13 * 3_600, 4 * 3_600, n), 0, 86_399).astype(np.int64)
    return np.sort(first_s + days * 86_400 + seconds)


def _durations(dice: Generator, median_s: NDArray[np.float64], spread: float) -> Ints:
    return np.maximum(1, median_s * np.exp(dice.normal(0, spread, len(median_s)))).astype(np.int64)


def _drawn(dice: Generator, words: dict[str, float], n: int) -> Ints:
    shares = np.array(list(words.values()))
    return dice.choice(len(words), n, p=shares / shares.sum())


def _words(drawn: Ints, words: dict[str, float]) -> pl.Series:
    return pl.Series(list(words), dtype=pl.String).gather(drawn)


def _known(values: Ints, mask: NDArray[np.bool_]) -> pl.Series:
    return pl.select(pl.when(pl.Series(mask)).then(pl.Series(values))).to_series()


def _events(
    ids: Ints, at: Ints, mask: NDArray[np.bool_], field: str, old: str | None, new: str | None, role: str
) -> pl.DataFrame:
    return pl.DataFrame({"number": ids[mask], "at": at[mask]}).with_columns(
        field=pl.lit(field), old=pl.lit(old, pl.String), new=pl.lit(new, pl.String), role=pl.lit(role)
    )
