"""Surveys as the user declares them: which questions of a vendor's survey are measures, and on which scale.

Survey tools let anybody ask anything; only the user knows that `q7` is the recommendation question, from 0 to 10.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.connectors import Option, Options, Row
from domain.errors import SourcesError
from domain.scales import refusal
from domain.written import did_you_mean
from tasks.extract.connectors.extras import prefixed
from tasks.extract.connectors.identities import identities

MEASURES: Final = ("nps", "csat", "ces", "other")
_SURVEY_KEYS: Final = ("survey", "questions", "anonymous", "customer", "account", "email", "ticket")
_QUESTION_KEYS: Final = ("measure", "scale", "comment", "scores")
_SCALE_KEYS: Final = ("low", "high", "direction", "satisfied_from", "no_score")
_PERSONAL: Final = ("email", "phone", "phonenumber", "firstname", "lastname", "name", "fullname")
_EXAMPLE: Final = "{measure: nps, scale: {low: 0, high: 10, direction: up}}"


@dataclass(frozen=True)
class Question:
    """One question that is a measure.

    Attributes:
        id: the vendor's id of it.
        comment: id of the question whose text explains the score.
        scores: an answer as the vendor writes it (the id of a choice) to its score; empty: it is the score.
        no_score: answers that stand for 'does not apply'.
    """

    id: str
    measure: str
    low: float
    high: float
    direction: str
    satisfied_from: float | None = None
    comment: str = ""
    scores: Mapping[str, float] = field(default_factory=dict[str, float])
    no_score: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survey:
    """One survey of a vendor.

    Attributes:
        survey: how cxloop calls it: relationship and after-contact surveys have different names.
        is_anonymous: its answers are never joined to a customer.
        customer, account, email, ticket: the field beside the answers (hidden field, custom variable, embedded
            data, attribute) that holds the id; empty: the vendor's own contact, if it tells one.
    """

    id: str
    survey: str
    questions: tuple[Question, ...]
    is_anonymous: bool = False
    customer: str = ""
    account: str = ""
    email: str = ""
    ticket: str = ""


@dataclass(frozen=True)
class Response:
    """One response to a survey, as a vendor gives it.

    Attributes:
        values: by question's id.
        fields: by name: what the vendor knows beside the answers.
        customer_id: the vendor's own contact.
        columns: more columns of its rows (language, url, version_at …), and extras.
    """

    id: str
    answered_at: Any
    values: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    customer_id: Any = None
    columns: Row = field(default_factory=dict[str, Any])


def declared(options: Options) -> dict[str, Survey]:
    """The declared surveys by the vendor's id.

    Raises:
        SourcesError: a survey or a question is not declared whole; the message names it.
    """
    surveys = _mapping(options.get("surveys"), "surveys")
    return {str(key): _survey(str(key), value) for key, value in surveys.items()}


def _declared(written: Any) -> object:
    return declared({"surveys": written})


SURVEYS: Final = Option(
    "surveys", "the vendor's id of each survey to read, with its name, its questions and their scales", "mapping",
    is_required=True, check=_declared,
)  # fmt: skip


def survey_of(options: Options, key: object) -> Survey:
    """The declared survey with the vendor's id `key`; SourcesError where there is none."""
    surveys = declared(options)
    if str(key) not in surveys:
        raise SourcesError(f"surveys: '{key}' is not declared.{did_you_mean(str(key), surveys)}")
    return surveys[str(key)]


def answers(survey: Survey, response: Response) -> list[Row]:
    """One row for each declared question; a question that was not answered has no score."""
    who = _who(survey, response)
    return [
        {
            **response.columns, **who,
            "answer_id": f"{response.id}:{question.id}", "response_id": response.id,
            "survey": survey.survey, "question": question.id, "measure": question.measure,
            "score": _score(question, response.values.get(question.id)),
            "scale_low": question.low, "scale_high": question.high, "direction": question.direction,
            "satisfied_from": question.satisfied_from,
            "comment": _text(response.values.get(question.comment)) if question.comment else None,
            "answered_at": response.answered_at, "is_anonymous": survey.is_anonymous,
        }
        for question in survey.questions
    ]  # fmt: skip


def addresses(survey: Survey, response: Response) -> list[Row]:
    """The customer's e-mail as an identity, where the survey says which field holds it and is not anonymous."""
    customer, email = _who(survey, response)["customer_id"], response.fields.get(survey.email)
    if survey.is_anonymous or customer is None or not email:
        return []
    known = {
        "customer_id": customer, "created_at": response.answered_at, "version_at": response.columns.get("version_at")
    }  # fmt: skip
    return identities(known, [("email", email)])


