from datetime import date
from zoneinfo import ZoneInfo

import pytest

from domain.errors import SourcesError
from domain.sources import read_sources
from tasks.extract.watermark import complete_through

ARRIVED = date(2026, 3, 2)


def through(mapped, written, content="", names=("f.csv",), zone="Europe/Berlin", told_in="Europe/Berlin"):
    text = f"""\
version: 1
sources:
  desk:
    kind: files
    path: f.csv
    format: csv
    zone: {told_in}
    complete_through: {written}
    tables: {{tickets: {{key: id, columns: {{opened_at: opened, status: "'new'"}}}}}}
"""
    source = read_sources(text)[0]
    table, _ = mapped(source, "id,opened\n" + content)
    return complete_through(source, [table], list(names), ARRIVED, ZoneInfo(zone))


def test_a_declared_day_is_the_day(mapped):
    assert through(mapped, "2016-05-31") == date(2016, 5, 31)


def test_what_arrives_is_complete_through_the_day_before(mapped):
    assert through(mapped, "arrival") == date(2026, 3, 1)


def test_the_latest_day_in_the_reporting_zone_minus_the_lag(mapped):
    content = "1,2026-02-20T08:00:00Z\n2,2026-02-20T23:30:00Z\n"
    assert through(mapped, "{column: opened_at}", content) == date(2026, 2, 20)
    assert through(mapped, "{column: opened_at, lag_days: 0}", content) == date(2026, 2, 21)
    assert through(mapped, "{column: opened_at}") is None


def test_a_day_of_a_source_in_the_east_is_not_over_yet_where_the_company_reports(mapped):
    """The latest row: 5:00 on 10 March in Tokyo, 12:00 on the 9th in Los Angeles, of which half is still to come."""
    content = "1,2026-03-01 05:00:00\n2,2026-03-10 05:00:00\n"
    zones = {"told_in": "Asia/Tokyo", "zone": "America/Los_Angeles"}
    assert through(mapped, "{column: opened_at}", content, **zones) == date(2026, 3, 8)


def test_the_latest_date_in_the_file_names(mapped):
    written = "{file_name: '_([0-9-]+)\\.csv'}"
    assert through(mapped, written, names=["t_20260228.csv", "t_20260227.csv"]) == date(2026, 2, 28)
    assert through(mapped, written, names=["t_2026-02.csv"]) == date(2026, 2, 28)
    for name, said in (("t.csv", "does not match"), ("t_99.csv", "is no date")):
        with pytest.raises(SourcesError, match=said):
            through(mapped, written, names=[name])
