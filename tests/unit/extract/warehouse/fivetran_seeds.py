"""Fivetran's own seeds, where the folder of real data is named."""

import csv
import os
from pathlib import Path

DATA = Path(os.environ["CXLOOP_DATA"]) if os.environ.get("CXLOOP_DATA") else None
Tables = dict[str, list[dict[str, str | None]]]


def seeds(name: str) -> Tables:
    """Each CSV of a folder as a table; columns without a name are left out."""
    if DATA is None:
        raise LookupError("CXLOOP_DATA does not name the folder of real data")
    tables: Tables = {}
    for path in sorted((DATA / name).glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            tables[path.stem.removesuffix("_data")] = [
                {column: value or None for column, value in row.items() if column} for row in csv.DictReader(file)
            ]
    return tables
