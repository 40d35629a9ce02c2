import json
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page
from domain.errors import SourcesError
from domain.paging import Answer
from tasks.extract.connectors.formbricks import CONNECTOR, parse_contacts, parse_responses

RESPONSES = CONNECTOR.stream("responses")
PAGES = Path(__file__).parents[1] / "pages" / "formbricks"
QUESTION = {"measure": "nps", "scale": {"low": 0, "high": 10, "direction": "up"}, "comment": "q-why"}
OPTIONS = {"surveys": {"sv-nps": {"survey": "nps-relationship", "questions": {"q-recommend": QUESTION}}}}


def page(name: str) -> Any:
    return json.loads((PAGES / f"{name}.json").read_text())


def test_a_response_gives_an_answer_with_who_where_and_when():
    row = parse_responses(Page(page("responses")), OPTIONS)["survey_answers"][0]
    assert (row["answer_id"], row["score"], row["comment"]) == (
        "resp-2:q-recommend",
        "9",
        "Support answers within the hour.",
    )
    assert (row["customer_id"], row["country"], row["language"], row["device"]) == ("contact-7", "AT", "de", "desktop")
    assert (row["answered_at"], row["version_at"]) == ("2026-03-09T09:00:00.000Z", "2026-03-09T09:02:00.000Z")
    assert (row["attribute_plan"], row["variable_score"], row["answer_order"]) == ("pro", 12, "A-17")


def test_a_response_that_was_only_begun_is_asked_and_has_no_score():
    row = parse_responses(Page(page("responses")), OPTIONS)["survey_answers"][1]
    assert (row["answer_id"], row["score"], row["is_finished"]) == ("resp-1:q-recommend", None, False)
    assert (row["customer_id"], row["language"]) == (None, None)


def test_a_contacts_e_mail_is_an_identity_and_no_extra():
    rows = parse_responses(Page(page("responses")), OPTIONS)
    assert [(row["customer_id"], row["value_hash"]) for row in rows["identities"]] == [
        ("contact-7", "someone@example.org")
    ]
    assert "someone@example.org" not in str(rows["survey_answers"])


def test_an_anonymous_surveys_answers_belong_to_nobody():
    survey = OPTIONS["surveys"]["sv-nps"] | {"anonymous": True}
    rows = parse_responses(Page(page("responses")), {"surveys": {"sv-nps": survey}})
    assert [row["customer_id"] for row in rows["survey_answers"]] == [None, None]
    assert rows["identities"] == []


def test_contacts_are_customers_and_the_companys_own_id_of_them_is_an_identity():
    rows = parse_contacts(Page(page("contacts")), {})
    assert [row["customer_id"] for row in rows["customers"]] == ["contact-7", "contact-8"]
    assert [(row["customer_id"], row["kind"], row["value_hash"]) for row in rows["identities"]] == [
        ("contact-7", "external", "u-700")
    ]


def test_an_empty_page_gives_no_rows():
    assert parse_responses(Page({"data": []}), OPTIONS) == {"survey_answers": [], "identities": []}
    assert parse_contacts(Page({"data": []}), {}) == {"customers": [], "identities": []}


def test_a_response_to_a_survey_nobody_declared_is_refused():
    with pytest.raises(SourcesError, match="'sv-nps' is not declared"):
        parse_responses(Page(page("responses")), {"surveys": {}})


def test_a_full_page_is_followed_by_the_next_and_a_short_one_is_the_last():
    full = RESPONSES.paging.following(RESPONSES.request, Answer("", {}, b"", {}), 250)
    assert full is not None
    assert full.query["skip"] == "249"  # the last record comes again: nothing was skipped
    assert RESPONSES.paging.following(full, Answer("", {}, b"", {}), 249) is None


def test_a_page_of_another_shape_is_told_by_name():
    with pytest.raises(KeyError, match="data"):
        RESPONSES.records_of({"responses": []})
    with pytest.raises(KeyError, match="surveyId"):
        parse_responses(Page({"data": [{"id": "r"}]}), OPTIONS)
