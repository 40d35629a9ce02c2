from typing import Any

import pytest

from domain.errors import SourcesError
from tasks.extract.connectors.surveys import SURVEYS, Response, addresses, answers, declared, survey_of

NPS = {"measure": "nps", "scale": {"low": 0, "high": 10, "direction": "up", "no_score": ["don't know"]}}


def surveys(**more: Any) -> dict[str, Any]:
    return {"surveys": {17: {"survey": "nps-relationship", "questions": {"q1": NPS | {"comment": "q2"}}, **more}}}


def response(values: dict[str, Any], **fields: Any) -> Response:
    return Response("r1", "2026-03-09T09:00:00Z", values, fields, customer_id="contact-7")


def test_an_answer_carries_its_scale_and_its_comment():
    survey = survey_of(surveys(), "17")
    row = answers(survey, response({"q1": 9, "q2": "Quick help."}))[0]
    assert (row["answer_id"], row["survey"], row["measure"]) == ("r1:q1", "nps-relationship", "nps")
    assert (row["score"], row["scale_low"], row["scale_high"], row["direction"]) == ("9", 0, 10, "up")
    assert (row["comment"], row["customer_id"]) == ("Quick help.", "contact-7")


def test_a_question_that_was_not_answered_is_asked_and_has_no_score():
    survey = survey_of(surveys(), 17)
    assert [row["score"] for row in answers(survey, response({}))] == [None]
    assert [row["score"] for row in answers(survey, response({"q1": "don't know"}))] == [None]


def test_an_answer_nobody_declared_a_score_for_is_left_to_the_quarantine():
    assert answers(survey_of(surveys(), 17), response({"q1": "rather"}))[0]["score"] == "rather"


def test_an_undeclared_question_is_left_out():
    assert [row["question"] for row in answers(survey_of(surveys(), 17), response({"q1": 9, "q9": 1}))] == ["q1"]


def test_words_become_the_scores_that_are_declared_for_them():
    question = {"measure": "csat", "scale": {"low": 1, "high": 2, "direction": "up", "satisfied_from": 2},
                "scores": {"Happy": 2, "Unhappy": 1}}  # fmt: skip
    survey = survey_of({"surveys": {"s": {"survey": "csat", "questions": {"q": question}}}}, "s")
    row = answers(survey, response({"q": "Happy"}))[0]
    assert (row["score"], row["satisfied_from"]) == (2, 2)


def test_the_field_that_holds_the_customer_comes_before_the_vendors_own_contact():
    survey = survey_of(surveys(customer="crm", ticket="case", account="org"), 17)
    row = answers(survey, response({"q1": 9}, crm="C-7", case=42, org="O-1"))[0]
    assert (row["customer_id"], row["ticket_id"], row["account_id"]) == ("C-7", "42", "O-1")


def test_an_anonymous_survey_names_nobody():
    survey = survey_of(surveys(anonymous=True, customer="crm", ticket="case", email="mail"), 17)
    given = response({"q1": 9}, crm="C-7", case=42, mail="someone@example.org")
    row = answers(survey, given)[0]
    assert row["is_anonymous"] is True
    assert (row["customer_id"], row["account_id"], row["ticket_id"]) == (None, None, None)
    assert addresses(survey, given) == []


def test_an_address_is_an_identity_only_of_a_known_customer():
    survey = survey_of(surveys(email="mail"), 17)
    row = addresses(survey, response({}, mail="someone@example.org"))[0]
    assert (row["customer_id"], row["kind"], row["value_hash"]) == ("contact-7", "email", "someone@example.org")
    assert addresses(survey, response({})) == []


@pytest.mark.parametrize(("written", "message"), [
    (None, "surveys: expected a mapping"),
    ({"s": {"questions": {"q": NPS}}}, "surveys: s: survey: missing"),
    ({"s": {"survey": "x", "questions": {}}}, "surveys: s: questions: missing"),
    ({"s": {"survey": "x", "question": {"q": NPS}}}, "'question' is not known here. Did you mean 'questions'?"),
    ({"s": {"survey": "x", "questions": {"q": {"measure": "nps"}}}}, "surveys: s: q: scale: expected a mapping"),
    ({"s": {"survey": "x", "questions": {"q": NPS | {"measure": "love"}}}}, "'love' is none of nps, csat, ces, other"),
    ({"s": {"survey": "x", "questions": {"q": NPS | {"scale": {"low": 0, "high": 10}}}}}, "neither up"),
    ({"s": {"survey": "x", "questions": {"q": NPS | {"scale": {"low": 10, "high": 0, "direction": "up"}}}}},
     "high must be above low"),
    ({"s": {"survey": "x", "questions": {"q": {"measure": "csat", "scale": {"low": 1, "high": 5, "direction": "up"}}}}},
     "satisfied_from: missing"),
    ({"s": {"survey": "x", "questions": {"q": NPS | {"scores": {"Yes": "ten"}}}}}, "scores: Yes: expected a number"),
    ({"s": {"survey": "x", "questions": {"q": NPS | {"scale": {"low": 1, "high": 4, "direction": "up"}}}}},
     "surveys: s: q: scale: NPS is asked from 0 to 10 (or 1 to 10), not 1-4"),
])  # fmt: skip
def test_a_survey_that_is_not_declared_whole_is_refused_by_name(written: Any, message: str):
    with pytest.raises(SourcesError) as caught:
        declared({"surveys": written})
    assert message in str(caught.value)


def test_a_wrong_declaration_is_found_before_anything_is_asked():
    assert SURVEYS.check is not None
    with pytest.raises(SourcesError, match="surveys: s: survey: missing"):
        SURVEYS.check({"s": {"questions": {"q": NPS}}})
