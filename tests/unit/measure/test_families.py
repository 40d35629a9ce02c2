from datetime import date

import pytest

from domain.kpis import KPIS
from domain.roadmap.company import Reopening
from domain.roadmap.durations import Duration
from sql.tables import MEASURED
from tasks.detect.replay import LATE
from tasks.identify.steps.rows import BY_PERSON as OF_PERSONS
from tasks.measure.contacts.reopenings import WHENEVER
from tasks.measure.families import (
    BY_PERSON,
    DIMENSIONS,
    FAMILIES,
    FIELDS,
    IN_HOURS,
    KEYS,
    LATER,
    Terms,
    entries_of,
    members,
    reach_of,
)
from tests.factories import facts

TWO_WEEKS = Reopening(within=Duration.parsed("14 days"))
EMPTY = {"ticket_events": facts("ticket_events", [])}
OF_TICKETS = [family for family, fact in LATER.items() if fact == "tickets"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_reads_columns_that_its_facts_have_and_feeds_kpis_of_these_facts(family: str) -> None:
    fact = LATER.get(family, family)
    assert {*FIELDS[family], *DIMENSIONS[family], *KEYS[family]} <= set(MEASURED[fact].c.keys())
    assert {KPIS[name].fact for name in FAMILIES[family]} == {fact}
    for name in FAMILIES[family]:
        assert {*KPIS[name].dimensions, *([KPIS[name].mix] if KPIS[name].mix else [])} <= set(DIMENSIONS[family])


def test_days_of_all_facts_that_count_by_person_are_measured_again_when_persons_change() -> None:
    assert {LATER.get(family, family) for family in BY_PERSON} == set(OF_PERSONS)


def terms(family: str, rule: Reopening) -> Terms:
    return Terms("UTC", date(2026, 3, 15), members(family, rule), reopening=rule)


@pytest.mark.parametrize("rule", [WHENEVER, TWO_WEEKS])
def test_every_kpi_of_a_helpdesk_is_made_once(rule: Reopening) -> None:
    made = [
        name
        for family in ("tickets", *OF_TICKETS)
        for names, entries in entries_of(family, {"tickets": facts("tickets", []), **EMPTY}, terms(family, rule))
        for name in names
        if entries.is_empty()
    ]
    assert sorted(made) == sorted(name for name, kpi in KPIS.items() if kpi.fact == "tickets")
    assert sorted(name for family in ("tickets", *OF_TICKETS) for name in members(family, rule)) == sorted(made)


@pytest.mark.parametrize("family", LATER)
def test_who_looks_at_the_days_after_says_how_many_and_is_known_late(family: str) -> None:
    assert reach_of(family, TWO_WEEKS) > 0
    assert set(FAMILIES[family]) <= LATE


def test_business_time_is_of_kpis_that_there_are() -> None:
    assert set(KPIS) >= IN_HOURS


@pytest.mark.parametrize("family", ["tickets", *OF_TICKETS])
def test_what_is_on_request_and_not_wanted_is_not_made(family: str) -> None:
    usual = [name for name in members(family, WHENEVER) if not KPIS[name].is_on_request]
    given = {"tickets": facts("tickets", []), **EMPTY}
    made = [names for names, _ in entries_of(family, given, Terms("UTC", date(2026, 3, 15), usual))]
    assert {name for names in made for name in names} >= set(usual)
    assert family != "tickets" or all(not KPIS[KPIS[name].kept_as].is_on_request for names in made for name in names)
