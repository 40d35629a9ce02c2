"""Rules that say who belongs, and the segment that held at an instant."""

from datetime import date

import polars as pl
import pytest

from domain.errors import RoadmapError
from domain.segments import (
    BEGINNING,
    COLUMNS,
    SPELLS,
    PersonaRule,
    Rules,
    SegmentRule,
    assigned,
    held_at,
    personas_of,
    rule_problem,
)
from tests.factories import at


def customers(*rows: dict) -> pl.DataFrame:
    return pl.DataFrame([{**dict.fromkeys(COLUMNS), **row} for row in rows], schema=COLUMNS)


def names(found: pl.DataFrame) -> list[tuple]:
    return found.rows()


def test_the_first_rule_that_holds_wins_and_an_empty_column_holds_for_nothing() -> None:
    rules = Rules((SegmentRule("office", "plan = 'office'"), SegmentRule("german", "country = 'DE'")))
    rows = customers({"plan": "office", "country": "DE"}, {"country": "DE"}, {"plan": "home"}, {})
    assert names(assigned(rows, rules)) == [("office", None), ("german", None), (None, None), (None, None)]


def test_a_rule_may_turn_an_empty_column_into_a_yes() -> None:
    rules = Rules((SegmentRule("unknown", "plan IS NULL"), SegmentRule("rest", "true")))
    assert names(assigned(customers({}, {"plan": "x"}), rules)) == [("unknown", None), ("rest", None)]


def test_a_persona_stands_for_a_segment_and_its_own_rule_narrows_it() -> None:
    rules = Rules(
        (SegmentRule("office", "plan = 'office'"),),
        (
            PersonaRule("banker", "office", "account_industry = 'bank'"), PersonaRule("buyer", "office", None),
            PersonaRule("swiss", None, "country = 'CH'"), PersonaRule("described", None, None),
        ),
    )  # fmt: skip
    rows = customers({"plan": "office", "account_industry": "bank"}, {"plan": "office", "country": "CH"},
                     {"country": "CH", "account_industry": "bank"}, {})  # fmt: skip
    assert names(assigned(rows, rules)) == [
        ("office", "banker"), ("office", "buyer"), (None, "swiss"), (None, None),
    ]  # fmt: skip


def test_days_are_compared_with_days() -> None:
    rules = Rules((SegmentRule("old", "created_at < DATE '2026-01-01'"),))
    rows = customers({"created_at": date(2025, 12, 31)}, {"created_at": date(2026, 1, 1)}, {})
    assert [name for name, _ in names(assigned(rows, rules))] == ["old", None, None]


def test_nobody_is_in_nothing() -> None:
    rules = Rules((SegmentRule("all", "true"),), (PersonaRule("one", "all", None),))
    assert assigned(customers(), rules).shape == (0, 2)


def test_a_rule_that_fails_on_a_value_says_which_and_what_to_write() -> None:
    rules = Rules((SegmentRule("big", "CAST(plan AS INT) > 3"),))
    with pytest.raises(RoadmapError, match=r"big: 'CAST\(plan AS INT\) > 3' cannot be computed .* TRY_CAST"):
        assigned(customers({"plan": "office"}), rules)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("plam = 'x'", "reads the column 'plam', which customers do not have. Did you mean 'plan'? There are: cust"),
        ("industry = 'bank'", "Did you mean 'account_industry'?"),
        ('plan = "office"', "reads the column 'office', which customers do not have. A text stands in single quotes."),
        ("plan", "is neither true nor false. Compare: plan = 'office'"),
        ("plan > 3", "does not fit its columns: cannot compare string with numeric type"),
        ("created_at > '2025-01-01'", "A day is written DATE '2026-03-01'."),
        ("NOW() > created_at", "looks at the clock ('NOW')"),
        ("created_at < CURRENT_DATE", "looks at the clock ('CURRENT_DATE')"),
        ("COUNT(plan) > 1", "looks at other rows"),
        ("plan IN (SELECT plan FROM customers)", "never a statement or a sub-query"),
        ("plan = 'a', plan = 'b'", "is no Polars SQL expression"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_told_without_any_data(when: str, said: str) -> None:
    assert said in (rule_problem(when) or "")


def test_a_clock_in_a_text_is_a_text() -> None:
    assert rule_problem("plan = 'now()' AND created_at >= DATE '2025-01-01'") is None


def spells(*rows: tuple) -> pl.DataFrame:
    whole = [(name, since or BEGINNING, None, segment, None) for name, since, segment in rows]
    return pl.DataFrame(whole, schema=SPELLS, orient="row")


def test_the_segment_at_an_instant_is_the_one_that_began_last() -> None:
    held = spells(
        ("a", None, "home"), ("a", at("2026-03-10"), "office"), ("a", at("2026-03-20"), None), ("b", None, "home")
    )
    rows = pl.DataFrame(
        [
            ("a", at("2026-03-20")), ("b", at("2026-03-30")), ("a", at("2026-03-09 23:59")), ("c", at("2026-03-11")),
            ("a", at("2026-03-10")), (None, at("2026-03-11")), ("a", None), ("a", at("1960-01-01")),
        ],
        schema={"customer_id": pl.String, "at": pl.Datetime("us", "UTC")}, orient="row",
    )  # fmt: skip
    expected = [None, "home", "home", None, "office", None, "home", "home"]
    assert held_at(rows, held, "at", ["segment"])["segment"].to_list() == expected
    assert held_at(rows, held, "at")["segment"].to_list() == expected


BUYERS = Rules(
    (SegmentRule("office", "plan = 'office'"), SegmentRule("home", "plan = 'home'")),
    (
        PersonaRule("described", None, None), PersonaRule("banker", "office", "account_industry = 'bank'"),
        PersonaRule("buyer", "office", None), PersonaRule("early-bird", "home", None),
        PersonaRule("swiss", None, "country = 'CH'"),
    ),
)  # fmt: skip


def test_who_is_in_a_segment_has_its_persona_where_no_other_can_come_first() -> None:
    assert BUYERS.tells_personas
    assert BUYERS.whole_personas == {"home": "early-bird"}  # of offices some are bankers
    assert not Rules(personas=(PersonaRule("described", None, None),)).tells_personas


@pytest.mark.parametrize(
    ("counts_under", "had", "persona"),
    [
        ("office", ("office", "banker"), "banker"),
        ("home", ("office", "banker"), "early-bird"),  # the row says another segment than its customer's
        ("office", ("home", "early-bird"), None),  # a banker or a buyer, nobody knows
        ("home", (None, None), "early-bird"),  # nobody knows the customer
        ("partner", ("partner", "swiss"), "swiss"),
        ("trial", ("partner", "swiss"), "swiss"),  # swiss everywhere
        ("trial", ("home", "early-bird"), None),
        (None, (None, None), None),
    ],
)  # fmt: skip
def test_a_persona_counts_with_the_segment_it_stands_for(
    counts_under: str | None, had: tuple[str | None, str | None], persona: str | None
) -> None:
    held = pl.DataFrame([had], schema={"segment": pl.String, "persona": pl.String}, orient="row")
    assert personas_of(pl.Series([counts_under], dtype=pl.String), held, BUYERS).to_list() == [persona]
