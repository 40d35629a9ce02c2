"""Acme Brew's figures against counts in plain Python over the raw files, row by row, dirty rows and all."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import plain_acme as plain
from tests.acceptance import plain_helpdesk as helpdesk
from tests.acceptance.runner import answer

SEGMENTS = [None, "office", "home"]
EXACT = 1e-12


@pytest.fixture(scope="module")
def tickets(acme: Path) -> list[plain.Ticket]:
    return plain.tickets(acme)


@pytest.fixture(scope="module")
def became(tickets: list[plain.Ticket]) -> Callable[[str], list[helpdesk.Outcome]]:
    """What became of all contacts as a KPI sees it; one walk for all segments."""
    return cache(lambda kpi: list({**helpdesk.SHARES, **helpdesk.MEDIANS}[kpi](tickets)))


@pytest.fixture(scope="module")
def contracts(acme: Path) -> list[plain.Contract]:
    return plain.contracts(acme)


def months(folder: Path, kpi: str, segment: str | None) -> Iterator[tuple[date, date, dict[str, Any]]]:
    """Every month of a KPI with its first day and the day after its last."""
    found = list(every_month(folder, kpi, segment))
    assert len(found) >= 17
    yield from found


def every_month(folder: Path, kpi: str, segment: str | None) -> Iterator[tuple[date, date, dict[str, Any]]]:
    """The same of a KPI that may have begun later."""
    scope = () if segment is None else ("--scope", f"segment={segment}")
    for row in answer(folder, "kpi", kpi, "--by", "month", *scope):
        yield date.fromisoformat(row["period_start"]), date.fromisoformat(row["period_end"]), row


def within(rows: list[Any], name: str, span: tuple[date, date], segment: str | None) -> list[Any]:
    """Rows of a segment whose instant lies in a span of the company's days."""
    found: list[Any] = []
    for row in rows:
        at = getattr(row, name)
        if at is not None and span[0] <= plain.day_of(at) < span[1] and segment in (None, row.segment):
            found.append(row)
    return found


@pytest.mark.parametrize("segment", SEGMENTS)
def test_nps_is_promoters_less_detractors_one_voice_an_office(acme: Path, segment: str | None) -> None:
    answers = plain.answers(acme, "relationship_answers", 0, 10)
    for start, end, row in months(acme, "nps", segment):
        heard = plain.voices(within(answers, "answered", (start, end), segment))
        value, n = plain.nps(given.score for given in heard)
        assert (row["value"], row["n"]) == (pytest.approx(value, rel=EXACT), n)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_csat_is_the_share_of_fours_and_fives_one_voice_an_office(acme: Path, segment: str | None) -> None:
    answers = plain.answers(acme, "after_help_answers", 1, 5)
    for start, end, row in months(acme, "csat", segment):
        heard = plain.voices(within(answers, "answered", (start, end), segment))
        value, n = plain.share(given.score >= 4 for given in heard)
        assert (row["value"], row["n"]) == (pytest.approx(value, rel=EXACT), n)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_ticket_volume_is_the_number_of_contacts(acme: Path, tickets: list[plain.Ticket], segment: str | None) -> None:
    for start, end, row in months(acme, "ticket_volume", segment):
        assert row["value"] == len(within(tickets, "opened", (start, end), segment))


