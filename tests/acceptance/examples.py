"""The examples, each as a copy of its own; three of them read real data that is not shipped."""

import os
import shutil
from datetime import date
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
REAL_DATA = Path(os.environ["CXLOOP_DATA"]).resolve() if os.environ.get("CXLOOP_DATA") else None
"""The folder with the real files, as whoever runs the tests has named it."""
ACME_TODAY = date(2026, 3, 16)
"""The Monday after the last day of Acme Brew's files."""


def has_real_data() -> bool:
    """Whether the folder is named and there."""
    return REAL_DATA is not None and REAL_DATA.is_dir()


def example(name: str, folder: Path) -> Path:
    """An example's project in a new folder: its own data, or a `.env` that says where the real data is."""
    folder.mkdir(parents=True)
    for file in ("roadmap.yaml", "sources.yaml"):
        shutil.copy(EXAMPLES / name / file, folder / file)
    if (EXAMPLES / name / "data").is_dir():
        shutil.copytree(EXAMPLES / name / "data", folder / "data")
    else:
        (folder / ".env").write_text(f"CXLOOP_DATA={REAL_DATA}\n", encoding="utf-8")
    return folder


def real_file(path: str) -> Path:
    """A file of the real data."""
    assert REAL_DATA is not None
    return REAL_DATA / path
