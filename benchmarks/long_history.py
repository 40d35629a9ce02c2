"""A project of many millions of tickets, made a stretch of time after the other, whose roadmap asks for every KPI of theirs.

python -m benchmarks.long_history FOLDER --tickets 10000000
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from numpy.random import default_rng

from benchmarks.arguments import fill
from benchmarks.company import (
    DAYS,
    END_S,
    FIRST_S,
    Helpdesk,
    customers_of,
    help_answers,
    helpdesk,
    relationship_answers,
    reviews,
    shown_events,
)
from benchmarks.generate import ROADMAP, SEED, SOURCES, write

N_SLICES: Final = 28
"""Stretches of 26 days: what is in memory at once."""
ASKED: Final = """\
kpis: [backlog_age, backlog_age_p90, first_reply_time_business, full_resolution_time_business, first_reply_time_people,
       next_reply_time, one_touch_rate, transfers, ping_pong_rate, waiting_on_us, waiting_on_them, answered_in_time,
       bot_containment, first_contact_resolution, repeat_contact_rate, repeat_contact_rate_30d, channel_switch_rate,
       ticket_volume, first_reply_time, full_resolution_time, full_resolution_time_p90, sla_attainment, reopen_rate,
       backlog, nps, csat, ces, review_rating]
calendars:
  desk: {zone: Europe/Berlin, open: {mon-fri: "08:00-20:00", sat: "09:00-16:00"}, holidays: DE-BE}
channels:
  chat:   {owner: support-lead, calendar: desk, answer_within: 2 min}
  email:  {owner: support-lead, calendar: desk, answer_within: 8 h}
  phone:  {owner: support-lead, calendar: desk, answer_within: 60 s}
  social: {owner: support-lead, calendar: desk, answer_within: 4 h}
  bot:    {owner: support-lead, calendar: always}
"""
"""Every KPI that tickets, events, answers and reviews have, but for what customers' words sound like."""


def generate_long(folder: Path, n_tickets: int) -> None:
    """Write the project; two years of tickets, four events to each, 0.12 and 0.09 answers, 0.1 reviews."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (folder / "roadmap.yaml").write_text(ROADMAP + ASKED, encoding="utf-8")
    n_events = 0
    for until_s, desk in slices(n_tickets):
        write(data, "tickets", until_s, desk.tickets)
        write(data, "ticket_events", until_s, shown_events(desk.events, n_events + 1))
        n_events += desk.events.height
    dice = default_rng([SEED, N_SLICES])
    write(data, "relationship_answers", END_S, relationship_answers(dice, round(n_tickets * 0.12)))
    write(data, "help_answers", END_S, help_answers(dice, round(n_tickets * 0.09)))
    write(data, "reviews", END_S, reviews(dice, round(n_tickets * 0.1)))


def slices(n_tickets: int) -> Iterator[tuple[int, Helpdesk]]:
    """The tickets that came in each stretch of two years, as known at their end, and when the stretch is over."""
    n_days, n_made = DAYS // N_SLICES, 0
    for number in range(N_SLICES):
        first_s = FIRST_S + number * n_days * 86_400
        until_s = first_s + n_days * 86_400
        n = n_tickets * (number + 1) // N_SLICES - n_made
        yield (
            until_s,
            helpdesk(default_rng([SEED, number]), n, first_s, END_S, n_made + 1, until_s, customers_of(n_tickets)),
        )
        n_made += n


if __name__ == "__main__":
    fill(__doc__, generate_long)
