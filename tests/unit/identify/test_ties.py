"""Who is one person, who is not, and what is left to people."""

import random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.identify.addresses import MOST_SHARING, SCHEMA
from tasks.identify.changes import changes, reasons
from tasks.identify.near import MOST_REVIEWED, to_review
from tasks.identify.ties import PEOPLE_SCHEMA, Decisions, tied

Row = tuple[str, str, str]
NO_EMAILS = pl.DataFrame(schema={"customer_id": pl.String, "account_id": pl.String, "near_hashes": pl.String})


def frame(rows: list[Row]) -> pl.DataFrame:
    """Identities from (customer, kind, value); the source is the customer's prefix."""
    named = [
        {"identity_id": f"{who}/{kind}/{value}", "source": who.split(":")[0], "customer_id": who, "kind": kind,
         "value_hash": value}
        for who, kind, value in rows
    ]  # fmt: skip
    return pl.DataFrame(named, schema=SCHEMA)


def accounts(**held: str) -> pl.DataFrame:
    rows = {"customer_id": [name.replace("_", ":") for name in held], "account_id": list(held.values())}
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "account_id": pl.String})


def look(rows: list[Row], merged=(), apart=(), held=None):
    return tied(frame(rows), accounts() if held is None else held, Decisions(merged, apart))


def persons(rows: list[Row], **said) -> dict[str, str]:
    return dict(look(rows, **said).people.select("customer_id", "person_id").iter_rows())


def doubts(rows: list[Row], emails: pl.DataFrame = NO_EMAILS, **said) -> list[tuple[str, str, str]]:
    decisions = Decisions(said.get("merged", ()), said.get("apart", ()))
    return to_review(look(rows, **said), emails, decisions).rows()


def test_an_equal_email_in_two_sources_is_one_person() -> None:
    rows = [("shop:7", "email", "ann"), ("desk:9", "email", "ann"), ("shop:8", "email", "bob")]
    assert look(rows).people.rows() == [
        ("desk:9", "desk:9", "email", "desk:9/email/ann", None),
        ("shop:7", "desk:9", "email", "shop:7/email/ann", None),
    ]  # fmt: skip


def test_ties_are_passed_on_from_address_to_address() -> None:
    rows = [("a:1", "email", "old"), ("b:1", "email", "old"), ("b:1", "external", "7"), ("c:1", "external", "7")]
    assert set(persons(rows).values()) == {"a:1"}
    assert len(persons(rows)) == 3


def test_a_phone_alone_ties_when_nothing_contradicts() -> None:
    assert persons([("a:1", "phone", "1"), ("b:1", "phone", "1"), ("b:1", "email", "ann")]) == {
        "a:1": "a:1",
        "b:1": "a:1",
    }


def test_a_phone_ties_nobody_with_differing_emails_and_the_pair_is_to_be_looked_at() -> None:
    rows = [("a:1", "phone", "1"), ("b:1", "phone", "1"), ("a:1", "email", "bob"), ("b:1", "email", "ann")]
    assert persons(rows) == {}
    assert doubts(rows) == [("a:1", "b:1", "the same phone number, but differing e-mails")]


def test_a_phone_ties_nobody_with_differing_external_ids_of_one_source() -> None:
    rows = [("a:1", "handle", "x"), ("a:2", "handle", "x"), ("a:1", "external", "7"), ("a:2", "external", "8")]
    assert persons(rows) == {}
    assert doubts(rows) == [("a:1", "a:2", "the same handle, but differing external ids")]


def test_whose_phone_it_is_cannot_be_told_when_two_of_three_differ() -> None:
    rows = [
        ("a:1", "phone", "1"), ("b:1", "phone", "1"), ("b:1", "phone", "2"), ("c:1", "phone", "2"),
        ("a:1", "email", "ann"), ("c:1", "email", "bob"),
    ]  # fmt: skip
    assert persons(rows) == {}
    assert [pair[:2] for pair in doubts(rows)] == [("a:1", "b:1"), ("b:1", "c:1")]


def test_an_address_of_more_than_a_few_customers_ties_nobody() -> None:
    few = [(f"a:{i}", "email", "info") for i in range(MOST_SHARING)]
    many = [(f"a:{i}", "email", "info") for i in range(MOST_SHARING + 1)]
    assert set(persons(few).values()) == {"a:0"}
    assert persons(many) == {}
    assert doubts(many)[0] == ("a:0", "a:1", f"e-mail address shared by {MOST_SHARING + 1} customers")
    assert len(doubts(many)) == MOST_SHARING


def test_one_person_known_in_many_sources_is_still_one() -> None:
    rows = [(f"source{i}:1", "email", "ann") for i in range(MOST_SHARING + 3)]
    assert len(persons(rows)) == MOST_SHARING + 3


def test_an_address_that_is_surely_everybodys_is_not_worth_a_look() -> None:
    assert doubts([(f"a:{i:02}", "phone", "reception") for i in range(MOST_REVIEWED + 1)]) == []


def test_set_apart_is_set_apart_for_ever() -> None:
    rows = [("a:1", "email", "home"), ("a:2", "email", "home")]
    assert persons(rows, apart=[("a:1", "a:2")]) == {}
    assert doubts(rows, apart=[("a:1", "a:2")]) == []


