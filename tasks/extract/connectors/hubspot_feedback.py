"""HubSpot's feedback submissions. A customer-effort or satisfaction survey has the scale its author gave it."""

from collections.abc import Mapping
from typing import Any, Final

from domain.connectors import Options, Page, Row, Rows
from tasks.extract.connectors.surveys import Response, answers, declared, extras

Record = Mapping[str, Any]

SUBMISSION: Final = (
    "hs_survey_id", "hs_survey_name", "hs_survey_type", "hs_survey_channel", "hs_value", "hs_content",
    "hs_submission_timestamp", "hs_contact_id", "hs_lastmodifieddate", "hs_createdate",
)  # fmt: skip
"""Properties of a submission that are read. The rest of what comes is an extra."""

_CHANNELS: Final = {"EMAIL": "email", "CHAT": "chat", "WEB_PAGE": "web", "WEB": "web", "LINK": "web"}


def parse_submissions(page: Page, options: Options) -> Rows:
    """A page of submissions, archived or not; those of surveys that are not declared are left out."""
    surveys = declared(options) if options.get("surveys") else {}
    found: list[Row] = []
    for submission in page.body["results"]:
        told: Record = submission["properties"] or {}
        if survey := surveys.get(str(told.get("hs_survey_id"))):
            found += answers(survey, _response(submission, told))
    return {"survey_answers": found}


def _response(submission: Record, told: Record) -> Response:
    columns: Row = {
        "channel": _CHANNELS.get(told.get("hs_survey_channel") or ""),
        "version_at": submission.get("archivedAt") or told.get("hs_lastmodifieddate") or submission["updatedAt"],
        "deleted_at": submission.get("archivedAt") if submission["archived"] else None,
        "survey_name": told.get("hs_survey_name"),
        "survey_type": told.get("hs_survey_type"),
    }
    return Response(
        id=submission["id"],
        answered_at=told.get("hs_submission_timestamp") or submission["createdAt"],
        values=told,
        fields=told,
        customer_id=told.get("hs_contact_id"),
        columns={
            **extras({name: value for name, value in told.items() if name not in SUBMISSION}, "custom"),
            **columns,
        },
    )
