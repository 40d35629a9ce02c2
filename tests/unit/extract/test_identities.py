"""Addresses as people write them, and the hashes that are kept of them."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import SourcesError
from tasks.extract.identities import KINDS, LONGEST_COMPARED, Origin, address_columns
from tasks.extract.mapping import map_table
from tasks.extract.parse import parse

SHOP = Origin("shop", "shop", "DE")


def normal(kind: str, value: str, origin: Origin = SHOP) -> str | None:
    return KINDS[kind](value, origin)


def columns(*pairs, secret="s", origin=SHOP):
    frame = pl.DataFrame(pairs, schema={"kind": pl.String, "value": pl.String}, orient="row")
    return address_columns(frame["kind"], frame["value"], origin, secret)


@pytest.mark.parametrize(
    "written", [" Ann@Example.org ", "ANN@EXAMPLE.ORG", "\uff41nn@example.org", "ann@example.org\n"]
)
def test_one_email_is_one_however_it_is_spelt(written: str) -> None:
    assert normal("email", written) == "ann@example.org"


def test_dots_and_plus_signs_of_an_email_are_kept() -> None:
    assert normal("email", "a.nn+shop@gmail.com") == "a.nn+shop@gmail.com"


@pytest.mark.parametrize("written", ["", "n/a", "ann", "@example.org", "ann@", "ann lee@example.org", "a@b@c"])
def test_what_is_no_email_is_no_identity(written: str) -> None:
    assert normal("email", written) is None


@pytest.mark.parametrize(
    "written", ["030 901820", "+49 30 901820", "0049 30 90 18 20", "(030) 90-1820", "tel:+4930901820"]
)
def test_one_phone_number_is_one_however_it_is_written(written: str) -> None:
    assert normal("phone", written) == "+4930901820"


@pytest.mark.parametrize("written", ["", "none", "110", "12345", "+49 1", "000000000"])
def test_a_number_that_nobody_can_have_is_no_identity(written: str) -> None:
    assert normal("phone", written) is None


def test_a_national_number_of_no_known_country_is_no_identity() -> None:
    assert normal("phone", "030 901820", Origin("shop", "shop")) is None
    assert normal("phone", "+49 30 901820", Origin("shop", "shop")) == "+4930901820"


def test_two_extensions_of_one_switchboard_are_two_numbers() -> None:
    assert normal("phone", "+1 650 253 0000 ext. 12") == "+16502530000;ext=12"


def test_external_ids_are_told_apart_by_namespace_and_case() -> None:
    found = {normal("external", value, Origin(space, "x")) for value in ("C-7", "c-7 ") for space in ("shop", "crm")}
    assert found == {"shop:C-7", "crm:C-7", "shop:c-7", "crm:c-7"}


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("@AnnLee", "shop:annlee"), ("annlee", "shop:annlee"), ("x:@AnnLee", "x:annlee"),
        ("twitter:annlee", "x:annlee"), ("https://twitter.com/AnnLee?lang=de", "x:annlee"),
        ("https://www.linkedin.com/in/ann-lee/", "linkedin:ann-lee"),
        ("https://mastodon.social/@ann", "mastodon.social:ann"), ("https://x.com/", None), ("", None),
        ("ann lee", None),
    ],
)  # fmt: skip
def test_a_handle_carries_its_network(written: str, normalised: str | None) -> None:
    assert normal("handle", written) == normalised


def test_equal_addresses_of_two_sources_have_one_hash_and_other_kinds_another() -> None:
    here = columns(("email", "ann@example.org"), ("external", "ann@example.org"))["value_hash"]
    there = columns(("email", " Ann@example.ORG"), origin=Origin("desk", "desk"))["value_hash"]
    assert here[0] == there[0] != here[1]
    assert columns(("email", "ann@example.org"), secret="other")["value_hash"][0] != here[0]


def test_no_address_can_be_read_off_the_columns() -> None:
    found = columns(("email", "ann@example.org"), ("phone", "+4930901820"))
    assert all(part not in " ".join(v or "" for s in found.values() for v in s) for part in ("ann", "example", "9018"))


def test_unreadable_ones_unknown_kinds_and_nothing_have_no_hash_and_keep_their_place() -> None:
    found = columns(("email", "-"), (None, "a@b.c"), ("fax", "1"), ("email", None), ("email", "a@b.c"))
    assert [value is None for value in found["value_hash"]] == [True, True, True, True, False]
    assert columns()["value_hash"].to_list() == []


def near(one: str, other: str) -> bool:
    found = columns(("email", one), ("email", other))["near_hashes"]
    return bool(set((found[0] or "").split()) & set((found[1] or "").split()))


@pytest.mark.parametrize(
    "typed", ["anna.lee@ex.org", "ann.le@ex.org", "amn.lee@ex.org", "nan.lee@ex.org", "ann.lee@ex.og"]
)
def test_a_typing_error_is_near(typed: str) -> None:
    assert near("ann.lee@ex.org", typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("desk1@ex.org", "desk2@ex.org"),
        ("ann@ex.org", "bob@ex.org"),
        ("ann@ex.org", "ann5@ex.org"),
        ("ann@ex.org", "amm@ex.org"),
    ],
)
def test_numbered_desks_and_two_letters_are_not_near(one: str, other: str) -> None:
    assert not near(one, other)


def test_a_very_long_address_is_not_compared() -> None:
    assert columns(("email", "a" * LONGEST_COMPARED + "@ex.org"))["near_hashes"].to_list() == [None]


@given(st.text(max_size=40), st.sampled_from(sorted(KINDS)))
def test_normalising_never_fails_and_emails_are_normal_once_and_for_all(text: str, kind: str) -> None:
    found = normal(kind, text)
    if kind == "email" and found is not None:
        assert normal(kind, found) == found


TABLES = """\
identities:
  - {key: id, columns: {customer_id: id, kind: "'email'", value_hash: email}}