@pytest.mark.parametrize("segment", SEGMENTS)
def test_sla_attainment_is_the_share_in_time_of_those_known(
    acme: Path, tickets: list[plain.Ticket], segment: str | None
) -> None:
    for start, end, row in months(acme, "sla_attainment", segment):
        came = within(tickets, "opened", (start, end), segment)
        value, n = plain.share(ticket.is_met for ticket in came if ticket.is_met is not None)
        assert (row["value"], row["n"]) == (pytest.approx(value, rel=EXACT), n)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_the_median_first_reply_lies_within_one_percent_of_the_exact_one(
    acme: Path, tickets: list[plain.Ticket], segment: str | None
) -> None:
    for start, end, row in months(acme, "first_reply_time", segment):
        came = within(tickets, "opened", (start, end), segment)
        seconds = [(ticket.replied - ticket.opened).total_seconds() for ticket in came if ticket.replied]
        assert row["n"] == len(seconds)
        assert row["value"] == pytest.approx(plain.median(seconds), rel=0.01)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_reopen_rate_is_of_those_first_solved_in_the_month(
    acme: Path, tickets: list[plain.Ticket], segment: str | None
) -> None:
    for start, end, row in months(acme, "reopen_rate", segment):
        solved = within(tickets, "first_solved", (start, end), segment)
        value, n = plain.share(ticket.n_reopens > 0 for ticket in solved)
        assert (row["value"], row["n"]) == (pytest.approx(value, rel=EXACT), n)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_contacts_are_per_100_of_the_customers_of_an_average_day(
    acme: Path, tickets: list[plain.Ticket], contracts: list[plain.Contract], segment: str | None
) -> None:
    held = [contract for contract in contracts if segment in (None, contract.segment)]
    for start, end, row in list(months(acme, "contact_rate", segment))[5::6]:  # a day takes a pass over all contracts
        days = [start + timedelta(days=number) for number in range((end - start).days)]
        customers = sum(len(plain.customers_on(held, day)) for day in days) / len(days)
        n = len(within(tickets, "opened", (start, end), segment))
        assert (row["value"], row["n"]) == (pytest.approx(100 * n / customers, rel=EXACT), n)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_churn_is_of_the_customers_who_were_there_when_the_month_began(
    acme: Path, contracts: list[plain.Contract], segment: str | None
) -> None:
    held = [contract for contract in contracts if segment in (None, contract.segment)]
    for start, end, row in months(acme, "churn_rate", segment):
        n_left, n = plain.left_within(held, start, end)
        assert (row["value"], row["n"]) == (pytest.approx(n_left / n, rel=EXACT), n)


def test_churn_by_reason_is_of_all_customers_and_adds_up(acme: Path, contracts: list[plain.Contract]) -> None:
    reasons = sorted({contract.reason for contract in contracts if contract.reason})
    by_reason = {
        reason: answer(acme, "kpi", "churn_rate", "--by", "month", "--scope", f"reason={reason}") for reason in reasons
    }
    for place, (start, end, row) in enumerate(months(acme, "churn_rate", None)):
        there = plain.customers_on(contracts, start - timedelta(days=1))
        for reason, rows in by_reason.items():
            left = {
                c.customer for c in contracts if c.reason == reason and start <= c.end < end and c.customer in there
            }
            found = rows[place]
            assert (found["n"], found["value"]) == (row["n"], pytest.approx(len(left) / row["n"], rel=EXACT, abs=1e-15))
        assert sum(rows[place]["value"] for rows in by_reason.values()) == pytest.approx(row["value"])


