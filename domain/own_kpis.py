"""A company's own KPIs: `kpis.yaml` beside the roadmap, read strictly, every problem at once.

An own KPI is a row of the catalogue like any other: kept as daily parts, with intervals, judged against benchmarks and
against its own past. What it counts, it says in Polars SQL, one expression over one row of one fact table.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import polars as pl

from domain.errors import OwnKpiError
from domain.expressions import columns_in, compiled
from domain.facts import FACT_TABLES, FactTable
from domain.kpis import KPIS, Direction, Kpi, Unit
from domain.scopes import DIMENSIONS
from domain.written import Problems, Written, likely, root_of

Counted = Literal["share", "mean", "nps", "count", "quantile"]

FILE: Final = "kpis.yaml"
STATISTICS: Final[dict[Counted, tuple[Unit, ...]]] = {
    "share": ("share",), "mean": ("score", "seconds", "count"), "nps": ("points",), "count": ("count",),
    "quantile": ("seconds",),
}  # fmt: skip
"""How own KPIs may be counted, each with the units it can have; the first is meant where none is said."""

TYPES: Final = {
    "text": pl.String(), "instant": pl.Datetime("us", "UTC"), "date": pl.Date(), "integer": pl.Int64(),
    "number": pl.Float64(), "flag": pl.Boolean(),
}  # fmt: skip
_NAME: Final = re.compile(r"^[a-z][a-z0-9_]*$")
_KEYS: Final = (
    "title", "question", "fact", "statistic", "numerator", "denominator", "value", "quantile", "where", "unit",
    "better", "booked_at", "known_at", "dimensions", "min_n", "watches_drift",
)  # fmt: skip


@dataclass(frozen=True)
class OwnKpi(Kpi):
    """A KPI that the company declares.

    Attributes:
        numerator, denominator: for `share`: yes or no, or whole numbers; without a denominator each row counts once.
        value: for `mean`, `nps` and `quantile`: what each row adds.
        where: rows for which it is not true do not count.
        booked_at: the instant on whose day a row is booked.
        known_at: the instant from which on its outcome is known; empty: from when it is booked. A row without that
            instant is open.
    """

    numerator: str = ""
    denominator: str = ""
    value: str = ""
    where: str = ""
    booked_at: str = ""
    known_at: str = ""

    @property
    def docs(self) -> str:
        """Where its definition is written."""
        return FILE

    @property
    def adds_by_day(self) -> bool:
        """Changed rows make the parts of their own days again; else the whole is made again.

        The days that change are those a fact is booked on; of what happens to tickets, those that their tickets are
        booked on. And whether answers may be pooled, one day does not show.
        """
        is_told = self.fact not in {"survey_answers", "ticket_events"}
        return is_told and FACT_TABLES[self.fact].booked_at == (self.booked_at,)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of its fact table that it reads, dimensions apart."""
        texts = (self.numerator, self.denominator, self.value, self.where)
        read = [column for text in texts if text for column in columns_in(text)]
        also = [name for name in ("deleted_at", "excluded_as", "survey") if FACT_TABLES[self.fact].has(name)]
        return tuple(dict.fromkeys([*read, self.booked_at, *([self.known_at] if self.known_at else []), *also]))


