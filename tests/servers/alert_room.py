"""The alert room on a database of its own, Monday after Monday: findings go in, messages come out."""

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from domain.context import RunContext
from domain.records import Finding, Point
from sql.ledger import begin_run, end_run
from sql.setup import prepare
from sql.store import Store, store_at
from sql.tables import findings, outbox
from tasks.alert.steps.incidents import advance_all
from tasks.alert.steps.messages import compose_all
from tasks.alert.steps.sending import send_all

FIRST = date(2026, 1, 5)
ROADMAP = """\
version: 1
company: {name: Acme Brew}
vision: Good coffee never runs out.
owners:
  support-lead: {slack: "@support-lead", channel: "#support"}
benchmarks:
  csat-support: {kpi: csat, window: week, baseline: 0.84, on: 2025-07-01, target: 0.90, by: 2026-12-31,
                 tolerance: 0.02, owner: support-lead}
"""


class AlertRoom:
    """One project with one benchmark, CSAT, whose plan is 87 %."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
        (folder / "sources.yaml").write_text("version: 1\nsources: {}\n", encoding="utf-8")
        self.folder = folder
        self.store = store_at(str(folder))
        prepare(self.store)

    def monday(self, week: int, value: float) -> dict[str, int]:
        """CSAT of the week before is judged, and told: how many messages were sent and wait."""
        moment, line = FIRST + timedelta(weeks=week), 0.85
        verdict = "surely behind" if value < line else "on track"
        point = Point(moment - timedelta(7), moment, 604, value, value - 0.03, value + 0.03)
        finding = Finding("pace", "csat", "{}", "csat-support", moment, verdict, point, 0.87, line, None,
                          value < line, value >= line)  # fmt: skip
        row = asdict(finding)
        shown = row.pop("point")
        columns = ("period_start", "period_end", "n", "n_open", "value", "low", "high", "bound_low", "bound_high")
        with self.store.transaction() as connection:
            self.store.put(connection, findings, [row | {name: shown[name] for name in columns}])
        return self.turn(week)

    def turn(self, week: int) -> dict[str, int]:
        """One run of the room."""
        as_of = FIRST + timedelta(weeks=week)
        run_id = begin_run(self.store, "daily", as_of, timedelta(seconds=90))
        context = RunContext(str(self.folder), run_id, as_of)
        advance_all(context)
        compose_all(context)
        counts, _ = send_all(context)
        end_run(self.store, run_id, "done", {})
        return counts

    def far_ids(self) -> list[tuple[str, str | None]]:
        """What each message is, and where Slack has it, in the order told."""
        with self.store.reading() as connection:
            wanted = select(outbox.c.kind, outbox.c.far_id).order_by(outbox.c.moment, outbox.c.sequence)
            return [(row["kind"], row["far_id"]) for row in Store.rows(connection, wanted)]
