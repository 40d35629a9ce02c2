"""What is never added up: answers to several surveys, and scores on several scales."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from domain.scales import told

REVIEWS: Final = "review_rating"
SURVEY: Final = "survey"
Apart = Mapping[str, Collection[str]]
"""Dimensions whose members are kept, each alone, and these members; nothing over them is."""


def surveys_apart(surveys: Mapping[str, Sequence[str]], mixed: Collection[tuple[str, str]]) -> dict[str, Apart]:
    """Measures whose surveys are kept alone: several ask for it, or one on several scales, which is not kept at all.

    Args:
        surveys: surveys of each measure.
        mixed: (measure, survey) with answers on several scales.

    >>> surveys_apart({"ces": ["effort"], "csat": ["chat", "help"], "nps": ["yearly"]}, [("ces", "effort")])
    {'ces': {'survey': []}, 'csat': {'survey': ['chat', 'help']}}
    """
    found: dict[str, Apart] = {}
    for measure, names in surveys.items():
        kept = [name for name in names if (measure, name) not in mixed]
        if len(names) > 1 or len(kept) < len(names):
            found[measure] = {SURVEY: kept}
    return found


def reviews_apart(scales: Iterable[tuple[str, str | None, float, float]]) -> dict[str, Apart]:
    """Of reviews on several scales the sources and channels that are on one, each alone.

    Args:
        scales: source, channel (None: it says none), lowest and highest rating; none where all are on one scale.
    """
    of: dict[str, dict[str, set[tuple[float, float]]]] = {"channel": {}, "source": {}}
    for source, channel, low, high in scales:
        of["source"].setdefault(source, set()).add((low, high))
        if channel is not None:
            of["channel"].setdefault(channel, set()).add((low, high))
    if not of["source"]:
        return {}
    return {REVIEWS: {name: [one for one, on in members.items() if len(on) == 1] for name, members in of.items()}}


def warnings(mixed: Mapping[tuple[str, str], Sequence[tuple[float, float, str]]]) -> Iterator[str]:
    """For each survey with answers on several scales: which, and what to do."""
    for (measure, survey), scales in mixed.items():
        on = " and ".join(told(*scale) for scale in scales)
        yield (
            f"survey '{survey}' has answers about {measure} on {on}: scales are never pooled, so nothing of it is "
            "measured. Give one of them a survey name of its own in sources.yaml, and read it again: "
            "cxloop backfill SOURCE --from-landing"
        )


def kept_apart(entries: pl.DataFrame, apart: Apart) -> pl.DataFrame:
    """The entries without the labels that are not kept: they are in no scope then."""
    labels = (
        pl.when(pl.col(name).cast(pl.String).is_in(sorted(members))).then(pl.col(name)).alias(name)
        for name, members in apart.items()
        if name in entries.columns
    )
    return entries.with_columns(*labels)
