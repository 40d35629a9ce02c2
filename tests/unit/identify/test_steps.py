"""Who is who in a database: looked at again when something changed, decided by people, logged; on both databases."""

from datetime import date

import pytest
from sqlalchemy import delete, select

from domain.errors import ConfigError, LeaseLostError
from sql.queries.people import person_of, reviews
from sql.store import Store
from sql.tables import FACTS, merge_log, merge_reviews, people, runs
from tasks.identify.steps import rows
from tasks.identify.steps.people import merge_customers, set_customers_apart
from tasks.identify.steps.rows import tie_changed

MONDAY, TUESDAY = date(2026, 3, 16), date(2026, 3, 17)


def begun(store: Store, run_id: str, day: date) -> str:
    """A run of this name that holds the project."""
    row = {"run_id": run_id, "fence": 1, "kind": "daily", "day": day, "state": "running"}
    with store.transaction() as connection:
        store.put(connection, runs, [row])
    return run_id


class World:
    def __init__(self, store: Store) -> None:
        self.store = store

    def put(self, name: str, *rows: dict) -> None:
        with self.store.transaction() as connection:
            for row in rows:
                whole = {"batch_id": "b", "row_hash": hash(tuple(row.values())) >> 8, **row}
                self.store.put(connection, FACTS[name], [whole])

    def known(self, customer: str, kind: str, value: str) -> None:
        self.put("identities", {
            "identity_id": f"{customer}/{kind}/{value}", "source": customer.partition(":")[0], "customer_id": customer,
            "kind": kind, "value_hash": value,
        })  # fmt: skip

    def forgotten(self, customer: str) -> None:
        with self.store.transaction() as connection:
            connection.execute(delete(FACTS["identities"]).where(FACTS["identities"].c.customer_id == customer))

    def look(self, run_id: str = "daily-1", day: date = MONDAY) -> tuple[int, int]:
        return tie_changed(self.store, begun(self.store, run_id, day), day, "UTC")

    def rows(self, table) -> list[dict]:
        with self.store.reading() as connection:
            found = self.store.rows(connection, select(table))
        return sorted(found, key=lambda row: [str(value) for value in row.values()])

    def persons(self) -> dict[str, str]:
        return {row["customer_id"]: row["person_id"] for row in self.rows(people)}

    def log(self) -> list[tuple]:
        names = ("customer_id", "other_id", "action", "moment", "actor", "why")
        return sorted(tuple(row[name] for name in names) for row in self.rows(merge_log))

    def merge(self, one: str, other: str, why: str = "told us") -> str:
        return merge_customers(self.store, one, other, "lead", TUESDAY, why, "UTC")

    def apart(self, one: str, other: str, why: str = "father and son") -> None:
        set_customers_apart(self.store, one, other, "lead", TUESDAY, why, "UTC")


@pytest.fixture
def world(store: Store) -> World:
    found = World(store)
    for customer, kind, value in (
        ("desk:1", "email", "ann"), ("shop:1", "email", "ann"), ("desk:2", "email", "bob"), ("desk:2", "phone", "7"),
        ("shop:2", "phone", "7"), ("shop:2", "email", "rob"), ("shop:3", "external", "9"),
    ):  # fmt: skip
        found.known(customer, kind, value)
    return found


def test_a_look_ties_logs_and_lists_what_is_doubtful(world: World) -> None:
    assert world.look() == (1, 1)
    assert world.persons() == {"desk:1": "desk:1", "shop:1": "desk:1"}
    assert world.log() == [("shop:1", "desk:1", "merged", MONDAY, "cxloop", "tied by e-mail address")]
    assert {row["since_run"] for row in world.rows(people)} == {"daily-1"}
    with world.store.reading() as connection:
        assert [(row["customer_id"], row["other_id"]) for row in reviews(connection, "waiting")] == [
            ("desk:2", "shop:2")
        ]


def test_nothing_is_looked_at_twice(world: World) -> None:
    world.look()
    before = [world.rows(table) for table in (people, merge_log)]
    assert world.look("daily-2", TUESDAY) == (0, 0)
    assert [world.rows(table) for table in (people, merge_log)] == before


def test_a_new_address_ties_one_more_and_the_others_keep_their_run(world: World) -> None:
    world.look()
    world.known("shop:3", "email", "ann")
    assert world.look("daily-2", TUESDAY) == (1, 1)
    runs = {row["customer_id"]: row["since_run"] for row in world.rows(people)}
    assert runs == {"desk:1": "daily-1", "shop:1": "daily-1", "shop:3": "daily-2"}


def test_a_smaller_id_names_the_person_anew(world: World) -> None:
    world.look()
    world.known("crm:1", "email", "ann")
    world.look("daily-2", TUESDAY)
    assert world.persons() == dict.fromkeys(("crm:1", "desk:1", "shop:1"), "crm:1")


