"""What the summary says of the data that its numbers rest on."""

from collections.abc import Iterator

from domain.shown import counted, day_shown, due_shown
from tasks.report.phrases.restated import restated_lines
from tasks.report.set_aside import rows_of, rule_shown
from tasks.report.small_print import Gap, Listened, SetAside, SmallPrint, SourceDay
from tasks.report.summary import Summary
from tasks.report.words import listed, plural

MOST_RULES = 6
"""So many reasons for setting rows aside are named."""

_FEWEST_SOURCES_TO_NAME = 6


def small_print(summary: Summary) -> tuple[str, ...]:
    """What the numbers rest on, one sentence each."""
    small = summary.small_print
    lines = [_data_to(small.sources, summary), _set_aside(small)]
    if small.rejected:
        lines.append(f"Refused, nothing of it is counted: {listed(small.rejected)}.")
    lines.extend(restated_lines(small, summary))
    if small.excluded:
        lines.append(f"Not counted this week: {_counts(small.excluded)}.")
    if small.left_out:
        lines.append(f"Left out by the mapping: {listed(rows_of(name, n) for name, n in small.left_out)}.")
    lines.extend(_noted(small))
    lines.extend(_missed(gap, summary) for gap in small.gaps)
    lines.append(_listening(small.listening))
    return tuple(line for line in lines if line)


def _counts(items: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{counted(n)} {name.replace('_', ' ')}" for name, n in items)


def _noted(small: SmallPrint) -> Iterator[str]:
    """How the unclear was read."""
    if n := small.n_ambiguous_times:
        yield f"{plural(n, 'local time')} came twice as clocks went back: read as the earlier."
    if n := small.n_swapped_dates:
        yield f"{plural(n, 'date')} had day and month swapped: settled by {'its' if n == 1 else 'their'} neighbours."
    if n := small.n_without_score:
        yield f"{plural(n, 'answer')} without a score: in no denominator."


def _missed(gap: Gap, summary: Summary) -> str:
    first, last = (day_shown(day, summary.as_of) for day in (gap.first_day, gap.last_day))
    days = first if first == last else f"{first} to {last}"
    return f"Missed for good, {gap.source} no longer shows it: {gap.stream} of {days}."


def _listening(surveys: tuple[Listened, ...]) -> str:
    """Whether the listening plan is kept; nothing where no invitation is known."""
    broken = [f"{s.survey} ({s.said})" for s in surveys if s.said]
    if broken:
        return f"The listening plan is not kept by {listed(broken)}."
    n = sum(s.n for s in surveys)
    return f"The listening plan is kept: {plural(n, 'invitation')} in four weeks, nobody asked too soon." if n else ""


def _data_to(sources: tuple[SourceDay, ...], summary: Summary) -> str:
    known = [s for s in sources if s.through]
    days = {s.through for s in known}
    silent = [s.source for s in sources if not s.through]
    if not known:
        return "No source says through which day it is complete." if sources else ""
    if len(days) == 1 or len(known) > _FEWEST_SOURCES_TO_NAME:
        through = min(d for d in days if d)
        complete = "complete" if through >= summary.last_day else "not complete"
        told = f"Data to {due_shown(through, summary.as_of)}, {complete}."
    else:
        told = f"Data to: {', '.join(f'{s.source} {due_shown(s.through, summary.as_of)}' for s in known if s.through)}."
    return told + (f" Nothing yet from {listed(silent)}." if silent else "")


def _set_aside(small: SmallPrint) -> str:
    n = sum(item.n for item in small.set_aside)
    if not n:
        return f"No row was set aside, of {counted(small.n_rows)} read." if small.n_rows else ""
    share = n / max(1, small.n_rows)
    told = f"{100 * share:.1f} %" if share >= 0.0005 else "under 0.1 %"
    named, rest = small.set_aside[:MOST_RULES], sum(item.n for item in small.set_aside[MOST_RULES:])
    reasons = [*map(_rule, named), *([f"{counted(rest)} for rarer reasons"] if rest else [])]
    return f"{plural(n, 'row')} set aside ({told}): {listed(reasons)}."


def _rule(item: SetAside) -> str:
    return f"{counted(item.n)} {rule_shown(item.rule)} ({item.source})"
