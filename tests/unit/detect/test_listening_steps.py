"""The listening plan judged from the store, on SQLite and PostgreSQL."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from domain.context import RunContext
from domain.roadmap import load_roadmap
from sql.ledger import begin_run, end_run
from sql.queries.listening import listening_findings
from sql.store import Store, store_at
from sql.tables import FACTS, batch_tables, batches, cursors, people, roadmap_versions
from tasks.detect.steps import judged_now, row_of
from tests.factories import at, facts

FIRST, LAST = date(2026, 1, 5), date(2026, 3, 15)
ROADMAP = """\
version: 1
company: {name: Acme}
vision: Good coffee never runs out.
owners: {lead: {channel: "#cx"}}
surveys:
  after-help: {kpi: csat, after: ticket solved}
  rest: 30 days
"""
BATCH = {
    "batch_id": "b", "source": "survey", "stream": "files", "name": "sends.csv", "sha256": "x", "mapping": "m",
    "n_bytes": 1, "state": "published", "landed_at": datetime(2026, 3, 16, tzinfo=UTC),
    "published_at": datetime(2026, 3, 16, tzinfo=UTC),
}  # fmt: skip
COUNTS = ("n_source", "n_left_out", "n_unreadable", "n_mapped", "n_inserted", "n_updated", "n_unchanged",
          "n_superseded", "n_quarantined", "n_ambiguous_times", "n_swapped_dates", "n_without_score")  # fmt: skip


class World:
    def __init__(self, folder, store: Store) -> None:
        self.folder, self.store = folder, store

    def put(self, table, *rows) -> None:
        with self.store.transaction() as connection:
            self.store.put(connection, table, list(rows))

    def asked(self, *rows: tuple[str, str | None, str]) -> None:
        made = [{"survey": survey, "customer_id": who, "sent_at": at(day)} for survey, who, day in rows]
        frame = facts("survey_sends", made).with_columns(
            batch_id=pl.lit("b"),
            row_hash=pl.lit(0),
            send_id="s" + pl.col("sent_at").cast(str) + pl.col("customer_id"),
        )
        with self.store.transaction() as connection:
            table = FACTS["survey_sends"]
            self.store.write(connection, table, frame.select([c for c in frame.columns if c in table.c]))

    def complete(self, through: date) -> None:
        self.put(cursors, {"source": "survey", "stream": "files", "position": "1", "complete_through": through})

    def judge(self, as_of: date, **options):
        with self.store.reading() as connection:
            found = judged_now(connection, load_roadmap(self.folder / "roadmap.yaml"), as_of, **options)
        return [finding for finding in found if finding.rule == "listening"]


@pytest.fixture
def world(tmp_path, migrated_url, monkeypatch):
    (tmp_path / "roadmap.yaml").write_text(ROADMAP)
    (tmp_path / "sources.yaml").write_text("version: 1\nsources: {}\n")
    monkeypatch.setenv("CXLOOP_DATABASE_URL", migrated_url)
    store = store_at(str(tmp_path))
    made = World(tmp_path, store)
    made.put(batches, BATCH)
    made.put(batch_tables, {"batch_id": "b", "table_name": "survey_sends", **dict.fromkeys(COUNTS, 0)})
    yield made
    store.engine.dispose()


def clean() -> list[tuple[str, str | None, str]]:
    days = [FIRST + timedelta(days=i) for i in range((LAST - FIRST).days + 1)]
    return [("after-help", f"c{i}", f"{day} 09:00") for i, day in enumerate(days)]


def test_a_plan_that_is_kept_has_no_breach(world):
    world.asked(*clean())
    world.complete(LAST)
    found = world.judge(date(2026, 3, 20))
    assert [f.moment for f in found] == [FIRST + timedelta(weeks=week) for week in range(1, 11)]
    assert not any(f.is_breach for f in found)


def test_one_person_under_two_ids_is_asked_too_soon(world):
    world.asked(*clean(), ("after-help", "shop:7", "2026-02-03 09:00"))
    world.complete(LAST)
    assert not any(f.is_breach for f in world.judge(date(2026, 3, 20)))
    tied = {"person_id": "c20", "through": "email"}
    world.put(people, {"customer_id": "c20", **tied}, {"customer_id": "shop:7", **tied})  # c20 was asked on 25 January
    assert [f.moment for f in world.judge(date(2026, 3, 20)) if f.is_breach] == [date(2026, 2, 9)]


def test_only_complete_days_are_judged(world):
    world.asked(*clean())
    world.complete(date(2026, 2, 10))
    assert world.judge(date(2026, 3, 20))[-1].moment == date(2026, 2, 9)
    world.complete(LAST)
    assert world.judge(date(2026, 2, 24))[-1].moment == date(2026, 2, 23)


def test_what_was_judged_is_not_judged_again_and_the_past_before_it_still_counts(world):
    from sql.tables import findings

    world.asked(*clean(), ("after-help", "c5", "2026-02-03 09:00"))
    world.complete(date(2026, 2, 1))
    world.put(findings, *[row_of(finding) for finding in world.judge(date(2026, 3, 20))])
    world.complete(LAST)
    later = world.judge(date(2026, 3, 20))
    assert [f.moment for f in later][:2] == [date(2026, 2, 9), date(2026, 2, 16)]
    assert [f.moment for f in later if f.is_breach] == [date(2026, 2, 9)]  # c5 was asked on 10 January, too
    assert world.judge(date(2026, 3, 20), since=date(2026, 1, 1))[-1] == later[-1]


def test_nothing_is_said_without_invitations(world):
    world.complete(LAST)
    assert world.judge(date(2026, 3, 20)) == []


def test_a_survey_is_judged_from_the_first_version_of_the_roadmap_that_has_it(world):
    days = [FIRST + timedelta(days=i) for i in range(70)]
    world.asked(*(("exit", f"c{i}", f"{day} 09:00") for i, day in enumerate(days)))
    world.complete(LAST)
    silent = [f for f in world.judge(date(2026, 3, 20)) if "after-help" in f.scope]
    assert silent[-1].verdict == "asks nobody"
    before = ROADMAP.replace("  after-help: {kpi: csat, after: ticket solved}\n", "")
    world.put(roadmap_versions, {"version": "1", "first_day": FIRST, "text": before},
              {"version": "2", "first_day": date(2026, 3, 2), "text": ROADMAP})  # fmt: skip
    new = [f for f in world.judge(date(2026, 3, 20)) if "after-help" in f.scope]
    assert {f.verdict for f in new} == {"not enough evidence"}


def test_the_latest_moment_is_read_back(world):
    from sql.tables import findings

    world.asked(*clean(), ("exit", "x", "2026-03-11 09:00"))
    world.complete(LAST)
    run = begin_run(world.store, "daily", date(2026, 3, 16), timedelta(seconds=90))
    context = RunContext(str(world.folder), run, date(2026, 3, 16))
    with world.store.transaction(context.run_id) as connection:
        found = judged_now(connection, load_roadmap(world.folder / "roadmap.yaml"), context.as_of)
        world.store.put(connection, findings, [row_of(finding) for finding in found])
    end_run(world.store, run, "done", {})
    with world.store.reading() as connection:
        said = {row["scope"]: row["verdict"] for row in listening_findings(connection)}
        assert said == {'{"survey":"after-help"}': "as planned", '{"survey":"exit"}': "not in the roadmap"}
        earlier = listening_findings(connection, date(2026, 3, 10))
        assert {row["moment"] for row in earlier} == {date(2026, 3, 9)}
