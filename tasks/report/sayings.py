"""What customers say in a week, as neutral data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Saying:
    """A theme (`late delivery`) or customers' own words (`“paper straps”`), and who says it.

    Attributes:
        n_now, n_before: customers who say it, now and before; of what is loved happy and unhappy ones. None: fewer than
            the smallest group, and not nobody.
        of_now, of_before: customers who write.
    """

    subject: str
    n_now: int | None
    of_now: int
    n_before: int | None
    of_before: int


@dataclass(frozen=True)
class Quote:
    """What one customer wrote that many say so: masked."""

    subject: str
    text: str


@dataclass(frozen=True)
class Words:
    """What customers say.

    Attributes:
        n_remarks, n_languages, n_notes: texts of the week, their languages as far as told, notes of colleagues.
        n_voices: customers who write in the time told. n_before: in the 28 days before it; None: fewer than the
            smallest group.
        is_of_four_weeks: the time told is the 28 days to the week's end, since few wrote in the week itself.
        more, new, less: against the time before. loved: by happy customers more than by unhappy ones.
        said: themes most spoken of.
        is_too_few: fewer than the smallest group wrote.
    """

    n_remarks: int = 0
    n_languages: int = 0
    n_notes: int = 0
    n_voices: int = 0
    n_before: int | None = 0
    is_of_four_weeks: bool = False
    more: tuple[Saying, ...] = ()
    new: tuple[Saying, ...] = ()
    less: tuple[Saying, ...] = ()
    loved: tuple[Saying, ...] = ()
    said: tuple[Saying, ...] = ()
    quotes: tuple[Quote, ...] = ()
    smallest_group: int = 0
    is_too_few: bool = False

    @property
    def is_empty(self) -> bool:
        """Nobody wrote."""
        return self.n_voices == 0 and not self.is_too_few
