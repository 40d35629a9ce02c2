"""Section 1: what went wrong and who has it, what worked, what is wanted."""

from dataclasses import replace

from tasks.report.episodes import Alerts, Board
from tasks.report.standing import Standing
from tasks.report.verdict import is_quiet, sentences


def test_what_went_wrong_comes_first_with_number_and_owner(acme):
    assert sentences(acme)[0] == (
        "Two things went wrong and both have an owner: Office NPS (16, plan 29) and Home churn (4.1 %, plan 3.0 %)."
    )


def test_a_benchmark_behind_that_was_not_named_is_named_with_the_count(acme):
    assert (
        "Five of nine benchmarks are on plan, one cannot be judged yet; also behind: Deliveries on time (CX-41)."
        in (sentences(acme))
    )


def test_each_thing_wanted_has_one_owner_and_one_date(acme):
    wanted = sentences(acme)[-1]
    assert wanted.startswith("Wanted: product-lead for CX-36, overdue since Fri 6 Mar; payments-lead for CX-42 by Wed")
    assert wanted.count("CX-42") == 1


def test_a_drift_is_told_as_worse_than_its_own_past(acme):
    drifting = replace(acme.alerts.new[0], rule="drift", window="week")
    told = replace(acme, alerts=Alerts(going_on=(drifting,)), board=Board())
    assert "Still open: Office NPS (worse than its own past, began in the week of 16 Feb)." in sentences(told)[0]


def test_a_quiet_week_has_at_most_three_sentences_and_says_what_is_still_open(quiet):
    assert quiet.is_quiet
    assert len(quiet.sentences) <= 3
    assert quiet.sentences[0].startswith(
        "A quiet week: nothing fired, nothing ended, no task is due. Still open: Office"
    )


def test_an_alert_that_ended_is_not_a_quiet_week(acme):
    assert not is_quiet(Alerts(over=acme.alerts.over), Board())
    assert is_quiet(Alerts(going_on=acme.alerts.new), Board(n_open=3))


def test_at_the_first_look_all_that_is_open_is_told_for_the_first_time(acme):
    alerts = Alerts(going_on=acme.alerts.new)
    first = replace(acme, alerts=alerts, board=Board(), is_first_look=True)
    assert sentences(first)[0] == (
        "Two things are not as planned, told now for the first time: "
        "Office NPS (16, plan 29) and Home churn (4.1 %, plan 3.0 %)."
    )
    assert not is_quiet(alerts, Board(), is_first_look=True)
    assert sentences(replace(first, is_first_look=False))[0].startswith(
        "Nothing new went wrong. Still open: Office NPS"
    )


def test_a_first_look_at_which_nothing_is_off_says_so(acme):
    assert sentences(replace(acme, alerts=Alerts(), is_first_look=True))[0] == "Nothing new went wrong."


def test_a_week_without_any_number_says_so_and_no_more(acme):
    empty = replace(acme, values=(), benchmarks=(replace(acme.benchmarks[0], point=None, standing=Standing.NO_DATA),))
    assert sentences(empty) == ("Nothing was measured yet, so nothing can be told of this week.",)


def test_no_data_is_never_told_as_on_plan(acme):
    rows = tuple(replace(row, standing=Standing.NO_DATA) for row in acme.benchmarks[:2])
    told = sentences(replace(acme, benchmarks=rows))
    assert "None of two benchmarks is on plan, two cannot be judged yet." in told
    assert "The one benchmark has no data." in sentences(replace(acme, benchmarks=rows[:1]))
