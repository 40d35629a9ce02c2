"""An own KPI measured slice by slice: whether answers may be pooled, the last slice may be the first to show."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest

from domain.estimates import PARTS_SCHEMA
from domain.own_kpis import OwnKpi, read_own_kpis
from domain.roadmap.loading import parse_roadmap
from tasks.measure.pieces import Slice
from tasks.measure.steps.own import Own, OwnPiece, measure_slices
from tests.acceptance.projects import ROADMAP

KPI = """\
version: 1
kpis: {our_score: {question: What?, fact: FACT, statistic: mean, value: 1, better: up, booked_at: AT}}
"""
SLICES = [Slice(None)] * 3


class Given:
    """Slices that give one part each: of `pooled` answers, or of each survey alone."""

    def __init__(self, *surveys: str) -> None:
        self.surveys = surveys
        self.asked: list[bool] = []

    def in_order(self, _measured: object, every: Iterable[OwnPiece]) -> Iterator[Own]:
        for piece, survey in zip(every, self.surveys, strict=True):
            self.asked.append(piece.is_pooled)
            scope = "{}" if piece.is_pooled else f'{{"survey":"{survey}"}}'
            row = ("our_score", scope, date(2026, 3, 2), date(2026, 3, 2), 1, 1, 1.0, 1.0, None)
            yield Own(pl.DataFrame([row], schema=PARTS_SCHEMA, orient="row"), 1, frozenset({survey}))


def own(fact: str, at: str) -> OwnKpi:
    return read_own_kpis(KPI.replace("FACT", fact).replace("AT", at))[0]


def made(given: Any, kpi: OwnKpi) -> tuple[list[tuple[str, int]], int]:
    found = measure_slices(given, kpi, parse_roadmap(ROADMAP), SLICES)
    return found.parts.select("scope", "n").rows(), found.n_impossible


def test_answers_of_one_survey_are_added_up() -> None:
    assert made(Given("a", "a", "a"), own("survey_answers", "answered_at")) == ([("{}", 3)], 3)


@pytest.mark.parametrize("surveys", ["aab", "aba"])
def test_answers_of_two_are_made_again_each_by_itself_wherever_the_second_shows(surveys: str) -> None:
    given = Given(*surveys)
    kept, n_impossible = made(given, own("survey_answers", "answered_at"))
    assert dict(kept) == {'{"survey":"a"}': 2, '{"survey":"b"}': 1}
    assert n_impossible == 3
    assert given.asked == [*[True] * (surveys.index("b") + 1), *[False] * 3]


def test_rows_of_other_facts_are_pooled_always() -> None:
    assert made(Given("a", "b", "a"), own("tickets", "opened_at"))[0] == [("{}", 3)]
