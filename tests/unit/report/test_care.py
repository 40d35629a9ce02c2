"""What the summary says of customers who may leave."""

import json
from dataclasses import replace
from datetime import date

import pytest

from tasks.report.care import care_of
from tasks.report.episodes import Board
from tasks.report.figures import numbers_of
from tasks.report.markdown import markdown_of
from tasks.report.page import page_of
from tasks.report.phrases import care_count, care_doubt, care_in_short, care_lines
from tasks.report.slack_text import slack_text

TOLD = {
    "stakes": [
        {"currency": "EUR", "n": 6, "revenue_minor": 900_000, "at_stake_minor": 120_000, "low_minor": 90_000,
         "high_minor": 160_000},
        {"currency": None, "n": 1, **dict.fromkeys(("revenue_minor", "at_stake_minor", "low_minor", "high_minor"))},
    ],
    "reasons": [{"signal": "n_unresolved", "n": 6}, {"signal": "use_percent", "n": 5}],
    "customers": [
        {"customer_id": "C-17", "risk_share": 0.24, "low": 0.18, "high": 0.31,
         "reasons": ["3 contacts unresolved"], "revenue": [{"mrr_minor": 12_000, "currency": "EUR"}]},
        {"customer_id": "[e-mail]", "risk_share": 0.2, "low": 0.15, "high": 0.26, "reasons": [],
         "revenue": [{"mrr_minor": None, "currency": None}]},
    ],
}  # fmt: skip
WEEK = {
    "week_start": date(2026, 3, 9), "as_of": date(2026, 3, 15), "why_not": None, "base_share": 0.034, "n_cases": 9113,
    "n_left": 311, "separation": 0.64, "n_customers": 1240, "n_watched": 7, "told": json.dumps(TOLD), "mark": "m",
}  # fmt: skip


@pytest.fixture(scope="module")
def told(acme):
    return replace(acme, care=care_of(WEEK))


def test_how_many_what_is_at_stake_why_and_who(told) -> None:
    assert care_count(told) == (
        "7 of 1,240 customers are surely likelier to leave within 90 days than usual, as of 15 Mar. "
        "Usual is 3.4 %: 311 of 9,113 cases learned from."
    )
    assert care_lines(told) == (
        ("at stake", "1,200.00 EUR (900.00 EUR to 1,600.00 EUR) of 9,000.00 EUR a year, from 6 customers"),
        ("at stake", "not known: the revenue of 1 customer"),
        ("most often", "contacts unresolved (6) · what they buy beside a quarter before (5)"),
        ("likely", "C-17: 24 % (18 to 31 %), 120.00 EUR a month: 3 contacts unresolved"),
        ("likely", "[e-mail]: 20 % (15 to 26 %), not known a month: nothing that stands out"),
        ("and", "5 more customers: cxloop customers at-risk"),
    )
    assert care_in_short(told) == (
        "7 customers likelier to leave than usual (told apart only weakly), 1,200.00 EUR a year at stake"
    )


def test_a_model_that_separates_weakly_is_said_to(told) -> None:
    assert care_doubt(told).startswith(
        "Who leaves is told from who stays only weakly: of one of each, the right one in 64"
    )
    good = replace(told, care=care_of({**WEEK, "separation": 0.81}))
    assert "fairly well: of one of each, the right one in 81 of 100 pairs (by chance 50)" in care_doubt(good)


def test_page_markdown_message_and_numbers_have_it(told) -> None:
    page, text = page_of(told), markdown_of(told)
    assert '<h2 id="care">Customers to care for</h2>' in page
    assert "C-17: 24" in page
    assert "## Customers to care for" in text
    assert json.loads(numbers_of(told))["customers_at_risk"]["n_watched"] == 7
    assert "🚪 7 customers likelier to leave than usual" in slack_text(replace(told, board=Board()), "page")


def test_what_cannot_be_told_says_why_and_what_is_not_asked_for_is_silent(acme) -> None:
    row = {**WEEK, "why_not": "churn risk is unknown: the history has 3 cases, 1 of them left", "told": "{}"}
    untold = replace(acme, care=care_of(row))
    assert care_count(untold) == "As of 15 Mar: churn risk is unknown: the history has 3 cases, 1 of them left."
    assert (care_lines(untold), care_doubt(untold), care_in_short(untold)) == ((), "", "")
    assert "Customers to care for" in page_of(untold)
    assert care_of(None) is None
    assert "Customers to care for" not in page_of(acme) + markdown_of(acme)
    nobody = replace(acme, care=care_of({**WEEK, "n_watched": 0, "told": json.dumps({name: [] for name in TOLD})}))
    assert care_count(nobody).startswith("0 of 1,240 customers")
    assert care_lines(nobody) == ()


def test_who_is_gone_without_a_contract_is_one_line_whether_or_not_the_rest_can_be_told(acme) -> None:
    free = {"n_back": 120, "n_gone": 41, "n_once": 300, "n_then": 30, "back_share": 0.2, "low": 0.095, "high": 0.373}
    row = {**WEEK, "why_not": "churn risk is unknown", "told": json.dumps({"buying": free})}
    line = (
        "41 of 120 who came back are probably gone (of 30 judged so 90 days before, 20 % (10 to 37 %) bought since); "
        "of 300 who bought once it cannot be told: cxloop customers buying"
    )
    for week in (row, {**WEEK, "told": json.dumps({**TOLD, "buying": free})}):
        told = replace(acme, care=care_of(week))
        assert care_lines(told)[-1] == ("no contract", line)
        assert "41 of 120 who came back are probably gone" in page_of(told)
        assert line in markdown_of(told).replace("\\", "")
    young = {**free, "n_gone": 1, "n_once": 0, "n_then": 0, "back_share": None, "low": None, "high": None}
    told = replace(acme, care=care_of({**row, "told": json.dumps({"buying": young})}))
    assert care_lines(told) == (("no contract", "1 of 120 who came back is probably gone: cxloop customers buying"),)
