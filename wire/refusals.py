"""What an answer other than 2xx means for us: try again, mend the key, or mend the request."""

from typing import NoReturn

from domain.errors import SourceChangedError, SourceRefusedError
from domain.paging import Answer
from wire.bodies import short_words
from wire.patience import is_spent
from wire.veil import Veil

_AGAIN = frozenset({408, 425, 429})
_MISSING = frozenset({404, 410})


class TryAgainError(Exception):
    """It may go well the next time; the text says what was found."""


class MissingError(SourceChangedError):
    """What was asked for is not there."""


class BadRequestError(SourceChangedError):
    """The vendor does not take the request as it is."""


def judge(where: str, status: int, answer: Answer, variables: str, veil: Veil) -> NoReturn:
    """Raise what an answer means.

    Args:
        where: vendor, method and path.
        status: of the answer; not 2xx.
        answer: its headers and its body, which may have a short message.
        variables: environment variables that hold the source's secrets.
        veil: hides them.
    """
    where, words = veil.over(where), veil.over(short_words(answer.content))
    found = f"HTTP {status}: {words}" if words else f"HTTP {status}"
    if status in _AGAIN or status >= 500 or (status == 403 and is_spent(answer.headers)):
        raise TryAgainError(found)
    if status in (401, 403):
        raise refused(where, found, variables, veil)
    if status in _MISSING:
        raise MissingError(
            f"{where} is not there ({found}). Check the source's address and options; if they are right, the interface "
            "has changed."
        )
    raise BadRequestError(
        f"{where} does not take our request ({found}). Check the source's options; if they are right, the interface "
        "has changed."
    )


def refused(where: str, found: str, variables: str, veil: Veil) -> SourceRefusedError:
    """The key is refused; says which variables to check."""
    return SourceRefusedError(
        f"{where} refuses us ({veil.over(found)}). Check {variables} and the key's rights; the other sources go on."
    )
