from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import TransitionError
from domain.records import Incident
from tasks.alert.lifecycle import (
    TRANSITIONS,
    Policy,
    acknowledge,
    advance,
    is_materially_worse,
    snooze,
    unsnooze,
)

ONCE = Policy()
MONDAY = date(2026, 3, 16)


def _states(events) -> list[tuple[str, str]]:
    return [(event.old, event.new) for event in events]


def _put(incident: Incident, state: str) -> Incident:
    """The incident brought to a state by the ways there are."""
    match state:
        case "acknowledged":
            return acknowledge(incident, MONDAY, "cs-lead")[0]
        case "snoozed":
            return snooze(incident, MONDAY, MONDAY + timedelta(weeks=2), "cs-lead", "known")[0]
        case _:
            return incident


def test_a_breach_fires(finding):
    incident, events = advance(None, finding(), ONCE)
    assert incident is not None
    assert (incident.state, incident.opened_at, incident.n_breaches) == ("firing", MONDAY, 1)
    assert [(e.old, e.new, e.reason) for e in events] == [("normal", "firing", "surely behind the plan")]


def test_normal_stays_normal(finding):
    for what in ("recovered", "no data", "on track", "behind, not sure", "not enough evidence"):
        assert advance(None, finding(what=what), ONCE) == (None, [])


def test_surely_behind_but_not_often_enough_is_pending(finding):
    incident, events = advance(None, finding(what="surely behind"), ONCE)
    assert _states(events) == [("normal", "pending")]
    incident, events = advance(incident, finding(1), ONCE)
    assert _states(events) == [("pending", "firing")]
    assert incident is not None
    assert incident.opened_at == MONDAY


def test_a_policy_may_ask_for_more_breaches(finding):
    policy = Policy(fire_after=3)
    incident = None
    states = []
    for week in range(4):
        incident, _ = advance(incident, finding(week), policy)
        states.append(incident.state)
    assert states == ["pending", "pending", "firing", "firing"]


def test_a_pending_one_that_recovers_is_over_unconfirmed(finding):
    incident, _ = advance(None, finding(what="surely behind"), ONCE)
    incident, events = advance(incident, finding(1, "recovered"), ONCE)
    assert _states(events) == [("pending", "resolved")]
    assert events[0].reason.startswith("not confirmed")


def test_one_episode_stays_one_incident(finding, firing):
    incident, events = advance(firing, finding(1), ONCE)
    assert (incident.incident_id, incident.state, incident.n_breaches, events) == (firing.incident_id, "firing", 2, [])


def test_it_is_over_only_at_the_benchmark_itself(finding, firing):
    incident, events = advance(firing, finding(1, "behind, not sure"), ONCE)
    assert (incident.state, events) == ("firing", [])
    incident, events = advance(incident, finding(2, "recovered", 0.9), ONCE)
    assert (incident.state, incident.resolved_at) == ("resolved", MONDAY + timedelta(weeks=2))
    assert _states(events) == [("firing", "resolved")]


@pytest.mark.parametrize("state", ["firing", "acknowledged", "snoozed"])
def test_it_recovers_before_it_is_over_where_once_is_not_enough(finding, firing, state):
    policy = Policy(recover_after=2)
    incident, events = advance(_put(firing, state), finding(1, "recovered", 0.9), policy)
    assert _states(events) == [(state, "recovering")]
    incident, events = advance(incident, finding(2, "recovered", 0.9), policy)
    assert _states(events) == [("recovering", "resolved")]


def test_a_breach_while_recovering_fires_again_without_a_new_notice(finding, firing):
    policy = Policy(recover_after=2)
    incident, _ = advance(firing, finding(1, "recovered", 0.9), policy)
    incident, events = advance(incident, finding(2), policy)
    assert _states(events) == [("recovering", "firing")]
    assert "notice" not in incident.figures
    assert incident.n_recovered == 0


def test_recoveries_must_be_in_a_row(finding, firing):
    policy = Policy(recover_after=2)
    incident, _ = advance(firing, finding(1, "recovered", 0.9), policy)
    incident, _ = advance(incident, finding(2, "behind, not sure"), policy)
    incident, _ = advance(incident, finding(3, "recovered", 0.9), policy)
    assert incident.state == "recovering"


