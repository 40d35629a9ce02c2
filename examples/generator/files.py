"""Rows to files: gzip with no time in its header, so that the same rows are the same bytes."""

import csv
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path

Row = tuple[str | int, ...]


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """CSV with a header, unquoted where possible, lines end in a line feed."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    _write(path, text.getvalue())


def write_json_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """One JSON object a line, text as it is (no escapes)."""
    _write(path, "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows))


def _write(path: Path, text: str) -> None:
    with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=0) as packed:
        packed.write(text.encode())