@pytest.mark.parametrize("segment", SEGMENTS)
def test_who_is_won_back_is_of_all_who_left_in_the_month(
    acme: Path, contracts: list[plain.Contract], segment: str | None
) -> None:
    left = plain.leavings(contract for contract in contracts if segment in (None, contract.segment))
    for start, end, row in every_month(acme, "winback_rate", segment):
        booked = [back for gone, back in left if start <= gone < end]
        over = [
            back is not None and (back - gone).days <= 90
            for gone, back in left if start <= gone < end and gone + timedelta(days=90) <= helpdesk.THROUGH
        ]  # fmt: skip
        assert (row["n"], row["value"]) == (len(over), sum(over) / len(over) if over else None)
        if len(over) < len(booked):
            assert row["bound_low"] == pytest.approx(sum(over) / len(booked), rel=EXACT)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_revenue_lost_and_left_is_of_those_who_paid_when_the_month_began(
    acme: Path, contracts: list[plain.Contract], segment: str | None
) -> None:
    held = [contract for contract in contracts if segment in (None, contract.segment)]
    net = {start: row for start, _, row in months(acme, "net_revenue_retention", segment)}
    for start, end, row in months(acme, "revenue_churn_rate", segment):
        before, lost, left = plain.lost_and_left(held, start, end)
        assert row["value"] == pytest.approx(lost / before, rel=EXACT)
        assert net[start]["value"] == pytest.approx(left / before, rel=EXACT)
        assert row["low"] <= row["value"] <= row["high"]


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("kpi", helpdesk.SHARES)
def test_what_became_of_contacts_is_what_a_walk_through_them_says(
    acme: Path, became: Callable[[str], list[helpdesk.Outcome]], kpi: str, segment: str | None
) -> None:
    outcomes = became(kpi)
    begun = min(outcome.booked for outcome in outcomes)
    n_months = 0
    for start, end, row in every_month(acme, kpi, segment):
        booked = within(outcomes, "booked", (start, end), segment)
        value, n = plain.share(bool(outcome.value) for outcome in booked if outcome.value is not None)
        assert (row["value"], row["n"]) == (pytest.approx(value, rel=EXACT), n)
        if n < len(booked):
            n_met = value * n
            assert row["bound_low"] == pytest.approx(n_met / len(booked), rel=EXACT)
            assert row["bound_high"] == pytest.approx((n_met + len(booked) - n) / len(booked), rel=EXACT)
        n_months += 1
    last = date(2026, 2, 1)
    assert n_months == (last.year - begun.year) * 12 + last.month - plain.day_of(begun).month + 1


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("kpi", helpdesk.MEDIANS)
def test_medians_of_waits_lie_within_one_percent_of_the_exact_ones(
    acme: Path, became: Callable[[str], list[helpdesk.Outcome]], kpi: str, segment: str | None
) -> None:
    outcomes = became(kpi)
    for start, end, row in months(acme, kpi, segment):
        seconds = [outcome.value for outcome in within(outcomes, "booked", (start, end), segment)]
        assert row["n"] == len(seconds)
        assert row["value"] == pytest.approx(plain.median(seconds), rel=0.01)


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize(("kpi", "quantile"), [("backlog_age", 0.5), ("backlog_age_p90", 0.9)])
def test_the_backlog_is_as_old_as_its_contacts_are_at_midnight(
    acme: Path, tickets: list[plain.Ticket], kpi: str, quantile: float, segment: str | None
) -> None:
    held = [ticket for ticket in tickets if segment in (None, ticket.segment)]
    for _, end, row in months(acme, kpi, segment):
        midnight = datetime.combine(end, time(0), plain.BERLIN)
        began = [ticket.opened.astimezone(plain.BERLIN) for ticket in helpdesk.waiting_at(held, midnight)]
        ages = sorted(midnight.replace(tzinfo=None) - at.replace(tzinfo=None, minute=30, second=0) for at in began)
        assert (row["value"], row["n"]) == (ages[ceil(quantile * len(ages)) - 1].total_seconds(), len(ages))


@pytest.mark.parametrize("segment", SEGMENTS)
def test_a_contact_waits_for_us_whenever_it_is_not_solved(
    acme: Path, tickets: list[plain.Ticket], segment: str | None
) -> None:
    outcomes = list(helpdesk.waits_for_us(tickets))
    for start, end, row in months(acme, "waiting_on_us", segment):
        seconds = [outcome.value for outcome in within(outcomes, "booked", (start, end), segment)]
        assert (row["value"], row["n"]) == (pytest.approx(sum(seconds) / len(seconds), rel=1e-9), len(seconds))


@pytest.mark.parametrize("kpi", ["transfers", "ping_pong_rate", "waiting_on_them"])
def test_what_acmes_helpdesk_does_not_tell_has_no_value(acme: Path, kpi: str) -> None:
    assert answer(acme, "kpi", kpi, "--by", "month") == []


def test_nobody_replies_a_second_time_at_acme_so_every_next_message_is_solved_without_one(
    acme: Path, tickets: list[plain.Ticket]
) -> None:
    assert all(sum(role == "agent" for _, role in ticket.said) <= 1 for ticket in tickets)
    assert {row["n"] for row in answer(acme, "kpi", "next_reply_time", "--by", "month")} == {0}


@pytest.mark.parametrize(
    ("kpi", "hits", "of"),
    [("failed_search_rate", "failed_searches", "searches"), ("self_service_rate", "solved", "visits")],
)
def test_the_help_center_is_its_days_added_up(acme: Path, kpi: str, hits: str, of: str) -> None:
    days = [
        (date.fromisoformat(row["day"]), int(row[hits]), int(row[of])) for row in plain.read(acme, "help_center_days")
    ]
    for start, end, row in months(acme, kpi, None):
        held = [(n_hits, n) for day, n_hits, n in days if start <= day < end]
        n = sum(n for _, n in held)
        assert (row["value"], row["n"]) == (pytest.approx(sum(n_hits for n_hits, _ in held) / n, rel=EXACT), n)
