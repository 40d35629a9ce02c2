"""The facts that all three read: typed Parquet files, one of each table per stretch of time.

python -m benchmarks.breakdowns.facts FOLDER --tickets 1000000
"""

from pathlib import Path

import polars as pl
from numpy.random import default_rng

from benchmarks.arguments import fill
from benchmarks.company import relationship_answers, shown_events
from benchmarks.generate import SEED
from benchmarks.long_history import N_SLICES, slices

TICKETS = ("segment", "product", "channel", "touchpoint", "topic", "team", "status", "handler")
ANSWERS = ("segment", "product", "touchpoint", "channel", "team")


def write_facts(folder: Path, n_tickets: int) -> None:
    """Tickets, events and answers of a company, as a warehouse would hold them."""
    for name in ("tickets", "events", "answers"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    n_events = 0
    for number, (_, desk) in enumerate(slices(n_tickets)):
        rows = desk.tickets.select(
            ticket_id="ticket", opened_at=_at("opened_at"), resolved_at=_at("solved_at"), closed_at=_at("closed_at"),
            sla_known_at=_at("sla_known_at"), sla_met="sla_met", source=pl.lit("helpdesk"),
            **{name: pl.col(name) for name in TICKETS},
        )  # fmt: skip
        events = shown_events(desk.events, n_events + 1).select(
            "field", "old", "new", "actor_role", ticket_id="ticket", at=_at("at"), sequence=pl.int_range(pl.len()),
            is_public="public",
        )  # fmt: skip
        rows.write_parquet(folder / "tickets" / f"{number:02}.parquet")
        events.write_parquet(folder / "events" / f"{number:02}.parquet")
        n_events += events.height
    answers = relationship_answers(default_rng([SEED, N_SLICES]), round(n_tickets * 0.12)).select(
        "score", answered_at=_at("answered_at"), survey=pl.lit("relationship"), source=pl.lit("surveys"),
        **{name: pl.col(name) for name in ANSWERS},
    )  # fmt: skip
    answers.write_parquet(folder / "answers" / "00.parquet")


def _at(name: str) -> pl.Expr:
    return pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC")


if __name__ == "__main__":
    fill(__doc__, write_facts)