def extras(fields: Mapping[str, Any], prefix: str) -> Row:
    """A vendor's free fields as extras, each under its prefixed name, for `columns:` in sources.yaml.

    Names and addresses of people stay out.

    >>> extras({"plan": "pro", "seats": [1, 2], "email": "a@b.example"}, "hidden")
    {'hidden_plan': 'pro', 'hidden_seats': '1 2'}
    """
    kept = {name: value for name, value in fields.items() if re.sub("[^a-z]", "", name.lower()) not in _PERSONAL}
    return prefixed(prefix, kept)


def _who(survey: Survey, response: Response) -> Row:
    if survey.is_anonymous:
        return {"customer_id": None, "account_id": None, "ticket_id": None}
    named = response.fields.get(survey.customer) if survey.customer else response.customer_id
    return {
        "customer_id": _text(named),
        "account_id": _text(response.fields.get(survey.account)) if survey.account else None,
        "ticket_id": _text(response.fields.get(survey.ticket)) if survey.ticket else None,
    }


def _score(question: Question, value: Any) -> Any:
    """The score. What is neither a number nor declared stays as it is, and is quarantined as unreadable."""
    said = _text(value)
    if said is None or said in question.no_score:
        return None
    return question.scores.get(said, said)


def _text(value: Any) -> str | None:
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case list():
            parts: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
            return ", ".join(str(part) for part in parts) or None
        case _:
            return str(value)


# ---- reading the declaration ----------------------------------------------------------------------------------------


def _survey(key: str, written: Any) -> Survey:
    where = f"surveys: {key}"
    said = _mapping(written, where, _SURVEY_KEYS)
    if not said.get("survey"):
        raise SourcesError(f"{where}: survey: missing: how shall it be called (nps-relationship, csat-after-contact)?")
    questions = _mapping(said.get("questions"), f"{where}: questions")
    if not questions:
        raise SourcesError(f"{where}: questions: missing: name at least one, as <id>: {_EXAMPLE}")
    return Survey(
        id=key, survey=str(said["survey"]), is_anonymous=said.get("anonymous") is True,
        questions=tuple(_question(str(name), value, f"{where}: {name}") for name, value in questions.items()),
        **{name: str(said.get(name) or "") for name in ("customer", "account", "email", "ticket")},
    )  # fmt: skip


def _question(key: str, written: Any, where: str) -> Question:
    said = _mapping(written, where, _QUESTION_KEYS)
    scale = _mapping(said.get("scale"), f"{where}: scale", _SCALE_KEYS)
    measure, direction = str(said.get("measure")), str(scale.get("direction"))
    if measure not in MEASURES:
        raise SourcesError(f"{where}: measure: '{measure}' is none of {', '.join(MEASURES)}")
    if direction not in ("up", "down"):
        raise SourcesError(f"{where}: scale: direction: '{direction}' is neither up (highest is best) nor down")
    low, high = _number(scale.get("low"), f"{where}: scale: low"), _number(scale.get("high"), f"{where}: scale: high")
    if low >= high:
        raise SourcesError(f"{where}: scale: high must be above low ({low:g}); if the lowest is best: direction: down")
    if why_not := refusal(measure, low, high):
        raise SourcesError(f"{where}: scale: {why_not}")
    satisfied = scale.get("satisfied_from")
    if satisfied is None and measure == "csat":
        raise SourcesError(f"{where}: scale: satisfied_from: missing: from which score on is a customer satisfied?")
    if satisfied is not None and not low <= _number(satisfied, f"{where}: scale: satisfied_from") <= high:
        raise SourcesError(f"{where}: scale: satisfied_from: {satisfied} is outside the scale ({low:g} to {high:g})")
    scores = _mapping(said.get("scores") or {}, f"{where}: scores")
    return Question(
        key, measure, low, high, direction, None if satisfied is None else float(satisfied),
        comment=str(said.get("comment") or ""),
        scores={str(name): _number(value, f"{where}: scores: {name}") for name, value in scores.items()},
        no_score=tuple(str(word) for word in scale.get("no_score") or ()),
    )  # fmt: skip


def _mapping(written: Any, where: str, known: tuple[str, ...] = ()) -> Mapping[Any, Any]:
    if not isinstance(written, Mapping):
        raise SourcesError(f"{where}: expected a mapping, found {written!r}. A question is written <id>: {_EXAMPLE}")
    said: Mapping[Any, Any] = written  # pyright: ignore[reportUnknownVariableType]
    for name in said:
        if known and name not in known:
            raise SourcesError(f"{where}: '{name}' is not known here.{did_you_mean(str(name), known)}")
    return said


def _number(written: Any, where: str) -> float:
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise SourcesError(f"{where}: expected a number, found {written!r}")
    return float(written)
