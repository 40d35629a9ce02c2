"""A small desk whose rows come late, change or go, measured after each step, and once at the end."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tests.acceptance.dumps import differences, table, tables_of
from tests.acceptance.runner import cxloop
from tests.acceptance.small import ROADMAP

CONTRACTS = """\
  crm:
    kind: files
    path: subscriptions_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      subscriptions: {{key: id, columns: {{customer_id: customer, started_at: started}}}}
"""
MEASURED = ("kpi_days", "kpi_stretches", "kpi_years", "kpi_values")
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
        columns: {{customer_id: customer, channel: channel, status: status, opened_at: opened, resolved_at: solved,
                   first_reply_at: replied, deleted_at: gone}}
  events:
    kind: files
    path: events_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      ticket_events:
        key: id
        refers_to: {{ticket_id: desk}}
        columns: {{ticket_id: ticket, at: at, field: field, new: new, actor_role: role, is_public: "'true'", sequence: sequence}}
"""  # noqa: E501
HEADS = {
    "tickets": "id,customer,channel,status,opened,solved,replied,gone,changed",
    "events": "id,ticket,at,field,new,role,sequence",
    "subscriptions": "id,customer,started",
}


@dataclass(frozen=True)
class Step:
    """Rows that come together.

    Attributes:
        through: last day the desk is complete for by then.
        files: rows by file; `tickets`, `events` and `subscriptions` are known.
        roadmap: what the roadmap says besides.
        kpis: the company's own KPIs.
        zone: the reporting zone.
    """

    through: date
    files: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    roadmap: str = ""
    kpis: str = ""
    zone: str = "Europe/Berlin"


def ticket(
    name: str, customer: str, opened: str, solved: str = "", *, replied: str = "", gone: str = "", changed: str = ""
) -> str:
    """A row of `tickets`; instants as `2026-03-01T10:00`, in UTC."""
    status = "solved" if solved else "open"
    return ",".join([name, customer, "email", status, *map(_told, (opened, solved, replied, gone, changed or opened))])


def status(name: str, of: str, at: str, new: str, sequence: int | None = 0) -> str:
    """A row of `events`: a change of status."""
    return f"{name},{of},{_told(at)},status,{new},agent,{'' if sequence is None else sequence}"


def reply(name: str, of: str, at: str) -> str:
    """A row of `events`: a public comment of an agent."""
    return f"{name},{of},{_told(at)},comment,,agent,0"


def _told(at: str) -> str:
    return at and f"{at}:00Z"


def bit_by_bit(folder: Path, steps: list[Step], sources: str = SOURCES) -> list[str]:
    """What differs between measuring after each step, in `folder`/bits, and once, in `folder`/once."""
    bits, once = folder / "bits", folder / "once"
    for n, step in enumerate(steps):
        _write(bits, n, step, sources)
        _write(once, n, step, sources)
        assert cxloop(bits, "ingest") == 0
        assert cxloop(bits, "measure") == 0
    assert cxloop(once, "ingest") == 0
    assert cxloop(once, "measure") == 0
    return differences(tables_of(bits, *MEASURED), tables_of(once, *MEASURED))


def parts(folder: Path, kpi: str) -> dict[tuple[str, str], tuple[Any, Any, Any]]:
    """The daily parts of a KPI over all: by day booked and day known, items, those known and their total."""
    return {
        (str(row["booked_day"]), str(row["known_day"])): (row["n_items"], row["n"], row["total"])
        for row in table(folder, "kpi_days")
        if row["kpi"] == kpi and row["scope"] == "{}"
    }


def _write(folder: Path, n: int, step: Step, sources: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = ROADMAP.replace("Europe/Berlin", step.zone) + step.roadmap
    (folder / "roadmap.yaml").write_text(told, encoding="utf-8")
    if step.kpis:
        (folder / "kpis.yaml").write_text(step.kpis, encoding="utf-8")
    (folder / "sources.yaml").write_text(sources.format(through=step.through), encoding="utf-8")
    for name, rows in step.files.items():
        (folder / f"{name}_{n}.csv").write_text("\n".join([HEADS[name], *rows]) + "\n", encoding="utf-8")
