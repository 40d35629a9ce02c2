import json
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page
from domain.paging import Answer
from tasks.extract.connectors.surveymonkey import CONNECTOR, parse_responses

STREAM = CONNECTOR.stream("responses")
PAGES = Path(__file__).parents[1] / "pages" / "surveymonkey"
QUESTIONS = {
    401: {"measure": "nps", "scale": {"low": 0, "high": 10, "direction": "up"}, "comment": "403"},
    402: {
        "measure": "csat", "scale": {"low": 1, "high": 5, "direction": "up", "satisfied_from": 4},
        "scores": {7701: 5, 7702: 1},
    },
}  # fmt: skip
SURVEY = {"survey": "relationship", "customer": "customer", "email": "email", "questions": QUESTIONS}
OPTIONS = {"each": "301", "surveys": {301: SURVEY}}


def page() -> dict[str, Any]:
    return json.loads((PAGES / "responses.json").read_text())


def test_a_choices_weight_is_its_score_unless_scores_are_declared_for_choices():
    nps, csat = parse_responses(Page(page()), OPTIONS)["survey_answers"][:2]
    assert (nps["answer_id"], nps["score"], nps["comment"]) == ("9003:401", "9", "Fast answers.")
    assert (csat["score"], csat["satisfied_from"]) == (5, 4)


def test_the_id_of_a_choice_is_never_read_as_a_score():
    assert parse_responses(Page(page()), OPTIONS)["survey_answers"][2]["score"] == "choice 7710"


def test_a_preview_is_no_response():
    rows = parse_responses(Page(page()), OPTIONS)["survey_answers"]
    assert [(row["response_id"], row["deleted_at"] is None) for row in rows[::2]] == [
        ("9003", True), ("9002", True), ("9001", False),
    ]  # fmt: skip


def test_the_row_of_a_matrix_is_a_question_of_its_own():
    survey = SURVEY | {"questions": {"401/5001": QUESTIONS[401]}}
    rows = parse_responses(Page(page()), {"each": "301", "surveys": {"301": survey}})["survey_answers"]
    assert (rows[0]["question"], rows[0]["score"]) == ("401/5001", "9")


def test_custom_variables_say_who_answered():
    rows = parse_responses(Page(page()), OPTIONS)
    first = rows["survey_answers"][0]
    assert (first["customer_id"], first["variable_plan"], first["response_recipient_id"]) == ("C-7", "pro", "88")
    assert [(row["customer_id"], row["value_hash"]) for row in rows["identities"]] == [("C-7", "someone@example.org")]


def test_an_empty_page_gives_no_rows():
    assert parse_responses(Page({"data": []}), OPTIONS) == {"survey_answers": [], "identities": []}


def test_the_next_page_is_the_one_the_page_names():
    body = page()
    following = STREAM.paging.following(STREAM.request, Answer("", {}, b"", body), 3)
    assert following is not None
    assert following.path == body["links"]["next"]
    assert STREAM.paging.following(following, Answer("", {}, b"", {"links": {"self": ""}}), 3) is None


def test_a_page_of_another_shape_is_told_by_name():
    with pytest.raises(KeyError, match="data"):
        STREAM.records_of({"error": {"id": "1010"}})
    with pytest.raises(KeyError, match="id"):
        parse_responses(Page({"data": [{"pages": []}]}), OPTIONS)
