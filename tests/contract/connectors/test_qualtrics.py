import json
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page
from tasks.extract.connectors.qualtrics import CONNECTOR, parse_invitations, parse_responses

RESPONSES = CONNECTOR.stream("responses")
PAGES = Path(__file__).parents[1] / "pages" / "qualtrics"
QUESTION = {"measure": "nps", "scale": {"low": 0, "high": 10, "direction": "up"}, "comment": "QID2_TEXT"}
SURVEY = {
    "survey": "relationship", "customer": "externalDataReference", "email": "recipientEmail",
    "questions": {"QID1": QUESTION},
}  # fmt: skip
OPTIONS = {"each": "SV_1", "surveys": {"SV_1": SURVEY}}


def page(name: str) -> Any:
    return json.loads((PAGES / f"{name}.json").read_text())


def invitations() -> Page:
    return Page(page("invitations"), {("history", "EMD_1"): [page("history")]})


def test_a_response_gives_an_answer_and_the_recipients_address():
    rows = parse_responses(Page(page("responses")), OPTIONS)
    row = rows["survey_answers"][0]
    assert (row["answer_id"], row["score"], row["comment"]) == ("R_3:QID1", "8", "Easy to reach.")
    assert (row["customer_id"], row["language"], row["channel"], row["value_plan"]) == ("C-7", "EN", "email", "pro")
    assert [(row["customer_id"], row["value_hash"]) for row in rows["identities"]] == [("C-7", "someone@example.org")]
    assert "someone@example.org" not in str(rows["survey_answers"])


def test_a_preview_is_no_response_and_an_import_is_one():
    rows = parse_responses(Page(page("responses")), OPTIONS)["survey_answers"]
    assert [(row["response_id"], row["deleted_at"] is None, row["score"]) for row in rows] == [
        ("R_3", True, "8"), ("R_2", False, "10"), ("R_1", True, None),
    ]  # fmt: skip


def test_an_invitation_is_what_was_sent_and_tells_when_it_was_answered():
    sends = parse_invitations(invitations(), OPTIONS)["survey_sends"]
    assert [(send["send_id"], send["sent_at"], send["answered_at"]) for send in sends] == [
        ("EMD_1:CID_7", "2026-03-02T08:00:01Z", "2026-03-09T09:00:00Z"),
        ("EMD_1:CID_8", "2026-03-02T08:00:02Z", None),
    ]
    assert [send["survey"] for send in sends] == ["relationship", "relationship"]
    assert sends[0]["version_at"] == "2026-03-09T09:00:00Z"


def test_an_anonymous_survey_does_not_say_who_was_asked_or_which_answer_is_theirs():
    options = {"each": "SV_1", "surveys": {"SV_1": SURVEY | {"anonymous": True}}}
    sends = parse_invitations(invitations(), options)["survey_sends"]
    assert {(send["customer_id"], send["response_id"]) for send in sends} == {(None, None)}
    assert len({send["send_id"] for send in sends}) == 2
    assert "CID_7" not in str(sends)


def test_an_empty_export_gives_no_rows():
    assert parse_responses(Page({"responses": []}), OPTIONS) == {"survey_answers": [], "identities": []}
    assert parse_invitations(Page({"result": {"elements": []}}), OPTIONS) == {"survey_sends": []}


def test_an_export_is_ordered_waited_for_and_picked_up():
    job = RESPONSES.job
    assert job is not None
    assert RESPONSES.request.method == "POST"
    assert (job.started, job.done, job.failed) == (("result", "progressId"), "complete", "failed")
    assert job.pick_up.path == "/surveys/{each}/export-responses/{file}/file"


def test_an_export_of_another_shape_is_told_by_name():
    with pytest.raises(KeyError, match="responses"):
        RESPONSES.records_of({"result": {}})
    with pytest.raises(KeyError, match="responseId"):
        parse_responses(Page({"responses": [{"values": {}}]}), OPTIONS)
