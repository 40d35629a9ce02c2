"""A project of a million tickets as files, and the files of the next day on top of it.

python -m benchmarks.generate FOLDER --tickets 1000000
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator, default_rng

from benchmarks.arguments import fill
from benchmarks.company import (
    END_S,
    FIRST_S,
    customers_of,
    help_answers,
    helpdesk,
    relationship_answers,
    reviews,
    shown_events,
    written,
)

SEED: Final = 20_260_315
N_TICKETS: Final = 1_000_000
N_INCREMENT: Final = 10_000
"""Rows of the next day's files: tickets new and changed, and their events."""
N_FILES: Final = 8
"""The history comes as one file a quarter, as exports do."""
BAD_SHARE: Final = 0.0004
"""Of the rows, for each way to be bad."""

SOURCES: Final = """\
# Exports of a helpdesk, a survey tool and review sites; their names say through which day they are complete.
version: 1
sources:
  helpdesk:
    kind: files
    path: data/tickets_*.csv
    format: csv
    namespace: shop
    complete_through: {file_name: '_(\\d{8})\\.csv'}
    tables:
      tickets:
        key: ticket
        columns: {customer_id: customer, segment: segment, product: product, language: language, channel: channel,
                  touchpoint: touchpoint, topic: topic, team: team, priority: priority, status: status, handler: handler,
                  opened_at: opened_at, first_reply_at: replied_at, resolved_at: solved_at, closed_at: closed_at,
                  n_reopens: reopens, sla_met: sla_met, sla_known_at: sla_known_at, version_at: updated_at}
  helpdesk-events:
    kind: files
    path: data/ticket_events_*.csv
    format: csv
    namespace: shop
    complete_through: {file_name: '_(\\d{8})\\.csv'}
    tables:
      ticket_events:
        key: event
        refers_to: {ticket_id: helpdesk}
        columns: {ticket_id: ticket, at: at, field: field, old: old, new: new, actor_role: actor_role, is_public: public}
  surveys:
    kind: files
    path: data/relationship_answers_*.csv
    format: csv
    namespace: shop
    complete_through: {file_name: '_(\\d{8})\\.csv'}
    tables:
      survey_answers:
        survey: relationship
        measure: nps
        question: recommend
        scale: {low: 0, high: 10, direction: up}
        key: response
        columns: {customer_id: customer, segment: segment, product: product, touchpoint: touchpoint, channel: channel,
                  team: team, answered_at: answered_at, score: score}
  help-surveys:
    kind: files
    path: data/help_answers_*.csv
    format: csv
    namespace: shop
    complete_through: {file_name: '_(\\d{8})\\.csv'}
    tables:
      survey_answers:
        - survey: after-help
          measure: csat
          question: satisfied
          scale: {low: 1, high: 5, direction: up, satisfied_from: 4}
          key: response
          columns: {customer_id: customer, segment: segment, product: product, touchpoint: touchpoint,
                    channel: channel, team: team, answered_at: answered_at, score: score}
        - survey: after-help
          measure: ces
          question: easy
          scale: {low: 1, high: 7, direction: up}
          key: response
          columns: {customer_id: customer, segment: segment, product: product, touchpoint: touchpoint,
                    channel: channel, team: team, answered_at: answered_at, score: effort}
  review-sites:
    kind: files
    path: data/reviews_*.csv
    format: csv
    complete_through: {file_name: '_(\\d{8})\\.csv'}
    tables:
      reviews:
        about: us
        scale: {low: 1, high: 5, direction: up}
        key: review
        columns: {channel: store, product: product, language: language, rating: rating, body: body,
                  reviewed_at: published_at}
"""

ROADMAP: Final = """\
version: 1
company: {name: Million Tickets, currency: EUR, languages: [en, de, fr], zone: Europe/Berlin}
vision: The numbers are there before the coffee is.
owners:
  cx-lead: {slack: "@cx-lead", channel: "#cx"}
  support-lead: {slack: "@support-lead", channel: "#support"}
surveys:
  relationship: {kpi: nps, asks: [office, home], every: 180 days, response_rate: 0.40}
  after-help: {kpi: [csat, ces], asks: [home, office], after: ticket solved, wait: 2 h, share: 0.5}
segments:
  office: {when: "plan = 'office'", count: accounts}
  home: {when: "plan = 'home'", count: customers}
benchmarks:
  nps-office: {kpi: nps, survey: relationship, scope: {segment: office}, window: 28d, baseline: 20, on: 2025-01-01,
               target: 30, by: 2026-12-31, path: linear, tolerance: 3, owner: cx-lead}
  csat-help:  {kpi: csat, survey: after-help, window: week, baseline: 0.75, on: 2025-01-01, target: 0.82,
               by: 2026-12-31, path: linear, tolerance: 0.02, owner: support-lead}
  sla-chat:   {kpi: sla_attainment, scope: {channel: chat}, window: week, baseline: 0.85, on: 2025-01-01, target: 0.92,
               by: 2026-12-31, path: linear, tolerance: 0.03, owner: support-lead}
  sla-chat-office: {kpi: sla_attainment, scope: {channel: chat, segment: office}, window: 28d, baseline: 0.85,
               on: 2025-01-01, target: 0.92, by: 2026-12-31, path: linear, tolerance: 0.03, owner: support-lead}
  resolution: {kpi: full_resolution_time, scope: {channel: email}, window: 28d, baseline: 16 h, on: 2025-01-01,
               target: 12 h, by: 2026-12-31, path: linear, tolerance: 2 h, owner: support-lead}
"""


