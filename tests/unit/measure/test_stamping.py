"""Facts without a segment get their customer's of the time; others keep their own."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from domain.segments import BEGINNING, SPELLS, PersonaRule, Rules, SegmentRule
from tasks.measure.stamping import stamped, unsaid
from tests.factories import at, facts

HELD = pl.DataFrame(
    [
        ("crm:1", BEGINNING, at("2026-03-10"), "home", None), ("crm:1", at("2026-03-10"), None, "office", None),
        ("crm:2", BEGINNING, None, None, None),
    ],
    schema=SPELLS, orient="row",
)  # fmt: skip


def tickets() -> pl.DataFrame:
    """As they are read where no persona is declared."""
    rows = facts("tickets", [
        {"customer_id": "crm:1", "opened_at": at("2026-03-12")},
        {"customer_id": "crm:1", "opened_at": at("2026-03-09")},
        {"customer_id": "crm:1", "opened_at": at("2026-03-09"), "segment": "partner"},
        {"customer_id": "crm:2", "opened_at": at("2026-03-09")},
        {"customer_id": "crm:3", "opened_at": at("2026-03-09")},
        {"opened_at": at("2026-03-09")},
    ])  # fmt: skip
    return rows.drop("persona").with_columns(pl.col("segment").cast(pl.Categorical))


def test_what_the_source_says_stays_and_the_rest_is_looked_up_as_of_its_time() -> None:
    found = stamped(tickets(), HELD, "opened_at")
    assert found["segment"].to_list() == ["office", "home", "partner", None, None, None]
    assert found.schema == tickets().schema
    assert found.drop("segment").equals(tickets().drop("segment"))


RULES = Rules(
    (SegmentRule("office", "plan = 'office'"), SegmentRule("home", "plan = 'home'")),
    (PersonaRule("banker", "office", "account_industry = 'bank'"), PersonaRule("buyer", "office", None),
     PersonaRule("early-bird", "home", None)),
)  # fmt: skip


def test_a_persona_is_looked_up_as_of_its_time_and_told_by_the_rows_own_segment() -> None:
    held = HELD.with_columns(persona=pl.Series([None, "banker", None], dtype=pl.String))
    rows = facts("tickets", [
        {"customer_id": "crm:1", "opened_at": at("2026-03-12")},
        {"customer_id": "crm:1", "opened_at": at("2026-03-09")},
        {"customer_id": "crm:1", "opened_at": at("2026-03-12"), "persona": "buyer"},
        {"customer_id": "crm:1", "opened_at": at("2026-03-12"), "segment": "home"},
        {"customer_id": "crm:3", "opened_at": at("2026-03-09"), "segment": "home"},
        {"opened_at": at("2026-03-09"), "segment": "office"},
    ]).with_columns(pl.col("segment", "persona").cast(pl.Categorical))  # fmt: skip
    found = stamped(rows, held, "opened_at", RULES)
    assert found["segment"].to_list() == ["office", "home", "office", "home", "home", "office"]
    assert found["persona"].to_list() == ["banker", None, "buyer", "early-bird", "early-bird", None]
    assert found.schema == rows.schema
    assert sorted(unsaid(rows)) == ["crm:1", "crm:3"]
    alone = stamped(rows, held.clear(), "opened_at", RULES)
    assert alone["persona"].to_list() == [None, None, "buyer", "early-bird", "early-bird", None]


NAMES = st.sampled_from([None, "office", "home", "partner"])
SPELL = st.tuples(st.integers(1, 20), NAMES, st.sampled_from([None, "banker", "swiss", "early-bird"]))
ROW = st.tuples(st.sampled_from([None, "a", "b", "c"]), st.integers(0, 25), NAMES, st.sampled_from([None, "vip"]))
ORDERED = (
    PersonaRule("described", None, None), PersonaRule("banker", "office", "plan = 'b'"),
    PersonaRule("swiss", None, "country = 'CH'"), PersonaRule("early-bird", "home", None),
    PersonaRule("buyer", "office", None), PersonaRule("dealer", "partner", None),
)  # fmt: skip


def plainly(
    row: tuple, spells: dict[str, list[tuple]], rules: tuple[PersonaRule, ...]
) -> tuple[str | None, str | None]:
    """Segment and persona of one row, as one would say it aloud."""
    customer, day, segment, persona = row
    had = [(own, who) for since, own, who in spells.get(customer, ()) if since <= day]
    own, who = had[-1] if had else (None, None)
    counts = segment or own
    if persona:
        return counts, persona
    if counts == own:
        return counts, who
    possible = [rule for rule in rules if rule.segment in (None, counts) and (rule.segment or rule.when)]
    if counts and possible and possible[0].when is None:
        return counts, possible[0].name
    return counts, who if who in [rule.name for rule in rules if rule.segment is None] else None


@given(
    st.dictionaries(st.sampled_from(["a", "b"]), st.lists(SPELL, min_size=1, max_size=4, unique_by=lambda s: s[0])),
    st.lists(ROW, max_size=12),
    st.permutations(ORDERED),
)
def test_rows_are_stamped_as_one_would_by_hand(spells, rows, rules) -> None:
    told = {name: [(0, own, who) if i == 0 else (since, own, who) for i, (since, own, who) in enumerate(sorted(mine))]
            for name, mine in spells.items()}  # fmt: skip
    began = datetime(2026, 3, 1, tzinfo=UTC)
    held = pl.DataFrame(
        [(name, began + timedelta(days=since) if since else BEGINNING, None, own, who)
         for name, mine in told.items() for since, own, who in mine], schema=SPELLS, orient="row",
    )  # fmt: skip
    frame = facts("tickets", [
        {"customer_id": who, "opened_at": began + timedelta(days=day), "segment": segment, "persona": persona}
        for who, day, segment, persona in rows
    ])  # fmt: skip
    found = stamped(frame, held, "opened_at", Rules((), tuple(rules)))
    assert found.select("segment", "persona").rows() == [plainly(row, told, tuple(rules)) for row in rows]


def test_only_customers_of_rows_without_a_segment_are_looked_up() -> None:
    rows = tickets()
    assert sorted(unsaid(rows)) == ["crm:1", "crm:2", "crm:3"]
    assert unsaid(rows.filter(pl.col("segment").is_not_null())).is_empty()


def test_without_spells_nothing_is_touched() -> None:
    assert stamped(tickets(), HELD.clear(), "opened_at").equals(tickets())
