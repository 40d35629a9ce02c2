"""Formbricks: responses to its surveys (interface v2), and the contacts behind them (v1).

The latest change comes last: a response that changes while the list is read moves to its end, where it comes again.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from domain.connectors import (
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
from domain.paging import Offset, Request, inside
from tasks.extract.connectors.identities import identities
from tasks.extract.connectors.surveys import SURVEYS, Response, Survey, addresses, answers, extras, survey_of

PAGE: Final = 250
DAILY: Final = timedelta(hours=20)


def parse_responses(page: Page, options: Options) -> Rows:
    """A page of responses: an answer for each declared question, and the contact's e-mail."""
    read = [(_survey(options, record["surveyId"]), _response(record)) for record in page.body["data"]]
    return {
        "survey_answers": [row for survey, response in read for row in answers(survey, response)],
        "identities": [row for survey, response in read for row in addresses(survey, response)],
    }


def parse_contacts(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """The contacts; the id that the company's own system gave them is an identity."""
    contacts: list[Mapping[str, Any]] = page.body["data"]
    return {
        "customers": [
            {
                "customer_id": contact["id"], "version_at": contact.get("updatedAt"),
                "contact_created_at": contact.get("createdAt"), "user_id": contact.get("userId"),
            }
            for contact in contacts
        ],
        "identities": [
            row
            for contact in contacts
            for row in identities(
                {
                    "customer_id": contact["id"], "created_at": contact.get("createdAt"),
                    "version_at": contact.get("updatedAt"),
                },
                [("external", contact.get("userId"))],
            )
        ],
    }  # fmt: skip


def _survey(options: Options, key: object) -> Survey:
    """The declared survey; the contact's e-mail is in the attribute that Formbricks calls so."""
    survey = survey_of(options, key)
    return survey if survey.email else replace(survey, email="email")


def _response(record: Mapping[str, Any]) -> Response:
    said: Mapping[str, Any] = record.get("data") or {}
    attributes: Mapping[str, Any] = record.get("contactAttributes") or {}
    variables: Mapping[str, Any] = record.get("variables") or {}
    language = record.get("language")
    columns: Row = {
        **extras(said, "answer"), **extras(variables, "variable"), **extras(attributes, "attribute"),
        "language": None if language == "default" else language,
        "country": inside(record, ("meta", "country")),
        "device": inside(record, ("meta", "userAgent", "device")),
        "channel": inside(record, ("meta", "source")),
        "version_at": record.get("updatedAt"),
        "is_finished": record.get("finished"),
        "display_id": record.get("displayId"),
        "page_url": inside(record, ("meta", "url")),
        "action": inside(record, ("meta", "action")),
    }  # fmt: skip
    return Response(
        id=str(record["id"]), answered_at=record.get("createdAt"), values=said,
        fields={**said, **variables, **attributes}, customer_id=record.get("contactId"),
        columns=columns,
    )  # fmt: skip


CONNECTOR: Final = Connector(
    kind="formbricks",
    title="Formbricks",
    address="https://app.formbricks.com",
    auth=Token("{key}", "x-api-key"),
    secrets=(Secret("key", "FORMBRICKS_API_KEY", "an API key with read access: organization settings, API keys"),),
    options=(replace(SURVEYS, is_required=False, default={}),),
    rate=Rate(100, 60),
    streams=(
        Stream(
            name="responses",
            request=Request(
                "/api/v2/management/responses",
                {
                    "surveyId": "{each}", "limit": str(PAGE), "skip": "0", "sortBy": "updatedAt", "order": "asc",
                    "filterDateField": "updatedAt",
                },
            ),
            parse=parse_responses,
            feeds=("survey_answers", "identities"),
            records=("data",),
            paging=Offset(PAGE, "skip"),
            since=Since(mark=("updatedAt",), parameter="startDate", overlap=timedelta(minutes=15)),
            covers=Covers("version_at", ("survey_answers",), back=timedelta(days=30), every=DAILY),
            per_option="surveys",
            fields=(
                Field(("id",), "text"),
                Field(("surveyId",), "text"),
                Field(("createdAt",), "text"),
                Field(("updatedAt",), "text"),
                Field(("data",), "object"),
                Field(("contactId",), "text", is_required=False),
                Field(("contactAttributes",), "object", is_required=False),
            ),
        ),
        Stream(
            name="contacts",
            request=Request("/api/v1/management/contacts"),
            parse=parse_contacts,
            feeds=("customers", "identities"),
            records=("data",),
            covers=Covers(),
            fields=(Field(("id",), "text"), Field(("userId",), "text", is_required=False)),
        ),
    ),
)  # fmt: skip
