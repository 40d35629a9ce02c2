"""How a vendor's export is written: which column is what, in which zone, unit and clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import StringIO
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from domain.errors import ConfigError
from domain.written import Problems, Written, did_you_mean, likely

Clock = Literal["calendar", "business"]
Unit = Literal["seconds", "minutes", "hours"]
Statistic = Literal["median", "mean"]

CLOCKS: Final[tuple[Clock, ...]] = ("calendar", "business")
STATISTICS: Final[tuple[Statistic, ...]] = ("median", "mean")
UNITS: Final[Mapping[Unit, float]] = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0}
INSTANTS: Final = ("opened", "first_reply_at", "resolved_at", "updated")
DURATIONS: Final = ("first_reply", "resolution")
FIELDS: Final = ("ticket", "period", "tickets", *INSTANTS, *DURATIONS, "status", "reopens", "satisfaction")
"""What a column may be. `period` instead of `ticket`: a summary, with `tickets` as the number of contacts."""


@dataclass(frozen=True)
class Export:
    """How one export is written.

    Attributes:
        columns: field (one of FIELDS) to the column's name in the file.
        zone: IANA name of the zone of times without an offset.
        dates: formats of times, tried in order; ISO 8601 is tried last.
        nulls: words for nothing, besides the empty text.
        unit: of durations that are plain numbers.
        time: what durations count: every minute, or opening hours.
        hours: the calendar of the roadmap that `time: business` means; None: the only one there is.
        exported_at: when it was exported; None: not known.
        statuses: their word for a status to ours.
        statistic: of a summary by period: which one its durations are.
    """

    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    zone: str = "UTC"
    dates: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ("-", "N/A", "null")
    unit: Unit = "minutes"
    time: Clock = "calendar"
    hours: str | None = None
    exported_at: datetime | None = None
    statuses: Mapping[str, str] = field(default_factory=dict[str, str])
    statistic: Statistic = "median"

    def over(self, columns: Mapping[str, str], **given: Any) -> "Export":
        """The same with what options said instead; None: nothing said."""
        said = {name: value for name, value in given.items() if value is not None}
        return replace(self, columns={**self.columns, **columns}, **said)

    def found_in(self, header: list[str], file: str) -> dict[str, str]:
        """Field to column, of those that the file has; a column named as a field needs no telling.

        Raises:
            ConfigError: a named column is not there, or no column is the ticket or the period.
        """
        for name, column in self.columns.items():
            if column not in header:
                near = did_you_mean(column, header)
                raise ConfigError(f"{file} has no column '{column}' (for {name}).{near} It has: {', '.join(header)}.")
        found = {name: name for name in FIELDS if name in header} | dict(self.columns)
        if "ticket" not in found and "period" not in found:
            raise ConfigError(
                f"{file}: which column is the ticket's key? Say --column ticket=NAME (or --column period=NAME for a "
                f"summary by period). It has: {', '.join(header)}."
            )
        return found


def read_export(text: str, file_name: str, base: Export) -> Export:
    """The export that the YAML `text` describes, over what is taken without it.

    Raises:
        ConfigError: one line per problem, with its line and the likely fix.
    """
    try:
        content = cast("object", YAML(typ="rt").load(StringIO(text)))
    except YAMLError as problem:
        raise ConfigError(f"{file_name}  is no YAML: {str(problem).splitlines()[0]}") from None
    if not isinstance(content, CommentedMap):
        raise ConfigError(f"{file_name}:1  expected names with values, such as 'columns: {{ticket: Ticket ID}}'")
    problems = Problems(file_name)
    written = Written(content, file_name, problems)
    written.only("columns", "zone", "dates", "nulls", "unit", "time", "hours", "exported_at", "statuses", "statistic")
    columns = written.mapping("columns")
    columns.only(*FIELDS)
    zone = written.text("zone") or base.zone
    written.check_zone("zone", zone)
    statuses = written.mapping("statuses")
    read = base.over(
        {name: columns.text(name) or "" for name in columns.names()},
        zone=zone, dates=written.texts("dates") or None, nulls=written.texts("nulls") or None,
        unit=written.choice("unit", list(UNITS)), time=written.choice("time", CLOCKS), hours=written.text("hours"),
        statistic=written.choice("statistic", STATISTICS),
        exported_at=_instant(written.text("exported_at"), zone, problems, written.line_of("exported_at")),
        statuses={name.lower(): statuses.text(name) or "" for name in statuses.names()},
    )  # fmt: skip
    problems.raise_all(ConfigError)
    return read


def columns_of(options: list[str]) -> dict[str, str]:
    """`field=column` options as field to column; ConfigError for one that is not so."""
    found: dict[str, str] = {}
    for option in options:
        name, _, column = option.partition("=")
        if not column or name not in FIELDS:
            hint = likely(name, FIELDS) if column else ""
            raise ConfigError(f"--column {option!r}: expected field=column, as in --column ticket='Ticket ID'.{hint}")
        found[name] = column
    return found


def instant_of(text: str, zone: str) -> datetime:
    """A time as people write it, in a zone unless it names an offset; ValueError if it is none."""
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _instant(text: str | None, zone: str, problems: Problems, line: int) -> datetime | None:
    try:
        return None if text is None else instant_of(text, zone)
    except (KeyError, ValueError, OSError):
        problems.add(line, problems.file_name, f"exported_at: expected a time as 2026-03-16T08:00, found '{text}'")
        return None
