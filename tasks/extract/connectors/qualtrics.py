"""Qualtrics: responses to its surveys, by its export, and the invitations of its e-mail distributions.

Written from the vendor's documentation alone: no machine-readable contract was at hand to hold it against.
The export is ordered, waited for and picked up; it asks for what was recorded since. A response that is edited later is
not told: those of the last weeks are read again each day.
"""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from domain.connectors import (
    Child,
    Connector,
    Covers,
    Field,
    Job,
    Option,
    Options,
    Page,
    Rate,
    Row,
    Rows,
    Secret,
    Since,
    Stream,
    Token,
)
from domain.paging import NextUrl, Request, inside
from tasks.extract.connectors.surveys import SURVEYS, Response, addresses, answers, extras, survey_of

NO_RESPONSE: Final = 1 | 2 | 8
"""Bits of `status`: a preview, a test, spam."""

_KNOWN: Final = frozenset({
    "startDate", "endDate", "recordedDate", "status", "ipAddress", "progress", "duration", "finished", "_recordId",
    "recipientLastName", "recipientFirstName", "recipientEmail", "externalDataReference", "locationLatitude",
    "locationLongitude", "distributionChannel", "userLanguage",
})  # fmt: skip
_HISTORY: Final = "history"


def parse_responses(page: Page, options: Options) -> Rows:
    """An export of one survey's responses: an answer for each declared question, and the recipient's e-mail.

    A preview, a test or spam is no response: its rows are marked as deleted.
    """
    survey = survey_of(options, options.get("each"))
    responses = [_response(record) for record in page.body["responses"]]
    return {
        "survey_answers": [row for response in responses for row in answers(survey, response)],
        "identities": [row for response in responses for row in addresses(survey, response)],
    }


def parse_invitations(page: Page, options: Options) -> Rows:
    """The invitations of one survey: for each e-mail distribution, whom it was sent to and what came of it."""
    survey = survey_of(options, options.get("each"))
    return {
        "survey_sends": [
            _send(distribution, sent, survey.survey, is_anonymous=survey.is_anonymous)
            for distribution in page.body["result"]["elements"]
            for body in page.of(_HISTORY, distribution["id"])
            for sent in body["result"]["elements"]
            if sent.get("sentAt")
        ]
    }


def _response(record: Mapping[str, Any]) -> Response:
    said: Mapping[str, Any] = record.get("values") or {}
    recorded_at, status = said.get("recordedDate"), str(said.get("status"))
    columns: Row = {
        "language": said.get("userLanguage"),
        "channel": said.get("distributionChannel"),
        "version_at": recorded_at,
        "deleted_at": recorded_at if status.isdigit() and int(status) & NO_RESPONSE else None,
        "is_finished": said.get("finished") in (1, True, "1"),
        "duration_s": said.get("duration"),
    }
    embedded = {name: value for name, value in said.items() if name not in _KNOWN}
    return Response(
        id=str(record["responseId"]), answered_at=recorded_at, values=said, fields=said,
        columns={**extras(embedded, "value"), **columns},
    )  # fmt: skip


def _send(distribution: Mapping[str, Any], sent: Mapping[str, Any], survey: str, *, is_anonymous: bool) -> Row:
    answered_at = sent.get("responseCompletedAt")
    seen = (sent.get("sentAt"), sent.get("openedAt"), sent.get("responseStartedAt"), answered_at)
    key = f"{distribution['id']}:{sent['contactId']}"
    return {
        "send_id": sha256(key.encode()).hexdigest()[:32] if is_anonymous else key,
        "survey": survey,
        "customer_id": None if is_anonymous else sent["contactId"],
        "channel": "email",
        "sent_at": sent["sentAt"],
        "answered_at": answered_at,
        "version_at": max(filter(None, seen), default=None),
        "status": sent.get("status"),
        "response_id": None if is_anonymous else sent.get("responseId"),
        "distribution": distribution["id"],
        "mailing_list": inside(distribution, ("recipients", "mailingListId")),
    }


CONNECTOR: Final = Connector(
    kind="qualtrics",
    title="Qualtrics",
    address="https://{datacenter}.qualtrics.com/API/v3",
    auth=Token("{token}", "X-API-TOKEN"),
    secrets=(Secret("token", "QUALTRICS_API_TOKEN", "Account Settings, Qualtrics IDs, API: Token"),),
    options=(
        Option("datacenter", "Account Settings, Qualtrics IDs, User: Datacenter ID (fra1, iad1)", is_required=True),
        SURVEYS,
    ),
    rate=Rate(60, 60),
    delay=timedelta(minutes=5),
    streams=(
        Stream(
            name="responses",
            request=Request("/surveys/{each}/export-responses", method="POST", body={"format": "json"}),
            parse=parse_responses,
            feeds=("survey_answers", "identities"),
            records=("responses",),
            key=("responseId",),
            since=Since(mark=("values", "recordedDate"), into=("startDate",), overlap=timedelta(hours=1)),
            covers=Covers(
                "answered_at", ("survey_answers",), back=timedelta(days=60), every=timedelta(hours=20)
            ),
            job=Job(
                started=("result", "progressId"),
                progress=Request("/surveys/{each}/export-responses/{job}"),
                state=("result", "status"), done="complete", failed="failed",
                file=("result", "fileId"),
                pick_up=Request("/surveys/{each}/export-responses/{file}/file"),
            ),
            per_option="surveys",
            fields=(
                Field(("responseId",), "text"),
                Field(("values",), "object"),
                Field(("values", "recordedDate"), "text"),
            ),
        ),
        Stream(
            name="invitations",
            request=Request(
                "/distributions",
                {
                    "surveyId": "{each}", "distributionRequestType": "Invite", "pageSize": "100",
                    "useNewPaginationScheme": "true",
                },
            ),
            parse=parse_invitations,
            feeds=("survey_sends",),
            records=("result", "elements"),
            paging=NextUrl(("result", "nextPage")),
            # What came of an invitation is known weeks after it was sent.
            since=Since(mark=("sendDate",), parameter="sendStartDate", overlap=timedelta(days=60)),
            children=(
                Child(
                    _HISTORY, Request("/distributions/{id}/history"),
                    paging=NextUrl(("result", "nextPage")), records=("result", "elements"),
                ),
            ),
            per_option="surveys",
            fields=(Field(("id",), "text"), Field(("sendDate",), "text")),
        ),
    ),
)  # fmt: skip
