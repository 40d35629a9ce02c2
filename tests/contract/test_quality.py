"""docs/quality.md says what was measured, and nothing else."""

from functools import partial
from pathlib import Path

import pytest

from benchmarks.quality import __main__ as command
from benchmarks.quality.results import kept, measured, printed
from benchmarks.quality.tables import Sections, Table

PAGE = (Path(__file__).parents[2] / "docs" / "quality.md").read_text(encoding="utf-8")


def test_the_page_has_every_table_as_it_was_measured() -> None:
    found = measured()
    assert sorted(found) == command.parts()
    for sections in found.values():
        assert printed(sections).strip() in PAGE


def test_the_page_has_no_table_that_was_not_measured() -> None:
    rows = {line for sections in measured().values() for line in printed(sections).splitlines()}
    assert [line for line in PAGE.splitlines() if line.startswith("|") and line not in rows] == []


def test_without_a_part_every_part_is_made_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: dict[str, Sections] = {
        "customers": {"Shops": [Table("Fit", ("n", "share"), [(12_345, "3 %")])]},
        "words": {"": [Table("Tone", ("F1",), [(0.5,)])]},
    }
    results = tmp_path / "results.json"
    monkeypatch.setenv("CXLOOP_DATA", str(tmp_path))

    def imported(name: str) -> _Part:
        return _Part(made[name.rpartition(".")[2]])

    monkeypatch.setattr(command, "kept", partial(kept, path=results))
    monkeypatch.setattr(command, "import_module", imported)
    assert command.main([]) == 0
    assert capsys.readouterr().out == (
        "### Shops\n\nFit:\n\n| n | share |\n|---|---|\n| 12,345 | 3 % |\n\nTone:\n\n| F1 |\n|---|\n| 0.5 |\n\n"
    )
    assert {part: printed(sections) for part, sections in measured(results).items()} == {
        part: printed(sections) for part, sections in made.items()
    }
    made["words"][""][0] = Table("Tone", ("F1",), [(0.6,)])
    assert command.main(["words"]) == 0
    assert measured(results)["words"][""][0].rows == [["0.6"]]
    assert measured(results)["customers"]["Shops"][0].rows == [["12,345", "3 %"]]


def test_a_part_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["weather"]) == 2
    assert "[customers | words …]" in capsys.readouterr().err


class _Part:
    """A part that has measured already."""

    def __init__(self, sections: Sections) -> None:
        self._sections = sections

    def tables(self, _folder: Path) -> Sections:
        return self._sections
