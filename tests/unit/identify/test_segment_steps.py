"""Segments in a database: made again when something changed, only the days that count otherwise marked."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, select

from domain.errors import LeaseLostError
from domain.roadmap import Roadmap
from domain.roadmap.loading import parse_roadmap
from sql.queries.segments import DERIVED
from sql.store import Store
from sql.tables import FACTS, customer_segments, customer_states, dirty_days, meta, people, runs
from tasks.identify.steps.segments import Kept, keep_changed
from tests.acceptance.small import ROADMAP
from tests.factories import at

RUN = "daily-1"
RULES = """\
segments:
  office: {when: "plan = 'office'"}
  home: {when: "plan = 'home'"}
  bank: {when: "account_industry = 'bank'"}
"""


def roadmap(rules: str = RULES) -> Roadmap:
    return parse_roadmap(ROADMAP + rules)


class World:
    def __init__(self, store: Store) -> None:
        self.store = store

    def put(self, name: str, *rows: dict) -> None:
        with self.store.transaction() as connection:
            for row in rows:
                whole = {"source": "crm", "batch_id": "b9", "row_hash": abs(hash(str(row))) >> 8, **row}
                self.store.put(connection, FACTS[name], [whole])

    def run(self, state: str) -> None:
        row = {"run_id": RUN, "fence": 1, "kind": "daily", "day": date(2026, 3, 16), "state": state}
        with self.store.transaction() as connection:
            self.store.put(connection, runs, [row])

    def customer(self, name: str, plan: str | None, account: str | None = None) -> None:
        self.put("customers", {"customer_id": name, "plan": plan, "account_id": account})

    def ticket(self, name: str, customer: str | None, opened: str, **more: object) -> None:
        self.put(
            "tickets", {"ticket_id": name, "customer_id": customer, "opened_at": at(opened), "status": "solved", **more}
        )

    def was(self, customer: str, plan: str, since: str, batch: str) -> None:
        row = {
            "fact": "customers", "id": customer, "batch_id": batch, "at": at(since),
            "state": f'{{"account_id":null,"plan":"{plan}","segment":null,"country":null,"language":null}}',
            "row_hash": int(batch[1:]),
        }  # fmt: skip
        with self.store.transaction() as connection:
            self.store.put(connection, customer_states, [row])

    def measured(self, *facts: str) -> None:
        with self.store.transaction() as connection:
            self.store.put(connection, meta, [{"name": f"valued_through:{f}", "value": "2026-03-15"} for f in facts])

    def keep(self, rules: str = RULES, run_id: str = RUN) -> Kept:
        return keep_changed(self.store, run_id, roadmap(rules))

    def rows(self, table, *names: str) -> list[tuple]:
        with self.store.reading() as connection:
            found = self.store.rows(connection, select(table))
        return sorted((tuple(row[name] for name in names) for row in found), key=str)

    def segments(self) -> list[tuple]:
        found = self.rows(customer_segments, "customer_id", "valid_from", "segment")
        return [(name, f"{since:%m-%d}", segment) for name, since, segment in found]

    def dirty(self) -> list[tuple]:
        found = self.rows(dirty_days, "fact", "day")
        with self.store.transaction() as connection:
            connection.execute(delete(dirty_days))
        return sorted((fact, f"{day:%m-%d}") for fact, day in found)


@pytest.fixture
def world(store: Store) -> World:
    found = World(store)
    found.run("running")
    found.customer("crm:1", "home")
    found.customer("crm:2", None, "crm:A1")
    found.put("accounts", {"account_id": "crm:A1", "industry": "bank"})
    found.ticket("t1", "crm:1", "2026-03-02 10:00")
    found.ticket("t2", "crm:2", "2026-03-03 10:00", resolved_at=at("2026-03-05 10:00"))
    found.ticket("t3", "crm:1", "2026-03-12 10:00")
    found.ticket("t4", "crm:1", "2026-03-13 10:00", segment="partner")
    found.ticket("t5", None, "2026-03-14 10:00")
    return found


def test_rules_are_looked_at_once_and_again_when_one_changes(world: World) -> None:
    assert world.keep() == Kept(2, 0, ("office",))
    assert world.segments() == [("crm:1", "01-01", "home"), ("crm:2", "01-01", "bank")]
    assert world.keep() == Kept()
    assert world.keep(RULES.replace("'home'", "'none'")) == Kept(1, 0, ("office", "home"))
    assert world.segments() == [("crm:1", "01-01", None), ("crm:2", "01-01", "bank")]


def test_a_roadmap_without_rules_keeps_nothing_and_looks_at_nothing(world: World, monkeypatch) -> None:
    monkeypatch.setattr("tasks.identify.steps.segments.look_at_all", lambda *_: pytest.fail("looked"))
    assert world.keep("") == Kept()
    assert world.segments() == []


def test_rules_that_are_gone_take_their_segments_away(world: World) -> None:
    world.keep()
    world.measured("tickets")
    assert world.keep("").n_changed == 2
    assert world.segments() == []
    assert world.dirty() == [("tickets", day) for day in ("03-02", "03-03", "03-05", "03-12")]


def test_before_the_first_measuring_no_day_is_marked(world: World) -> None:
    world.keep()
    assert world.dirty() == []


def test_only_days_that_count_otherwise_are_marked(world: World) -> None:
    world.keep()
    world.measured("tickets", "survey_answers")
    world.put("survey_answers", {
        "answer_id": "r1", "survey": "s", "measure": "csat", "scale_low": 1.0, "scale_high": 5.0, "direction": "up",
        "customer_id": "crm:1", "answered_at": at("2026-03-11 10:00"),
    })  # fmt: skip
    world.was("crm:1", "home", "2026-03-01", "b1")
    world.was("crm:1", "office", "2026-03-10", "b9")
    world.customer("crm:1", "office")
    assert world.keep() == Kept(1, 2, ())
    # t1 of 2 March stays home, t4 has a segment of its own
    assert world.dirty() == [("survey_answers", "03-11"), ("tickets", "03-12")]
    history = world.rows(FACTS["customer_history"], "attribute", "value", "valid_from", "batch_id")
    beginning = datetime(1970, 1, 1, tzinfo=UTC)
    assert history == [("plan", "home", beginning, DERIVED), ("plan", "office", at("2026-03-10"), DERIVED)]


def test_changes_are_kept_without_any_rule_and_a_sources_own_history_replaces_them(world: World) -> None:
    world.was("crm:1", "home", "2026-03-01", "b1")
    world.was("crm:1", "office", "2026-03-10", "b9")
    world.customer("crm:1", "office")
    assert world.keep("") == Kept()
    assert len(world.rows(FACTS["customer_history"], "history_id")) == 2
    world.put("customer_history", {
        "history_id": "crm:h1", "customer_id": "crm:1", "attribute": "plan", "value": "office",
        "valid_from": at("2026-03-04"),
    })  # fmt: skip
    world.keep("")
    assert world.rows(FACTS["customer_history"], "history_id") == [("crm:h1",)]
    world.keep()
    assert ("crm:1", "01-01", "office") in world.segments()


def test_an_id_that_becomes_one_person_with_another_takes_its_segment(world: World) -> None:
    world.keep()
    world.measured("tickets")
    world.ticket("t6", "desk:1", "2026-03-09 10:00")
    with world.store.transaction() as connection:
        for name in ("crm:1", "desk:1"):
            world.store.put(connection, people, [{"customer_id": name, "person_id": "crm:1", "through": "email"}])
        world.store.put(connection, meta, [{"name": "identified_with", "value": "2"}])
    assert world.keep() == Kept(1, 1, ("office",))
    assert ("desk:1", "01-01", "home") in world.segments()
    assert world.dirty() == [("tickets", "03-09")]


def test_a_run_that_lost_the_project_writes_nothing(world: World) -> None:
    world.run("lost")
    with pytest.raises(LeaseLostError):
        world.keep()
    assert world.segments() == []


def test_what_changed_while_it_looked_is_looked_at_again(world: World, monkeypatch) -> None:
    from tasks.identify.steps import segments

    look = segments.look_at_all

    def disturbed(connection, of):
        found = look(connection, of)
        monkeypatch.setattr(segments, "look_at_all", look)
        return segments.Look("another", found.history, found.gone, found.before, found.after.clear(), found.customers)

    monkeypatch.setattr(segments, "look_at_all", disturbed)
    assert world.keep().n_changed == 2
    assert len(world.segments()) == 2
