"""What customers were when: states in order of time, given histories, accounts, and ids that are one person."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from domain.segments import BEGINNING, STATED, Rules, SegmentRule
from tasks.identify.attributes import TIME, changes, over_time, shared, spells, with_given
from tasks.identify.segments import changed_customers, counted_otherwise, never_held, segment_spells
from tests.factories import at

ATTRIBUTES = {name: pl.String() for name in STATED["customers"]}
NOW = {"customer_id": pl.String(), "source": pl.String(), "created_at": TIME, "batch_id": pl.String(), **ATTRIBUTES}
STATES = {"customer_id": pl.String(), "batch_id": pl.String(), "at": TIME, "place": pl.UInt32(), **ATTRIBUTES}
GIVEN = {
    "history_id": pl.String(), "customer_id": pl.String(), "attribute": pl.String(), "value": pl.String(),
    "valid_from": TIME, "valid_to": TIME,
}  # fmt: skip
RULES = Rules((SegmentRule("office", "plan = 'office'"), SegmentRule("home", "plan = 'home'")))


def frame(schema: dict, *rows: dict) -> pl.DataFrame:
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)


def now(customer: str, batch: str = "b9", **values: object) -> dict:
    return {"customer_id": customer, "source": "crm", "batch_id": batch, **values}


def state(customer: str, since: str, plan: str | None, batch: str, place: int = 1) -> dict:
    return {"customer_id": customer, "at": at(since), "plan": plan, "batch_id": batch, "place": place}


def held(customers: list[dict], states: list[dict] | None = None) -> pl.DataFrame:
    return spells(frame(NOW, *customers), frame(STATES, *(states or [])), "customer_id", STATED["customers"])


def plans(found: pl.DataFrame) -> list[tuple]:
    rows = found.sort("customer_id", "valid_from").select("customer_id", "valid_from", "plan").rows()
    return [(name, None if since == BEGINNING else f"{since:%m-%d}", plan) for name, since, plan in rows]


def test_what_was_never_seen_to_change_holds_from_the_beginning() -> None:
    assert plans(held([now("a", plan="home"), now("b")])) == [("a", None, "home"), ("b", None, None)]


def test_states_follow_each_other_by_their_time_and_equal_ones_are_one() -> None:
    told = [
        state("a", "2026-03-09", "office", "b3"), state("a", "2026-03-01", "home", "b1"),
        state("a", "2026-03-05", "home", "b2"), state("a", "2026-03-12", "trial", "b4"),
    ]  # fmt: skip
    found = held([now("a", "b4", plan="trial"), now("b", plan="home")], told)
    assert plans(found) == [("a", None, "home"), ("a", "03-09", "office"), ("a", "03-12", "trial"), ("b", None, "home")]


def test_what_is_now_comes_last_whatever_its_time() -> None:
    told = [state("a", "2026-03-09", "office", "b1"), state("a", "2026-03-01", "home", "b2")]
    assert plans(held([now("a", "b2", plan="home")], told)) == [("a", None, "office"), ("a", "03-09", "home")]


def test_what_was_first_is_not_lost_where_two_files_are_complete_for_the_same_day() -> None:
    told = [state("a", "2026-03-09", "home", "b1", 1), state("a", "2026-03-09", "office", "b2", 2)]
    assert plans(held([now("a", "b2", plan="office")], told)) == [("a", None, "home"), ("a", "03-09", "office")]


def test_of_two_states_of_one_instant_the_one_that_came_last_counts() -> None:
    told = [
        state("a", "2026-03-01", "home", "b1", 1), state("a", "2026-03-05", "trial", "b2", 2),
        state("a", "2026-03-05", "office", "b3", 3), state("a", "2026-03-09", "home", "b4", 4),
    ]  # fmt: skip
    found = held([now("a", "b4", plan="home")], told)
    assert plans(found) == [("a", None, "home"), ("a", "03-05", "office"), ("a", "03-09", "home")]


def test_a_history_that_a_source_gives_counts_alone_and_its_first_value_reaches_back() -> None:
    told = [state("a", "2026-03-01", "x", "b1"), state("a", "2026-03-20", "y", "b9")]
    told = [{**row, "country": "DE"} for row in told]
    history = frame(GIVEN,
        {"history_id": "1", "customer_id": "a", "attribute": "plan", "value": "home", "valid_from": at("2026-02-01"),
         "valid_to": at("2026-03-04")},
        {"history_id": "2", "customer_id": "a", "attribute": "plan", "value": "office", "valid_from": at("2026-03-06"),
         "valid_to": at("2026-03-30")},
        {"history_id": "3", "customer_id": "c", "attribute": "plan", "value": "trial", "valid_from": at("2026-03-06")},
        {"history_id": "4", "customer_id": "a", "attribute": "mood", "value": "good", "valid_from": at("2026-03-06")},
    )  # fmt: skip
    found = with_given(held([now("a", plan="y", country="DE"), now("b", plan="home")], told), history)
    assert [row for row in plans(found) if row[0] == "a"] == [
        ("a", None, "home"), ("a", "03-04", None), ("a", "03-06", "office"), ("a", "03-20", "office"),
        ("a", "03-30", None),
    ]  # fmt: skip
    assert [row for row in plans(found) if row[0] != "a"] == [("b", None, "home"), ("c", None, "trial")]
    assert found.filter(pl.col("customer_id") == "a")["country"].unique().to_list() == ["DE"]


def accounts(*rows: tuple[str, datetime | None, str]) -> pl.DataFrame:
    names = ("account_id", "source", *STATED["accounts"])
    schema = {"valid_from": TIME, "created_at": TIME, **dict.fromkeys(names, pl.String())}
    return frame(schema, *({"account_id": a, "valid_from": t or BEGINNING, "industry": i} for a, t, i in rows))


def test_an_account_that_changes_changes_its_customers_while_they_are_in_it() -> None:
    told = [
        {**state("a", "2026-03-01", "home", "b1"), "account_id": "A1"},
        {**state("a", "2026-03-10", "home", "b2"), "account_id": "A2"},
    ]
    found = over_time(
        held([now("a", "b2", plan="home", account_id="A2"), now("b", account_id="A1"), now("c")], told),
        accounts(("A1", None, "bank"), ("A1", at("2026-03-05"), "retail"), ("A1", at("2026-03-15"), "farm"),
                 ("A2", None, "school"), ("A2", at("2026-03-05"), "college")), "UTC",
    ).sort("customer_id", "valid_from")  # fmt: skip
    told_now = [
        (n, f"{t:%m-%d}", i) for n, t, i in found.select("customer_id", "valid_from", "account_industry").rows()
    ]
    assert told_now == [
        ("a", "01-01", "bank"), ("a", "03-05", "retail"), ("a", "03-10", "college"),
        ("b", "01-01", "bank"), ("b", "03-05", "retail"), ("b", "03-15", "farm"), ("c", "01-01", None),
    ]  # fmt: skip


def people(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={"customer_id": pl.String, "person_id": pl.String}, orient="row")


NO_ACCOUNTS = accounts()


def whole(customers: list[dict], states: list[dict] | None = None) -> pl.DataFrame:
    return over_time(held(customers, states), NO_ACCOUNTS, "UTC")


def test_ids_of_one_person_lend_each_other_what_they_do_not_say_themselves() -> None:
    told = [state("shop:1", "2026-03-01", "home", "b1"), state("shop:1", "2026-03-10", "office", "b9")]
    told = [{**row, "country": "DE"} for row in told]
    rows = whole(
        [now("shop:1", plan="office", country="DE"), now("app:1", country="CH"), now("shop:2", plan="x")], told
    )
    found = shared(rows, people(("app:1", "app:1"), ("desk:1", "app:1"), ("shop:1", "app:1"), ("desk:9", "desk:9")))
    assert plans(found) == [
        ("app:1", None, "home"), ("app:1", "03-10", "office"), ("desk:1", None, "home"), ("desk:1", "03-10", "office"),
        ("shop:1", None, "home"), ("shop:1", "03-10", "office"), ("shop:2", None, "x"),
    ]  # fmt: skip
    countries = dict(found.select("customer_id", "country").iter_rows())
    assert countries == {"app:1": "CH", "desk:1": "CH", "shop:1": "DE", "shop:2": None}


def test_changes_are_one_row_per_value_and_leave_out_what_a_source_gives() -> None:
    told = [
        {**state("a", "2026-03-01", "home", "b1"), "country": "DE"},
        {**state("a", "2026-03-10", "office", "b9"), "country": "CH"},
    ]
    rows = whole([now("a", plan="office", country="CH"), now("b", plan="home")], told)
    history = frame(GIVEN, {"history_id": "1", "customer_id": "a", "attribute": "country", "value": "DE",
                            "valid_from": at("2026-01-01")})  # fmt: skip
    assert changes(rows, history).rows() == [
        ("a", "plan", "home", BEGINNING, at("2026-03-10"), "crm"),
        ("a", "plan", "office", at("2026-03-10"), None, "crm"),
    ]  # fmt: skip
    assert changes(rows, history.clear()).height == 4


def test_neighbours_of_one_segment_are_one_spell() -> None:
    told = [
        state("a", "2026-03-01", "home", "b1"), state("a", "2026-03-05", "office", "b2"),
        {**state("a", "2026-03-07", "office", "b3"), "country": "CH"}, state("a", "2026-03-10", "home", "b9"),
    ]  # fmt: skip
    found = segment_spells(whole([now("a", plan="home"), now("b")], told), RULES)
    assert found.rows() == [
        ("a", BEGINNING, at("2026-03-05"), "home", None), ("a", at("2026-03-05"), at("2026-03-10"), "office", None),
        ("a", at("2026-03-10"), None, "home", None), ("b", BEGINNING, None, None, None),
    ]  # fmt: skip
    assert segment_spells(whole([now("a")]), Rules()).is_empty()


def test_only_rows_that_count_otherwise_are_told() -> None:
    before = segment_spells(whole([now("a", plan="home"), now("b", plan="home")]), RULES)
    told = [state("a", "2026-03-01", "home", "b1"), state("a", "2026-03-10", "office", "b9")]
    after = segment_spells(whole([now("a", plan="office"), now("b", plan="home"), now("c")], told), RULES)
    assert changed_customers(before, after).to_list() == ["a", "c"]
    assert changed_customers(after, after).is_empty()
    rows = pl.DataFrame({"customer_id": ["a", "a", "b"], "at": [at("2026-03-09"), at("2026-03-10"), at("2026-03-10")],
                         "says_segment": False},
                        schema={"customer_id": pl.String, "at": TIME, "says_segment": pl.Boolean})  # fmt: skip
    assert counted_otherwise(rows, before, after, "at").rows() == [("a", at("2026-03-10"), False)]
    own = rows.with_columns(says_segment=True)
    assert counted_otherwise(own, before, after, "at").is_empty()  # nobody has a persona
    banker = after.with_columns(persona=pl.when(pl.col("valid_from") >= at("2026-03-10")).then(pl.lit("banker")))
    assert counted_otherwise(own, before, banker, "at").rows() == [("a", at("2026-03-10"), True)]


def test_a_segment_that_nobody_ever_had_is_told() -> None:
    assert never_held(RULES, {"home"}, set()) == (["office"], [])


PLANS = st.sampled_from(["home", "office", "trial", None])
VERSIONS = st.lists(st.tuples(st.integers(0, 40), PLANS), min_size=1, max_size=6, unique_by=lambda each: each[0])


@given(st.lists(VERSIONS, min_size=1, max_size=4))
def test_spells_of_a_customer_follow_each_other_without_gap_or_overlap_from_the_beginning_on(
    versions: list[list[tuple[int, str | None]]],
) -> None:
    customers, states = [], []
    for number, told in enumerate(versions):
        name = f"c{number}"
        rows = [(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hour), plan) for hour, plan in sorted(told)]
        customers.append(now(name, f"b{len(rows) - 1}", plan=rows[-1][1]))
        if len(rows) > 1:
            states += [
                {"customer_id": name, "at": since, "plan": plan, "batch_id": f"b{i}", "place": i}
                for i, (since, plan) in enumerate(rows)
            ]
    attributes = whole(customers, states)
    found = segment_spells(attributes, RULES)
    for name, of_one in found.group_by("customer_id"):
        rows = of_one.sort("valid_from").rows(named=True)
        assert rows[0]["valid_from"] == BEGINNING, name
        assert rows[-1]["valid_to"] is None
        for one, following in pairwise(rows):
            assert one["valid_to"] == following["valid_from"]
            assert one["segment"] != following["segment"]
    assert found["customer_id"].n_unique() == len(customers)
    assert segment_spells(attributes.sample(fraction=1, shuffle=True, seed=7), RULES).equals(found)
