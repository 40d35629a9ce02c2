"""A staged batch judged: files in, good rows, bad rows and the verdict out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from domain.errors import ConfigError
from domain.facts import FACT_TABLES
from tasks.load.staged import good_rows
from tasks.validate.apart.judging import validate_staged
from tasks.validate.failing_rows import QUARANTINED_SCHEMA
from tasks.validate.outcome import BatchName

NAME = BatchName("b1", "acme", "export.csv")
TYPES = {
    "text": pl.String(), "instant": pl.Datetime("us", "UTC"), "date": pl.Date(),
    "integer": pl.Int64(), "number": pl.Float64(), "flag": pl.Boolean(),
}  # fmt: skip
DAY = datetime(2024, 5, 6, tzinfo=UTC)
ROWS: dict[str, dict[str, Any]] = {
    "tickets": {"source": "acme", "status": "open", "opened_at": DAY},
    "ticket_events": {"source": "acme", "ticket_id": "acme:0", "at": DAY, "field": "status"},
}


def stage(folder: Path, table: str, n: int, **bad: list[Any]) -> pl.DataFrame:
    """Lay out n rows of a table; `bad` names columns and the values of its first rows."""
    fact = FACT_TABLES[table]
    schema = {**{c.name: TYPES[c.type] for c in fact.columns}, "_file": pl.String(), "_row": pl.Int64()}
    rows = [
        {**ROWS[table], fact.key: f"acme:{i}", **{c: v[i] for c, v in bad.items() if i < len(v)},
         "_file": "export.csv", "_row": i + 1}
        for i in range(n)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema)
    frame.write_parquet(folder / f"{table}.parquet")
    return frame


def lay_out(folder: Path, counts: dict[str, dict[str, int]], aside: list[tuple[Any, ...]] | None = None) -> None:
    raw = pl.DataFrame({"_file": ["export.csv"] * 999, "_row": range(1, 1000), "id": [str(i) for i in range(999)]})
    raw.write_parquet(folder / "raw.parquet")
    pl.DataFrame(aside or [], schema=QUARANTINED_SCHEMA, orient="row").write_parquet(folder / "set_aside.parquet")
    (folder / "counts.json").write_text(json.dumps(counts), encoding="utf-8")


def read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


def verdict_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "verdict.json").read_text(encoding="utf-8"))


def test_a_good_batch_goes_on_as_it_is(tmp_path: Path) -> None:
    tickets = stage(tmp_path, "tickets", 3)
    lay_out(tmp_path, {"tickets": {"n_mapped": 3, "n_unreadable": 0}})
    assert validate_staged(tmp_path, NAME, 0.02).outcome == "passed"
    assert_frame_equal(good_rows(tmp_path, "tickets"), tickets)
    assert read(tmp_path, "quarantined").schema == QUARANTINED_SCHEMA
    assert read(tmp_path, "quarantined").is_empty()
    assert verdict_of(tmp_path)["outcome"] == "passed"


def test_bad_rows_are_set_aside_with_rule_reason_and_raw_row_and_the_others_go_on(tmp_path: Path) -> None:
    tickets = stage(tmp_path, "tickets", 100, status=["wrong"], opened_at=[DAY, datetime(2099, 1, 1, tzinfo=UTC)])
    lay_out(tmp_path, {"tickets": {"n_mapped": 100, "n_unreadable": 0}})
    assert validate_staged(tmp_path, NAME, 0.02).outcome == "passed"
    assert_frame_equal(good_rows(tmp_path, "tickets"), tickets[2:])
    aside = read(tmp_path, "quarantined").select("table_name", "file", "row", "rule", "raw").rows()
    assert aside == [
        ("tickets", "export.csv", 1, "unknown-word:status", '{"id": "0"}'),
        ("tickets", "export.csv", 2, "date-out-of-range", '{"id": "1"}'),
    ]
    found = {(rule["rule"], *rule["columns"]): rule for rule in verdict_of(tmp_path)["tables"]["tickets"]["rules"]}
    assert found["unknown-word:status", "status"]["verdict"] == "fail"
    assert found["date-out-of-range", "opened_at"]["n_unexpected"] == 1
    assert found["date-out-of-range", "closed_at"]["verdict"] == "pass"


def test_rows_set_aside_while_reading_count_too_each_once(tmp_path: Path) -> None:
    stage(tmp_path, "tickets", 98, status=["wrong"])
    unreadable = [
        ("tickets", "export.csv", 200, "unreadable:opened_at", "no date", "{}", None),
        ("tickets", "export.csv", 200, "unreadable:closed_at", "no date", "{}", None),
        ("tickets", "export.csv", 201, "unreadable:opened_at", "no date", "{}", None),
    ]
    lay_out(tmp_path, {"tickets": {"n_mapped": 98, "n_unreadable": 2}}, unreadable)
    verdict = validate_staged(tmp_path, NAME, 0.02)
    assert (verdict.outcome, verdict.n_rows, verdict.n_set_aside) == ("rejected", 100, 3)
    assert "3 of 100 rows (3.0 %) of acme export.csv set aside, more than 2 %: unreadable:opened_at 2, " in (
        verdict.message
    )
    assert verdict_of(tmp_path)["message"] == verdict.message
    assert validate_staged(tmp_path, NAME, 0.03).outcome == "passed"


def test_a_missing_column_refuses_the_batch_and_no_row_is_blamed(tmp_path: Path) -> None:
    stage(tmp_path, "tickets", 3).drop("status").write_parquet(tmp_path / "tickets.parquet")
    lay_out(tmp_path, {"tickets": {"n_mapped": 3, "n_unreadable": 0}})
    verdict = validate_staged(tmp_path, NAME, 0.02)
    assert verdict.outcome == "rejected"
    assert "tickets columns-missing: found no status" in verdict.message
    assert "tickets unknown-word:status: " in verdict.message
    assert read(tmp_path, "quarantined").is_empty()


def test_an_empty_batch_passes_and_says_that_there_was_nothing_to_check(tmp_path: Path) -> None:
    stage(tmp_path, "tickets", 0)
    lay_out(tmp_path, {"tickets": {"n_mapped": 0, "n_unreadable": 0}})
    verdict = validate_staged(tmp_path, NAME, 0.02)
    assert verdict.outcome == "passed"
    assert verdict.warnings == ("tickets: no-rows: found 0, expected at least one row",)
    assert verdict_of(tmp_path)["tables"]["tickets"]["note"] == "nothing to check"
    assert good_rows(tmp_path, "tickets").is_empty()


def test_events_without_their_ticket_are_warned_of_where_the_batch_brings_tickets(tmp_path: Path) -> None:
    stage(tmp_path, "ticket_events", 3, ticket_id=["acme:unknown"])
    lay_out(tmp_path, {"ticket_events": {"n_mapped": 3, "n_unreadable": 0}})
    assert validate_staged(tmp_path, NAME, 0.02).warnings == ()
    stage(tmp_path, "tickets", 1)
    lay_out(tmp_path, {name: {"n_mapped": 3, "n_unreadable": 0} for name in ("tickets", "ticket_events")})
    verdict = validate_staged(tmp_path, NAME, 0.02)
    assert verdict.outcome == "passed"
    assert [warning.split(",")[0] for warning in verdict.warnings] == [
        "ticket_events: ticket-unknown: 1 of 3 rows fail"
    ]


def test_judging_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    stage(tmp_path, "tickets", 60, status=["wrong"])
    lay_out(tmp_path, {"tickets": {"n_mapped": 60, "n_unreadable": 0}})
    validate_staged(tmp_path, NAME, 0.02)
    names = ("verdict.json", "quarantined.parquet", "tickets.failing.parquet")
    first = [(tmp_path / name).read_bytes() for name in names]
    validate_staged(tmp_path, NAME, 0.02)
    assert [(tmp_path / name).read_bytes() for name in names] == first


def test_a_folder_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    stage(tmp_path, "tickets", 1)
    lay_out(tmp_path, {"tickets": {"n_mapped": 1, "n_unreadable": 0}})
    (tmp_path / "verdict.json").mkdir()
    with pytest.raises(ConfigError, match="the verdict on a batch cannot be written"):
        validate_staged(tmp_path, NAME, 0.02)