def generate(folder: Path, n_tickets: int = N_TICKETS) -> None:
    """Write a project: roadmap, sources, and two years of files.

    Args:
        folder: made if it is not there.
        n_tickets: tickets; events, answers and reviews are in proportion (4 : 0.3 : 0.1 to each).
    """
    dice = default_rng(SEED)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    desk = helpdesk(dice, n_tickets, FIRST_S, END_S)
    for end_s, part in _by_quarter(desk.tickets, "opened_at"):
        write(
            data,
            "tickets",
            end_s,
            _spoilt(dice, part, status="on fire", opened_at="", solved_at="2001-01-01T00:00:00Z"),
        )
    for end_s, part in _by_quarter(shown_events(desk.events), "at"):
        write(data, "ticket_events", end_s, _spoilt(dice, part, field="", at="1970-01-01T00:00:00Z"))
    nps = _spoilt(dice, relationship_answers(dice, round(n_tickets * 0.12)), score="42")
    help_ = _spoilt(dice, help_answers(dice, round(n_tickets * 0.09)), score="9", effort="0")
    stars = _spoilt(dice, reviews(dice, round(n_tickets * 0.1)), rating="7", published_at="soon")
    for name, rows in (("relationship_answers", nps), ("help_answers", help_), ("reviews", stars)):
        write(data, name, END_S, rows)


def add_increment(folder: Path, n_tickets: int = N_TICKETS, n_rows: int = N_INCREMENT) -> int:
    """Write the next day's files on top: new tickets, old ones that were solved, and the events of both; its rows."""
    dice = default_rng(SEED + 1)
    end_s = END_S + 86_400
    n_changed = n_rows // 10
    n_new = (n_rows - 3 * n_changed) // 5
    desk = helpdesk(dice, n_new, END_S, end_s, first_number=n_tickets + 1, n_customers=customers_of(n_tickets))
    data = folder / "data"
    texts = pl.concat([pl.read_csv(path, infer_schema=False) for path in sorted(data.glob("tickets_*.csv"))[-2:]])
    waiting = (
        texts.filter(pl.col("status") == "open").unique("ticket", keep="none", maintain_order=True).tail(n_changed)
    )
    times = pl.Series(np.sort(dice.integers(END_S, end_s, waiting.height)))
    solved = waiting.with_columns(at=times).with_columns(
        replied_at=pl.coalesce("replied_at", written("at")), solved_at=written("at"), updated_at=written("at"),
        status=pl.lit("solved"), sla_met=pl.coalesce("sla_met", pl.lit("false")),
        sla_known_at=pl.coalesce("sla_known_at", written("at")),
    ).drop("at")  # fmt: skip
    tickets = pl.concat([desk.tickets.cast(pl.String), solved])
    events = pl.concat([
        desk.events,
        *(pl.DataFrame({"number": waiting["ticket"].str.strip_prefix("T").cast(pl.Int64), "at": times}).with_columns(
            field=pl.lit(field), old=pl.lit(old, pl.String), new=pl.lit(new, pl.String), role=pl.lit("agent"))
          for field, old, new in (("comment", None, None), ("status", "open", "solved"))),
    ]).sort("at", "number", maintain_order=True)  # fmt: skip
    write(data, "tickets", end_s, tickets)
    write(data, "ticket_events", end_s, shown_events(events, first_number=4 * n_tickets + 1_000_000))
    return tickets.height + events.height


def _spoilt(dice: Generator, rows: pl.DataFrame, **bad: str) -> pl.DataFrame:
    """The rows as texts, some with a bad value in each of the columns, and some exactly twice."""
    texts = rows.cast(pl.String)
    for name, value in bad.items():
        is_bad = pl.Series(dice.random(rows.height) < BAD_SHARE)
        texts = texts.with_columns(pl.when(is_bad).then(pl.lit(value)).otherwise(pl.col(name)).alias(name))
    twice = dice.random(rows.height) < BAD_SHARE
    return texts.select(pl.all().repeat_by(pl.Series(twice.astype(np.int64) + 1)).explode())


def _by_quarter(rows: pl.DataFrame, at: str) -> Iterator[tuple[int, pl.DataFrame]]:
    """The rows of each of N_FILES equal stretches of time, and when it ends."""
    ends = [FIRST_S + (END_S - FIRST_S) * number // N_FILES // 86_400 * 86_400 for number in range(1, N_FILES + 1)]
    place = 0
    for end_s in ends:
        until = datetime.fromtimestamp(end_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        end = int(rows[at].search_sorted(until))
        yield end_s, rows.slice(place, end - place)
        place = end


def write(data: Path, name: str, end_s: int, rows: pl.DataFrame) -> None:
    """One export: its name says through which day it is complete."""
    last = datetime.fromtimestamp(end_s - 86_400, UTC)
    rows.write_csv(data / f"{name}_{last:%Y%m%d}.csv")


if __name__ == "__main__":
    fill(__doc__, generate, N_TICKETS)
