# ruff: noqa: E501  # the names of tests are as long as they are
"""The classic ways to be wrong about a KPI: each trap by its name, and the test that would fall into it.

A trap that another test holds is named in HELD; the rest stand below. What every KPI of the catalogue is held by, a case
worked by hand and a count of another kind over whatever comes, is in BY_HAND and BY_COUNT.
"""

import ast
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from domain.estimates import points
from domain.intervals import nps_bounds, wilson
from domain.kpis import KPIS
from domain.shown import shown
from domain.windows import periods
from tasks.measure.contacts import tickets
from tasks.measure.contacts.handling import assignments, transfers
from tasks.measure.contacts.reopenings import reopens
from tasks.measure.contacts.service_levels import with_outcomes
from tasks.measure.entries import parts
from tasks.measure.feedback import answers
from tests.factories import at, facts
from tests.unit.measure.helpdesk import BERLIN, moved, value

TESTS = Path(__file__).parents[1]
MEASURE, SOURCES = "unit/measure", "unit/domain/test_sources.py"
HELD = {
    "a reply by who was an agent then, and has left since": f"{MEASURE}/contacts/test_reply_times.py::test_a_reply_by_who_was_an_agent_then_stays_one_after_they_have_left",
    "an internal note is no reply": f"{MEASURE}/contacts/test_tickets.py::test_first_reply_is_the_first_public_word_of_who_was_an_agent_then",
    "no reply is not a reply in no time": f"{MEASURE}/contacts/test_tickets.py::test_a_ticket_without_a_reply_is_open_not_zero",
    "what an agent wrote to open a ticket is no reply": "contract/connectors/test_zendesk_audits.py::test_what_an_agent_wrote_to_open_a_ticket_is_no_reply",
    "messages of a customer in a row are one wait": f"{MEASURE}/contacts/test_reply_times.py::test_messages_that_follow_each_other_are_one_wait_from_the_first",
    "an unanswered last message is open, not zero": f"{MEASURE}/contacts/test_reply_times.py::test_an_unanswered_message_is_open_not_zero_and_is_booked_on_the_day_of_the_contact",
    "a chat session is one wait": f"{MEASURE}/contacts/test_reply_times.py::test_a_chat_session_counts_as_one",
    "a chat session is one reply": f"{MEASURE}/contacts/test_handling.py::test_all_messages_of_a_chat_session_are_one_reply",
    "solved without a reply is a class of its own": f"{MEASURE}/contacts/test_handling.py::test_solved_with_one_reply_is_one_touch_with_two_it_is_not_and_with_none_it_is_a_class_of_its_own",
    "a bot's reply is no person's": f"{MEASURE}/contacts/test_reply_times.py::test_what_a_bot_says_is_no_reply_by_a_person",
    "a bot's message ends no wait for a person": f"{MEASURE}/contacts/test_reply_times.py::test_a_bots_message_ends_no_wait_for_a_person",
    "a reopened ticket has no full resolution": f"{MEASURE}/contacts/test_tickets.py::test_a_reopened_ticket_has_no_full_resolution_until_it_is_solved_again",
    "a ticket reopened twice is one reopened ticket": f"{MEASURE}/contacts/test_reopenings.py::test_reopened_tickets_are_counted_once_however_often_they_come_back",
    "time on hold is ours": "unit/measure/journey/test_paths.py::test_on_hold_waits_for_us_and_a_short_wait_is_not_dead",
    "the first assignment is no hand-off": f"{MEASURE}/contacts/test_handling.py::test_the_first_assignment_is_no_hand_off",
    "business minutes over all schedules, and by the last": "unit/domain/test_calendars.py::test_the_worked_ticket_takes_959_46_minutes_over_all_schedules_and_689_46_by_the_last",
    "round the clock is calendar time": "unit/domain/test_calendars.py::test_a_schedule_that_is_always_open_gives_calendar_time_exactly",
    "a span of years is not cut at 52 weeks": "unit/domain/test_calendars.py::test_a_span_of_years_is_not_cut_short",
    "an hour that the clock skips": "unit/domain/test_calendars.py::test_an_hour_that_the_clock_skips_is_not_worked",
    "an outcome ahead of its deadline is not known": f"{MEASURE}/contacts/test_tickets.py::test_a_service_level_is_known_only_when_the_ticket_is_closed",
    "a target that is set after the miss": f"{MEASURE}/contacts/test_service_targets.py::test_a_miss_stays_one_under_a_target_that_is_set_later",
    "an unrated contact is not a bad one": f"{MEASURE}/feedback/test_answers.py::test_an_unanswered_survey_is_not_a_dissatisfied_one",
    "a ticket that is rated again is one voice": "unit/measure/feedback/test_rated_again.py::test_a_ticket_rated_1_and_then_5_is_one_satisfied_voice",
    "satisfied is another class on another scale": f"{MEASURE}/feedback/test_answers.py::test_a_satisfied_class_follows_its_scale",
    "the latest rating of a ticket wins": "unit/extract/warehouse/test_dbt_zendesk.py::test_the_latest_rating_of_a_ticket_is_its_answer",
    "a rating that turned bad is not one that turned good": "unit/extract/warehouse/test_dbt_zendesk.py::test_a_rating_that_turns_bad_is_told_as_that_where_they_tell_the_opposite",
    "an unreplied ticket is counted": "unit/extract/warehouse/test_dbt_zendesk.py::test_an_unreplied_ticket_is_counted_where_they_count_none",
    "fractional scores fall into a class": f"{MEASURE}/feedback/test_answers.py::test_nps_classes_partition_the_scale_for_fractional_scores_too",
    "a dismissed survey is in no denominator": f"{MEASURE}/feedback/test_answers.py::test_a_dismissed_survey_is_in_no_denominator_of_nps",
    "not every 0-10 is NPS": f"{MEASURE}/feedback/test_answers.py::test_only_a_question_declared_nps_is_nps",
    "a 1-4 scale is no NPS": f"{SOURCES}::test_a_1_to_4_scale_is_no_nps",
    "two scales in one survey": f"{SOURCES}::test_one_survey_on_two_scales_is_refused",
    "two survey tools with one survey on two scales": f"{SOURCES}::test_two_survey_tools_that_ask_one_survey_on_two_scales_are_refused",
    "two scales in a survey that a column names": f"{MEASURE}/feedback/test_pooling.py::test_two_best_answers_on_two_scales_are_no_effort_of_six",
    "five of five and ten of ten stars": f"{MEASURE}/feedback/test_pooling.py::test_five_of_five_and_ten_of_ten_stars_are_not_seven_and_a_half",
    "effort without a direction": f"{SOURCES}::test_a_survey_without_scale_or_direction_is_refused",
    "1 is best": f"{MEASURE}/feedback/test_answers.py::test_a_scale_where_1_is_best_is_turned_round",
    "relationship and transactional surveys in one figure": f"{MEASURE}/feedback/test_answers.py::test_a_segment_never_pools_a_relationship_survey_with_one_after_a_contact",
    "an invitation that may still be answered": f"{MEASURE}/feedback/test_answers.py::test_an_invitation_is_open_until_it_is_answered_or_its_time_is_over",
    "an interval that is too sure of few answers": "unit/domain/test_intervals.py::test_nps_interval_covers_at_least_92_and_a_half_percent",
    "users of one account are not independent": f"{MEASURE}/feedback/test_voices.py::test_the_interval_is_that_of_as_many_voices_as_there_are_accounts",
    "who left during the period was there when it began": f"{MEASURE}/customers/test_spells.py::test_churn_is_of_those_who_were_there_when_the_period_began",
    "who changes the contract has not left": f"{MEASURE}/customers/test_spells.py::test_who_changes_the_contract_without_a_gap_has_not_left",
    "five complaints of one customer": f"{MEASURE}/contacts/test_comebacks.py::test_five_complaints_of_one_customer_are_five_contacts_four_of_them_come_back",
    "a period that is not over": "unit/domain/test_estimates.py::test_a_period_that_is_not_over_is_not_given",
    "days without data are not zeros": "unit/detect/test_drift.py::test_no_items_are_no_data_and_never_a_recovery",
    "an episode is not learnt as usual": "unit/detect/test_drift.py::test_a_past_episode_is_never_learnt_from",
    "a bot that takes the easy tickets makes nobody slower": "unit/detect/test_drift.py::test_a_bot_that_takes_the_easy_tickets_makes_nobody_slower",
}  # fmt: skip
"""Trap → the test that would fall into it."""