@pytest.mark.parametrize("state", ["firing", "acknowledged", "snoozed"])
def test_no_data_is_no_improvement(finding, firing, state):
    before = _put(firing, state)
    after, events = advance(before, finding(1, "no data"), ONCE)
    assert (after.state, after.figures, events) == (state, before.figures, [])
    assert after.judged_through == MONDAY + timedelta(weeks=1)


def test_a_finding_counts_once(finding, firing):
    assert advance(firing, finding(), ONCE) == (firing, [])
    assert advance(firing, finding(-1, "recovered"), ONCE) == (firing, [])


def test_the_next_episode_has_the_same_key_and_another_id(finding, firing):
    over, _ = advance(firing, finding(1, "recovered", 0.9), ONCE)
    again, events = advance(over, finding(2), ONCE)
    assert again.key == firing.key
    assert again.incident_id != firing.incident_id
    assert _states(events) == [("normal", "firing")]
    assert advance(over, finding(2, "on track"), ONCE) == (over, [])


def test_a_restated_past_does_not_bring_a_closed_episode_back(finding, firing):
    over, _ = advance(firing, finding(3, "recovered", 0.9), ONCE)
    assert advance(over, finding(2), ONCE) == (over, [])


def test_ids_come_from_labels_and_moments(finding):
    (one, events), (other, others) = advance(None, finding(), ONCE), advance(None, finding(value=0.2), ONCE)
    assert one.incident_id == other.incident_id
    assert events[0].event_id == others[0].event_id
    assert "0.5" not in one.key
    assert "2026" not in one.key


def test_somebody_is_on_it(firing):
    incident, event = acknowledge(firing, date(2026, 3, 18), "cs-lead")
    assert (incident.state, event.old, event.new, event.actor) == ("acknowledged", "firing", "acknowledged", "cs-lead")
    assert incident.figures["acknowledged_on"] == "2026-03-18"


def test_a_snooze_ends_on_its_day_and_tells_again(finding, firing):
    asleep, _ = snooze(firing, MONDAY, MONDAY + timedelta(weeks=2), "cs-lead", "carrier changes")
    asleep, events = advance(asleep, finding(1), ONCE)
    assert (asleep.state, events) == ("snoozed", [])
    awake, events = advance(asleep, finding(2), ONCE)
    assert _states(events) == [("snoozed", "firing")]
    assert awake.figures["notice"] == "snooze over"


def test_a_snooze_ends_early_when_it_gets_materially_worse(finding, firing):
    asleep, _ = snooze(firing, MONDAY, MONDAY + timedelta(weeks=8), "cs-lead", "carrier changes")
    awake, events = advance(asleep, finding(1, value=0.40), ONCE)
    assert _states(events) == [("snoozed", "firing")]
    assert (awake.figures["notice"], awake.figures["told_before"]) == ("worse", 0.50)


def test_a_snooze_ends_by_hand(firing):
    asleep, _ = snooze(firing, MONDAY, MONDAY + timedelta(weeks=8), "cs-lead", "carrier changes")
    awake, event = unsnooze(asleep, MONDAY, "cx-lead", "we want to know")
    assert (awake.state, event.reason) == ("firing", "we want to know")


@pytest.mark.parametrize("state", ["firing", "acknowledged"])
def test_a_materially_worse_one_is_told_again_once(finding, firing, state):
    incident, events = advance(_put(firing, state), finding(1, value=0.40), ONCE)
    assert (incident.state, incident.figures["notice"], events) == (state, "worse", [])
    assert incident.figures["told_value"] == 0.40


