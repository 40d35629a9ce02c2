"""Findings and incidents made up for one KPI, and a project on disk."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.records import Finding, Incident, Point
from tasks.alert.lifecycle import Policy, advance

FIRST = date(2026, 3, 16)
MakeFinding = Callable[..., Finding]


@pytest.fixture
def finding() -> MakeFinding:
    def make(week: int = 0, what: str = "breach", value: float = 0.50, **changes) -> Finding:
        moment = FIRST + timedelta(weeks=week)
        verdict = {"breach": "surely behind", "recovered": "on track", "no data": "no data"}.get(what, what)
        point = Point(moment - timedelta(days=7), moment, 604, value, value - 0.04, value + 0.04)
        made = Finding(
            "pace", "csat", "{}", "csat-support", moment, verdict, None if what == "no data" else point, 0.87, 0.85,
            moment - timedelta(days=7), what == "breach", what == "recovered",
        )  # fmt: skip
        return replace(made, **changes)

    return make


@pytest.fixture
def firing(finding) -> Incident:
    incident, _ = advance(None, finding(), Policy())
    assert incident is not None
    return incident