ONE, ACME, CUSTOMERS = (
    f"{MEASURE}/test_one_by_one.py",
    "acceptance/test_acme_row_by_row.py",
    f"{MEASURE}/customers/test_spells.py",
)
COMEBACKS, HANDLING, REPLIES = (
    f"{MEASURE}/contacts/test_{name}.py" for name in ("comebacks", "handling", "reply_times")
)
REVENUE, AGE = f"{MEASURE}/customers/test_revenue.py", f"{MEASURE}/test_backlog_age.py"
TICKETS = f"{MEASURE}/contacts/test_tickets.py"
ANSWERS = f"{MEASURE}/feedback/test_answers.py"
MENTIONS = f"{MEASURE}/feedback/test_mentions.py"
BECAME = f"{ACME}::test_what_became_of_contacts_is_what_a_walk_through_them_says"
MEDIANS = f"{ACME}::test_medians_of_waits_lie_within_one_percent_of_the_exact_ones"
WAITS = f"{ONE}::test_only_what_is_solved_now_has_a_full_resolution_and_all_else_waits"
PER_100 = f"{ONE}::test_contacts_are_per_100_of_the_customers_of_an_average_day"
PER_OTHER = "unit/domain/test_estimates.py::test_contacts_are_per_100_orders_and_visits_per_contact_of_the_same_period"
OVER_OTHER = f"{ONE}::test_one_count_per_another_is_the_one_over_the_other_week_by_week"
TOUCHED = f"{ONE}::test_none_one_and_many_replies_are_a_plain_count_of_what_people_said"
HANDED = f"{ONE}::test_hand_offs_are_changes_and_a_team_that_is_back_is_ping_pong"
KEPT = f"{ONE}::test_contacts_and_kept_service_levels_are_counted_and_what_is_not_known_is_open"
P90S = (
    "first_reply_time_p90", "first_reply_time_business_p90", "full_resolution_time_business_p90",
    "first_reply_time_people_p90", "next_reply_time_p90",
)  # fmt: skip
BY_HAND = {
    "nps": f"{ANSWERS}::test_nps_classes_partition_the_scale_for_fractional_scores_too",
    "csat": f"{ANSWERS}::test_a_satisfied_class_follows_its_scale",
    "csat_first": "unit/measure/feedback/test_rated_again.py::test_the_first_rating_stays_visible",
    "ces": f"{ANSWERS}::test_effort_is_a_mean_with_an_interval",
    "churn_rate": f"{CUSTOMERS}::test_churn_is_of_those_who_were_there_when_the_period_began",
    "revenue_churn_rate": f"{REVENUE}::test_what_left_and_shrank_over_what_was_there_and_growth_only_in_the_net",
    "net_revenue_retention": f"{REVENUE}::test_what_left_and_shrank_over_what_was_there_and_growth_only_in_the_net",
    "renewal_rate": f"{CUSTOMERS}::test_renewals_are_of_those_due",
    "winback_rate": f"{CUSTOMERS}::test_who_is_back_in_time_is_won_back_and_open_until_then",
    "first_reply_time": f"{TICKETS}::test_first_reply_is_the_first_public_word_of_who_was_an_agent_then",
    "full_resolution_time": f"{TICKETS}::test_a_reopened_ticket_has_no_full_resolution_until_it_is_solved_again",
    "full_resolution_time_p90": "acceptance/test_traps.py::test_the_slowest_tenth_is_not_the_slowest",
    "sla_attainment": f"{TICKETS}::test_an_outcome_corrected_later_is_what_it_was_until_then",
    "reopen_rate": f"{MEASURE}/contacts/test_reopenings.py::test_reopened_tickets_are_counted_once_however_often_they_come_back",
    "ticket_volume": f"{TICKETS}::test_spam_merged_and_deleted_tickets_are_no_contacts",
    "contact_rate": "unit/domain/test_estimates.py::test_contacts_are_per_100_customers_of_the_same_scope",
    "active_customers": f"{CUSTOMERS}::test_the_level_falls_on_the_day_somebody_leaves",
    "backlog": f"{TICKETS}::test_the_backlog_goes_up_again_when_a_ticket_is_reopened",
    "backlog_age": f"{AGE}::test_what_waits_is_24_hours_older_each_midnight_also_when_the_clocks_change",
    "backlog_age_p90": f"{AGE}::test_a_window_shows_its_last_day_and_the_oldest_tenth_is_older_than_the_median",
    "first_reply_time_business": f"{REPLIES}::test_a_night_and_a_weekend_are_not_waited_in_business_time",
    "full_resolution_time_business": f"{REPLIES}::test_a_resolution_over_the_night_the_clock_changes_takes_the_hours_that_were_there",
    "first_reply_time_people": f"{REPLIES}::test_what_a_bot_says_is_no_reply_by_a_person",
    "next_reply_time": f"{REPLIES}::test_messages_that_follow_each_other_are_one_wait_from_the_first",
    "one_touch_rate": f"{HANDLING}::test_a_reopened_contact_is_not_one_touch_any_more",
    "multi_touch_rate": f"{HANDLING}::test_no_reply_and_three_replies_are_classes_and_what_is_not_told_is_in_none",
    "zero_touch_rate": f"{HANDLING}::test_no_reply_and_three_replies_are_classes_and_what_is_not_told_is_in_none",
    "first_resolution_time": f"{TICKETS}::test_the_first_time_it_was_solved_stays_the_first_when_it_is_reopened",
    "transfers": f"{HANDLING}::test_a_change_of_team_and_agent_at_once_is_one_hand_off",
    "ping_pong_rate": f"{HANDLING}::test_a_contact_that_comes_back_to_a_team_that_had_it_is_ping_pong",
    "waiting_on_us": f"{HANDLING}::test_time_is_waited_for_us_or_for_them_and_while_it_is_solved_for_nobody",
    "waiting_on_them": f"{HANDLING}::test_time_is_waited_for_us_or_for_them_and_while_it_is_solved_for_nobody",
    "answered_in_time": f"{MEASURE}/contacts/test_kept_promises.py::test_each_channel_keeps_its_own_promise_in_its_own_hours",
    "bot_containment": f"{COMEBACKS}::test_a_bot_was_enough_if_no_person_replied_and_the_customer_stayed_away_for_72_hours",
    "first_contact_resolution": f"{COMEBACKS}::test_solved_with_one_reply_and_never_heard_of_again_is_first_contact_resolution",
    "repeat_contact_rate": f"{COMEBACKS}::test_a_customer_who_is_back_within_seven_days_is_a_repeat_contact_of_the_first",
    "repeat_contact_rate_30d": f"{COMEBACKS}::test_exactly_seven_days_later_is_no_repeat_and_thirty_days_hold_more",
    "channel_switch_rate": f"{COMEBACKS}::test_another_channel_is_another_one_even_after_a_second_try_in_the_first",
    "repeat_purchase_rate": f"{MEASURE}/customers/test_orders.py::test_who_buys_again_within_90_days_has_bought_again_and_the_last_purchase_has_not",
    "purchase_frequency": f"{MEASURE}/customers/test_frequency.py::test_it_is_the_purchases_of_90_days_over_those_who_bought_in_them",
    "contacts_per_100_orders": PER_OTHER, "order_volume": PER_OTHER, "help_center_visits_per_ticket": PER_OTHER,
    "failed_search_rate": f"{MEASURE}/contacts/test_help_center.py::test_searches_without_a_hit_are_added_up_over_sections",
    "self_service_rate": f"{MEASURE}/contacts/test_help_center.py::test_visits_that_end_without_contact_are_solved_alone",
    "review_rating": f"{ANSWERS}::test_a_competitors_reviews_are_kept_apart",
    "mentions_answered": f"{MENTIONS}::test_a_mention_is_open_until_it_is_answered_or_a_week_is_over",
    "sentiment": f"{MEASURE}/feedback/test_remarks.py::test_good_less_bad_among_what_can_be_told_on_the_zones_day",
    "survey_response_rate": f"{ANSWERS}::test_an_invitation_is_open_until_it_is_answered_or_its_time_is_over",
}  # fmt: skip
BY_HAND |= dict.fromkeys(P90S, f"{REPLIES}::test_the_tenth_that_waits_longest_is_not_the_longest_wait")
"""KPI → a case worked by hand."""
BY_COUNT = {
    "nps": f"{ONE}::test_nps_counts_each_score_once",
    "csat": f"{ONE}::test_csat_and_ces_count_each_score_once",
    "csat_first": "unit/measure/feedback/test_rated_again.py::test_first_ratings_are_those_that_nobody_gave_before",
    "ces": f"{ONE}::test_csat_and_ces_count_each_score_once",
    "churn_rate": f"{ACME}::test_churn_is_of_the_customers_who_were_there_when_the_month_began",
    "revenue_churn_rate": f"{REVENUE}::test_it_is_what_counting_customer_by_customer_gives",
    "net_revenue_retention": f"{REVENUE}::test_it_is_what_counting_customer_by_customer_gives",
    "renewal_rate": f"{ONE}::test_who_is_due_goes_on_or_has_left",
    "winback_rate": f"{CUSTOMERS}::test_win_backs_are_what_walking_through_each_customers_days_gives",
    "first_reply_time": f"{ONE}::test_the_first_reply_is_the_first_word_of_ours_and_what_is_solved_without_one_waits_for_none",
    "full_resolution_time": WAITS,
    "full_resolution_time_p90": "unit/domain/test_histogram.py::test_median_and_p90_of_a_sketch_are_within_one_percent_of_exact",
    "sla_attainment": KEPT,
    "reopen_rate": f"{MEASURE}/contacts/test_reopenings.py::test_it_is_what_a_walk_through_each_contact_says_on_every_day",
    "ticket_volume": KEPT,
    "contact_rate": PER_100,
    "active_customers": f"{CUSTOMERS}::test_the_level_is_the_customers_with_a_contract_that_is_not_paused",
    "backlog": WAITS,
    "backlog_age": f"{AGE}::test_it_is_what_a_walk_through_all_contacts_at_each_midnight_says",
    "backlog_age_p90": f"{AGE}::test_it_is_what_a_walk_through_all_contacts_at_each_midnight_says",
    "first_reply_time_business": MEDIANS, "full_resolution_time_business": MEDIANS, "first_reply_time_people": MEDIANS,
    "next_reply_time": f"{ONE}::test_each_wait_for_the_next_reply_is_from_the_first_message_to_the_next_word_of_a_person",
    "multi_touch_rate": TOUCHED, "zero_touch_rate": TOUCHED,
    "first_resolution_time": f"{ONE}::test_the_first_resolution_is_the_first_turn_whatever_follows",
    "one_touch_rate": BECAME, "transfers": HANDED, "ping_pong_rate": HANDED,
    "waiting_on_us": f"{HANDLING}::test_us_them_and_solved_together_are_all_the_time_there_was",
    "waiting_on_them": f"{HANDLING}::test_us_them_and_solved_together_are_all_the_time_there_was",
    "answered_in_time": BECAME, "bot_containment": BECAME, "first_contact_resolution": BECAME,
    "repeat_contact_rate": f"{COMEBACKS}::test_the_next_contact_is_the_one_a_search_through_all_of_them_finds",
    "repeat_contact_rate_30d": f"{COMEBACKS}::test_the_next_contact_is_the_one_a_search_through_all_of_them_finds",
    "channel_switch_rate": f"{COMEBACKS}::test_the_next_contact_is_the_one_a_search_through_all_of_them_finds",
    "repeat_purchase_rate": f"{MEASURE}/customers/test_orders.py::test_it_is_what_going_through_each_customers_days_gives",
    "purchase_frequency": f"{MEASURE}/customers/test_frequency.py::test_it_is_what_going_through_each_customers_days_gives",
    "contacts_per_100_orders": OVER_OTHER, "order_volume": OVER_OTHER, "help_center_visits_per_ticket": OVER_OTHER,
    "failed_search_rate": f"{ONE}::test_the_help_center_is_its_days_added_up",
    "self_service_rate": f"{ONE}::test_the_help_center_is_its_days_added_up",
    "review_rating": f"{ONE}::test_reviews_of_us_are_a_plain_mean",
    "mentions_answered": f"{MENTIONS}::test_mentions_are_answered_in_time_or_not_or_open",
    "sentiment": f"{MEASURE}/feedback/test_remarks.py::test_it_is_a_plain_count_and_lies_between_all_bad_and_all_good",
    "survey_response_rate": f"{ONE}::test_invitations_are_answered_in_time_or_not_or_open",
}  # fmt: skip
BY_COUNT |= dict.fromkeys(P90S, f"{REPLIES}::test_the_slowest_tenth_begins_where_sorting_the_waits_says")
"""KPI → a property over whatever Hypothesis thinks of, or a row-by-row count of a whole made-up company."""


