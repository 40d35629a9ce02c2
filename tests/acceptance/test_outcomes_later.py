"""Outcomes that wait for a time to be over, of a desk whose rows come bit by bit: as if all had come at once."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from numpy.random import Generator, default_rng

from tests.acceptance.dumps import table
from tests.acceptance.runner import run_loop
from tests.acceptance.small import ROADMAP

pytestmark = pytest.mark.usefixtures("undrawn")

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
THROUGH = [date(2026, 3, day) for day in (20, 21, 23, 28, 29, 30)] + [date(2026, 4, 7), date(2026, 4, 12)]
"""Steps of a day, of some, and of more than a week, across the beginning of summer time."""
N = 350
KPIS = (
    "kpis: [first_contact_resolution, bot_containment, repeat_contact_rate, repeat_contact_rate_30d, "
    "channel_switch_rate, answered_in_time]\n"
    "calendars: {desk: {zone: Europe/Berlin, open: {mon-fri: '08:00-20:00'}}}\n"
    "channels: {email: {owner: lead, calendar: desk, answer_within: 8 h}}\n"
)
SOURCES = """\
version: 1
sources:
  desk:
    kind: files
    path: tickets_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      tickets:
        key: id
        latest_by: changed
        columns: {{customer_id: customer, channel: channel, status: status, opened_at: opened, resolved_at: solved}}
  events:
    kind: files
    path: events_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      ticket_events:
        refers_to: {{ticket_id: desk}}
        columns: {{ticket_id: ticket, at: at, field: field, new: new, actor_role: role, is_public: "'true'", sequence: sequence}}
"""  # noqa: E501
HEADS = {"tickets": "id,customer,channel,status,opened,solved,changed", "events": "ticket,at,field,new,role,sequence"}


def told(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


class Ticket:
    """One contact, what happened to it, and by how many steps its rows are late."""

    def __init__(self, draw: Generator, number: int) -> None:
        self.late = int(draw.random() < 0.15)
        self.name, self.customer = f"T{number}", f"c{draw.integers(0, 70)}" if draw.random() < 0.95 else ""
        self.channel = str(draw.choice(["email", "chat", "bot"]))
        self.opened = at = FIRST + timedelta(minutes=int(draw.integers(0, 42 * 1440)))
        self.events = list[tuple[datetime, str, str, str]]()
        for what in draw.choice(["agent", "bot", "customer", "solved", "open"], 4, p=[0.3, 0.15, 0.1, 0.35, 0.1]):
            at += timedelta(minutes=int(draw.exponential(1500)))
            is_status = what in ("solved", "open")
            self.events.append((at, "status" if is_status else "comment", what if is_status else "", str(what)))

    def rows(self, until: datetime) -> tuple[str, list[str]]:
        """What is known of it by an instant."""
        known = [event for event in self.events if event[0] < until]
        moved = [(at, new) for at, field, new, _ in known if field == "status"]
        status = moved[-1][1] if moved else "open"
        solved = told(moved[-1][0]) if status == "solved" else ""
        changed = told(known[-1][0] if known else self.opened)
        ticket = f"{self.name},{self.customer},{self.channel},{status},{told(self.opened)},{solved},{changed}"
        return ticket, [
            f"{self.name},{told(at)},{field},{new},{role if field == 'comment' else 'agent'},{i}"
            for i, (at, field, new, role) in enumerate(known)
        ]


def desk(folder: Path, through: date, step: int, tickets: list[str], events: list[str]) -> None:
    """One more file of each kind from a helpdesk that is complete through a day, and a run of the day after."""
    folder.mkdir(exist_ok=True)
    (folder / "roadmap.yaml").write_text(ROADMAP + KPIS, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES.format(through=through), encoding="utf-8")
    for name, rows in (("tickets", tickets), ("events", events)):
        (folder / f"{name}_{step}.csv").write_text("\n".join([HEADS[name], *rows]) + "\n", encoding="utf-8")
    assert run_loop(folder, through + timedelta(days=1)) is None


@pytest.mark.parametrize("seed", [1, 2])
def test_outcomes_are_the_same_whenever_the_rows_came(tmp_path: Path, seed: int) -> None:
    draw = default_rng(seed)
    tickets = [Ticket(draw, number) for number in range(N)]
    ends = [datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) for day in THROUGH]
    sent, sent_events = set[str](), set[str]()
    for step, through in enumerate(THROUGH):
        is_last = step == len(THROUGH) - 1
        shown = [
            (ticket, ends[step if is_last else step - ticket.late]) for ticket in tickets if step or not ticket.late
        ]
        found = [ticket.rows(until) for ticket, until in shown if ticket.opened < until]
        new = [row for row, _ in found if row not in sent]
        new_events = [row for _, rows in found for row in rows if row not in sent_events]
        desk(tmp_path / "bit by bit", through, step, new, new_events)
        sent |= {*new}
        sent_events |= {*new_events}
    whole = [ticket.rows(ends[-1]) for ticket in tickets if ticket.opened < ends[-1]]
    desk(tmp_path / "at once", THROUGH[-1], 0, [row for row, _ in whole], [row for _, rows in whole for row in rows])
    for name in ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years"):
        assert table(tmp_path / "bit by bit", name) == table(tmp_path / "at once", name)
    known = {row["kpi"] for row in table(tmp_path / "at once", "kpi_days") if row["n"]}
    assert {"first_contact_resolution", "bot_containment", "repeat_contact_rate_30d", "channel_switch_rate"} <= known
