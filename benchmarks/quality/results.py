"""What was measured last, kept as JSON, so that docs/quality.md cannot say anything else."""

import json
from pathlib import Path
from typing import Any

from benchmarks.quality.tables import Sections, Table

RESULTS = Path(__file__).with_name("results.json")


def printed(sections: Sections) -> str:
    """Tables in Markdown, each section under its heading (empty: none), as they stand in docs/quality.md."""
    return "\n".join(
        (f"### {heading}\n\n" if heading else "") + "\n".join(table.markdown() for table in tables)
        for heading, tables in sections.items()
    )


def kept(part: str, sections: Sections, path: Path = RESULTS) -> None:
    """Write a part's tables in place of those it had; other parts' stay."""
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    held[part] = {heading: [table.texts() for table in tables] for heading, tables in sections.items()}
    path.write_text(json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def measured(path: Path = RESULTS) -> dict[str, Sections]:
    """What was kept, by part."""
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {
        part: {heading: [Table(**table) for table in tables] for heading, tables in sections.items()}
        for part, sections in held.items()
    }