def test_an_address_that_is_gone_ties_no_more(world: World) -> None:
    world.look()
    world.forgotten("shop:1")
    assert world.look("daily-2", TUESDAY) == (1, 1)
    assert world.persons() == {}
    assert world.log()[-1] == ("shop:1", "desk:1", "merged", MONDAY, "cxloop", "tied by e-mail address")
    assert world.log()[0] == ("shop:1", "desk:1", "apart", TUESDAY, "cxloop", "no longer tied by e-mail address")


def test_the_same_rows_come_of_one_look_and_of_many(world: World, tmp_path) -> None:
    world.look()
    world.known("crm:1", "email", "ann")
    world.known("shop:2", "email", "bob")
    world.look("daily-2", TUESDAY)
    stepwise = world.persons()
    with world.store.transaction() as connection:
        connection.execute(delete(people))
        connection.exec_driver_sql("DELETE FROM meta")
    world.look("daily-3", TUESDAY)
    assert world.persons() == stepwise


def test_a_merge_by_hand_ties_at_once_and_is_logged_with_who_and_why(world: World) -> None:
    assert world.merge("shop:3", "desk:1") == "desk:1"
    assert world.persons() == dict.fromkeys(("desk:1", "shop:1", "shop:3"), "desk:1")
    assert world.log() == [
        ("desk:1", "shop:3", "merged", TUESDAY, "lead", "told us"),
        ("shop:1", "desk:1", "merged", TUESDAY, "cxloop", "tied by e-mail address"),
    ]
    world.look("daily-2", TUESDAY)
    assert world.persons()["shop:3"] == "desk:1"


def test_an_undo_holds_against_the_rule_and_can_be_undone(world: World) -> None:
    world.look()
    world.apart("shop:1", "desk:1")
    assert world.persons() == {}
    world.known("shop:1", "external", "5")
    world.known("desk:1", "external", "5")
    world.look("daily-2", TUESDAY)
    assert world.persons() == {}
    assert world.merge("desk:1", "shop:1", "he is one after all") == "desk:1"
    assert world.persons() == {"desk:1": "desk:1", "shop:1": "desk:1"}
    assert [row[2:5:2] for row in world.log() if row[4] == "lead"] == [("apart", "lead"), ("merged", "lead")]


def test_a_decided_pair_is_not_asked_about_again(world: World) -> None:
    world.look()
    world.apart("desk:2", "shop:2")
    world.known("crm:8", "email", "zoe")
    world.look("daily-2", TUESDAY)
    with world.store.reading() as connection:
        assert reviews(connection, "waiting") == []
        (decided,) = reviews(connection, None)
    assert (decided["state"], decided["decided_by"], decided["why"]) == ("apart", "lead", "father and son")
    assert decided["reason"] == "the same phone number, but differing e-mails"


def test_a_decision_beats_the_rule(world: World) -> None:
    world.apart("desk:1", "shop:3")
    assert world.merge("shop:1", "shop:3") == "shop:1"
    assert world.persons() == {"shop:1": "shop:1", "shop:3": "shop:1"}


def test_a_merge_that_contradicts_an_undo_changes_nothing(world: World) -> None:
    world.merge("desk:1", "shop:2")
    world.apart("desk:1", "shop:3")
    before = [world.rows(table) for table in (people, merge_log, merge_reviews)]
    with pytest.raises(ConfigError, match="contradicts other decisions"):
        world.merge("shop:2", "shop:3")
    assert [world.rows(table) for table in (people, merge_log, merge_reviews)] == before


def test_an_undo_that_contradicts_a_merge_changes_nothing(world: World) -> None:
    world.merge("desk:2", "shop:2")
    world.merge("shop:2", "shop:3")
    with pytest.raises(ConfigError, match="contradicts other decisions"):
        world.apart("desk:2", "shop:3")
    assert world.persons()["shop:3"] == "desk:2"


@pytest.mark.parametrize(("one", "other"), [("desk:1", "desk:1"), ("desk:1", "nobody:9")])
def test_an_unknown_customer_and_one_alone_are_refused(world: World, one: str, other: str) -> None:
    with pytest.raises(ConfigError):
        world.merge(one, other)


def test_a_customer_tied_to_nobody_is_a_person(world: World) -> None:
    world.look()
    with world.store.reading() as connection:
        assert person_of(connection, "shop:3") == "shop:3"


def test_what_changes_while_it_looks_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    look_at_all = rows.look_at_all
    looks: list[str] = []

    def disturbed(connection):
        looks.append("look")
        found = look_at_all(connection)
        if len(looks) == 1:
            connection.rollback()
            world.known("shop:3", "email", "ann")
        return found

    monkeypatch.setattr(rows, "look_at_all", disturbed)
    world.look()
    assert looks == ["look", "look"]
    assert world.persons()["shop:3"] == "desk:1"


def test_a_run_that_lost_the_project_writes_nothing(world: World) -> None:
    with pytest.raises(LeaseLostError):
        tie_changed(world.store, "daily-0", MONDAY, "UTC")
    assert world.persons() == {}
