"""Mentions and whether we answered them: of sources that tell it, as answers come in."""

from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.dumps import table
from tests.acceptance.runner import answer, run_loop
from tests.acceptance.small import ROADMAP

pytestmark = pytest.mark.usefixtures("undrawn")

SOURCES = """\
version: 1
sources:
"""
SOURCE = """\
  {name}:
    kind: files
    path: {name}_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      mentions: {{key: id, columns: {{channel: "'{name}'", mentioned_at: said, answered_at: answered}}}}
"""
FORUM = ["1,2026-02-16T09:00:00Z,2026-02-17T09:00:00Z", "2,2026-02-16T10:00:00Z,", "3,2026-02-17T09:00:00Z,"]
PRESS = ["1,2026-02-16T09:00:00Z,"]
ANSWERED = ["2,2026-02-24T09:00:00Z,2026-02-26T09:00:00Z"]
KEPT = ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years")


def place(folder: Path, through: str) -> Path:
    """Two sources of mentions that are complete through a day."""
    folder.mkdir(exist_ok=True)
    (folder / "roadmap.yaml").write_text(f"{ROADMAP}kpis: [mentions_answered]\n", encoding="utf-8")
    told = SOURCES + "".join(SOURCE.format(name=name, through=through) for name in ("forum", "press"))
    (folder / "sources.yaml").write_text(told, encoding="utf-8")
    return folder


def send(folder: Path, name: str, rows: list[str]) -> None:
    (folder / f"{name}.csv").write_text("\n".join(["id,said,answered", *rows]) + "\n", encoding="utf-8")


def counted(folder: Path, *scope: str) -> list[tuple[int, float | None, float | None]]:
    found = answer(folder, "kpi", "mentions_answered", "--by", "week", *scope)
    return [(row["n"], row["value"], row.get("bound_low")) for row in found]


def test_a_source_that_never_tells_an_answer_is_no_rate_of_zero_and_counts_from_its_first_one_on(
    tmp_path: Path,
) -> None:
    folder = place(tmp_path / "early", "2026-02-22")
    send(folder, "forum_a", FORUM)
    send(folder, "press_a", PRESS)
    assert run_loop(folder, date(2026, 2, 23)) is None
    assert counted(folder) == [(1, 1.0, 1 / 3)]  # the week of the others is not over yet; the press tells no answers

    place(folder, "2026-03-15")
    send(folder, "press_b", ANSWERED)
    assert run_loop(folder, date(2026, 3, 16)) is None
    assert counted(folder) == [(4, 0.25, None), (1, 1.0, None)]
    assert counted(folder, "--scope", "channel=press") == [(1, 0.0, None), (1, 1.0, None)]

    at_once = place(tmp_path / "late", "2026-03-15")
    send(at_once, "forum_a", FORUM)
    send(at_once, "press_a", PRESS)
    send(at_once, "press_b", ANSWERED)
    assert run_loop(at_once, date(2026, 3, 16)) is None
    for name in KEPT:
        assert table(folder, name) == table(at_once, name)
