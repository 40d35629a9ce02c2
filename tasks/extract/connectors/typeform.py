"""Typeform: responses to its forms.

Written from the vendor's documentation alone: no machine-readable contract was at hand to hold it against.
Responses of the last half hour may be missing from the interface's answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from domain.connectors import Connector, Covers, Field, Options, Page, Rate, Row, Rows, Secret, Since, Stream, Token
from domain.paging import Answer, Request, inside
from tasks.extract.connectors.surveys import SURVEYS, Response, addresses, answers, extras, survey_of

PAGE: Final = 1000


@dataclass(frozen=True)
class BeforeLast:
    """The next page holds what came before this page's last response; a page shorter than `size` is the last."""

    size: int

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:
        """The same call, for what came before."""
        items: list[Mapping[str, Any]] = inside(answer.body, ("items",)) or []
        token = items[-1].get("token") if items else None
        return request.asking(before=str(token)) if token and n_records >= self.size else None


def parse_responses(page: Page, options: Options) -> Rows:
    """A page of one form's responses: an answer for each declared question, and the e-mail where one is declared."""
    survey = survey_of(options, options.get("each"))
    responses = [_response(record) for record in page.body["items"]]
    return {
        "survey_answers": [row for response in responses for row in answers(survey, response)],
        "identities": [row for response in responses for row in addresses(survey, response)],
    }


def _response(record: Mapping[str, Any]) -> Response:
    hidden: Mapping[str, Any] = record.get("hidden") or {}
    said: dict[str, Any] = {}
    for answer in record.get("answers") or ():
        for name in ("id", "ref"):
            if key := inside(answer, ("field", name)):
                said[str(key)] = _value(answer)
    variables = {str(variable.get("key")): _value(variable) for variable in record.get("variables") or ()}
    columns: Row = {
        "version_at": record.get("submitted_at"),
        "device": inside(record, ("metadata", "platform")),
        "landed_at": record.get("landed_at"),
        "referer": inside(record, ("metadata", "referer")),
    }
    return Response(
        id=str(record["token"]), answered_at=record.get("submitted_at") or record.get("landed_at"), values=said,
        fields={**said, **variables, **hidden},
        columns={**extras(variables, "variable"), **extras(hidden, "hidden"), **columns},
    )  # fmt: skip


def _value(answer: Mapping[str, Any]) -> Any:
    """What was answered: the number, the text, the label of the choice, or of several all."""
    value = answer.get(str(answer.get("type")))
    if not isinstance(value, Mapping):
        return value
    chosen: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
    return chosen.get("label") or chosen.get("labels") or chosen.get("other")


CONNECTOR: Final = Connector(
    kind="typeform",
    title="Typeform",
    address="https://api.typeform.com",
    auth=Token(),
    secrets=(Secret("token", "TYPEFORM_TOKEN", "a personal token with the scope responses:read: Account, Tokens"),),
    options=(SURVEYS,),
    rate=Rate(2, 1),
    delay=timedelta(minutes=30),
    streams=(
        Stream(
            name="responses",
            request=Request("/forms/{each}/responses", {"page_size": str(PAGE)}),
            parse=parse_responses,
            feeds=("survey_answers", "identities"),
            records=("items",),
            key=("token",),
            paging=BeforeLast(PAGE),
            since=Since(mark=("submitted_at",), parameter="since", written="epoch_s", overlap=timedelta(hours=2)),
            covers=Covers("version_at", ("survey_answers",), back=timedelta(days=60), every=timedelta(hours=20)),
            per_option="surveys",
            fields=(
                Field(("token",), "text"),
                Field(("submitted_at",), "text"),
                Field(("answers",), "list", is_required=False),
                Field(("hidden",), "object", is_required=False),
            ),
        ),
    ),
)  # fmt: skip
