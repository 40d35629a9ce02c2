"""Messages for the data engineer, never for the CX team."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.shown import counted, due_shown
from tasks.alert.subject import Alert

CHANNEL = "#data"
"""Where they go."""

_MOST_RULES = 5


@dataclass(frozen=True)
class RejectedBatch:
    """A batch of which nothing was published.

    Attributes:
        source, name: where it came from: source and file.
        n_source: rows in it. reasons: rules that failed, in words.
        is_mended: it was published or replaced since.
    """

    source: str
    name: str
    n_source: int | None
    reasons: tuple[str, ...]
    is_mended: bool = False


def rejected(batch: RejectedBatch) -> Alert:
    """One batch was refused; or, later, it is mended."""
    if batch.is_mended:
        return Alert("🟢", f"{batch.source}: {batch.name} is in order again", status="its KPIs are judged again")
    rows = f" ({counted(batch.n_source)} rows)" if batch.n_source is not None else ""
    return Alert(
        "🟠",
        f"{batch.source}: nothing of {batch.name} was published{rows}",
        sentences=(
            f"KPIs from {batch.source} are judged up to the day before; their alerts wait. What was fetched is kept.",
        ),
        facts=(
            ("Found", "; ".join(_cut(batch.reasons)) or "a rule that blocks did not hold"),
            ("Do", f"mend the file or its mapping in sources.yaml, then `cxloop ingest {batch.source}`."),
        ),
    )


def failed(source: str, reason: str) -> Alert:
    """One source did not answer or changed; `reason` is its error's message."""
    return Alert(
        "🟠",
        f"{source}: no new data",
        sentences=(f"KPIs from {source} are judged up to its last complete day; their alerts wait. Nothing is lost.",),
        facts=(("Found", reason), ("Do", f"mend it, then `cxloop ingest {source}`.")),
    )


def missed(source: str, stream: str, first: date, last: date, keeps_days: float) -> Alert:
    """Days that a source no longer showed when it was read again; nothing brings them back."""
    days = due_shown(first, last) if first == last else f"{due_shown(first, last)} to {due_shown(last, first)}"
    return Alert(
        "🟠",
        f"{source}: {days} are missed for good" if first != last else f"{source}: {days} is missed for good",
        sentences=(
            f"It shows {keeps_days:g} days of {stream}, and was last read to its end longer ago.",
            "KPIs of these days rest on what had come before.",
        ),
        facts=(("Do", f"let `cxloop run` come more often than every {keeps_days:g} days; once a day is safe."),),
    )


def answers_again(source: str) -> Alert:
    """A source that had failed answers."""
    return Alert("🟢", f"{source}: data comes in again", status="its KPIs are judged again")


def _cut(reasons: Sequence[str]) -> list[str]:
    more = len(reasons) - _MOST_RULES
    return [*reasons[:_MOST_RULES], *([f"and {more} more"] if more > 0 else [])]
