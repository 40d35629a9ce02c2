"""The words that the rooms share about the listening plan: its rule, its verdicts, its series."""

from typing import Literal

from domain.scopes import canonical, parsed

RULE: Literal["listening"] = "listening"
KPI = "survey_response_rate"
"""The KPI that counts the invitations: its name stands in the findings, its value does not matter."""

ListeningVerdict = Literal["as planned", "asked too soon", "asks nobody", "not in the roadmap", "not enough evidence"]

BROKEN: frozenset[str] = frozenset({"asked too soon", "asks nobody", "not in the roadmap"})
"""Verdicts that say that the plan is not kept."""

LOOKS_BACK_DAYS = 28
"""A breach is over when so many days were clean; so long may a survey be late, too."""


def scope_of(survey: str) -> str:
    """The scope of a survey's findings."""
    return canonical({"survey": survey})


def survey_of(scope: str) -> str:
    """The survey that a finding is about; the inverse of `scope_of`."""
    return parsed(scope)["survey"]


def title_of(scope: str) -> str:
    """What a finding is about, in a reader's words.

    >>> title_of('{"survey":"after-help"}')
    'Listening plan, after-help'
    """
    return f"Listening plan, {survey_of(scope)}"
