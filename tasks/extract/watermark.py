"""Through which day a source is complete: what comes later is unknown, not zero."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.errors import SourcesError
from domain.source_specs import SourceSpec
from domain.windows import day_of, next_month
from tasks.extract.mapping import MappedTable

_DAYS: Final = ("%Y%m%d", "%Y-%m-%d", "%Y_%m_%d", "%Y.%m.%d")
_MONTHS: Final = ("%Y%m", "%Y-%m", "%Y_%m")


def complete_through(
    spec: SourceSpec, mapped: Sequence[MappedTable], file_names: Sequence[str], arrived_on: date, zone: ZoneInfo
) -> date | None:
    """The day, inclusive, through which the source is complete after this batch.

    Args:
        spec: declares `complete_through`.
        mapped: the batch's mapped tables, for `{column: …}`: the latest day in the column, in the reporting
            zone, minus `lag_days` (1 by default: the latest day is rarely whole).
        file_names: of the batch, for `{file_name: …}`: the latest date in a name; a month counts as its last day.
        arrived_on: the day the files came, for `arrival`: complete through the day before.
        zone: the reporting zone, whose days are judged: in a zone far west of the source's they end later.

    Returns:
        The day; None where the batch has no row to tell it.

    Raises:
        SourcesError: no file name matches the pattern, or what it finds is no date.
    """
    through = spec.complete_through
    match through.kind:
        case "day":
            return through.day
        case "arrival":
            return arrived_on - timedelta(days=1)
        case "file_name":
            return max((_day_in(name, spec) for name in file_names), default=None)
        case "column":
            days = [day for table in mapped if (day := _latest_day(table, through.column, zone))]
            return max(days) - timedelta(days=through.lag_days) if days else None


def _latest_day(table: MappedTable, column: str, zone: ZoneInfo) -> date | None:
    if column not in table.rows.columns:
        return None
    latest = table.rows[column].max()
    if isinstance(latest, datetime):
        return day_of(latest, zone)
    return latest if isinstance(latest, date) else None


def _day_in(name: str, spec: SourceSpec) -> date:
    pattern = spec.complete_through.pattern
    found = re.search(pattern, name)
    place = f"sources.yaml:{spec.line}  {spec.name}.complete_through"
    if not found:
        raise SourcesError(f"{place}: the file name '{name}' does not match '{pattern}'. Mend the pattern.")
    text = found.group(1)
    for written in (*_DAYS, *_MONTHS):
        try:
            day = datetime.strptime(text, written).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return day if written in _DAYS else next_month(day) - timedelta(days=1)
    raise SourcesError(f"{place}: '{text}' in the file name '{name}' is no date as 20260531, 2026-05-31 or 2026-05.")
