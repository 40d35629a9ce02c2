"""Whether a page still looks as its parser needs it."""

from collections import Counter

import pytest

from domain.connectors import Field
from domain.errors import SourceChangedError
from wire.drift import checked, names_in

WHERE = "Acme Desk, tickets (docs/sources/acmedesk.md)"


def test_below_a_null_everything_is_null():
    fields = (Field(("rating", "score"), "text"),)
    assert checked([{"rating": None}, {"rating": {"score": None}}, {"rating": {"score": "good"}}], fields, WHERE) == {}


def test_a_field_that_is_not_required_may_be_missing_but_not_of_another_type():
    fields = (Field(("via",), "object", is_required=False),)
    assert checked([{}], fields, WHERE) == Counter()
    with pytest.raises(SourceChangedError, match="'via' is list, expected object"):
        checked([{"via": []}], fields, WHERE)


@pytest.mark.parametrize(
    ("type", "good", "bad"),
    [
        ("text", "1", 1), ("number", 1.5, "1"), ("number", 1, True), ("flag", False, 0), ("list", [], {}),
        ("object", {}, []),
    ],
)  # fmt: skip
def test_a_type_is_what_json_says(type, good, bad):  # noqa: A002
    fields = (Field(("x",), type),)
    checked([{"x": good}, {"x": None}], fields, WHERE)
    with pytest.raises(SourceChangedError, match=f"expected {type}"):
        checked([{"x": bad}], fields, WHERE)


def test_any_type_will_do_where_the_parser_does_not_mind():
    assert checked([{"x": 1}, {"x": []}], (Field(("x",)),), WHERE) == {}


def test_the_words_of_a_list_are_counted_each():
    fields = (Field(("tags",), "list", ("a",)),)
    assert checked([{"tags": ["a", "b"]}, {"tags": ["b", "c"]}], fields, WHERE) == {("tags", "b"): 2, ("tags", "c"): 1}


def test_a_message_names_fields_and_never_a_value():
    with pytest.raises(SourceChangedError, match=r"no 'status' \(it has: id, name\)") as error:
        checked([{"id": "canary-1", "name": "canary-2"}], (Field(("status",)),), WHERE)
    assert "canary" not in str(error.value)


def test_ids_used_as_names_are_no_fields():
    assert names_in([{"by": {"a": 1, "3f-9": 2, "77": 3}, "9": 1}]) == {"by", "by.a"}


def test_an_empty_page_has_nothing_to_check():
    assert (checked([], (Field(("id",)),), WHERE), names_in([])) == ({}, frozenset())
