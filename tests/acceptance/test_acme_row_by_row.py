"""Acme Brew's figures against counts in plain Python over the raw files, row by row, dirty rows and all."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import plain_acme as plain
from tests.acceptance.runner import answer

SEGMENTS = [None, "office", "home"]
EXACT = 1e-12


@pytest.fixture(scope="module")
def tickets(acme: Path) -> list[plain.Ticket]:
    return plain.tickets(acme)


@pytest.fixture(scope="module")
def contracts(acme: Path) -> list[plain.Contract]:
    return plain.contracts(acme)


def months(folder: Path, kpi: str, segment: str | None) -> Iterator[tuple[date, date, dict[str, Any]]]:
    """Every month of a KPI with its first day and the day after its last."""
    scope = () if segment is None else ("--scope", f"segment={segment}")
    found = answer(folder, "kpi", kpi, "--by", "month", *scope)
    assert len(found) >= 17
    for row in found:
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
def test_nps_is_promoters_less_detractors(acme: Path, segment: str | None) -> None:
    answers = plain.answers(acme, "relationship_answers", 0, 10)
    for start, end, row in months(acme, "nps", segment):
        value, n = plain.nps(given.score for given in within(answers, "answered", (start, end), segment))
        assert (row["value"], row["n"]) == (pytest.approx(value, rel=EXACT), n)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_csat_is_the_share_of_fours_and_fives(acme: Path, segment: str | None) -> None:
    answers = plain.answers(acme, "after_help_answers", 1, 5)
    for start, end, row in months(acme, "csat", segment):
        value, n = plain.share(given.score >= 4 for given in within(answers, "answered", (start, end), segment))
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
