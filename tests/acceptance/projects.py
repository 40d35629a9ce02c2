"""A small project that is whole: forty weeks of contacts, answers, reviews and contracts, and a few dirty rows.

Its story, complete through Sunday, 15 March 2026:

- service levels collapse for seven weeks of autumn and come back: an incident that is over;
- the help is liked less since January: an incident that is open, with its task;
- reviews and churn go on as they were.
"""

import csv
import gzip
import io
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

FIRST = date(2025, 6, 9)
WEEKS = 40
LAST_MONDAY = FIRST + timedelta(weeks=WEEKS)
"""The Monday after the last complete week: the day on which all is known."""
MONDAYS = [FIRST + timedelta(weeks=week) for week in range(1, WEEKS + 1)]
"""Every Monday on which a week of it is complete."""

SLOW_WEEKS = range(14, 21)
SOUR_WEEKS = range(32, WEEKS)
A_WEEK = 14
N_CUSTOMERS = 260
N_DIRTY = {"broken-encoding": 1, "unreadable:opened_at": 1, "resolved-before-opened": 1, "out-of-scale": 1}

ROADMAP = """\
version: 1
company: {name: Little Roastery, currency: EUR, languages: [en], zone: Europe/Berlin}
vision: Every customer gets an answer that helps, the first time they ask.
owners:
  cx-lead:      {slack: "@cx-lead", channel: "#cx"}
  support-lead: {slack: "@support-lead", channel: "#support", deputy: cx-lead}
journey:
  get-help: {support: support-lead}
surveys:
  after-help: {kpi: csat, after: ticket solved, wait: 2 h}
benchmarks:
  csat-support: {kpi: csat, survey: after-help, window: 28d, baseline: 0.80, on: 2025-06-09, target: 0.90, by: 2026-12-31, tolerance: 0.05, owner: support-lead}
  sla:          {kpi: sla_attainment, window: 28d, baseline: 0.85, on: 2025-06-09, target: 0.92, by: 2026-12-31, tolerance: 0.05, owner: support-lead}
  rating:       {kpi: review_rating, window: 90d, baseline: 4, on: 2025-06-09, target: 4.3, by: 2026-12-31, tolerance: 0.5, owner: cx-lead}
  churn:        {kpi: churn_rate, window: 28d, baseline: 0.03, on: 2025-06-09, target: 0.03, by: 2026-12-31, tolerance: 0.02, owner: cx-lead}
reviews:
  - {title: Weekly progress, every: monday 08:00, who: [cx-lead, support-lead]}
alerts:
  budget: {false_alarms_a_month: 0.5}
"""  # noqa: E501

SOURCES = """\
version: 1
sources:
  helpdesk:
    kind: files
    path: data/tickets-*.csv.gz
    format: csv
    zone: Europe/Berlin
    dates: ["%Y-%m-%d %H:%M:%S"]
    complete_through: 2026-03-15
    tables:
      tickets:
        key: ticket
        where: "topic <> 'test'"
        columns: {customer_id: customer, channel: channel, touchpoint: "'support'", team: team, topic: topic, status: status,
                  opened_at: opened, first_reply_at: replied, resolved_at: solved, sla_met: in_time, sla_known_at: solved}
  helpdesk-events:
    kind: files
    path: data/events.csv
    format: csv
    zone: UTC
    complete_through: 2026-03-15
    tables:
      ticket_events:
        refers_to: {ticket_id: helpdesk}
        columns: {ticket_id: ticket, at: at, field: "'status'", old: old, new: new, actor_role: "'agent'", is_public: "'true'", sequence: _row}
  survey-sends:
    kind: files
    path: data/sends.csv
    format: csv
    zone: UTC
    complete_through: 2026-03-15
    tables:
      survey_sends: {key: send, columns: {survey: "'after-help'", customer_id: customer, channel: "'email'", sent_at: sent, answered_at: answered}}
  after-help-survey:
    kind: files
    path: data/answers.csv.gz
    format: csv
    zone: UTC
    complete_through: 2026-03-15
    tables:
      survey_answers:
        - survey: after-help
          measure: csat
          question: satisfied
          scale: {low: 1, high: 5, direction: up, satisfied_from: 4}
          key: response
          refers_to: {send_id: survey-sends, ticket_id: helpdesk}
          columns: {response_id: response, send_id: response, ticket_id: ticket, customer_id: customer, channel: channel, touchpoint: "'support'",
                    team: team, answered_at: answered, score: score, comment: comment}
  app-store:
    kind: files
    path: data/reviews.jsonl
    format: jsonl
    zone: UTC
    complete_through: 2026-03-15
    tables:
      reviews: {about: us, scale: {low: 1, high: 5}, key: id, columns: {rating: rating, title: title, body: body, reviewed_at: published}}
  crm:
    kind: files
    path: data/subscriptions.csv.gz
    format: csv
    zone: Europe/Berlin
    dates: ["%Y-%m-%d"]
    complete_through: 2026-03-15
    tables:
      subscriptions: {key: contract, columns: {customer_id: customer, started_at: started, ended_at: ended, end_reason: reason}}
"""  # noqa: E501

Row = Mapping[str, object]