def load_own_kpis(path: Path) -> tuple[OwnKpi, ...]:
    """The KPIs that `path` (a `kpis.yaml`) declares, in the file's order; none where there is no such file.

    Raises:
        OwnKpiError: the file cannot be read or does not hold; one line per problem.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as problem:
        raise OwnKpiError(f"{path}: cannot be read ({problem}). Check its permissions and encoding (UTF-8).") from None
    return read_own_kpis(text, path.name)


def read_own_kpis(text: str, file_name: str = FILE) -> tuple[OwnKpi, ...]:
    """The KPIs that the YAML `text` declares; see `load_own_kpis`."""
    problems = Problems(file_name)
    root = root_of(text, problems, "'version: 1' and 'kpis:'", OwnKpiError)
    root.only("version", "kpis")
    if root.whole("version") != 1:
        problems.add(root.line_of("version"), "version", "expected 1, the only version there is")
    declared = root.mapping("kpis")
    found = [_read(name, declared) for name in declared.names()]
    problems.raise_all(OwnKpiError)
    return tuple(kpi for kpi in found if kpi is not None)


def _read(name: str, declared: Written) -> OwnKpi | None:
    if name in KPIS.shipped:
        declared.add(name, "the catalogue has a KPI of this name already. Give yours another, as our_" + name)
    if not _NAME.match(name):
        declared.add(name, "names are small letters, digits and _, and begin with a letter")
    written = declared.mapping(name)
    written.only(*_KEYS)
    question = written.text("question", required=True) or ""
    statistic = written.choice("statistic", tuple(STATISTICS), required=True)
    better: Direction | None = written.choice("better", ("up", "down", "none"), required=True)
    fact = written.choice("fact", tuple(FACT_TABLES), required=True)
    if statistic is None or fact is None or better is None:
        return None
    table = FACT_TABLES[fact]
    texts = _expressions(written, statistic, table)
    booked = _instant(written, "booked_at", table) or (table.booked_at[0] if len(table.booked_at) == 1 else "")
    if not booked:
        written.add("booked_at", f"missing: on which day does a row count? {_instants(table)}")
        return None
    return OwnKpi(
        name=name, title=written.text("title") or name.replace("_", " "), question=question,
        unit=_unit(written, statistic), better=better, fact=fact, kind="sketch" if statistic == "quantile" else "sum",
        statistic=statistic, booked=f"the day of {booked.removesuffix('_at').replace('_', ' ')}",
        min_n=_min_n(written, statistic), dimensions=_dimensions(written, table),
        quantile=_quantile(written, statistic), watches_drift=_flag(written, "watches_drift", statistic != "count"),
        numerator=texts.get("numerator", ""), denominator=texts.get("denominator", ""), value=texts.get("value", ""),
        where=texts["where"], booked_at=booked, known_at=_instant(written, "known_at", table),
    )  # fmt: skip


def _expressions(written: Written, statistic: Counted, table: FactTable) -> dict[str, str]:
    """Its expressions by key: those that its statistic needs, over columns there are, each of the type it must have."""
    wanted = {"share": ("numerator", "denominator"), "count": ()}.get(statistic, ("value",))
    for key in {"numerator", "denominator", "value"} - set(wanted):
        if written.has(key):
            needs = " and ".join(f"`{each}`" for each in wanted) or "`where` alone"
            written.add(key, f"a {statistic} is counted by {needs}. Take it out, or change the statistic")
    found: dict[str, str] = {}
    for key in (*wanted, "where"):
        text = written.expression(key, required=key in {"numerator", "value"}) or ""
        if text and (wrong := _wrong(text, key, table)):
            written.add(key, f"'{text}' {wrong}")
        found[key] = text
    return found


def _wrong(text: str, key: str, table: FactTable) -> str | None:
    """What is wrong with an expression as one over a fact table."""
    for column in columns_in(text):
        if not table.has(column):
            return f"reads '{column}', which {table.name} has not.{likely(column, table.names)}"
    empty = pl.LazyFrame(schema={column.name: TYPES[column.type] for column in table.columns})
    try:
        kind = empty.select(it=compiled(text)).collect_schema()["it"]
    except pl.exceptions.PolarsError as problem:
        return f"does not hold: {str(problem).splitlines()[0]}"
    if key == "where":
        return None if kind == pl.Boolean() else "is no condition: it must be true or not for each row"
    if key in {"numerator", "denominator"}:
        return None if kind == pl.Boolean() or kind.is_integer() else "gives neither yes or no nor a whole number"
    return None if kind.is_numeric() or kind == pl.Duration("us") else "gives no number"


def _instant(written: Written, key: str, table: FactTable) -> str:
    name = written.text(key)
    if name is None:
        return ""
    known = [column.name for column in table.columns if column.type == "instant"]
    if name not in known:
        written.add(key, f"'{name}' is no instant of {table.name}.{likely(name, known)}")
        return table.booked_at[0] if table.booked_at else ""
    return name


def _instants(table: FactTable) -> str:
    return f"Known: {', '.join(column.name for column in table.columns if column.type == 'instant')}."


def _unit(written: Written, statistic: Counted) -> Unit:
    known = STATISTICS[statistic]
    unit = written.choice("unit", known) if written.has("unit") else known[0]
    return unit or known[0]


def _min_n(written: Written, statistic: Counted) -> int:
    if not written.has("min_n"):
        return 0 if statistic == "count" else 30
    return written.whole("min_n") or 0


def _quantile(written: Written, statistic: Counted) -> float | None:
    if statistic != "quantile":
        if written.has("quantile"):
            written.add("quantile", f"a {statistic} has none. Take it out, or write statistic: quantile")
        return None
    asked = written.number("quantile", required=True)
    if asked is not None and not 0 < asked < 1:
        written.add("quantile", f"expected a number between 0 and 1 (the median is 0.5), found {asked:g}")
    return asked


def _dimensions(written: Written, table: FactTable) -> tuple[str, ...]:
    known = [column.name for column in table.columns if column.type == "text" and column.name != table.key]
    if not written.has("dimensions"):
        return tuple(name for name in DIMENSIONS if name in known)
    names = written.texts("dimensions")
    for name in names:
        if name not in known:
            written.add("dimensions", f"'{name}' is no label of {table.name}.{likely(name, known)}")
    return names


def _flag(written: Written, key: str, default: bool) -> bool:
    value = written.value(key)
    if value is not None and not isinstance(value, bool):
        written.add(key, f"expected true or false, found '{value}'")
    return value if isinstance(value, bool) else default
