import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page
from domain.paging import Answer
from tasks.extract.connectors.typeform import CONNECTOR, BeforeLast, parse_responses

STREAM = CONNECTOR.stream("responses")
PAGES = Path(__file__).parents[1] / "pages" / "typeform"
QUESTIONS = {
    "f1": {"measure": "ces", "scale": {"low": 1, "high": 7, "direction": "up"}, "comment": "why"},
    "satisfied": {
        "measure": "csat", "scale": {"low": 1, "high": 2, "direction": "up", "satisfied_from": 2},
        "scores": {"Very happy": 2, "Unhappy": 1},
    },
}  # fmt: skip
SURVEY = {"survey": "after-contact", "customer": "customer", "email": "email", "questions": QUESTIONS}
OPTIONS = {"each": "frm", "surveys": {"frm": SURVEY}}


def page() -> dict[str, Any]:
    return json.loads((PAGES / "responses.json").read_text())


def test_a_question_is_found_by_its_id_or_by_its_reference():
    effort, satisfied = parse_responses(Page(page()), OPTIONS)["survey_answers"][:2]
    assert (effort["answer_id"], effort["score"], effort["comment"]) == ("tok-2:f1", "6", "The form asked twice.")
    assert (satisfied["question"], satisfied["score"], satisfied["satisfied_from"]) == ("satisfied", 2, 2)


def test_hidden_fields_say_who_answered_and_can_be_mapped():
    rows = parse_responses(Page(page()), OPTIONS)
    first = rows["survey_answers"][0]
    assert (first["customer_id"], first["hidden_plan"], first["variable_region"]) == ("C-7", "pro", "north")
    assert [(row["customer_id"], row["value_hash"]) for row in rows["identities"]] == [("C-7", "someone@example.org")]


def test_a_question_that_was_skipped_has_no_score():
    rows = parse_responses(Page(page()), OPTIONS)["survey_answers"][2:]
    assert [(row["question"], row["score"], row["customer_id"]) for row in rows] == [
        ("f1", "2", None), ("satisfied", None, None),
    ]  # fmt: skip


def test_an_empty_page_gives_no_rows():
    assert parse_responses(Page({"items": [], "total_items": 0}), OPTIONS) == {"survey_answers": [], "identities": []}


def test_the_next_page_is_what_came_before_the_last_response():
    paging = BeforeLast(2)
    following = paging.following(STREAM.request, Answer("", {}, b"", page()), 2)
    assert following is not None
    assert following.query == {"page_size": "1000", "before": "tok-1"}
    assert paging.following(following, Answer("", {}, b"", {"items": []}), 0) is None
    assert BeforeLast(1000).following(STREAM.request, Answer("", {}, b"", page()), 2) is None


def test_what_changed_is_asked_for_in_seconds():
    assert STREAM.since is not None
    assert STREAM.since.text(datetime(2026, 3, 9, 9, tzinfo=UTC)) == 1773046800


def test_a_page_of_another_shape_is_told_by_name():
    with pytest.raises(KeyError, match="items"):
        STREAM.records_of({"code": "FORM_NOT_FOUND"})
    with pytest.raises(KeyError, match="token"):
        parse_responses(Page({"items": [{"answers": []}]}), OPTIONS)
