"""The service desk's log and the airport's surveys, row by row from the files as they came, in plain Python."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zipfile import ZipFile

from tests.acceptance.examples import real_file

LOG = "servicenow_incidents/incident_event_log.zip"
NO_SCORE, NO_NPS = {"", "0", "6", "Blank"}, {"", "11", "Blank"}
YEARS = (2014, 2015, 2016, 2017)


@dataclass(frozen=True)
class Incident:
    """One ticket as its last row has it: solved in time is written true at first, and is known when it is closed."""

    number: str
    opened: datetime
    is_in_time: bool
    n_reopened: int

    @property
    def week(self) -> date:
        """Monday of the week it was opened in."""
        return self.opened.date() - timedelta(days=self.opened.weekday())


def incidents() -> list[Incident]:
    """Every incident of the log, whose rows stand in their order in time."""
    last: dict[str, dict[str, str]] = {}
    for row in _log():
        last[row["number"]] = row
    return [
        Incident(number, _instant(row["opened_at"]), row["made_sla"] == "true", int(row["reopen_count"]))
        for number, row in last.items()
    ]


def bounds(moment: date, week: date) -> tuple[float, float]:
    """The share in time of a week's incidents as known when the day began: the open ones all late, or all in time."""
    last: dict[str, dict[str, str]] = {}
    for row in _log():
        if _instant(row["sys_updated_at"]).date() < moment:
            last[row["number"]] = row
    mine = [row for row in last.values() if week <= _instant(row["opened_at"]).date() < week + timedelta(days=7)]
    n_open = sum(row["incident_state"] != "Closed" for row in mine)
    n_in_time = sum(row["incident_state"] == "Closed" and row["made_sla"] == "true" for row in mine)
    return n_in_time / len(mine), (n_in_time + n_open) / len(mine)


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007 - the log has no zone


def _log() -> Iterator[dict[str, str]]:
    with ZipFile(real_file(LOG)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".csv")]
        with archive.open(name) as stream:
            yield from csv.DictReader(io.TextIOWrapper(stream, "utf-8-sig"))


def scores(year: int, question: str, no_score: set[str]) -> list[int]:
    """The scores that passengers of a year gave, without blanks and what does not apply."""
    (path,) = real_file("sfo_survey").glob(f"{year}_*.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        said = [row[question].strip() for row in csv.DictReader(stream)]
    return [int(score) for score in said if score not in no_score]


def satisfied(year: int) -> tuple[int, int]:
    """Passengers who are satisfied with the airport as a whole (4 or 5), and all who said."""
    said = scores(year, "Q7ALL", NO_SCORE)
    return sum(score >= 4 for score in said), len(said)


def nps() -> tuple[float, int]:
    """Promoters (9, 10) less detractors (0 to 6) of 100 who were asked, and all who said: 2017 alone."""
    said = scores(2017, "NETPRO", NO_NPS)
    return 100 * (sum(score >= 9 for score in said) - sum(score <= 6 for score in said)) / len(said), len(said)