@cache
def functions(file: str) -> dict[str, str]:
    """Test → its decorators, as text."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {node.name: " ".join(map(ast.unparse, node.decorator_list)) for node in found}


@pytest.mark.parametrize("test", sorted({*HELD.values(), *BY_HAND.values(), *BY_COUNT.values()}))
def test_what_is_named_here_is_there_and_runs(test: str) -> None:
    file, name = test.split("::")
    assert name in functions(file)
    assert "skip" not in functions(file)[name]


def test_every_kpi_has_a_case_worked_by_hand_and_a_count_of_another_kind() -> None:
    assert set(BY_HAND) == set(KPIS) == set(BY_COUNT)
    for test in BY_COUNT.values():
        file, name = test.split("::")
        assert file == ACME or "given" in functions(file)[name]


def test_a_target_that_changes_later_rewrites_no_outcome() -> None:
    # a reply in 20 minutes met the service level that was in force; then the priority, and with it the target, changed
    kept = [("10:00", "applied"), ("10:20", "fulfilled"), ("12:00", "applied")]
    missed = [("10:00", "applied"), ("11:00", "breached"), ("12:00", "applied"), ("12:10", "fulfilled")]
    for events, is_met, known in ((kept, True, "10:20"), (missed, False, "11:00")):
        held = facts("tickets", [{"ticket_id": "t", "opened_at": at("2026-03-02 10:00")}])
        clocks = facts("ticket_events", [{"ticket_id": "t", "at": at(f"2026-03-02 {when}"), "field": f"sla_{what}",
                                          "new": "reply_time:1"} for when, what in events])  # fmt: skip
        found = with_outcomes(held, clocks).row(0, named=True)
        assert (found["sla_met"], found["sla_known_at"]) == (is_met, at(f"2026-03-02 {known}"))


def test_closed_without_ever_being_solved_is_resolved_when_it_was_closed() -> None:
    held = facts("tickets", [{"ticket_id": "t", "opened_at": at("2026-03-02 10:00"), "status": "closed"}])
    turned = tickets.turns(held, moved(("t", "2026-03-02 12:00", "open", "closed")))
    found = value(tickets.full_resolution(tickets.resolutions(held, turned), BERLIN), "full_resolution_time")
    assert found["value"] == pytest.approx(7_200, rel=0.01)


def test_the_backlog_is_that_of_the_days_end_where_the_company_is() -> None:
    # solved at 23:30 in London is half past midnight in Berlin: it still waited when Berlin's day ended
    held = facts("tickets", [{"ticket_id": "t", "opened_at": at("2026-03-08 10:00")}])
    turned = tickets.turns(held, moved(("t", "2026-03-08 23:30", "open", "solved")))
    for zone, level in ((BERLIN, 1.0), ("Europe/London", 0.0)):
        made = parts(tickets.backlog(held, turned, zone), KPIS["backlog"]).filter(pl.col("scope") == "{}")
        days = points(made, "day", through=date(2026, 3, 9))
        assert days.filter(pl.col("period_start") == date(2026, 3, 8))["value"].sum() == level


def test_an_answer_counts_when_it_was_given_and_its_invitation_when_it_was_sent() -> None:
    sent, given = at("2026-02-27 12:00"), at("2026-03-02 12:00")
    score = answers.csat(facts("survey_answers", [{"score": 5.0, "answered_at": given}]), BERLIN)
    rate = answers.responses(facts("survey_sends", [{"sent_at": sent, "answered_at": given}]), BERLIN, date(2026, 4, 1))
    assert score["booked_day"].to_list() == [date(2026, 3, 2)]
    assert set(rate["booked_day"].to_list()) == {date(2026, 2, 27)}


def test_summary_and_trend_count_the_same_reopened_tickets() -> None:
    held = facts("tickets", [{"ticket_id": name, "opened_at": at("2026-03-02 08:00")} for name in ("often", "never")])
    rows = [("often", f"2026-03-0{day} 12:00", old, new) for day, old, new in
            ((3, "open", "solved"), (4, "solved", "open"), (5, "open", "solved"), (6, "solved", "open"))]  # fmt: skip
    events = moved(*rows, ("never", "2026-03-03 12:00", "open", "solved"))
    made = parts(reopens(held, tickets.turns(held, events), events, BERLIN, date(2026, 3, 31)), KPIS["reopen_rate"])
    whole = made.filter(pl.col("scope") == "{}")
    days, total = points(whole, "day", through=date(2026, 3, 31)), points(whole, "all")
    assert (total["n"].sum(), total["total"].sum()) == (2, 1.0)
    assert (days["n"].sum(), days["total"].sum()) == (2, 1.0)


def test_another_agent_of_the_same_team_is_a_hand_off_and_a_comment_of_one_is_not() -> None:
    held = facts("tickets", [{"ticket_id": "t", "opened_at": at("2026-03-02 08:00"), "resolved_at": at("2026-03-03")}])
    solved = moved(("t", "2026-03-03 00:00", "open", "solved"))
    agents = moved(("t", "2026-03-02 09:00", "a", "b"), field="agent")
    spoken = facts("ticket_events", [{"event_id": f"s{i}", "ticket_id": "t", "field": "comment", "actor_role": "agent",
                                      "at": at("2026-03-02 10:00")} for i in range(3)])  # fmt: skip
    events = pl.concat([solved, agents, spoken])
    found = value(transfers(held, tickets.turns(held, events), assignments(events), BERLIN), "transfers")
    assert (found["n"], found["value"]) == (1, 1.0)


def test_only_what_is_shown_is_rounded() -> None:
    asked = {"answered_at": at("2026-03-09"), "measure": "nps", "scale_low": 0.0, "scale_high": 10.0}
    found = value(answers.nps(facts("survey_answers", [asked | {"score": x} for x in (10, 9, 3)]), BERLIN), "nps")
    assert found["value"] == pytest.approx(100 / 3, abs=1e-9)
    assert shown(found["value"], "points") == "33"


def test_intervals_say_how_little_few_answers_tell() -> None:
    # CSAT of 85 % by Wilson: of 40 answers 70.9 to 92.9, of 400 81.2 to 88.2
    for n, low, high in ((40, 0.709, 0.929), (400, 0.812, 0.882)):
        bounds = wilson(pl.col("k"), pl.col("n"))
        found = pl.DataFrame({"k": [0.85 * n], "n": [n]}).select(low=bounds[0], high=bounds[1])
        assert found.row(0) == pytest.approx((low, high), abs=1e-3)
    # NPS of 50, 30 and 20 of 100: 7.7 points either way of 400 answers, 4.8 of 1,000, by plain Wald; nearly so by ours
    for n, margin in ((400, 7.7), (1000, 4.8)):
        told = pl.DataFrame({"total": [0.3 * n], "sq": [0.7 * n], "n": [n]})
        ends = nps_bounds(pl.col("total"), pl.col("sq"), pl.col("n"))
        low, high = told.select(low=ends[0], high=ends[1]).row(0)
        assert (high - low) / 2 == pytest.approx(margin, abs=0.1)


def test_the_last_seven_days_are_seven() -> None:
    for kind, days in (("week", 7), ("28d", 28), ("90d", 90)):
        for start, end in periods(kind, date(2026, 1, 5), date(2026, 6, 1)):
            assert (end - start).days == days


def test_the_slowest_tenth_is_not_the_slowest() -> None:
    # ten waits of 1 to 10 hours: the ninth begins the slowest tenth, the tenth is its end
    held = facts("tickets", [{"ticket_id": f"t{n}", "opened_at": at("2026-03-02")} for n in range(10)])
    turned = tickets.turns(held, moved(*[(f"t{n}", f"2026-03-02 {n + 1:02}:00", "open", "solved") for n in range(10)]))
    made = tickets.full_resolution(tickets.resolutions(held, turned), BERLIN)
    found = value(made, "full_resolution_time_p90")
    assert found["value"] == pytest.approx(9 * 3_600, rel=0.01)
