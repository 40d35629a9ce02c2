"""Who is told where, and which events touch which numbers."""

from datetime import date

from domain.roadmap import breaks_of, channel_of, channels_about, channels_for, events_of, roles_for
from domain.scopes import canonical

OFFICE = canonical({"segment": "office", "survey": "relationship"})


def test_the_owners_channel_comes_first_and_routes_add_theirs(acme):
    assert channels_for(acme, acme.benchmarks["nps-office"]) == ["#customer-success"]
    assert channels_for(acme, acme.benchmarks["churn-home"]) == ["#cx", "#leadership"]


def test_a_route_to_a_role_adds_the_role_and_its_channel(acme, edited):
    roadmap = edited(("{kpi: sla_attainment, window", "{kpi: sla_attainment, scope: {touchpoint: billing}, window"))
    on_time = roadmap.benchmarks["on-time"]
    assert roles_for(roadmap, on_time) == ["logistics-lead", "payments-lead"]
    assert channels_for(roadmap, on_time) == ["#logistics", "#payments"]
    assert roles_for(acme, acme.benchmarks["on-time"]) == ["logistics-lead"]


def test_a_role_without_a_channel_is_told_in_the_default_one(edited):
    roadmap = edited(('channel: "#cx", ', ""), ("alerts:\n", 'alerts:\n  default_channel: "#all-cx"\n'))
    assert channel_of(roadmap, "cx-lead") == "#all-cx"
    assert channels_about(roadmap, "nps", "{}") == ["#all-cx"]


def test_a_kpi_nobody_owns_has_no_channel_without_a_default(acme):
    assert channels_about(acme, "nps", "{}") == []
    assert channel_of(acme, "nobody") is None


def test_a_break_concerns_the_kpi_it_names_alone(acme):
    assert breaks_of(acme, "nps", OFFICE) == [date(2025, 5, 19)]
    assert breaks_of(acme, "csat", OFFICE) == []


def test_a_break_of_one_survey_concerns_the_whole_but_not_another_survey(acme):
    assert breaks_of(acme, "nps", "{}") == [date(2025, 5, 19)]
    assert breaks_of(acme, "nps", canonical({"survey": "after-help"})) == []


def test_an_event_of_one_segment_does_not_touch_the_other(acme):
    homes = canonical({"segment": "home"})
    assert "Home price 24 → 26 EUR" in [event.title for event in events_of(acme, homes)]
    assert "Home price 24 → 26 EUR" not in [event.title for event in events_of(acme, OFFICE)]
    assert [event.on for event in events_of(acme, "{}")] == sorted(event.on for event in acme.events)
