"""Spans of time as people write them: `60 s`, `2 h`, `7 days`, `2 working days`, `6 months`."""

import re
from dataclasses import dataclass
from typing import Self

SECONDS: dict[str, float] = {
    "s": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600,
    "day": 86_400, "week": 604_800, "month": 2_629_746, "quarter": 7_889_238, "year": 31_556_952,
}  # fmt: skip
"""Seconds of each unit; months, quarters and years by their mean length in the Gregorian calendar."""

WORDS = r"(s|seconds?|min|minutes?|h|hours?|(?:working )?days?|weeks?|months?|quarters?|years?)"
PATTERN = rf"^\d+(\.\d+)? ?{WORDS}$"


@dataclass(frozen=True)
class Duration:
    """An amount of one unit; `is_working`: of working days, as the calendar in question counts them."""

    amount: float
    unit: str
    is_working: bool = False

    @classmethod
    def parsed(cls, text: str) -> Self:
        """Read `2 working days`, `30 days` or `8 h`.

        Raises:
            ValueError: the text is no duration; the message says how to write one.

        >>> Duration.parsed("2 h").seconds
        7200.0
        """
        if not re.match(PATTERN, text):
            raise ValueError(f"'{text}' is no span of time. Write it as 60 s, 2 h, 30 days or 2 working days")
        amount, words = re.split(r"(?<=\d) ?(?=[a-z])", text, maxsplit=1)
        is_working, word = words.startswith("working "), words.removeprefix("working ")
        unit = word if word in SECONDS else word.removesuffix("s")
        return cls(float(amount), unit, is_working)

    @property
    def seconds(self) -> float:
        """The span in seconds; a working day counts as a day."""
        return self.amount * SECONDS[self.unit]

    @property
    def days(self) -> float:
        """The span in days; a working day counts as a day."""
        return self.seconds / SECONDS["day"]

    def __str__(self) -> str:
        """As people write it: `1 day`, `2 working days`, `8 h`."""
        plural = "s" if self.amount != 1 and len(self.unit) > 1 and self.unit != "min" else ""
        return f"{self.amount:g} {'working ' if self.is_working else ''}{self.unit}{plural}"