def test_those_set_apart_are_not_brought_together_by_a_third() -> None:
    rows = [("a:1", "email", "x"), ("b:1", "email", "x"), ("b:1", "email", "y"), ("c:1", "email", "y")]
    found = persons(rows, apart=[("a:1", "c:1")])
    assert found == {"a:1": "a:1", "b:1": "a:1"}


def test_a_phone_of_two_who_were_set_apart_ties_nobody_else() -> None:
    rows = [(f"{source}:1", "phone", "1") for source in "abc"]
    assert persons(rows, apart=[("a:1", "c:1")]) == {}
    assert doubts(rows, apart=[("a:1", "c:1")]) == [("a:1", "b:1", "the same phone number, but set apart")]


def test_a_decision_ties_customers_without_any_address() -> None:
    found = look([], merged=[("a:1", "b:1")])
    assert found.people.rows() == [("a:1", "a:1", "decision", None, None), ("b:1", "a:1", "decision", None, None)]


def test_the_account_follows_where_the_sources_agree() -> None:
    rows = [(f"{source}:1", "email", "ann") for source in "abc"]
    agreed = look(rows, held=accounts(a_1="crm:9", c_1="crm:9")).people
    assert agreed["account_id"].to_list() == ["crm:9"] * 3
    assert look(rows, held=accounts(a_1="crm:9", c_1="crm:8")).people["account_id"].to_list() == [None] * 3


def test_unreadable_addresses_and_strange_kinds_tie_nobody() -> None:
    rows = frame([("a:1", "fax", "1"), ("b:1", "fax", "1")])
    blank = rows.with_columns(kind=pl.lit("email"), value_hash=pl.lit(None, pl.String))
    assert tied(pl.concat([rows, blank]), accounts(), Decisions()).people.is_empty()


def emails(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=NO_EMAILS.schema, orient="row")


def test_emails_that_differ_by_a_letter_are_looked_at_within_one_account_only() -> None:
    rows = [("a:1", "email", "1"), ("b:1", "email", "2"), ("b:2", "email", "3")]
    near = emails(("a:1", "crm:9", "p q r"), ("b:1", "crm:9", "q s t"), ("b:2", "crm:8", "q"))
    assert doubts(rows, near) == [("a:1", "b:1", "e-mail addresses that differ by one letter, in one account")]


def test_two_persons_are_looked_at_once_for_the_strongest_reason() -> None:
    rows = [
        ("a:1", "phone", "1"), ("b:1", "phone", "1"), ("b:2", "email", "ann"), ("b:1", "email", "ann"),
        ("a:1", "email", "amn"),
    ]  # fmt: skip
    near = emails(("a:1", "crm:9", "p"), ("b:2", "crm:9", "p"))
    assert doubts(rows, near) == [("a:1", "b:1", "the same phone number, but differing e-mails")]


CUSTOMER = st.tuples(st.sampled_from("abc"), st.integers(1, 4)).map(lambda part: f"{part[0]}:{part[1]}")
ROWS = st.lists(
    st.tuples(CUSTOMER, st.sampled_from(["email", "phone", "external", "handle"]), st.sampled_from("xyz")),
    max_size=14, unique=True,
)  # fmt: skip
PAIRS = st.lists(st.tuples(CUSTOMER, CUSTOMER).filter(lambda pair: pair[0] < pair[1]), max_size=4, unique=True)


@settings(deadline=None, max_examples=50)
@given(ROWS, PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_rows_plays_no_part_and_nobody_set_apart_is_together(rows, apart, order: random.Random) -> None:
    found = look(rows, apart=apart)
    mixed = order.sample(rows, len(rows))
    again = look(mixed, apart=apart)
    assert again.people.equals(found.people)
    assert doubts(mixed, apart=apart) == doubts(rows, apart=apart)
    person = dict(found.people.select("customer_id", "person_id").iter_rows())
    assert all(person.get(one, one) != person.get(other, other) for one, other in apart)
    assert all(person_id <= who for who, person_id in person.items())
    assert all(person.get(one, one) != person.get(other, other) for one, other, _ in doubts(rows, apart=apart))


@settings(deadline=None, max_examples=50)
@given(ROWS, ROWS)
def test_what_changed_leads_from_one_state_to_the_other(rows, later) -> None:
    before, after = look(rows).people, look(later).people
    found = changes(before, after)
    kept = before.join(found.written, on="customer_id", how="anti").filter(
        ~pl.col("customer_id").is_in(found.gone.implode())
    )
    assert pl.concat([kept, found.written.select(list(PEOPLE_SCHEMA))]).sort("customer_id").equals(after)
    assert changes(after, after).written.is_empty()
    assert reasons(found.moves)["why"].null_count() == 0


def test_the_log_says_who_joined_whom_and_who_left() -> None:
    before = look([("b:1", "email", "x"), ("c:1", "email", "x"), ("d:1", "email", "y"), ("e:1", "email", "y")]).people
    after = look([("b:1", "email", "x"), ("c:1", "email", "x"), ("a:1", "phone", "1"), ("b:1", "phone", "1")]).people
    moves = reasons(changes(before, after).moves)
    assert moves.select("customer_id", "other_id", "action", "why").rows() == [
        ("b:1", "a:1", "merged", "tied by e-mail address, phone number"),
        ("c:1", "a:1", "merged", "tied by e-mail address, phone number"),
        ("e:1", "d:1", "apart", "no longer tied by e-mail address"),
    ]
