"""What customers say about one incident, in one line: the same words in its message and in its task."""

from dataclasses import dataclass
from typing import Final

from domain.shown import counted

LABEL: Final = "What they say"


@dataclass(frozen=True)
class Subject:
    """A theme, or customers' own words, that more customers speak of than before.

    Attributes:
        name: as `remark_changes` has it. is_theme: of the roadmap; else customers' own words.
        n_now, n_before: customers who say it, of those who write.
    """

    name: str
    is_theme: bool
    n_now: int
    n_before: int


@dataclass(frozen=True)
class Heard:
    """What customers say in the part of the company, and in the period, that an incident is about.

    Attributes:
        n_voices: customers who write in the period. n_before: in the time before the trouble began.
        smallest_group: fewest customers of whom anything is told.
        subjects: what is surely said more often than before, themes of the roadmap first.
        quote: what one of them wrote, masked; empty: nothing is fit to be shown.
    """

    n_voices: int
    n_before: int
    smallest_group: int
    subjects: tuple[Subject, ...] = ()
    quote: str = ""


def named(subject: str, *, is_theme: bool) -> str:
    """A theme as people say it, customers' own words in quotation marks.

    >>> named("late-delivery", is_theme=True), named("paper straps", is_theme=False)
    ('late delivery', '“paper straps”')
    """
    return subject.replace("-", " ").replace("_", " ") if is_theme else f"“{subject}”"


def counts_line(heard: Heard) -> str:
    """What is said more often, with counts on both sides; empty: nobody wrote.

    >>> counts_line(Heard(41, 210, 5, (Subject("late-delivery", True, 31, 40), Subject("price", True, 9, 2))))
    'late delivery 31 of 41 customers who wrote, before 40 of 210 · price 9 of 41, before fewer than 5 of 210'
    >>> counts_line(Heard(41, 210, 5))
    'nothing surely more often than before (41 customers wrote)'
    """
    if heard.n_voices == 0:
        return ""
    if heard.n_voices < heard.smallest_group:
        return f"fewer than {heard.smallest_group} customers wrote: too few to tell what they say"
    wrote = f"{counted(heard.n_voices)} customers wrote"
    if heard.n_before < heard.smallest_group:
        return f"{wrote}, too few before to hold it against"
    if not heard.subjects:
        return f"nothing surely more often than before ({wrote})"
    parts = [_part(subject, heard, is_first=place == 0) for place, subject in enumerate(heard.subjects)]
    return " · ".join(parts)


def heard_line(heard: Heard) -> str:
    """The counts, and one typical quote."""
    counts = counts_line(heard)
    return f"{counts}. “{heard.quote}”" if heard.quote else counts


def _part(subject: Subject, heard: Heard, *, is_first: bool) -> str:
    name, few = named(subject.name, is_theme=subject.is_theme), heard.smallest_group
    wrote = " customers who wrote" if is_first else ""
    n_before = subject.n_before
    before = "nobody" if n_before == 0 else counted(n_before) if n_before >= few else f"fewer than {few}"
    now = f"{name} {counted(subject.n_now)} of {counted(heard.n_voices)}{wrote}"
    return f"{now}, before {before} of {counted(heard.n_before)}"
