"""The smallest project that runs, into whose one file anything can be written."""

from datetime import date
from pathlib import Path

import pytest

MONDAY = date(2026, 3, 16)
RUN = ("run", "--as-of", MONDAY.isoformat())
HEADER = "ticket,channel,opened,solved,in_time,score"
N_ROWS = 60

ROADMAP = """\
version: 1
company: {name: Kiosk, currency: EUR, languages: [en], zone: Europe/Berlin}
vision: Every customer gets an answer that helps.
owners:
  lead: {slack: "@lead", channel: "#support"}
surveys:
  after-help: {kpi: csat, after: ticket solved, wait: 2 h}
benchmarks:
  sla: {kpi: sla_attainment, window: 28d, baseline: 0.9, on: 2026-01-05, target: 0.95, by: 2026-12-31, tolerance: 0.05, owner: lead}
"""  # noqa: E501

SOURCES = """\
version: 1
sources:
  desk:
    kind: files
    path: tickets.csv
    format: csv
    zone: Europe/Berlin
    dates: ["%Y-%m-%d %H:%M"]
    complete_through: 2026-03-15
    tables:
      tickets:
        key: ticket
        columns: {channel: channel, status: "CASE WHEN solved IS NULL THEN 'open' ELSE 'solved' END", opened_at: opened,
                  resolved_at: solved, sla_met: in_time, sla_known_at: solved}
      survey_answers:
        - survey: after-help
          measure: csat
          question: satisfied
          scale: {low: 1, high: 5, direction: up, satisfied_from: 4}
          key: ticket
          where: "score IS NOT NULL"
          columns: {score: score, answered_at: solved, channel: channel}
  shop:
    kind: files
    path: reviews.csv
    format: csv
    zone: UTC
    complete_through: 2026-03-15
    tables:
      reviews: {about: us, scale: {low: 1, high: 5}, key: id, columns: {rating: rating, reviewed_at: at}}
"""


def small_project(folder: Path) -> Path:
    """Sixty tickets of one source, sixty reviews of another, all of them clean."""
    folder.mkdir(parents=True)
    (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    reviews = [f"V{n},{n % 5 + 1},2026-02-{n % 28 + 1:02}T10:00:00Z" for n in range(N_ROWS)]
    (folder / "reviews.csv").write_text("\n".join(["id,rating,at", *reviews]) + "\n", encoding="utf-8")
    write_tickets(folder)
    return folder


def ticket(number: int) -> str:
    """One clean row."""
    day = f"2026-02-{number % 28 + 1:02}"
    return f"T{number:03},chat,{day} 10:00,{day} 12:00,true,{number % 3 + 3}"


def write_tickets(folder: Path, *more: str | bytes) -> None:
    """Write the source's file: the clean rows, then these."""
    rows = [HEADER, *(ticket(number) for number in range(N_ROWS)), *more]
    (folder / "tickets.csv").write_bytes(
        b"".join((row.encode() if isinstance(row, str) else row) + b"\n" for row in rows)
    )


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said on standard error: at most one message, and no traceback."""
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    assert said.err == "" or said.err.startswith("cxloop: ")
    return said.err
