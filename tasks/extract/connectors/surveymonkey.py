"""SurveyMonkey: responses to its surveys, whole.

Written from the vendor's documentation alone: no machine-readable contract was at hand to hold it against.
The last modified response comes last: one that changes while the list is read moves to its end, where it comes again.
Each page is asked for anew, by the time of the last response read.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from domain.connectors import (
    ENDLESS,
    Connector,
    Covers,
    Field,
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
from tasks.extract.connectors.surveys import SURVEYS, Response, Survey, addresses, answers, extras, survey_of

STATUSES: Final = ("completed", "partial", "overquota", "disqualified")
MODES: Final = ("default", "preview", "data_entry", "survey_preview", "edit")
PREVIEWS: Final = ("preview", "survey_preview")


def parse_responses(page: Page, options: Options) -> Rows:
    """A page of one survey's responses: an answer for each declared question, and the e-mail where it is known.

    A preview is no response: its rows are marked as deleted.
    """
    survey = survey_of(options, options.get("each"))
    responses = [_response(record, survey) for record in page.body["data"]]
    return {
        "survey_answers": [row for response in responses for row in answers(survey, response)],
        "identities": [row for response in responses for row in addresses(survey, response)],
    }


def _response(record: Mapping[str, Any], survey: Survey) -> Response:
    variables: Mapping[str, Any] = record.get("custom_variables") or {}
    changed_at = record.get("date_modified")
    beside = {
        "custom_value": record.get("custom_value"), "recipient_id": record.get("recipient_id"),
        "collector_id": record.get("collector_id"),
        "email": inside(record, ("metadata", "contact", "email", "value")),
    }  # fmt: skip
    columns: Row = {
        "url": record.get("analyze_url"),
        "version_at": changed_at,
        "deleted_at": changed_at if record.get("collection_mode") in PREVIEWS else None,
        "response_status": record.get("response_status"),
        "collection_mode": record.get("collection_mode"),
        "total_time_s": record.get("total_time"),
    }
    return Response(
        id=str(record["id"]), answered_at=record.get("date_created") or changed_at,
        values=dict(_values(record, survey)), fields={**beside, **variables},
        columns={**extras(variables, "variable"), **extras(beside, "response"), **columns},
    )  # fmt: skip


def _values(record: Mapping[str, Any], survey: Survey) -> Iterator[tuple[str, Any]]:
    """What was answered, by question, and by question/row for the rows of a matrix."""
    by_choice = {question.id for question in survey.questions if question.scores}
    for page in record.get("pages") or ():
        for question in page.get("questions") or ():
            key = str(question["id"])
            given: list[Mapping[str, Any]] = question.get("answers") or []
            for answer in given:
                if row := answer.get("row_id"):
                    yield f"{key}/{row}", _value(answer, is_choice=f"{key}/{row}" in by_choice)
            if given:
                yield key, _value(given[0], is_choice=key in by_choice)


def _value(answer: Mapping[str, Any], *, is_choice: bool) -> Any:
    """The choice's id where `scores:` translate it; else its weight, or the text.

    A bare choice is never a score: its id is a number too, and would be read as one.
    """
    choice = answer.get("choice_id")
    if is_choice and choice:
        return str(choice)
    weight = inside(answer, ("choice_metadata", "weight"))
    said = weight if weight not in (None, "") else answer.get("text")
    return f"choice {choice}" if said in (None, "") and choice else said


CONNECTOR: Final = Connector(
    kind="surveymonkey",
    title="SurveyMonkey",
    address="https://api.surveymonkey.com/v3",
    auth=Token(),
    secrets=(
        Secret("token", "SURVEYMONKEY_TOKEN", "the access token of a private app with the scopes View Responses and "
               "View Response Details: developer.surveymonkey.com, My Apps, Settings"),
    ),
    options=(SURVEYS,),
    rate=Rate(120, 60),
    per_day=500,
    streams=(
        Stream(
            name="responses",
            request=Request(
                "/surveys/{each}/responses/bulk",
                {"per_page": "100", "sort_by": "date_modified", "sort_order": "ASC"},
            ),
            parse=parse_responses,
            feeds=("survey_answers", "identities"),
            records=("data",),
            paging=NextUrl(("links", "next"), counted_by="page"),
            # whether what was modified at that very second is among it is told nowhere
            since=Since(
                mark=("date_modified",), parameter="start_modified_at", overlap=timedelta(hours=1),
                back=timedelta(seconds=1),
            ),
            window=ENDLESS,
            covers=Covers("version_at", ("survey_answers",), back=timedelta(days=30), every=timedelta(days=7)),
            per_option="surveys",
            fields=(
                Field(("id",), "text"),
                Field(("date_created",), "text"),
                Field(("date_modified",), "text"),
                Field(("pages",), "list"),
                Field(("response_status",), "text", STATUSES, is_required=False),
                Field(("collection_mode",), "text", MODES, is_required=False),
            ),
        ),
    ),
)  # fmt: skip
