"""Everything a user can name is documented, and generated pages are as their sources say."""

import re
from pathlib import Path

import pytest

from cxloop.cli.main import COMMANDS, loaded
from cxloop.documents import OTHERS, pages
from domain.kpis import KPIS
from domain.settings import Settings
from sql.tables import METADATA

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(pages()))
def test_a_generated_page_is_up_to_date(path: str) -> None:
    assert read(path) == pages()[path], f"{path} is out of date: run `make docs`"


@pytest.mark.parametrize("name", sorted(KPIS))
def test_every_kpi_has_its_section(name: str) -> None:
    path, anchor = KPIS[name].docs.split("#")
    assert f"\n## {anchor}\n" in read(path)


def test_no_kpi_is_documented_that_is_not_there() -> None:
    sections = re.findall(r"^## (.+)$", read("docs/kpis.md"), re.MULTILINE)
    assert sections == [kpi.docs.split("#")[1] for kpi in KPIS.values()]


def test_every_command_is_documented() -> None:
    text = read("docs/commands.md")
    for name in COMMANDS:
        assert f"\n## cxloop {name}\n" in text
    for group in ("incidents", "tasks", "customers", "quarantine", "roadmap"):
        for name in loaded()[group]:
            if not name.startswith("-"):
                assert f"\n### cxloop {group} {name}\n" in text


def test_every_setting_is_documented() -> None:
    for name in [*(f"CXLOOP_{field.upper()}" for field in Settings.model_fields), *OTHERS]:
        assert f"`{name}`" in read("docs/settings.md")
        assert f"# {name}=" in read(".env.example")


def test_every_table_is_documented() -> None:
    for name in METADATA.tables:
        assert f"\n## `{name}`\n" in read("docs/tables.md")


@pytest.mark.parametrize("path", sorted([*DOCS.rglob("*.md"), ROOT / "README.md"]), ids=lambda p: p.name)
def test_a_link_within_the_documentation_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "://" not in target]
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_kpis_that_are_measured_on_request_are_named_as_such() -> None:
    (line,) = [line for line in read("docs/kpis.md").splitlines() if line.startswith("Measured on request")]
    named = re.findall(r"`([a-z_0-9]+)`", line)
    assert sorted(named) == sorted(name for name, kpi in KPIS.items() if kpi.is_on_request)
