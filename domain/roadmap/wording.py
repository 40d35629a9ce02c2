"""What the model refuses, in the writer's words."""

from collections.abc import Sequence
from datetime import date

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.roadmap.places import SECTIONS_OF_FIELDS, Path, Problem
from domain.roadmap.raw import Raw, as_list, as_mapping, name_of
from domain.roadmap.schema import properties_at
from domain.roadmap.words import closest, did_you_mean, ordinal

Location = tuple[str | int, ...]

_EXPECTED = {
    "string_type": "a text is expected here: put it in quotes",
    "int_type": "a whole number is expected here",
    "int_from_float": "a whole number is expected here",
    "float_type": "a number is expected here, with a point: 0.84",
    "finite_number": "a number is expected here",
    "bool_type": "true or false is expected here",
    "date_type": "a day is expected here, written year-month-day: 2026-12-31",
    "date_from_datetime_parsing": "a day is expected here, written year-month-day: 2026-12-31",
    "date_from_datetime_inexact": "a day without a time is expected here: 2026-12-31",
    "date_parsing": "a day is expected here, written year-month-day: 2026-12-31",
    "tuple_type": "a list is expected here: [a, b]",
    "dict_type": "keys with values are expected here: {a: 1, b: 2}",
    "model_type": "keys with values are expected here: {a: 1, b: 2}",
    "model_attributes_type": "keys with values are expected here: {a: 1, b: 2}",
    "string_too_short": "it is empty. Say it in words, or leave the line out",
    "too_short": "at least one entry is expected here",
}

_ENTRY = 2
"""Depth of an entry: section and name."""


def problems_of(error: ValidationError, data: Raw, told: Sequence[Location]) -> list[Problem]:
    """Each refused value as a problem with its path; those `told` already are left out."""
    found: dict[tuple[Path, str], Problem] = {}
    for detail in error.errors(include_url=False, include_context=True):
        location = written(detail["loc"])
        path = named(location, data)
        if path in told:
            continue
        problem = Problem(path, _words(detail, location))
        found.setdefault((path, problem.text), problem)
    return list(found.values())


def written(location: Location) -> Location:
    """The part of pydantic's location that the file has too: without its mark for a refused key."""
    return location[: location.index("[key]")] if "[key]" in location else location


def named(location: Location, data: Raw) -> Path:
    """The location with list entries by their id or title, as `Places` knows them."""
    path: list[str | int] = []
    value: object = data
    for part in location:
        entries = as_list(value)
        if isinstance(part, int) and part < len(entries):
            value = entries[part]
            path.append(name_of(value) or part)
        else:
            value = next((inner for key, inner in as_mapping(value).items() if str(key) == str(part)), None)
            path.append(part)
    return tuple(path)


def _words(detail: ErrorDetails, location: Location) -> str:
    """One refusal in words: what was found, what was expected, what to do."""
    key, value = location[-1], detail["input"]
    match detail["type"]:
        case "extra_forbidden":
            known = properties_at(location[:-1])
            best = closest(str(key), known)
            return f"unknown key '{key}'." + (
                f" Did you mean '{best}'?" if best else f" There are: {', '.join(known)}."
            )
        case "missing":
            meaning = str(properties_at(location[:-1]).get(str(key), {}).get("description", "")).rstrip(".")
            return f"`{key}` is missing{f' ({meaning[0].lower()}{meaning[1:]})' if meaning else ''}"
        case _ if value is None:
            return f"`{key}` is empty. Give it a value or take the line out; a text that starts with # needs quotes"
        case kind:
            # an entry's own name stands before the message already
            before = (
                "" if len(location) == _ENTRY and location[0] not in SECTIONS_OF_FIELDS else f"{_key_of(location)}: "
            )
            return before + _refusal(kind, detail, location)


def _refusal(kind: str, detail: ErrorDetails, location: Location) -> str:
    """What is wrong with a value that is there."""
    value = detail["input"]
    match kind:
        case "value_error":
            return str(detail.get("ctx", {}).get("error", detail["msg"]))
        case "literal_error":
            return f"'{value}' is not known.{did_you_mean(str(value), _choices(location))}"
        case "string_pattern_mismatch":
            return f"'{value}' cannot be read here. {_pattern_advice(str(location[-1]))}"
        case "greater_than_equal" | "less_than_equal" | "greater_than":
            return f"{value} is out of range; {_range(detail)}"
        case _:
            return f"found {_found(value)}; {_EXPECTED.get(kind, detail['msg'])}"


def _found(value: object) -> str:
    """What stands there, as far as it can be shown in a line."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float() | date():
            return f"'{value}'"
        case tuple():
            return "a list"
        case _:
            return "keys with values"


def _choices(location: Location) -> list[str]:
    """The words that a key allows."""
    schema = properties_at(location[:-1]).get(str(location[-1]), {})
    return [str(choice) for choice in schema.get("enum", [schema["const"]] if "const" in schema else [])]


def _key_of(location: Location) -> str:
    """The key that a message names: `target`, or `2nd entry of milestones`."""
    *before, last = location or ("",)
    if isinstance(last, str):
        return last
    return f"{ordinal(last + 1)} entry of {next((p for p in reversed(before) if isinstance(p, str)), 'the list')}"


def _range(detail: ErrorDetails) -> str:
    limits = detail.get("ctx", {})
    words = {"ge": "at least", "gt": "more than", "le": "at most"}
    expected = next((f"{words[name]} {limits[name]:g}" for name in words if name in limits), "another number")
    share = " (85 % is written 0.85)" if limits.get("le") == 1 else ""
    return f"{expected} is expected{share}"


def _pattern_advice(key: str) -> str:
    return {
        "currency": "Write the three letters of ISO 4217: EUR",
        "every": "Write `monday 08:00`, `quarter` or `6 months`",
        "holidays": "Write country, or country and region: DE, DE-BE",
    }.get(key, "Names are letters, digits, - and _")
