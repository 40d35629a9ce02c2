"""Reads one table's mappings from `sources.yaml` and checks them against the fact tables."""

from typing import Final

from domain.facts import FACT_TABLES, FactTable
from domain.scales import refusal
from domain.source_specs import PEOPLE, REFERENCES, History, Scale, SwappedDates, TableMapping
from domain.written import Written, did_you_mean, likely

_ANY_TABLE: Final = ("key", "where", "columns", "latest_by", "refers_to")
_BY_TABLE: Final[dict[str, tuple[str, ...]]] = {
    "tickets": ("history", "exclude"),
    "survey_answers": ("survey", "measure", "question", "scale", "swapped_dates"),
    "survey_sends": ("survey",),
    "reviews": ("about", "scale"),
    "mentions": ("about",),
}
_CONSTANTS: Final = ("survey", "measure", "question", "about")
_DEFAULTS: Final = {"reviews": {"about": "us"}, "mentions": {"about": "us"}}
_MEASURES: Final = ("nps", "csat", "ces", "other")
_SCALE_COLUMNS: Final = ("scale_low", "scale_high", "direction", "satisfied_from")


def read_mapping(
    table: str, tables: Written, sources: list[str], *, streams: list[str] | None = None, is_whole: bool = True
) -> list[TableMapping]:
    """The mappings written under one table of one source; problems are noted in `tables`.

    Args:
        table: the fact table.
        tables: what stands under `tables:`.
        sources: the names of all sources.
        streams: those that `from:` may name; None: the source has one.
        is_whole: everything a row needs must be mapped; False: it only changes what is mapped already.
    """
    if table not in FACT_TABLES:
        tables.problems.add(
            tables.line_of(table), tables.where,
            f"unknown table '{table}'.{likely(table, FACT_TABLES)}",
        )  # fmt: skip
        return []
    parts = tables.mappings(table)
    for part in parts:
        part.where = part.where.replace(".tables.", ".")
    if not is_whole:
        if streams is None and len(parts) > 1:
            parts[1].add("columns", "one mapping is enough: it says what is to differ, for the whole table")
        return [_changes(FACT_TABLES[table], part, sources, streams) for part in parts]
    return [_mapping(FACT_TABLES[table], part, sources, streams, alone=len(parts) == 1) for part in parts]


def _changes(table: FactTable, written: Written, sources: list[str], streams: list[str] | None) -> TableMapping:
    """What is to differ from a connector's own mapping, or a ready-made one."""
    extra = (*(("exclude",) if table.name == "tickets" else ()), *(("from",) if streams is not None else ()))
    written.only("where", "columns", "refers_to", *extra)
    return TableMapping(
        table=table.name, label=table.name, columns=_columns(table, written), where=written.expression("where"),
        exclude=written.expressions("exclude"), refers_to=_refers_to(table, written, sources),
        stream=written.text("from") or "" if streams is not None else "", line=written.line,
    )  # fmt: skip


def _mapping(
    table: FactTable, written: Written, sources: list[str], streams: list[str] | None, *, alone: bool
) -> TableMapping:
    written.only(*_ANY_TABLE, *_BY_TABLE.get(table.name, ()), *(() if streams is None else ("from",)))
    constants = _DEFAULTS.get(table.name, {}) | {
        name: value for name in _CONSTANTS if name in _BY_TABLE.get(table.name, ()) and (value := written.text(name))
    }
    if "measure" in constants:
        written.choice("measure", _MEASURES)
    scale = _scale(table, written)
    columns = _columns(table, written)
    history = _history(table, written, columns)
    _check_required(table, written, {*columns, *constants, *(_SCALE_COLUMNS if scale else ())})
    words = [constants[name] for name in ("survey", "question", "measure") if name in constants]
    place = written.where.rpartition("[")[2].rstrip("]")
    return TableMapping(
        table=table.name, label="/".join([table.name, *(words or ([] if alone else [place]))]),
        columns=columns, constants=constants, key=written.expression("key"), where=written.expression("where"),
        latest_by=written.expression("latest_by"), history=history, exclude=written.expressions("exclude"),
        scale=scale, swapped_dates=_swapped_dates(written), refers_to=_refers_to(table, written, sources),
        stream=_stream(written, streams), line=written.line,
    )  # fmt: skip


def _stream(written: Written, streams: list[str] | None) -> str:
    if streams is None:
        return ""
    if len(streams) == 1 and not written.has("from"):
        return streams[0]
    return written.choice("from", streams, required=True) or ""


