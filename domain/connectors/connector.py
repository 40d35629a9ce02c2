"""One vendor's interface, and what sources.yaml may say about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

from domain.connectors.auth import Auth, Secret
from domain.connectors.streams import Rate, Stream
from domain.paging import Answer

A_CALL_A_SECOND: Final = Rate(60, 60)


def _never(_: Answer) -> bool:
    return False


def _no_refusal(_: Answer) -> str | None:
    return None


@dataclass(frozen=True)
class Option:
    """Something sources.yaml may say about this kind of source.

    Attributes:
        type: how it is written: a text, a whole number, a flag, a list of texts, or a mapping.
        default: None with `is_required`: it must be written.
        check: raises SourcesError where what is written does not hold, before anything is asked.
    """

    name: str
    meaning: str
    type: Literal["text", "whole", "flag", "texts", "mapping"] = "text"
    default: Any = None
    is_required: bool = False
    check: Callable[[Any], object] | None = None


@dataclass(frozen=True)
class Connector:
    """One vendor's interface.

    Attributes:
        kind: what `kind:` in sources.yaml says.
        title: the vendor's name.
        address: where it is; `{option}`s are filled in; `address:` in sources.yaml takes its place.
        headers: sent with each call.
        rate: what the vendor allows.
        per_day: calls that the vendor allows in a day, whose share is ours too; None: there is no such limit.
        is_day_spent: a refusal says that they are spent, whoever spent them.
        delay: how recent a change may be for the vendor not to show it yet: nothing younger counts as complete.
        refusal: what an answer with status 200 says went wrong (Slack); None: nothing.
        deadline: the longest one fetch of one stream may take before it stops and goes on next time.
        keeps: how far back the interface looks (Google Play: 7 days): a longer pause is told as days missed.
        parser_version: to be raised whenever rows come out of the same page otherwise than before, other columns or
            extras among them: pages that were read before are then told as such, until they are read again.
    """

    kind: str
    title: str
    address: str
    auth: Auth
    secrets: tuple[Secret, ...]
    streams: tuple[Stream, ...]
    options: tuple[Option, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    rate: Rate = A_CALL_A_SECOND
    per_day: int | None = None
    is_day_spent: Callable[[Answer], bool] = _never
    delay: timedelta = timedelta(minutes=1)
    refusal: Callable[[Answer], str | None] = _no_refusal
    deadline: timedelta = timedelta(hours=2)
    keeps: timedelta | None = None
    parser_version: int = 1

    def stream(self, name: str) -> Stream:
        """The stream called `name`; KeyError if there is none."""
        return next(stream for stream in self.streams if stream.name == name)

    def covered(self, name: str) -> Sequence[str]:
        """Fact tables of a stream whose rows some reading covers, its own or one of a list of keys."""
        own = self.stream(name)
        found = own.covers or next((one.covers for one in self.streams if one.covers and one.covers.of == name), None)
        return () if found is None else found.tables or own.feeds
