"""What customers say about open incidents, in a database: kept while they are open, the same rows however it came."""

import json
from dataclasses import asdict, replace
from datetime import date

import pytest
from sqlalchemy import delete, update

from domain.heard import counts_line
from domain.records import Incident
from sql.queries.incident_words import heard_of, quote_about, remarks_of, themes_of
from sql.store import Store
from sql.tables import FACTS, customer_segments, incident_subjects, incident_words, incidents
from tasks.words.steps.incidents import hear_all
from tests.factories import at
from tests.unit.words.test_incident import FIRING
from tests.unit.words.test_steps import LATE, RUN, World, roadmap

DULL = "It was all as usual with this order."
WEEK = {"period_start": "2026-03-09", "period_end": "2026-03-16", "fired_start": "2026-03-09"}
OPEN = replace(FIRING, scope="{}", since=None, figures=WEEK)


class Heard(World):
    """A project with incidents, whose customers write."""

    def opens(self, incident: Incident) -> None:
        with self.store.transaction() as connection:
            row = {**asdict(incident), "judged_through": date(2026, 3, 16), "figures": json.dumps(incident.figures)}
            self.store.put(connection, incidents, [row])

    def hear(self, more: str = "") -> int:
        return hear_all(self.store, RUN, roadmap("themes: {late-delivery: [late]}\n" + more))

    def kept(self) -> list[list[tuple]]:
        return [self.rows(incident_words), self.rows(incident_subjects)]

    def line(self) -> str:
        with self.store.reading() as connection:
            return counts_line(heard_of(connection, 5)["incident-1"])

    def quote(self) -> str:
        with self.store.reading() as connection:
            return quote_about(connection, "incident-1")


@pytest.fixture
def world(store: Store) -> Heard:
    made = Heard(store)
    made.answers(30, LATE, "2026-03-10", None, "late", segment="office", channel="app")
    made.answers(10, DULL, "2026-03-11", None, "dull", segment="home", channel="app")
    made.answers(12, LATE, "2026-02-10", None, "was", segment="office", channel="app")
    made.answers(80, DULL, "2026-02-11", None, "usual", segment="office", channel="app")
    made.read("themes: {late-delivery: [late]}\n")
    return made


def test_counts_are_of_customers_in_the_period_and_before(world: Heard) -> None:
    world.opens(OPEN)
    assert world.hear() == 1
    assert world.line() == "late delivery 30 of 40 customers who wrote, before 12 of 92"
    assert world.quote() == LATE
    assert "boxes" not in str(world.kept())


def test_only_what_may_be_of_an_open_incident_is_read(world: Heard) -> None:
    march, february = (date(2026, 3, 9), date(2026, 3, 16)), (date(2026, 2, 9), date(2026, 2, 16))
    parts = {
        "nothing is open": [], "no days": [({}, [(march[0], march[0])])], "a week": [({}, [march])],
        "elsewhere": [({"channel": "web"}, [march, february])],
        "two parts": [({"channel": "app"}, [february]), ({"channel": "web"}, [march])],
        "a segment, which is told elsewhere": [({"segment": "home", "channel": "app"}, [march])],
    }  # fmt: skip
    with world.store.reading() as connection:
        found = {
            name: (remarks_of(connection, of).height, themes_of(connection, of).height) for name, of in parts.items()
        }
    assert found == {
        "nothing is open": (0, 0), "no days": (0, 0), "a week": (40, 30), "elsewhere": (0, 0), "two parts": (92, 12),
        "a segment, which is told elsewhere": (40, 30),
    }  # fmt: skip


def test_told_twice_nothing_changes(world: Heard) -> None:
    world.opens(OPEN)
    world.hear()
    kept = world.kept()
    assert world.hear() == 0
    assert world.kept() == kept


def test_an_incident_of_a_part_hears_that_part_alone(world: Heard) -> None:
    world.opens(replace(OPEN, scope='{"segment":"home"}'))
    world.hear()
    assert world.line() == "10 customers wrote, too few before to hold it against"
    world.opens(replace(OPEN, scope='{"channel":"app","segment":"office"}'))
    world.hear()
    assert world.line() == "late delivery 30 of 30 customers who wrote, before 12 of 92"


def test_a_survey_hears_its_own_answers(world: Heard) -> None:
    world.answers(6, DULL, "2026-03-12", None, "other", survey="another")
    world.read("themes: {late-delivery: [late]}\n")
    world.opens(replace(OPEN, scope='{"survey":"another"}'))
    world.hear()
    assert world.line() == "6 customers wrote, too few before to hold it against"


def test_a_text_without_a_segment_counts_in_the_one_its_customer_had_then(world: Heard) -> None:
    world.answers(7, DULL, "2026-03-12", None, "moved")
    world.read("themes: {late-delivery: [late]}\n")
    spells = [
        {"customer_id": f"cmoved{i:03}", "valid_from": at("1970-01-01"), "valid_to": at("2026-03-14"), "segment": "new"}
        for i in range(7)
    ] + [
        {"customer_id": f"cmoved{i:03}", "valid_from": at("2026-03-14"), "valid_to": None, "segment": "home"}
        for i in range(7)
    ]
    with world.store.transaction() as connection:
        world.store.put(connection, customer_segments, spells)
    world.opens(replace(OPEN, scope='{"segment":"new"}'))
    world.hear()
    assert world.line() == "7 customers wrote, too few before to hold it against"


def test_what_is_over_muted_or_asked_for_no_more_is_forgotten(world: Heard) -> None:
    world.opens(OPEN)
    world.hear()
    world.opens(replace(OPEN, figures=WEEK | {"muted_by": "incident-2"}))
    assert world.hear() == 1
    assert world.kept() == [[], []]
    world.opens(OPEN)
    world.hear()
    world.opens(replace(OPEN, state="resolved"))
    assert world.hear() == 1
    assert world.kept() == [[], []]
    assert world.quote() == ""


def test_a_text_that_is_gone_is_quoted_no_more_and_counted_no_more(world: Heard) -> None:
    world.opens(OPEN)
    world.hear()
    answers = FACTS["survey_answers"]
    with world.store.transaction() as connection:
        late = answers.c.comment == LATE
        connection.execute(update(answers).where(late, answers.c.answered_at >= at("2026-03-01"))
                           .values(deleted_at=at("2026-03-15"), row_hash=1))  # fmt: skip
    assert world.quote() == ""
    world.read("themes: {late-delivery: [late]}\n")
    assert world.hear() == 1
    assert world.line() == "nothing surely more often than before (10 customers wrote)"


def test_later_texts_change_nothing(world: Heard) -> None:
    world.opens(OPEN)
    world.hear()
    kept = world.kept()
    world.answers(40, DULL, "2026-03-16 12:00", None, "later")
    world.read("themes: {late-delivery: [late]}\n")
    assert world.hear() == 0
    assert world.kept() == kept


def test_a_killed_run_then_another_gives_the_same_rows(world: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    world.opens(OPEN)
    world.hear()
    whole = world.kept()
    with world.store.transaction() as connection:
        for table in (incident_words, incident_subjects):
            connection.execute(delete(table))
    put = world.store.put

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "put", killed)
    with pytest.raises(KeyboardInterrupt):
        world.hear()
    assert world.kept() == [[], []]
    monkeypatch.setattr(Store, "put", staticmethod(put))
    world.hear()
    assert world.kept() == whole
