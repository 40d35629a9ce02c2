"""Reads a ready-made mapping of a warehouse: its streams, and how they become fact tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from domain.errors import SourcesError
from domain.following import unfit
from domain.source_mappings import read_mapping
from domain.source_specs import Query, Scale, SourceSpec, TableMapping, Warehouse
from domain.sources import version_of
from domain.written import Problems, Written, did_you_mean, likely

READY_MADE: Final = ("fivetran_google_play", "fivetran_intercom", "fivetran_qualtrics", "fivetran_zendesk")
MEASURES: Final = ("nps", "csat", "ces", "other")


@dataclass(frozen=True)
class Ready:
    """One ready-made mapping.

    Attributes:
        name: as `use:` calls it.
        title: what it reads, for people.
        streams: by name; the queries run on SQLite and PostgreSQL alike.
        tables: how they become fact tables; each names its stream.
        optional: streams that not every company has, with their tables: left out unless asked for.
        surveys: mappings of one declared survey, with places to be filled in; empty: nothing needs declaring.
    """

    name: str
    title: str
    streams: Mapping[str, Query]
    tables: tuple[TableMapping, ...]
    optional: tuple[str, ...] = ()
    surveys: tuple[TableMapping, ...] = ()


def ready_made(name: str, *, also: Sequence[str] = (), surveys: Mapping[str, Any] | None = None) -> Ready:
    """What `use: <name>` stands for.

    Args:
        name: one of READY_MADE.
        also: optional streams that this company has.
        surveys: the vendor's survey id to `{survey, is_anonymous, questions: {<question id>: {measure, scale}}}`.
            Answers to questions that are not declared are left out: only a question declared NPS is NPS.

    Raises:
        SourcesError: no such mapping or stream, or a declared survey that does not hold; says the likely fix.
    """
    if name not in READY_MADE:
        raise SourcesError(f"use: there is no ready-made mapping '{name}'.{likely(name, READY_MADE)}")
    whole = _read(name)
    for stream in also:
        if stream not in whole.optional:
            known = (
                f" Optional ones are: {', '.join(whole.optional)}." if whole.optional else " It has no optional one."
            )
            raise SourcesError(f"use: {name} has no optional stream '{stream}'.{known}")
    left_out = {stream for stream in whole.optional if stream not in also}
    declared = _declared(whole, surveys or {})
    if whole.surveys and not declared:  # nobody asks for what would be read in vain
        left_out |= {mapping.stream for mapping in whole.surveys}
    return replace(
        whole,
        streams={stream: query for stream, query in whole.streams.items() if stream not in left_out},
        tables=(*(mapping for mapping in whole.tables if mapping.stream not in left_out), *declared),
    )


def changed(tables: Sequence[TableMapping], changes: Sequence[TableMapping]) -> tuple[TableMapping, ...]:
    """Ready-made tables with what a company has otherwise: a segment from a custom field, a brand left out.

    Args:
        tables: ready-made ones.
        changes: what differs. Columns, references and exclusions are added or take the place of the ready-made ones;
            `where` is asked for as well. One that names a stream is for that stream's mappings alone.

    Raises:
        SourcesError: a change of a table that nothing ready-made feeds.
    """
    made = list(tables)
    for change in changes:
        places = [
            n for n, mapping in enumerate(made)
            if mapping.table == change.table and change.stream in ("", mapping.stream)
        ]  # fmt: skip
        if not places:
            fed = ", ".join(sorted({mapping.table for mapping in tables}))
            raise SourcesError(
                f"sources.yaml:{change.line}  {change.label}: nothing ready-made feeds this table. It feeds: {fed}."
            )
        for n in places:
            made[n] = _with(made[n], change)
    return tuple(made)


def completed(spec: SourceSpec) -> SourceSpec:
    """The source with the streams and tables of the ready-made mapping that it uses.

    Raises:
        SourcesError: there is no such mapping, or it does not fit what is written beside it.
    """
    reads = spec.reads
    if not isinstance(reads, Warehouse) or not reads.use:
        return spec
    try:
        ready = ready_made(reads.use, also=reads.also, surveys=reads.surveys)
        tables = changed(ready.tables, spec.tables)
        whole = replace(reads, streams=ready.streams)
        if problems := unfit(whole, tables):
            raise SourcesError(f"follow_deletions: {problems[0]}.")
    except SourcesError as problem:
        said = str(problem)
        place = "" if said.startswith("sources.yaml:") else f"sources.yaml:{spec.line}  {spec.name}."
        raise SourcesError(place + said) from None
    whole = replace(spec, reads=whole, tables=tables)
    return replace(whole, version=version_of(whole))


def _with(mapping: TableMapping, change: TableMapping) -> TableMapping:
    wheres = [where for where in (mapping.where, change.where) if where]
    return replace(
        mapping,
        columns={**mapping.columns, **change.columns},
        refers_to={**mapping.refers_to, **change.refers_to},
        exclude={**change.exclude, **mapping.exclude},
        where=" AND ".join(f"({where})" for where in wheres) or None,
        line=change.line,
    )


@cache
def _read(name: str) -> Ready:
    file = f"{name}.yaml"
    text = files("tasks.extract.warehouse").joinpath(file).read_text(encoding="utf-8")
    problems = Problems(file)
    root = Written(cast("CommentedMap", YAML(typ="rt").load(StringIO(text))), file, problems)
    root.only("title", "streams", "optional", "tables", "surveys")
    usual, optional = root.mapping("streams"), root.mapping("optional")
    streams = {stream: _query(written.mapping(stream)) for written in (usual, optional) for stream in written.names()}
    tables, surveys = (_tables(root.mapping(key), list(streams)) for key in ("tables", "surveys"))
    problems.raise_all(SourcesError)
    return Ready(name, root.text("title") or name, streams, tables, tuple(optional.names()), surveys)


def _query(written: Written) -> Query:
    written.only("table", "query", "changed_at", "key", "may_lack")
    return Query(
        written.text("query") or written.text("table") or "", written.text("changed_at"), written.text("key"),
        may_lack=written.texts("may_lack"),
    )  # fmt: skip


def _tables(written: Written, streams: list[str]) -> tuple[TableMapping, ...]:
    return tuple(mapping for table in written.names() for mapping in read_mapping(table, written, [], streams=streams))


def _declared(ready: Ready, surveys: Mapping[str, Any]) -> tuple[TableMapping, ...]:
    """The mappings of every declared survey."""
    if surveys and not ready.surveys:
        raise SourcesError(f"surveys: {ready.name} needs none declared; its answers' scale is the vendor's own.")
    made: list[TableMapping] = []
    for survey_id, survey in surveys.items():
        place = f"surveys.{survey_id}"
        known = _mapping(survey, place, ("survey", "is_anonymous", "questions"))
        if not known.get("survey"):
            raise SourcesError(f"{place}: survey is missing: name it, as in nps-relationship")
        questions = _mapping(known.get("questions"), f"{place}.questions")
        if not questions:
            raise SourcesError(f"{place}: questions is missing: declare what each one measures, and its scale")
        for mapping in ready.surveys:
            asked = questions.items() if mapping.table == "survey_answers" else [("", None)]
            made += [_filled(mapping, str(survey_id), known, str(question), what) for question, what in asked]
    return tuple(made)


def _filled(
    mapping: TableMapping, survey_id: str, survey: Mapping[str, Any], question: str, what: object
) -> TableMapping:
    name = str(survey["survey"])
    where = (mapping.where or "").replace("{survey_id}", _text(survey_id)).replace("{question_id}", _text(question))
    columns = dict(mapping.columns)
    if survey.get("is_anonymous"):
        columns = {column: text for column, text in columns.items() if column not in ("customer_id", "send_id")}
        columns |= {"is_anonymous": "TRUE"} if "is_anonymous" in columns else {}
    if what is None:
        return replace(
            mapping, label=f"{mapping.table}/{name}", constants={"survey": name}, where=where, columns=columns
        )
    place = f"surveys.{survey_id}.questions.{question}"
    known = _mapping(what, place, ("measure", "scale", "question"))
    measure = str(known.get("measure", ""))
    if measure not in MEASURES:
        raise SourcesError(f"{place}: measure is '{measure}'.{likely(measure, MEASURES)}")
    asked = str(known.get("question", question))
    return replace(
        mapping, label=f"{mapping.table}/{name}/{asked}/{measure}", where=where, columns=columns,
        constants={"survey": name, "question": asked, "measure": measure},
        scale=_scale(known.get("scale"), place, measure),
    )  # fmt: skip


def _scale(written: object, place: str, measure: str) -> Scale:
    known = _mapping(written, f"{place}.scale", ("low", "high", "direction", "satisfied_from", "no_score"))
    if not known:
        raise SourcesError(f"{place}: scale is missing: declare it as {{low: 0, high: 10, direction: up}}")
    low, high, satisfied_from = (known.get(name) for name in ("low", "high", "satisfied_from"))
    direction = known.get("direction")
    if not isinstance(low, int | float) or not isinstance(high, int | float) or low >= high:
        raise SourcesError(f"{place}.scale: low and high must be numbers, low below high; found {low} and {high}")
    if direction not in ("up", "down"):
        raise SourcesError(f"{place}.scale: direction must be up (the highest is best) or down; found '{direction}'")
    if satisfied_from is None and measure == "csat":
        raise SourcesError(f"{place}.scale: satisfied_from is missing: from which score on is a customer satisfied?")
    if satisfied_from is not None and (
        not isinstance(satisfied_from, int | float) or not low <= satisfied_from <= high
    ):
        raise SourcesError(f"{place}.scale: satisfied_from {satisfied_from} is outside the scale ({low} to {high})")
    no_score = cast("Sequence[object]", known.get("no_score") or ())
    return Scale(
        low, high, "up" if direction == "up" else "down", satisfied_from, tuple(str(word) for word in no_score)
    )


def _mapping(written: object, place: str, known: Sequence[str] | None = None) -> Mapping[str, Any]:
    """A mapping with known keys only; an empty one where there is nothing."""
    if written is None:
        return {}
    if not isinstance(written, Mapping):
        raise SourcesError(f"{place}: expected names with values (key: value), found '{written}'")
    found = {str(key): value for key, value in cast("Mapping[object, Any]", written).items()}
    for key in found:
        if known is not None and key not in known:
            raise SourcesError(f"{place}: unknown key '{key}'.{did_you_mean(key, known)} Known: {', '.join(known)}.")
    return found


def _text(name: str) -> str:
    """A name inside a quoted text of an expression."""
    return name.replace("'", "''")
