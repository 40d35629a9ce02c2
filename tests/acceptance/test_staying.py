"""Who stays and who may leave: what the commands say of Acme Brew, against counts in plain Python."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import plain_acme as plain
from tests.acceptance.runner import answer, cxloop

LAST = date(2026, 3, 15)
AGES = {1: 30, 3: 91, 6: 182, 12: 365}


def kaplan_meier(contracts: list[plain.Contract]) -> dict[int, float]:
    """The share still here at each age, by hand: customers by their first contract, watched since somebody left."""
    first: dict[str, plain.Contract] = {}
    for one in sorted(contracts, key=lambda one: one.start):
        first.setdefault(one.customer, one)
    known = min(one.end for one in contracts)
    lives: list[tuple[int, int, bool]] = []
    for one in first.values():
        left = min(one.end, LAST + timedelta(days=1))
        lives.append((max(0, (known - one.start).days), (left - one.start).days, one.end <= LAST))
    share, found = 1.0, dict[int, float]()
    for age in range(max(AGES.values()) + 1):
        n_ended = sum(left == age and has_ended and entered < left for entered, left, has_ended in lives)
        if n_ended:
            share *= 1 - n_ended / sum(entered < age <= left for entered, left, _ in lives)
        found[age] = share
    return {months: found[age] for months, age in AGES.items()}


def shares(group: dict[str, Any]) -> dict[int, float | None]:
    return {mark["months"]: mark["retained_share"] for mark in group["months"]}


def test_the_share_still_here_is_that_of_a_count_by_hand(acme: Path) -> None:
    told = answer(acme, "customers", "retention", "--by", "segment")
    contracts = plain.contracts(acme)
    groups = {group["group"]: group for group in told["groups"]}
    assert list(groups) == ["everybody", "home", "office"]
    assert told["known_from"] == {"crm-subscriptions": str(min(one.end for one in contracts))}
    of_office = [one for one in contracts if one.segment == "office"]
    assert groups["office"]["n"] == len({one.customer for one in of_office})
    assert shares(groups["everybody"]) == pytest.approx(kaplan_meier(contracts))
    for group in groups.values():
        assert all(mark["low"] < mark["retained_share"] < mark["high"] for mark in group["months"])


def test_cohorts_say_why_there_is_no_share(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    groups = {g["group"]: g for g in answer(acme, "customers", "retention", "--by", "cohort")["groups"]}
    assert [mark["why_not"] for mark in groups["2023-05"]["months"]] == ["before the record"] * 4
    assert [mark["why_not"] for mark in groups["2025-11"]["months"]] == [None, None, *["too few so long"] * 2]
    assert cxloop(acme, "customers", "retention", "--by", "cohort") == 0
    assert "Who left is on record (assumed): crm-subscriptions from 16 Sep 2024." in capsys.readouterr().out


def test_a_day_that_is_told_is_not_assumed(acme: Path) -> None:
    told = answer(acme, "customers", "retention", "--known-from", "2025-01-01")
    assert (told["is_assumed"], told["known_from"]) == (False, {"crm-subscriptions": "2025-01-01"})


def test_the_watch_list_has_chances_reasons_and_what_is_at_stake(
    acme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = answer(acme, "customers", "at-risk", "--limit", "3")
    assert told["as_of"] == str(LAST)
    assert told["why_not"] is None
    chances = [row["risk_share"] for row in told["customers"]]
    assert len(chances) == 3
    assert chances == sorted(chances, reverse=True)
    assert all(row["low"] > told["base_share"] and row["reasons"] for row in told["customers"])
    running = {one.customer for one in plain.contracts(acme) if one.end > LAST}
    assert {row["customer_id"].removeprefix("acme:") for row in told["customers"]} <= running
    (stake,) = told["at_stake"]
    assert (stake["currency"], stake["n"]) == ("EUR", told["n_watched"])
    assert 0 < stake["low_minor"] < stake["at_stake_minor"] < stake["high_minor"] < stake["revenue_minor"]
    assert cxloop(acme, "customers", "at-risk", "--limit", "3") == 0
    assert f"{told['customers'][0]['customer_id']}  " in capsys.readouterr().out