def _columns(table: FactTable, written: Written) -> dict[str, str]:
    """Fact column to expression; a column that another key declares is refused."""
    inner = written.mapping("columns")
    elsewhere = {table.key: "write it as key:", "source": "it is filled in"}
    elsewhere |= (
        dict.fromkeys(_SCALE_COLUMNS, "it comes from scale:") if "scale" in _BY_TABLE.get(table.name, ()) else {}
    )
    elsewhere |= {"excluded_as": "it comes from exclude:"} if table.name == "tickets" else {}
    elsewhere |= {"near_hashes": "it is made of value_hash"} if table.name == "identities" else {}
    for name in inner.names():
        if name in elsewhere:
            inner.add(name, f"is not mapped here; {elsewhere[name]}")
        elif name not in table.names:
            inner.problems.add(
                inner.line_of(name), written.where,
                f"unknown column '{name}'.{likely(name, table.names)}",
            )  # fmt: skip
    return inner.expressions_of([name for name in inner.names() if name in table.names and name not in elsewhere])


def _check_required(table: FactTable, written: Written, given: set[str]) -> None:
    filled = {table.key, "source", *given}
    scaled = "scale" in _BY_TABLE.get(table.name, ())
    for column in table.columns:
        if column.required and column.name not in filled and not (scaled and column.name in _SCALE_COLUMNS):
            place = "" if column.name in _BY_TABLE.get(table.name, ()) else " under columns"
            written.problems.add(
                written.line, written.where, f"'{column.name}' is missing{place}: {column.meaning}",
            )  # fmt: skip


def _scale(table: FactTable, written: Written) -> Scale | None:
    """The declared scale; refused without one where scores are pooled."""
    if "scale" not in _BY_TABLE.get(table.name, ()):
        return None
    if not written.has("scale"):
        written.add("scale", "missing: declare it as {low: 1, high: 5, direction: up}; pooling 1-5 with 1-7, or "
                             "reading 1 = best as worst, is the classic way to be wrong")  # fmt: skip
        return None
    inner = written.mapping("scale")
    inner.only("low", "high", "direction", "satisfied_from", "no_score")
    low, high = inner.number("low", required=True), inner.number("high", required=True)
    direction = inner.choice("direction", ("up", "down"), required=table.name == "survey_answers")
    satisfied_from = inner.number("satisfied_from")
    if low is None or high is None:
        return None
    if low >= high:
        inner.add("high", f"must be above low ({low:g}); where the lowest score is best, write direction: down")
    if satisfied_from is not None and not low <= satisfied_from <= high:
        inner.add("satisfied_from", f"{satisfied_from:g} is outside the scale ({low:g} to {high:g})")
    if satisfied_from is None and written.text("measure") == "csat":
        inner.add("satisfied_from", "missing: from which score on, as if up were best, is a customer satisfied?")
    if why_not := refusal(written.text("measure") or "", low, high):
        written.add("scale", why_not)
    return Scale(low, high, direction or "up", satisfied_from, inner.texts("no_score"))


def _history(table: FactTable, written: Written, columns: dict[str, str]) -> History | None:
    if not written.has("history"):
        return None
    inner = written.mapping("history")
    inner.only("at", "fields")
    at, fields = inner.expression("at", required=True), inner.texts("fields")
    if not fields:
        inner.add("fields", "missing: list the columns whose changes become events")
    for name in fields:
        if name not in columns:
            inner.add("fields", f"'{name}' is not under columns:.{did_you_mean(name, columns)}")
    if not written.has("key"):
        written.add("key", f"missing: an event log needs the {table.key} its rows belong to")
    return History(at or "NULL", fields)


def _swapped_dates(written: Written) -> SwappedDates | None:
    if not written.has("swapped_dates"):
        return None
    inner = written.mapping("swapped_dates")
    inner.only("within", "order", "among")
    within = inner.expression("within", required=True)
    return SwappedDates(within or "NULL", inner.expression("order") or "_row", inner.expression("among"))


def _refers_to(table: FactTable, written: Written, sources: list[str]) -> dict[str, str]:
    """Reference column to source; people's ids have the source's `namespace` instead."""
    inner = written.mapping("refers_to")
    known = [name for name in REFERENCES if name in table.names and name != table.key]
    found: dict[str, str] = {}
    for column in inner.names():
        if column in PEOPLE:
            inner.add(column, "people's ids are shared with namespace: at the source")
        elif column not in known:
            inner.add(column, f"is no reference of {table.name}.{did_you_mean(column, known)}")
        elif source := inner.choice(column, sources):
            found[column] = source
    return found
