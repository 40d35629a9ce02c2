"""A channel's share of contacts answered in time is a benchmark."""

from datetime import date

from domain.roadmap.advice import warnings_of

CHAT = "share: {baseline: 0.70, on: 2025-07-01, target: 0.85, by: 2026-12-31}"


def test_each_channel_with_a_share_is_judged_as_a_benchmark(acme):
    promised = [name for name in acme.benchmarks if name.startswith("answered-")]
    assert promised == ["answered-chat", "answered-email", "answered-phone", "answered-social"]
    chat = acme.benchmarks["answered-chat"]
    assert (chat.kpi, chat.scope, chat.window, chat.owner) == (
        "answered_in_time",
        {"channel": "chat"},
        "28d",
        "support-lead",
    )
    assert (chat.baseline, chat.on, chat.target, chat.by) == (0.70, date(2025, 7, 1), 0.85, date(2026, 12, 31))
    assert chat.tolerance == 0.02
    assert chat.title == "Chat answered in time"


def test_a_benchmark_of_that_name_takes_its_place(edited):
    own = (
        "answered-chat: {kpi: answered_in_time, scope: {channel: chat}, window: week, baseline: 0.7, on: 2025-07-01, "
        "target: 0.85, by: 2026-12-31, tolerance: 0.05, owner: cx-lead}"
    )
    chat = edited(("\nbenchmarks:\n", f"\nbenchmarks:\n  {own}\n")).benchmarks["answered-chat"]
    assert (chat.window, chat.tolerance, chat.owner) == ("week", 0.05, "cx-lead")


def test_its_tolerance_and_reason_are_said_with_the_share(edited):
    said = CHAT.replace("2026-12-31}", "2026-12-31, tolerance: 0.05, why: Half the crew is new}")
    chat = edited((CHAT, said)).benchmarks["answered-chat"]
    assert (chat.tolerance, chat.why) == (0.05, "Half the crew is new")


def test_initiatives_and_guards_may_name_it(edited):
    contacts = edited(("guard: [csat-support]", "guard: [csat-support, answered-chat]")).benchmarks["contacts"]
    assert contacts.guard == ("csat-support", "answered-chat")


def test_a_share_without_a_promise_is_refused_where_it_stands(told):
    (line,) = told((f"answer_within: 2 min, {CHAT}", CHAT))
    assert line.startswith("roadmap.yaml:38  chat: wants a share answered in time, but not within what.")


def test_what_is_wrong_with_a_share_is_said_once(told):
    lines = told((CHAT, CHAT.replace("0.85", "0.65")))
    assert lines == ["roadmap.yaml:38  chat: the target 0.65 is worse than the baseline 0.7. Swap them"]


def test_advice_points_to_the_channel(acme):
    lines = warnings_of(acme, {"answered-social": 3})
    (line,) = (line for line in lines if "came in" in line)
    assert line.startswith("acme_roadmap.yaml:42  social: 3 contacts came in 4 weeks; under ")
