"""Judge one staged batch: its good rows go on, its bad ones are set aside, or all of it is refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.errors import ConfigError
from domain.facts import FACT_TABLES
from tasks.validate.apart.gate import validate
from tasks.validate.failing_rows import QUARANTINED_SCHEMA, quarantined
from tasks.validate.outcome import BatchName, BatchVerdict, TableCount, as_json, judged
from tasks.validate.raw_rows import raw_texts
from tasks.validate.verdicts import POSITION, TableVerdict


def validate_staged(folder: Path, name: BatchName, max_share: float) -> BatchVerdict:
    """Judge the batch laid out in a folder: reads `<table>.parquet`, `raw.parquet`, `set_aside.parquet`, `counts.json`.

    Writes `<table>.failing.parquet` for each table (`_position`, from 0, of each row that is not to be loaded),
    `quarantined.parquet`, and last `verdict.json`; the same input gives the same files.

    Raises:
        ConfigError: the folder cannot be written.
    """
    counts: dict[str, dict[str, int]] = json.loads((folder / "counts.json").read_text(encoding="utf-8"))
    set_aside = pl.read_parquet(folder / "set_aside.parquet")
    tables = [_table(folder, table) for table in FACT_TABLES if (folder / f"{table}.parquet").is_file()]
    failed = pl.concat([pl.DataFrame(schema=QUARANTINED_SCHEMA), *(table.quarantined for table in tables)])
    verdicts = [table.verdict for table in tables]
    counted = [_count(table.verdict, counts.get(table.verdict.table, {}), set_aside, failed) for table in tables]
    verdict = judged(name, verdicts, counted, max_share)
    try:
        for table in tables:
            table.verdict.failing.to_frame().write_parquet(folder / f"{table.verdict.table}.failing.parquet")
        failed.write_parquet(folder / "quarantined.parquet")
        text = json.dumps(as_json(verdict, verdicts, counted), sort_keys=True, indent=1, ensure_ascii=False)
        (folder / "verdict.json").write_text(text, encoding="utf-8")
    except (OSError, pl.exceptions.ComputeError) as error:
        raise ConfigError(
            f"{folder}: the verdict on a batch cannot be written ({error}). Free some space, or give this user the "
            "right to write there, then run again: nothing is lost."
        ) from None
    return verdict


@dataclass(frozen=True, eq=False)
class _Checked:
    verdict: TableVerdict
    quarantined: pl.DataFrame


def _table(folder: Path, name: str) -> _Checked:
    """One table asked about, with its failing rows as they came."""
    from expectations import SUITES

    rows = pl.scan_parquet(folder / f"{name}.parquet")
    verdict = validate(_with_tickets(folder, rows) if name == "ticket_events" else rows, SUITES[name]())
    if verdict.failures.is_empty():
        return _Checked(verdict, pl.DataFrame(schema=QUARANTINED_SCHEMA))
    failing = rows.with_row_index(POSITION).filter(pl.col(POSITION).is_in(verdict.failing.implode())).collect()
    return _Checked(verdict, quarantined(failing, verdict, _raw(folder, failing)))


def _with_tickets(folder: Path, events: pl.LazyFrame) -> pl.LazyFrame:
    """Events told whether the batch holds their ticket; all empty when it brings no tickets.

    Tickets of earlier batches do not count, so that the verdict hangs on the batch alone.
    """
    from expectations.ticket_events import HAS_TICKET

    path = folder / "tickets.parquet"
    if not path.is_file():
        return events.with_columns(pl.lit(None, pl.Boolean).alias(HAS_TICKET))
    ids = pl.read_parquet(path, columns=["ticket_id"])["ticket_id"].drop_nulls()
    return events.with_columns(pl.col("ticket_id").is_in(ids.implode()).alias(HAS_TICKET))


def _raw(folder: Path, failing: pl.DataFrame) -> list[str]:
    path = folder / "raw.parquet"
    wanted = failing.select("_file", "_row").unique()
    raw = pl.read_parquet(path).join(wanted, on=["_file", "_row"], how="semi") if path.is_file() else None
    return raw_texts(failing, raw)


def _count(
    verdict: TableVerdict, count: Mapping[str, int], set_aside: pl.DataFrame, failed: pl.DataFrame
) -> TableCount:
    """Where one table's rows went; a row set aside for two reasons while reading counts once, under the first."""
    mine = pl.col("table_name") == verdict.table
    aside = set_aside.filter(mine).unique(["file", "row"], keep="first", maintain_order=True)
    rules = pl.concat([aside["rule"], failed.filter(mine)["rule"]]).value_counts(sort=False)
    n_read = count.get("n_mapped", 0) + count.get("n_unreadable", 0)
    return TableCount(verdict.table, max(n_read, verdict.n_rows + aside.height), dict(rules.sort("rule").iter_rows()))
