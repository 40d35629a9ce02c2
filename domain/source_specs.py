"""What `sources.yaml` declares, as values: sources of kind `files` and how they map to fact tables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from domain.errors import SourcesError

FileFormat = Literal["csv", "tsv", "json", "jsonl", "parquet", "fixed_width"]
FORMATS: Final[tuple[FileFormat, ...]] = ("csv", "tsv", "json", "jsonl", "parquet", "fixed_width")
KINDS: Final = ("files",)

PEOPLE: Final = ("customer_id", "account_id")
"""Ids that several sources of one company may share: prefixed by the source's `namespace`."""
REFERENCES: Final = ("ticket_id", "send_id", "response_id")
"""Ids of another row of the same source, or of the source that `refers_to` names."""

_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class Scale:
    """The scale of a score. Without it 1-5 would be pooled with 1-7, and 1 = best read as worst.

    Attributes:
        low, high: lowest and highest score.
        direction: `up`: the highest is best; `down`: the lowest.
        satisfied_from: counted as satisfied from here on, as if up were best; None: not asked.
        no_score: words that stand for 'blank' or 'does not apply': in no denominator.
    """

    low: float
    high: float
    direction: Literal["up", "down"] = "up"
    satisfied_from: float | None = None
    no_score: tuple[str, ...] = ()


@dataclass(frozen=True)
class History:
    """The file is an event log: `at` orders a key's rows, each change of `fields` becomes an event."""

    at: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class SwappedDates:
    """Rows of one group that carry a date and its day-month swap mean one day.

    Attributes:
        within: expression; rows with the same value belong to one group and one day.
        order: expression (a number) in whose order the groups came about; default: the file's order.
        among: expression; neighbours in `order` are looked for among rows with the same value.
    """

    within: str
    order: str = "_row"
    among: str | None = None


@dataclass(frozen=True)
class CompleteThrough:
    """How to tell through which day (inclusive) a source is complete.

    Attributes:
        kind: `day`: a declared one; `arrival`: the day before the files came; `column`: the latest
            day in a fact column minus `lag_days`; `file_name`: the date in the latest file's name.
    """

    kind: Literal["day", "arrival", "column", "file_name"]
    day: date | None = None
    column: str = ""
    lag_days: int = 1
    pattern: str = ""


@dataclass(frozen=True)
class TableMapping:
    """How rows of a source become rows of one fact table. All expressions are Polars SQL.

    Attributes:
        table: the fact table.
        label: how messages and counts call it: `tickets`, `survey_answers/nps-2017/nps`.
        columns: fact column to expression.
        constants: fact column to a constant of the mapping (survey, measure, question, about …).
        key: expression of the vendor's key; None: content and occurrence number.
        where: rows for which it is not true are left out, and counted.
        exclude: word to condition: tickets that are no contacts (`excluded_as`); the first that holds.
        refers_to: reference column to the name of the source its ids come from.
        line: where it is written.
    """

    table: str
    label: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict[str, str])
    key: str | None = None
    where: str | None = None
    latest_by: str | None = None
    history: History | None = None
    exclude: Mapping[str, str] = field(default_factory=dict[str, str])
    scale: Scale | None = None
    swapped_dates: SwappedDates | None = None
    refers_to: Mapping[str, str] = field(default_factory=dict[str, str])
    line: int = 0


@dataclass(frozen=True)
class SourceSpec:
    """One source of kind `files`.

    Attributes:
        path: as written, with `${VARIABLE}`s; see `resolved_path`.
        member: pattern of the files to take from a zip.
        nulls: words that stand for 'nothing', besides the empty string.
        zone: IANA name of the zone of local times in the files.
        dates: formats of dates and times, tried in order; ISO 8601 is always tried last.
        widths: for `fixed_width`: column to width in characters; empty: columns are set apart by blanks.
        namespace: prefix of people's ids; by default the source's name.
        version: hash of everything that decides what a file's rows become.
    """

    name: str
    kind: Literal["files"]
    path: str
    format: FileFormat
    tables: tuple[TableMapping, ...]
    complete_through: CompleteThrough
    member: str = "*"
    encoding: str = "utf-8"
    nulls: tuple[str, ...] = ()
    zone: str = "UTC"
    dates: tuple[str, ...] = ()
    widths: Mapping[str, int] = field(default_factory=dict[str, int])
    namespace: str = ""
    version: str = ""
    line: int = 0

    @property
    def mapping_version(self) -> str:
        """sha256 of the mapping's content: another one means that rows may come out differently."""
        return self.version

    @property
    def people(self) -> str:
        """Prefix of customers' and accounts' ids."""
        return self.namespace or self.name

    def resolved_path(self, environment: Mapping[str, str]) -> str:
        """The path with every `${VARIABLE}` filled in.

        Raises:
            SourcesError: a variable is not set or empty; the message names it.
        """
        for variable in _VARIABLE.findall(self.path):
            if not environment.get(variable):
                raise SourcesError(
                    f"sources.yaml:{self.line}  {self.name}: its path is '{self.path}', and {variable} is not set. "
                    f"Set {variable} in the environment or in the project's .env to the folder that holds the files."
                )
        return _VARIABLE.sub(lambda found: environment[found.group(1)], self.path)
