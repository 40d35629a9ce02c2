import pytest

from domain.errors import ConfigError
from tasks.reconcile.export import Export, columns_of, read_export
from tasks.reconcile.ours import values_in
from tests.factories import at
from tests.unit.reconcile.sides import export_row, planted, theirs

LAYOUT = """\
columns: {ticket: Ticket ID, opened: Created, first_reply: First reply (h)}
zone: Europe/Berlin
dates: ["%d/%m/%Y %H:%M"]
unit: hours
time: business
hours: support
exported_at: 2026-03-16T09:00
statuses: {Resolved: solved}
"""


def test_a_layout_says_how_an_export_is_written() -> None:
    export = read_export(LAYOUT, "export.yaml", Export())
    rows = [{"Ticket ID": "#7", "Created": "02/03/2026 17:00", "First reply (h)": "1.50"}]
    found = theirs(rows, export)
    assert found.rows.select("key", "opened", "first_reply").row(0) == ("7", at("2026-03-02 16:00"), 5400.0)
    assert found.steps == {"opened": 60.0, "first_reply": pytest.approx(360.0)}
    assert (export.time, export.hours, export.exported_at) == ("business", "support", at("2026-03-16 08:00"))


def test_what_an_option_says_wins_over_the_layout() -> None:
    export = read_export(LAYOUT, "export.yaml", Export()).over(columns_of(["opened=Opened at"]), zone="UTC", unit=None)
    assert (export.columns["opened"], export.columns["ticket"], export.zone, export.unit) == (
        "Opened at", "Ticket ID", "UTC", "hours",
    )  # fmt: skip


def test_every_problem_of_a_layout_is_told_with_its_line() -> None:
    with pytest.raises(ConfigError) as told:
        read_export("columns: {tiket: Id}\nzone: Europe/Berln\ntime: office\n", "export.yaml", Export())
    message = str(told.value)
    assert "export.yaml:1  columns: unknown key 'tiket'. Did you mean 'ticket'?" in message
    assert "export.yaml:2  export.yaml: zone: 'Europe/Berln' is no time zone. Did you mean 'Europe/Berlin'?" in message
    assert "export.yaml:3" in message


def test_an_option_that_names_no_field_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"expected field=column.*Did you mean 'opened'"):
        columns_of(["opend=Created"])


def test_a_wrong_column_name_lists_the_columns_there_are() -> None:
    with pytest.raises(ConfigError) as told:
        theirs([{"Ticket": "1", "Created": ""}], Export(columns={"ticket": "Tickt"}))
    assert str(told.value) == (
        "export.csv has no column 'Tickt' (for ticket). Did you mean 'Ticket'? It has: Ticket, Created."
    )


def test_an_export_without_a_key_asks_for_it() -> None:
    with pytest.raises(ConfigError, match=r"which column is the ticket's key.*It has: Id, Created"):
        theirs([{"Id": "1", "Created": ""}])


def test_a_value_that_is_no_number_is_named_with_its_row() -> None:
    with pytest.raises(ConfigError, match="column 'first_reply', row 1: 'soon' is not a number of minutes"):
        theirs(planted(first_reply="soon"))


def test_times_in_a_format_that_was_not_told_ask_for_it() -> None:
    with pytest.raises(ConfigError, match=r"has 8 rows with no time, such as '3/2/26 4 PM'.*--date"):
        theirs([export_row(n, opened="3/2/26 4 PM") for n in range(8)])


def test_a_time_that_the_declared_zone_skipped_is_told() -> None:
    found = theirs([{"ticket": "1", "opened": "2026-03-29 02:30"}], Export(zone="Europe/Berlin"))
    assert found.rows["opened"].to_list() == [None]
    assert found.notes == ("Europe/Berlin skipped the opened of 1 row: is --zone right?",)


def test_a_key_that_passed_a_spreadsheet_is_a_whole_number_again() -> None:
    assert theirs([{"ticket": "7.0"}, {"ticket": "12.0"}]).rows["key"].to_list() == ["7", "12"]
    assert theirs([{"ticket": "7.0"}, {"ticket": "12.1"}]).rows["key"].to_list() == ["7.0", "12.1"]


def test_an_export_without_rows_has_nothing_to_compare() -> None:
    assert theirs(planted()[:0] or [{"ticket": "", "opened": ""}]).rows.is_empty()


def test_of_a_ticket_that_stands_there_twice_the_last_row_counts() -> None:
    found = theirs([export_row(0), export_row(0, reopens="2")])
    assert found.rows["reopens"].to_list() == [2.0]
    assert found.notes == ("1 row repeats a ticket: the last one counts",)


@pytest.mark.parametrize(
    ("written", "seconds", "step"),
    [("61", 3660, 60), ("61.0", 3660, 60), ("61.25", 3675, 0.6), ("1:01", 3660, 60), ("1:01:15", 3675, 1),
     ("1,561", 93_660, 60)],
)  # fmt: skip
def test_a_duration_is_as_fine_as_it_is_written(written: str, seconds: float, step: float) -> None:
    found = theirs([{"ticket": "1", "first_reply": written}])
    assert (found.rows["first_reply"][0], found.steps["first_reply"]) == (seconds, pytest.approx(step))


@pytest.mark.parametrize(
    ("written", "step"), [("2026-03-02", 86_400), ("2026-03-02 10:00", 60), ("2026-03-02 10:00:00", 1)]
)
def test_a_time_is_as_fine_as_it_is_written(written: str, step: float) -> None:
    assert theirs([{"ticket": "1", "opened": written}]).steps["opened"] == step


def test_every_value_of_a_row_in_quarantine_may_be_its_key() -> None:
    import polars as pl

    assert values_in(pl.DataFrame({"raw": ['{"id": 7, "a": " b "}', "[1]"]})) == {"7", "b"}
