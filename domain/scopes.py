"""A scope says which part of the company a number is about: `{}` is the whole."""

import json
from collections.abc import Mapping

WHOLE = "{}"

DIMENSIONS = ("channel", "touchpoint", "segment", "persona", "team", "product", "source", "survey")
"""Dimensions whose single members every KPI is kept for, where its facts carry them."""


TOUCHPOINT = "touchpoint"


def canonical(scope: Mapping[str, str]) -> str:
    """The scope as canonical JSON: keys sorted, no blanks; `{}` is the whole.

    >>> canonical({"segment": "office", "channel": "chat"})
    '{"channel":"chat","segment":"office"}'
    """
    return json.dumps(dict(scope), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def parsed(scope: str) -> dict[str, str]:
    """The scope's members by dimension; the inverse of `canonical`."""
    members: dict[str, str] = json.loads(scope)
    return members


def described(scope: str) -> str:
    """The scope in a reader's words: `whole company`, `chat`, `chat · office`."""
    members = parsed(scope)
    return " · ".join(members.values()) if members else "whole company"
