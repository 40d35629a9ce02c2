"""What the summary says of figures that are other ones than they were told to be."""

from collections.abc import Iterator
from datetime import date

from domain.shown import counted, day_shown, period_shown
from tasks.report.restated import Reason, Restated
from tasks.report.restating import written
from tasks.report.set_aside import rows_of
from tasks.report.small_print import SmallPrint
from tasks.report.summary import Summary
from tasks.report.words import listed, plural

MOST_RESTATED = 5
"""So many series are named; of the others it is said how many they are."""
MOST_REASONS = 3

_PARTS = {
    "formula": "its definition changed", "zone": "the reporting zone changed", "surveys": "other surveys ask for it",
    "voices": "who counts as one voice changed", "hours": "opening hours, promises or booking days changed",
}  # fmt: skip


def restated_lines(small: SmallPrint, summary: Summary) -> Iterator[str]:
    """Each series, the largest difference first; how many more there are; what settled as it was told it might."""
    for restated in small.restated[:MOST_RESTATED]:
        yield f"Restated: {restated_line(restated, summary.as_of)}."
    if (more := len(small.restated) - MOST_RESTATED) > 0:
        yield f"Restated too: {counted(more)} more series; `cxloop restated` lists all."
    if n := small.n_settled:
        yield (
            f"{plural(n, 'figure')} moved since {'it was' if n == 1 else 'they were'} told, as open outcomes became "
            "known, within what had been said to be possible."
        )


def restated_line(restated: Restated, beside: date) -> str:
    """`Deliveries on time, 4 weeks to 8 Mar: 95.3 → 90.7 %, n 1,200 → 1,310 (110 late tickets of carrier, …)`.

    Args:
        restated: the latest such period of a series.
        beside: the day it is told.
    """
    scale = written(restated.unit)
    period = period_shown(restated.period_start, restated.period_end, beside)
    now = "nothing is known any more" if restated.now is None else scale.told(restated.now)
    before = scale.told(restated.before)
    if restated.now is not None and before.split(" ")[-1] == now.split(" ")[-1] and " " in now:
        before = before.rsplit(" ", 1)[0]
    line = f"{restated.title}, {period}: {before} → {now}"
    if restated.n_before != restated.n_now and restated.n_before != restated.before:  # a count is its own n
        line += f", n {counted(restated.n_before)} → {counted(restated.n_now)}"
    reasons = [reason_shown(reason, beside) for reason in restated.reasons]
    if len(reasons) > MOST_REASONS:
        reasons = [*reasons[: MOST_REASONS - 1], f"{counted(len(reasons) - MOST_REASONS + 1)} more reasons"]
    line += f" ({listed(reasons)})" if reasons else ""
    earlier = restated.n_periods - 1
    if earlier and restated.since:
        since = day_shown(restated.since, beside)
        line += f"; {plural(earlier, 'earlier period')}, from {since} on, changed too"
    return line


def reason_shown(reason: Reason, beside: date) -> str:
    """One reason in words: `12 late survey answers of desk, come on 12 Mar`."""
    match reason.kind:
        case "definition":
            return _PARTS.get(reason.part, _PARTS["formula"])
        case "segments":
            return "the roadmap's rules for segments changed"
        case "read again":
            return f"{reason.source} was read again: {rows_of(reason.table, reason.n)} came or changed"
        case "late":
            return f"{_late(reason)} of {reason.source}, come {_when(reason, beside)}"
        case "corrected":
            return f"{rows_of(reason.table, reason.n)} of {reason.source} changed {_when(reason, beside)}"
        case "deleted":
            return f"{rows_of(reason.table, reason.n)} of {reason.source} deleted {_when(reason, beside)}"
        case "settled":
            return f"{plural(reason.n, 'open outcome')} became known" if reason.n else "outcomes became known since"
        case _:
            return "why is not known"


def _late(reason: Reason) -> str:
    number, *name = rows_of(reason.table, reason.n).split(" ")
    return " ".join((number, "late", *name))


def _when(reason: Reason, beside: date) -> str:
    if reason.first is None or reason.last is None or reason.first == reason.last:
        return f"on {day_shown(reason.last, beside)}" if reason.last else "since"
    return f"from {day_shown(reason.first, beside)} to {day_shown(reason.last, beside)}"
