"""What every part of the roadmap is made of: strict, frozen, and with fields that explain themselves."""

import re
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from domain.roadmap import durations
from domain.roadmap.durations import Duration
from domain.roadmap.words import did_you_mean


class Part(BaseModel):
    """One part of the roadmap: unknown keys and wrong types are refused, nothing changes afterwards."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
        allow_inf_nan=False,
    )


def _as_duration(value: object) -> Duration:
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no span of time. Write it as 60 s, 2 h, 30 days or 2 working days")
    return Duration.parsed(value)


def _as_amount(value: object) -> object:
    """A KPI's value: a number, or a span of time, which counts in seconds."""
    return Duration.parsed(value).seconds if isinstance(value, str) else value


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _real_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"there is no time zone '{name}'.{did_you_mean(name, available_timezones())}")
    ZoneInfo(name)
    return name


def _real_month_and_day(text: str) -> str:
    if not re.match(r"^\d\d-\d\d$", text):
        raise ValueError(f"'{text}' is no day of the year. Write month and day in quotes: \"02-01\"")
    try:
        date.fromisoformat(f"2024-{text}")
    except ValueError:
        raise ValueError(f"'{text}' is no day of the calendar (month first, then day)") from None
    return text


def _slack_channel(text: str) -> str:
    if not re.match(r"^(#[^\s#]+|[CG][A-Z0-9]{8,})$", text):
        raise ValueError(f"'{text}' is no Slack channel. Write it as \"#{text.lstrip('#@ ') or 'cx'}\", in quotes")
    return text


def _slack_handle(text: str) -> str:
    if not re.match(r"^(@[^\s@]+|[UWS][A-Z0-9]{8,})$", text):
        raise ValueError(f"'{text}' is no Slack handle. Write it as \"@{text.lstrip('#@ ') or 'cx-lead'}\", in quotes")
    return text


def _schema(kind: str, pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": kind, "pattern": pattern, "examples": [example]})


Text = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[float, Field(ge=0)]
Level = Annotated[int, Field(ge=1, le=5)]
Span = Annotated[
    Duration,
    BeforeValidator(_as_duration),
    PlainSerializer(str, return_type=str),
    _schema("string", durations.PATTERN, "30 days"),
]
Amount = Annotated[
    float,
    BeforeValidator(_as_amount),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": durations.PATTERN}]}),
]
Zone = Annotated[str, AfterValidator(_real_zone), _schema("string", "^[A-Za-z]+", "Europe/Berlin")]
MonthDay = Annotated[str, AfterValidator(_real_month_and_day), _schema("string", r"^\d\d-\d\d$", "02-01")]
SlackChannel = Annotated[str, AfterValidator(_slack_channel), _schema("string", "^#|^[CG][A-Z0-9]{8,}$", "#cx")]
SlackHandle = Annotated[str, AfterValidator(_slack_handle), _schema("string", "^@|^[UWS][A-Z0-9]{8,}$", "@cx-lead")]
Every = Annotated[
    str,
    Field(
        pattern=r"^((mon|tues|wednes|thurs|fri|satur|sun)day( \d\d:\d\d)?|week|month|quarter|year"
        r"|\d+ (day|week|month|year)s?)$"
    ),
]
"""How often something comes back: `monday 08:00`, `quarter`, `6 months` …"""
Texts = tuple[Text, ...]
OneOrMore = Annotated[
    Texts,
    BeforeValidator(_one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Scope = dict[Text, Text]
