"""Put together what customers say about each open incident, when any of it is not as it was."""

from typing import Any

import polars as pl
from sqlalchemy import Connection

from domain.ids import derived
from domain.records import Incident
from domain.roadmap import Roadmap, breaks_of
from domain.scopes import parsed
from domain.segments import STAMPED, held_at
from sql.queries.incident_words import (
    answers_in_surveys,
    forget_incident_words,
    incident_marks,
    put_incident_words,
    remarks_of,
    themes_of,
)
from sql.queries.incidents import open_incidents
from sql.queries.segments import persons, spells_of
from sql.store import Store
from tasks.words.incident import SUBJECTS, Spans, in_part, incident_subjects, is_heard, spans_of
from tasks.words.steps.periods import happiness, period, quoted_rows, voiced, with_texts
from tasks.words.week import known_names

_SCHEME = 1
"""Counts up when incidents are told otherwise."""
_OF_SEGMENT = STAMPED["remarks"]
_SUBJECTS = {
    "incident_id": pl.String(), **{name: kind for name, kind in SUBJECTS.items() if name != "text_id"},
    "fact": pl.String(), "row_id": pl.String(),
}  # fmt: skip


def hear_all(store: Store, run_id: str | None, roadmap: Roadmap) -> int:
    """Write what customers say about open incidents; run twice, the same rows. How many are told otherwise now.

    Nothing is kept of incidents that are over, muted or not told yet: all rows are those of what is open now.

    Args:
        store: the project's.
        run_id: the run.
        roadmap: its themes, breaks, and how small a group may be.
    """
    with store.reading() as connection:
        marks = incident_marks(connection)
        looks = [
            (incident, spans_of(incident, breaks_of(roadmap, incident.kpi, incident.scope)))
            for incident in open_incidents(connection)
            if is_heard(incident)
        ]
        held, themes = _said(connection, looks)
    gone = sorted(marks.keys() - {incident.incident_id for incident, _ in looks})
    rows, found = list[dict[str, Any]](), [pl.DataFrame(schema=_SUBJECTS)]
    for incident, spans in looks:
        mine = in_part(held, incident.scope).filter(_is_in(spans))
        spoken = themes.join(mine.select("fact", "row_id"), on=["fact", "row_id"], how="semi")
        mark = _mark(roadmap, spans, mine, spoken)
        if marks.get(incident.incident_id) == mark:
            continue
        with store.reading() as connection:
            said = with_texts(connection, mine)
        row, subjects = _told(incident, spans, said, spoken, roadmap)
        rows.append(row | {"mark": mark})
        found.append(subjects)
    if gone or rows:
        with store.transaction(run_id) as connection:
            forget_incident_words(connection, gone)
            put_incident_words(connection, rows, pl.concat(found))
    return len(gone) + len(rows)


def _said(connection: Connection, looks: list[tuple[Incident, Spans]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Customers' remarks that are looked at, with voice, segment at the time and survey; and their themes."""
    parts = [
        (parsed(incident.scope), [(spans.before, spans.begun), (spans.first, spans.end)]) for incident, spans in looks
    ]
    held = remarks_of(connection, parts)
    named = {name for members, _ in parts for name in members}
    if "segment" in named:
        spells = spells_of(connection, held["customer_id"])
        if not spells.is_empty():
            segments = held_at(held, spells, _OF_SEGMENT, ("segment",))["segment"]
            held = held.with_columns(segment=pl.coalesce("segment", pl.lit(segments)))
    if "survey" in named:
        first = min(spans.before for _, spans in looks)
        end = max(spans.end for _, spans in looks)
        surveys = answers_in_surveys(connection, first, end).with_columns(fact=pl.lit("survey_answers"))
        held = held.join(surveys, on=["fact", "row_id"], how="left", maintain_order="left")
    return voiced(held, persons(connection)), themes_of(connection, parts)


def _is_in(spans: Spans) -> pl.Expr:
    day = pl.col("day")
    return ((day >= spans.first) & (day < spans.end)) | ((day >= spans.before) & (day < spans.begun))


def _mark(roadmap: Roadmap, spans: Spans, remarks: pl.DataFrame, themes: pl.DataFrame) -> str:
    names = ("fact", "row_id", "text_hash", "voice", "language", "standing", "tone", "day")
    return derived(
        "heard", _SCHEME, roadmap.people.smallest_group, roadmap.company.name, spans, remarks.select(names).rows(),
        themes.rows(), sorted(roadmap.themes.items()),
    )  # fmt: skip


def _told(
    incident: Incident, spans: Spans, said: pl.DataFrame, themes: pl.DataFrame, roadmap: Roadmap
) -> tuple[dict[str, Any], pl.DataFrame]:
    """The row of `incident_words`, and rows of `incident_subjects`."""
    now, before = (
        period(said, themes, *days) for days in ((spans.first, spans.end), (spans.before, spans.begun))
    )  # fmt: skip
    happy = happiness(said.filter(pl.col("day") >= spans.first, pl.col("day") < spans.end))
    known = known_names(roadmap.company.name)
    subjects = incident_subjects(now, before, happy, roadmap.themes, known, roadmap.people.smallest_group)
    row = {
        "incident_id": incident.incident_id, "first_day": spans.first, "end_day": spans.end,
        "before_day": spans.before, "begun_day": spans.begun, "n_voices": now.comments.n_voices,
        "n_before": before.comments.n_voices,
    }  # fmt: skip
    return row, quoted_rows(subjects).select(pl.lit(incident.incident_id).alias("incident_id"), *list(_SUBJECTS)[1:])
