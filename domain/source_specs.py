"""What `sources.yaml` declares, as values: where rows come from, and how they become rows of fact tables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, Final, Literal

from domain.coverage import MOST_GONE
from domain.errors import SourcesError

FileFormat = Literal["csv", "tsv", "json", "jsonl", "parquet", "fixed_width"]
FORMATS: Final[tuple[FileFormat, ...]] = ("csv", "tsv", "json", "jsonl", "parquet", "fixed_width")
KINDS: Final = (
    "files", "sql", "app_store", "chatwoot", "feed", "formbricks", "freshdesk", "google_play", "hubspot", "intercom",
    "qualtrics", "request_tracker", "slack_channel", "surveymonkey", "typeform", "zendesk",
)  # fmt: skip
"""What `kind:` may say; all but the first two are connectors, see `tasks.extract.catalog`."""

PEOPLE: Final = ("customer_id", "account_id")
"""Ids that several sources of one company may share: prefixed by the source's `namespace`."""
REFERENCES: Final = ("ticket_id", "send_id", "response_id", "follows")
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
        stream: which of the source's streams it reads; empty: the only one.
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
    stream: str = ""
    line: int = 0


@dataclass(frozen=True)
class Files:
    """Files in a folder.

    Attributes:
        path: as written, with `${VARIABLE}`s; see `SourceSpec.resolved_path`.
        member: pattern of the files to take from a zip.
        widths: for `fixed_width`: column to width in characters; empty: columns are set apart by blanks.
    """

    path: str
    format: FileFormat
    member: str = "*"
    encoding: str = "utf-8"
    widths: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class Query:
    """One stream of a warehouse.

    Attributes:
        select: a table's name, or one SELECT; `{schema}` stands for the schema with its dot.
        changed_at: column that says when a row last changed; None: the whole is read each time.
        key: column that tells rows of one instant apart.
        overlap: a read begins this much before the last change that was seen.
        may_lack: columns that not every company's table has; they are empty where it has not.
    """

    select: str
    changed_at: str | None = None
    key: str | None = None
    overlap: timedelta = timedelta(hours=1)
    may_lack: tuple[str, ...] = ()


@dataclass(frozen=True)
class Warehouse:
    """Tables that somebody else fills.

    Attributes:
        database: environment variable, or `block:` and the name of a Prefect Secret block, that holds its URL.
        schema: where its tables lie; empty: the default one.
        use: a ready-made mapping, which brings streams and tables; empty: none.
        also: its optional streams that this company has.
        surveys: the vendor's id of a survey to what its questions measure.
        follows: streams whose rows are compared for those that are gone, to how often their keys are read: see
            `domain.following`.
        most_gone: share of a stream's rows that may be gone at once and is believed: see `domain.coverage`.
    """

    database: str
    streams: Mapping[str, Query]
    schema: str = ""
    use: str = ""
    also: tuple[str, ...] = ()
    surveys: Mapping[str, Any] = field(default_factory=dict[str, Any])
    follows: Mapping[str, timedelta] = field(default_factory=dict[str, timedelta])
    most_gone: float = MOST_GONE


@dataclass(frozen=True)
class Quota:
    """Which share of the vendor's limit is ours; at night, from `night_from` to `night_to`, another one."""

    share: float = 0.5
    night_share: float | None = None
    night_from: time = time(22)
    night_to: time = time(6)


@dataclass(frozen=True)
class Interface:
    """A vendor's interface; which one says the source's kind.

    Attributes:
        address: where it is, if not where the vendor's own is.
        options: what the connector asks for; checked against it by `tasks.extract.catalog`.
        secrets: the connector's name of a secret to the environment variable that holds it, or to `block:` and the
            name of a Prefect Secret block.
        start: where the first fetch begins; None: with the first record there is.
        calls_a_day: what the vendor allows this company, if not what its connector says; None: as that says.
        streams: which ones; empty: all.
        most_gone: share of a list's rows that may be gone at once and is believed: see `domain.coverage`.
    """

    address: str = ""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    start: date | None = None
    quota: Quota = field(default_factory=Quota)
    calls_a_day: int | None = None
    streams: tuple[str, ...] = ()
    most_gone: float = MOST_GONE


@dataclass(frozen=True)
class SourceSpec:
    """One source.

    Attributes:
        kind: `files`, `sql`, or a connector's.
        reads: where its rows come from.
        tables: how they become facts; for a connector only what differs from its own way.
        nulls: words that stand for 'nothing', besides the empty string.
        zone: IANA name of the zone of local times.
        dates: formats of dates and times, tried in order; ISO 8601 is always tried last.
        namespace: prefix of people's ids; by default the source's name.
        external_ids: namespace of its customers' external ids; by default its own.
        country: ISO 3166; phone numbers without a country code are read as its own; empty: not known.
        version: hash of everything that decides what a row becomes.
    """

    name: str
    kind: str
    reads: Files | Warehouse | Interface
    tables: tuple[TableMapping, ...]
    complete_through: CompleteThrough
    nulls: tuple[str, ...] = ()
    zone: str = "UTC"
    dates: tuple[str, ...] = ()
    namespace: str = ""
    external_ids: str = ""
    country: str = ""
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

    @property
    def external_namespace(self) -> str:
        """Whose ids its customers' external ids are."""
        return self.external_ids or self.people

    @property
    def files(self) -> Files:
        """Its files; TypeError for a source of another kind."""
        if not isinstance(self.reads, Files):
            raise TypeError(self.kind)
        return self.reads

    def resolved_path(self, environment: Mapping[str, str]) -> str:
        """The path of its files with every `${VARIABLE}` filled in.

        Raises:
            SourcesError: a variable is not set or empty; the message names it.
        """
        return self.with_variables(self.files.path, environment, "path", "to the folder that holds the files")

    @staticmethod
    def variables_in(text: str, environment: Mapping[str, str]) -> dict[str, str]:
        """The values of a text's `${VARIABLE}`s by their names: what nothing may show."""
        return {name: environment[name] for name in _VARIABLE.findall(text) if name in environment}

    def with_variables(self, text: str, environment: Mapping[str, str], what: str, to: str) -> str:
        """A text with every `${VARIABLE}` filled in.

        Raises:
            SourcesError: a variable is not set or empty; the message names it.
        """
        for variable in _VARIABLE.findall(text):
            if not environment.get(variable):
                raise SourcesError(
                    f"sources.yaml:{self.line}  {self.name}: its {what} is '{text}', and {variable} is not set. "
                    f"Set {variable} in the environment or in the project's .env {to}."
                )
        return _VARIABLE.sub(lambda found: environment[found.group(1)], text)
