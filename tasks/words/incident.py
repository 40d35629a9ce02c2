"""What customers say about one incident: more often than before it began, in the part of the company it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

import polars as pl

from domain.breaks import begun_on
from domain.records import Incident
from domain.remarks import text_hash
from domain.scopes import parsed
from tasks.words.comments import Comments
from tasks.words.quotes import QuoteRule, typical_quotes
from tasks.words.rising import ChangeRule
from tasks.words.themes import Phrases, themes_of
from tasks.words.week import Period, against, first_apart

SUBJECTS: Final = {
    "rank": pl.Int64(), "subject": pl.String(), "theme": pl.String(), "n_now": pl.Int64(), "n_before": pl.Int64(),
    "q": pl.Float64(), "text_id": pl.String(), "place": pl.Int64(), "quote_hash": pl.String(),
}  # fmt: skip
HEARD_BY: Final = frozenset({"segment", "touchpoint", "product", "channel", "source", "survey"})
"""Dimensions that texts carry."""
BEFORE: Final = timedelta(days=84)
"""Texts of so many days before the trouble began say what is usual."""
_MOST: Final = 3


@dataclass(frozen=True)
class Spans:
    """Days of the texts that an incident is told from.

    Attributes:
        first, end: the period it judges, [first, end).
        before, begun: what is usual, [before, begun); empty where the series broke when the trouble began.
    """

    first: date
    end: date
    before: date
    begun: date


def is_heard(incident: Incident) -> bool:
    """Whether an incident is told with what customers say: one of a KPI, that people hear of, of a part texts carry."""
    return (
        incident.state != "pending"
        and incident.rule != "listening"
        and not incident.figures.get("muted_by")
        and incident.figures.get("period_start") is not None
        and parsed(incident.scope).keys() <= HEARD_BY
    )


def spans_of(incident: Incident, breaks: Sequence[date]) -> Spans:
    """The days to look at; what was written before a break of the series is not what is usual.

    Args:
        incident: with a period; see `is_heard`.
        breaks: days on which its series breaks.
    """
    first, end = (date.fromisoformat(str(incident.figures[name])) for name in ("period_start", "period_end"))
    fired = date.fromisoformat(str(incident.figures.get("fired_start") or first))
    begun: date = min(first, fired, incident.since or first)
    broken = begun_on(breaks, end) or begun - BEFORE
    before: date = min(max(begun - BEFORE, broken), begun)
    return Spans(first, end, before, begun)


def in_part(remarks: pl.DataFrame, scope: str) -> pl.DataFrame:
    """Remarks of the part of the company that a scope names.

    Args:
        remarks: with a column for each dimension of HEARD_BY that the scope names.
        scope: canonical JSON.
    """
    members = [pl.col(name) == member for name, member in parsed(scope).items()]
    return remarks.filter(pl.all_horizontal(members)) if members else remarks


def incident_subjects(
    now: Period, before: Period, happy: Mapping[str, bool], declared: Mapping[str, Phrases], known: frozenset[str],
    smallest_group: int,
) -> pl.DataFrame:  # fmt: skip
    """What more customers say than before, by the test that the weekly summary uses; three subjects at most.

    What mostly happy customers say is left out: it is not what an alarm is about.

    Args:
        now: texts of the period.
        before: texts of the time before the trouble began.
        happy: by text_id of `now`, whether its customer is happy; those in between, or unknown, are not in it.
        declared: the roadmap's themes.
        known: names that may be shown, in small letters.
        smallest_group: fewest customers of whom anything is told.

    Returns:
        Rows of the table `incident_subjects`, without the incident, text_id in place of fact and key; a typical text
        of an unhappy, or nearly unhappy, customer of each subject that has one. Nothing where fewer than
        `smallest_group` customers write in either time.
    """
    if min(now.comments.n_voices, before.comments.n_voices) < smallest_group:
        return pl.DataFrame(schema=SUBJECTS)
    risen = [row for row in against(now, before, ChangeRule(smallest_group=smallest_group)) if row["kind"] != "less"]
    speaks = partial(themes_of, themes={row["subject"]: _phrases(row, declared) for row in risen})
    praised = _praised(speaks(now.comments), now.comments, happy)
    rows = first_apart([row for row in risen if row["subject"] not in praised], _MOST)
    if not rows:
        return pl.DataFrame(schema=SUBJECTS)
    unhappy = now.comments.frame.filter(~pl.col("text_id").is_in([text for text, is_so in happy.items() if is_so]))
    quotes = typical_quotes(now.comments.among(unhappy["text_id"]), speaks, known, QuoteRule(1, smallest_group))
    typical = {row["theme"]: row for row in quotes.iter_rows(named=True)}
    return pl.DataFrame([row | _quote(typical.get(row["subject"])) for row in rows], schema=SUBJECTS)


def _phrases(row: Mapping[str, Any], declared: Mapping[str, Phrases]) -> Phrases:
    return declared[row["subject"]] if row["theme"] else [row["subject"]]


def _praised(spoken: pl.DataFrame, comments: Comments, happy: Mapping[str, bool]) -> set[str]:
    """Subjects that more happy customers speak of than unhappy ones."""
    stands = pl.DataFrame(list(happy.items()), schema={"text_id": pl.String, "is_happy": pl.Boolean}, orient="row")
    voices = pl.col("voice")
    counts = (
        spoken.join(stands, on="text_id").join(comments.voices, on="text_id").group_by("theme")
        .agg(
            n_happy=voices.filter("is_happy").n_unique(), n_unhappy=voices.filter(~pl.col("is_happy")).n_unique()
        )
    )  # fmt: skip
    return set(counts.filter(pl.col("n_happy") > pl.col("n_unhappy"))["theme"].to_list())


def _quote(found: Mapping[str, Any] | None) -> dict[str, Any]:
    if found is None:
        return {"text_id": None, "place": None, "quote_hash": None}
    return {"text_id": found["text_id"], "place": found["place"], "quote_hash": text_hash(found["quote"])}
