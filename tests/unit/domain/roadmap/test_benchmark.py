"""What a benchmark calls itself, and which cell it is about."""

import pytest

from domain.roadmap import Hits


@pytest.mark.parametrize(
    ("benchmark", "title"),
    [
        ("nps-office", "Office NPS"),
        ("churn-home", "Home churn"),
        ("csat-support", "CSAT after help"),
        ("on-time", "SLA attainment"),
        ("contacts", "Home contacts per 100 customers"),
    ],
)
def test_the_title_is_the_readers_name(acme, benchmark, title):
    assert acme.benchmarks[benchmark].title == title


def test_the_title_of_a_channel_starts_with_it(edited):
    roadmap = edited(("{kpi: sla_attainment, window: 28d", "{kpi: sla_attainment, scope: {channel: chat}, window: 28d"))
    assert roadmap.benchmarks["on-time"].title == "Chat SLA attainment"


def test_the_title_of_the_whole_is_the_kpi_alone(edited):
    roadmap = edited(("{kpi: nps, survey: relationship, scope: {segment: office}", "{kpi: nps, survey: relationship"))
    assert roadmap.benchmarks["nps-office"].title == "NPS"


def test_the_scope_key_is_canonical_and_holds_the_survey(acme):
    assert acme.benchmarks["nps-office"].scope_key == '{"segment":"office","survey":"relationship"}'
    assert acme.benchmarks["on-time"].scope_key == "{}"


def test_an_alert_fires_at_the_first_period_unless_it_says_otherwise(acme, edited):
    assert acme.benchmarks["contacts"].fire_after == Hits(1, 1)
    contacts = edited(("tolerance: 0.5,", "tolerance: 0.5, fire_after: 2 of 3, recover_after: 2,")).benchmarks[
        "contacts"
    ]
    assert (contacts.fire_after, contacts.recover_after) == (Hits(2, 3), 2)
