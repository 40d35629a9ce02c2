"""The pages that are made from what they describe: `python -m cxloop.documents` writes them, a test compares.

They are docs/tables.md, docs/settings.md, docs/commands.md and, for the checkout and for new projects, .env.example.
"""

import re
from pathlib import Path
from typing import get_args

from pydantic.fields import FieldInfo
from sqlalchemy import Table

from cxloop.cli.main import EPILOGUE, loaded
from domain.roadmap import schema_text
from domain.settings import Settings
from sql.frames import polars_type
from sql.tables import METADATA

ROOT = Path(__file__).parents[1]

COMMANDS = """Made from `cxloop/cli` by `make docs`; `cxloop COMMAND --help` says the same, with examples.
`--project DIR` and `--debug` stand before the command or after it."""
SETTINGS = """Made from `domain/settings.py` by `make docs`. A variable of the environment wins over the project's
`.env`. Secrets (marked) never print: not in logs, artifacts or errors."""
TABLES = """Made from `sql/tables` by `make docs`. Instants are UTC; shares are 0-1; `_s` are seconds; money is an
integer of minor units. A *volatile* column differs between two runs on the same data."""


def pages() -> dict[str, str]:
    """Each generated page's text, by its path in the checkout."""
    return {
        ".env.example": env_example(),
        "cxloop/starter/.env.example": env_example(),
        "docs/commands.md": commands(),
        "docs/roadmap.schema.json": schema_text(),
        "docs/settings.md": settings(),
        "docs/tables.md": tables(),
    }


def tables() -> str:
    """Every table: its grain, its columns with type, key and meaning."""
    text = [
        "# Tables",
        TABLES,
    ]
    for name in sorted(METADATA.tables):
        text += [f"## `{name}`", _grain(METADATA.tables[name]), _columns(METADATA.tables[name])]
    return _page(text)


def _grain(table: Table) -> str:
    return f"Grain: {table.comment}."


def _columns(table: Table) -> str:
    rows = ["| column | type | | meaning |", "|---|---|---|---|"]
    for column in table.columns:
        marks = [
            *(["key"] if column.primary_key else []),
            *(["required"] if not (column.nullable or column.primary_key) else []),
            *(["volatile"] if column.info.get("volatile") else []),
        ]
        type_ = str(polars_type(column)).split("(")[0].lower()
        meaning = (column.comment or "").replace("|", "\\|")
        rows.append(f"| `{column.name}` | {_TYPES.get(type_, type_)} | {', '.join(marks)} | {meaning} |")
    return "\n".join(rows)


_TYPES = {"string": "text", "datetime": "instant", "int64": "integer", "float64": "number", "boolean": "flag"}


def settings() -> str:
    """Every setting: variable, default, meaning."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    rows += [f"| `{_variable(name)}` | {_default(field)} | {field.description} |" for name, field in _fields()]
    rows += [f"| `{name}` | | {meaning} |" for name, meaning in OTHERS.items()]
    return _page([
        "# Settings",
        SETTINGS,
        "\n".join(rows),
    ])  # fmt: skip


OTHERS = {
    "CXLOOP_PREFECT": "`external`: a run reports to the Prefect server that `PREFECT_API_URL` or the profile names",
}
"""Variables that are read before there are settings."""


def env_example() -> str:
    """Every setting as a commented line."""
    lines = ["# Copy to the project's folder as .env; a variable of the environment wins. Everything may be left out."]
    for name, field in _fields():
        example = (field.examples or [field.default])[0]
        lines += ["", f"# {field.description}", f"# {_variable(name)}={example if example is not None else '…'}"]
    for name, meaning in OTHERS.items():
        lines += ["", f"# {re.sub('`', '', meaning)}", f"# {name}=external"]
    return "\n".join(lines) + "\n"


def _fields() -> list[tuple[str, FieldInfo]]:
    return sorted(Settings.model_fields.items())


def _variable(name: str) -> str:
    return f"CXLOOP_{name.upper()}"


def _default(field: FieldInfo) -> str:
    is_secret = "Secret" in str(field.annotation) or any("Secret" in str(a) for a in get_args(field.annotation))
    told = "" if field.default is None else f"`{field.default}`"
    return f"{told} (secret)".strip() if is_secret else told


def commands() -> str:
    """Every command: what it does, its arguments and options."""
    made = loaded().generate_docs(output_format="markdown", recursive=True)
    made = re.sub(r" -m \S+", "", made)  # in a group's usage Cyclopts names the module that runs, which is this one
    first = "## cxloop run\n"
    return _page([
        "# Commands",
        COMMANDS,
        EPILOGUE,
        (first + made.split(first, 1)[1]).strip(),
    ])  # fmt: skip


def _page(parts: list[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def main() -> None:
    """Write every page."""
    for path, text in pages().items():
        (ROOT / path).write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