def whole_project(folder: Path) -> Path:
    """Write the project into `folder`; always the same bytes."""
    data = folder / "data"
    data.mkdir(parents=True)
    (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    dice = random.Random(20_260_316)
    tickets = _tickets(dice)
    answers = _answers(dice, tickets)
    sends = _sends(answers)
    half = len(tickets) // 2
    write_csv(data / "tickets-1.csv.gz", [*tickets[:half], *_dirty_tickets(tickets)])
    write_csv(data / "tickets-2.csv.gz", tickets[half:])
    write_csv(data / "events.csv", _events(tickets))
    write_csv(data / "sends.csv", sends)
    _write(data / "answers.csv.gz", csv_bytes([*answers, _dirty_answer(answers)]) + b"R\xff,,,,,,,\n")
    lines = [json.dumps(row, sort_keys=True) for row in _reviews(dice)]
    _write(data / "reviews.jsonl", ("\n".join(lines) + "\n").encode())
    write_csv(data / "subscriptions.csv.gz", _subscriptions(dice))
    return folder


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """Rows as CSV with a header line."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Rows as a CSV file, packed if its name ends so."""
    _write(path, csv_bytes(rows))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def _tickets(dice: random.Random) -> list[Row]:
    found: list[Row] = []
    for week in range(WEEKS):
        for _ in range(A_WEEK):
            start = datetime.combine(FIRST + timedelta(weeks=week), datetime.min.time())
            opened = start + timedelta(minutes=dice.randrange(7 * 24 * 60))
            slow = week in SLOW_WEEKS
            replied = opened + timedelta(minutes=dice.randrange(20, 400 if slow else 120))
            solved = replied + timedelta(minutes=dice.randrange(30, 60 * 60 if slow else 20 * 60))
            over = datetime.combine(LAST_MONDAY, datetime.min.time())
            is_solved = solved < over
            found.append({
                "ticket": f"T{len(found):04}", "customer": f"C{dice.randrange(N_CUSTOMERS):04}",
                "channel": dice.choice(("chat", "email")), "team": dice.choice(("north", "south")),
                "topic": "test" if dice.random() < 0.01 else dice.choice(("delivery", "billing")),
                "status": "solved" if is_solved else "open", "opened": opened,
                "replied": replied if replied < over else "", "solved": solved if is_solved else "",
                "in_time": str(dice.random() < (0.35 if slow else 0.93)).lower() if is_solved else "",
            })  # fmt: skip
    return found


def _dirty_tickets(tickets: Sequence[Row]) -> Iterable[Row]:
    """An exact duplicate, a date that is none, and one that was solved before it came."""
    clean = tickets[0]
    yield clean
    yield {**clean, "ticket": "T9001", "opened": "soon"}
    yield {**clean, "ticket": "T9002", "solved": FIRST - timedelta(days=3), "replied": ""}


def _events(tickets: Sequence[Row]) -> list[Row]:
    return [
        {"ticket": row["ticket"], "at": row["solved"], "old": "open", "new": "solved"}
        for row in tickets
        if row["solved"] and row["topic"] != "test"
    ]


def _answers(dice: random.Random, tickets: Sequence[Row]) -> list[Row]:
    found: list[Row] = []
    for row in tickets:
        solved = row["solved"]
        if not isinstance(solved, datetime) or dice.random() > 0.85:
            continue
        is_sour = (solved.date() - FIRST).days // 7 in SOUR_WEEKS
        score = dice.choice((1, 2, 2, 3, 4)) if is_sour else dice.choice((3, 4, 4, 5, 5, 5, 5, 5))
        found.append({
            "response": f"R{len(found):04}", "ticket": row["ticket"], "customer": row["customer"],
            "channel": row["channel"], "team": row["team"], "answered": solved + timedelta(minutes=dice.randrange(90)),
            "score": score, "comment": dice.choice(("", "", "quick", "late again")) if score > 2 else "nobody answered",
        })  # fmt: skip
    return [row for row in found if row["answered"] < datetime.combine(LAST_MONDAY, datetime.min.time())]  # pyright: ignore[reportOperatorIssue]


def _dirty_answer(answers: Sequence[Row]) -> Row:
    return {**answers[0], "response": "R9001", "score": 11}


def _sends(answers: Sequence[Row]) -> list[Row]:
    """Each answer's invitation, and one in three that nobody answered."""
    found: list[Row] = []
    for number, row in enumerate(answers):
        answered = row["answered"]
        assert isinstance(answered, datetime)
        sent = answered - timedelta(minutes=40)
        found.append({"send": row["response"], "customer": row["customer"], "sent": sent, "answered": answered})
        if number % 3 == 0:
            found.append({"send": f"S{number:04}", "customer": row["customer"], "sent": sent, "answered": ""})
    return found


def _reviews(dice: random.Random) -> list[Row]:
    return [
        {
            "id": f"V{week:02}-{number}", "rating": dice.choice((3, 4, 5, 5, 5)), "title": "Coffee",
            "body": dice.choice(("fresh every time", "the app is fine", "good")),
            "published": f"{FIRST + timedelta(weeks=week, days=number)}T1{number}:00:00Z",
        }
        for week in range(WEEKS)
        for number in range(4)
    ]  # fmt: skip


def _subscriptions(dice: random.Random) -> list[Row]:
    """One contract a customer; about one in fifty ends in four weeks."""
    found: list[Row] = []
    for number in range(N_CUSTOMERS):
        started = FIRST - timedelta(days=dice.randrange(10, 700))
        ended = FIRST + timedelta(days=dice.randrange(3_000))
        left = ended < LAST_MONDAY
        found.append({
            "contract": f"K{number:04}", "customer": f"C{number:04}", "started": started,
            "ended": ended if left else "", "reason": dice.choice(("price", "moved")) if left else "",
        })  # fmt: skip
    return found