def test_nobody_is_told_of_worse_across_a_break_of_the_series(finding, firing):
    """Another survey tool gives lower values: that is no news of the trouble; what gets worse after it is."""
    broken = Policy(breaks=(MONDAY + timedelta(days=2),))
    after, _ = advance(firing, finding(2, value=0.40), broken)
    assert (after.state, after.figures.get("notice"), after.figures["told_value"]) == ("firing", None, 0.40)
    same, _ = advance(after, finding(3, value=0.39), broken)
    assert same.figures.get("notice") is None
    worse, _ = advance(same, finding(4, value=0.30), broken)
    assert (worse.figures["notice"], worse.figures["told_before"]) == ("worse", 0.40)
    old, _ = advance(firing, finding(2, value=0.40), Policy(breaks=(MONDAY - timedelta(days=20),)))
    assert old.figures["notice"] == "worse"


def test_worse_needs_to_be_sure_and_large():
    told = {"told_value": 0.50}

    def now(value: float, half: float) -> dict:
        return {"value": value, "low": value - half, "high": value + half, "expected": 0.87, "line": 0.85}

    assert is_materially_worse(told, now(0.44, 0.03), "csat")
    assert not is_materially_worse(told, now(0.44, 0.07), "csat")  # could be chance
    assert not is_materially_worse(told, now(0.49, 0.005), "csat")  # within the tolerance
    assert not is_materially_worse(told, now(0.60, 0.03), "csat")
    assert is_materially_worse({"told_value": 0.03}, now(0.06, 0.01), "churn_rate")  # lower is better there
    assert not is_materially_worse({}, now(0.4, 0.01), "csat")


def test_open_outcomes_are_taken_at_their_best_before_anybody_is_told_worse():
    now = {"value": 0.2, "low": 0.18, "high": 0.22, "n_open": 300, "bound_low": 0.1, "bound_high": 0.6,
           "expected": 0.87, "line": 0.85}  # fmt: skip
    assert not is_materially_worse({"told_value": 0.5}, now, "csat")


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda i: acknowledge(i, MONDAY, "a"), "resolved"),
        (lambda i: snooze(i, MONDAY, MONDAY + timedelta(1), "a", "b"), "resolved"),
        (lambda i: unsnooze(i, MONDAY, "a", "b"), "resolved"),
        (lambda i: acknowledge(i, MONDAY, "a"), "acknowledged"),
        (lambda i: acknowledge(i, MONDAY, "a"), "recovering"),
        (lambda i: snooze(i, MONDAY, MONDAY + timedelta(1), "a", "b"), "recovering"),
        (lambda i: unsnooze(i, MONDAY, "a", "b"), "firing"),
        (lambda i: acknowledge(i, MONDAY, "a"), "pending"),
    ],
)
def test_what_may_not_follow_is_refused(firing, change, state):
    incident = Incident(**{**firing.__dict__, "state": state})
    with pytest.raises(TransitionError, match=f"is {state}; it cannot become"):
        change(incident)


def test_a_snooze_needs_a_reason_and_a_later_end(firing):
    with pytest.raises(TransitionError, match="no later day"):
        snooze(firing, MONDAY, MONDAY, "cs-lead", "because")
    with pytest.raises(TransitionError, match="needs a reason"):
        snooze(firing, MONDAY, MONDAY + timedelta(1), "cs-lead", " ")


@given(st.lists(st.sampled_from(["breach", "recovered", "no data", "behind, not sure", "surely behind"]), max_size=12))
def test_every_way_through_is_one_that_may_be_taken_and_replays_alike(steps):
    def make(week, what):
        from domain.records import Finding, Point

        moment = MONDAY + timedelta(weeks=week)
        point = None if what == "no data" else Point(moment - timedelta(7), moment, 50, 0.5, 0.4, 0.6)
        return Finding("pace", "csat", "{}", "b", moment, "surely behind" if what == "breach" else what, point, 0.9,
                       0.85, None, what == "breach", what == "recovered")  # fmt: skip

    def run():
        incident, events = None, []
        for week, what in enumerate(steps):
            incident, moved = advance(incident, make(week, what), Policy(2, 2))
            events += moved
        return incident, events

    incident, events = run()
    assert run() == (incident, events)
    assert all(e.old == "normal" or e.new in TRANSITIONS[e.old] for e in events)
    assert all(e.reason for e in events)
    assert len({e.event_id for e in events}) == len(events)
    if incident is not None and steps and steps[-1] == "no data":
        assert incident.state != "resolved" or "recovered" in steps
