"""What a benchmark calls itself, and which cell it is about."""

import pytest

from domain.roadmap import Hits
from domain.roadmap.population import cells_of


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


OWNED = "tolerance: 0.02, owner: support-lead}"
AT = OWNED.removesuffix("}") + ", population: "


def test_a_benchmark_is_weighted_by_declared_shares_or_as_in_customers(edited):
    roadmap = edited((OWNED, f"{AT}{{segment: as in customers}}}}"))
    assert cells_of(roadmap.benchmarks["csat-support"], roadmap) == {
        "segment": {name: f'{{"segment":"{name}","survey":"after-help"}}' for name in ("office", "home")}
    }
    roadmap = edited((OWNED, f"{AT}{{channel: {{chat: 0.4, email: 0.6}}}}}}"))
    assert list(cells_of(roadmap.benchmarks["csat-support"], roadmap)["channel"]) == ["chat", "email"]
    assert cells_of(roadmap.benchmarks["nps-office"], roadmap) == {}


@pytest.mark.parametrize(
    ("population", "said"),
    [
        ("{channel: {chat: 0.4, email: 0.5}}", "the shares add up to 0.9. Two or more must make 1 together"),
        ("{channel: {chat: 1.0}}", "the shares add up to 1. Two or more must make 1 together"),
        ("{channel: {chat: 0.4, emial: 0.6}}", "no channel called 'emial'. Did you mean 'email'?"),
        ("{channel: as in customers}", "says as in customers, which is known by declared segments alone"),
        ("{country: {de: 0.5, fr: 0.5}}", "csat is not kept by country. Weigh by channel, touchpoint, segment"),
        ("{survey: {a: 0.5, b: 0.5}}", "csat is not kept by survey. Weigh by"),
        ("{segment: as in customers, channel: {chat: 0.4, email: 0.6}}", "weights by segment and channel. Weigh by"),
    ],
)
def test_a_population_that_cannot_be_is_told_in_the_writers_words(told, population, said):
    assert any(said in line for line in told((OWNED, f"{AT}{population}}}")))


def test_a_median_and_a_segment_of_itself_cannot_be_weighted(told):
    office = "scope: {segment: office}, window: 28d"
    (line,) = told((office, f"{office}, population: {{segment: as in customers}}"))
    assert "is of one segment alone: there is nothing to weigh" in line
    churn = "{kpi: churn_rate, scope: {segment: home}, window: 28d"
    (line,) = told((churn, f"{churn}, population: {{product: {{a: 0.5, b: 0.5}}}}"))
    assert "churn_rate cannot be weighted" in line
