"""Which scales a measure may be asked on, and which are never put together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NPS_SCALES: Final = ((0.0, 10.0), (1.0, 10.0))
"""NPS is asked from 0 to 10. From 1 to 10 a detractor has one answer less: it is another series."""


@dataclass(frozen=True)
class Asked:
    """One question as it is declared: where (for messages), which survey and measure, from which score to which.

    Attributes:
        line: where it is written; 0: nobody knows.
        direction: `up`: the highest score is best; `down`: the lowest.
    """

    where: str
    survey: str
    measure: str
    low: float
    high: float
    line: int = 0
    direction: str = "up"

    @property
    def scale(self) -> str:
        """`1-5`."""
        return f"{self.low:g}-{self.high:g}"

    @property
    def told(self) -> str:
        """Its scale with its best end."""
        return told(self.low, self.high, self.direction)


def told(low: float, high: float, direction: str) -> str:
    """A scale with its best end.

    >>> told(1, 5, "down")
    '1-5 (1 is best)'
    """
    return f"{low:g}-{high:g} ({low if direction == 'down' else high:g} is best)"


def refusal(measure: str, low: float, high: float) -> str | None:
    """Why a measure is not asked on such a scale; None: it may be.

    >>> refusal("nps", 1, 10) is None
    True
    >>> refusal("nps", 1, 5)
    'NPS is asked from 0 to 10 (or 1 to 10), not 1-5: its classes would all be detractors. Call it measure: csat or other'
    """  # noqa: E501
    if measure != "nps" or (low, high) in NPS_SCALES:
        return None
    return (
        f"NPS is asked from 0 to 10 (or 1 to 10), not {low:g}-{high:g}: its classes would all be detractors. "
        "Call it measure: csat or other"
    )


def mixed(asked: Iterable[Asked]) -> list[tuple[Asked, str]]:
    """Questions that a survey asks on another scale than it asked the same measure on before, each with what to do.

    The other end being best is another scale too: a survey that was turned round is another question to who answers.
    """
    first: dict[tuple[str, str], Asked] = {}
    found: list[tuple[Asked, str]] = []
    for question in asked:
        other = first.setdefault((question.survey, question.measure), question)
        if question.told == other.told:
            continue
        mine, theirs = question.scale, other.scale
        if mine == theirs:
            mine, theirs = question.told, other.told
        at = f" (line {other.line})" if other.line else ""
        text = (
            f"survey '{question.survey}' asks {question.measure} from {mine} here and from {theirs} "
            f"in {other.where}{at}: scales are never pooled. Give one of them a survey name of its own"
        )
        found.append((question, text))
    return found


def notes(asked: Iterable[Asked]) -> list[str]:
    """What is worth a look: NPS that is not asked from 0 to 10."""
    return [
        f"{question.where}: survey '{question.survey}' asks NPS from 1 to 10. It is measured (from 9 on promoters, "
        "below 7 detractors) and never put together with one from 0 to 10, nor comparable with others' figures."
        for question in asked
        if question.measure == "nps" and (question.low, question.high) == NPS_SCALES[1]
    ]