"""


def test_a_mapped_identity_has_the_hash_of_the_address_whatever_the_source(spec, mapped) -> None:
    first, second = spec(TABLES), spec(TABLES, "namespace: crm")
    rows, frame = mapped(first, "id,email\n1,ann@example.org\n2, ANN@example.org\n3,-\n")
    other = map_table(frame, second, second.tables[0]).rows
    hashes = rows.rows["value_hash"].to_list()
    assert hashes[0] == hashes[1] is not None
    assert hashes[2] is None
    assert other["value_hash"].to_list() == hashes
    assert rows.rows["identity_id"].to_list() != other["identity_id"].to_list()
    assert rows.n_mapped == 3


def test_a_sources_country_reads_its_numbers_and_a_wrong_one_is_refused(spec, mapped) -> None:
    phones = TABLES.replace("'email'", "'phone'")
    rows, _ = mapped(spec(phones, "country: DE"), "id,email\n1,030 901820\n")
    assert rows.rows["value_hash"][0] == columns(("phone", "+4930901820"), secret="")["value_hash"][0]
    with pytest.raises(SourcesError, match="two capital letters"):
        spec(phones, "country: Germany")


def test_external_ids_are_of_the_namespace_that_the_source_names(spec) -> None:
    assert spec(TABLES).external_namespace == "desk"
    assert spec(TABLES, "namespace: crm", "external_ids: crm").external_namespace == "crm"
    with pytest.raises(SourcesError, match=r"no source has the namespace 'shpo'. There are: desk"):
        spec(TABLES, "external_ids: shpo")


ANSWERS = """\
survey_answers:
  - survey: s
    measure: csat
    scale: {low: 1, high: 5, direction: up, satisfied_from: 4}
    key: id
    columns: {score: score, answered_at: at, is_anonymous: secret, customer_id: who, ticket_id: ticket, segment: seg}
"""


def test_an_anonymous_answer_leads_to_nobody(spec) -> None:
    rows = ["1,5,2026-01-01,true,7,9,home", "2,5,2026-01-01,false,7,9,home", "3,5,2026-01-01,,7,9,"]
    content = "\n".join(["id,score,at,secret,who,ticket,seg", *rows])
    source = spec(ANSWERS)
    rows = map_table(parse(content.encode(), "f.csv", source.files).frame, source, source.tables[0]).rows
    assert rows.select("customer_id", "ticket_id", "segment").rows() == [
        (None, None, "home"), ("desk:7", "desk:9", "home"), ("desk:7", "desk:9", None),
    ]  # fmt: skip
