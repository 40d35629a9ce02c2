"""The stories planted in Acme Brew are told within their Mondays, and nothing else is."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import func, select

from domain.scopes import canonical
from examples.generator.acme import write_company
from sql.store import Store, store_at
from sql.tables import batch_tables, batches, incidents, quarantine
from tests.acceptance.examples import ACME_TODAY
from tests.acceptance.runner import run_loop

ACME = Path("examples/acme")
STORIES: dict[str, Any] = YAML(typ="safe").load((ACME / "stories.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=["as shipped", 11, 23, 42])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store of an Acme Brew after its first run; other seeds are other companies with the same stories."""
    if request.param == "as shipped":
        return store_at(str(request.getfixturevalue("acme")))
    folder = tmp_path_factory.mktemp("acme")
    for name in ("roadmap.yaml", "sources.yaml"):
        shutil.copy(ACME / name, folder / name)
    write_company(request.param, folder / "data")
    with pytest.MonkeyPatch.context() as patch:  # charts are nobody's story
        patch.setattr("tasks.report.page.benchmark_svg", lambda *_: "")
        assert run_loop(folder, ACME_TODAY) is None
    return store_at(str(folder))


def found(store: Store) -> list[dict[str, Any]]:
    with store.reading() as connection:
        return store.rows(connection, select(incidents))


def is_of(incident: Mapping[str, Any], story: Mapping[str, Any]) -> bool:
    """The incident is about the story's own series."""
    scope = canonical(story["scope"])
    return incident["kpi"] == story["kpi"] and incident["scope"] == scope


def echoes(incident: Mapping[str, Any], story: Mapping[str, Any]) -> bool:
    """The incident is about a series in which the story's trouble shows too."""
    also = story.get("also", {})
    series = [(one["kpi"], canonical(one["scope"])) for one in also.get("series", ())]
    return (incident["kpi"], incident["scope"]) in series and incident["opened_at"] <= also["until"]


def test_every_story_is_told_within_its_mondays(told: Store) -> None:
    opened = found(told)
    for story in STORIES["stories"]:
        if not story["told"]:
            continue
        mine = [incident for incident in opened if is_of(incident, story)]
        assert mine, story["id"]
        first = min(incident["opened_at"] for incident in mine)
        assert story["earliest"] <= first <= story["latest"], story["id"]
        if story["resolves"]:
            over = [incident["resolved_at"] for incident in mine]
            assert all(over), story["id"]
            assert story["resolves"]["earliest"] <= max(over) <= story["resolves"]["latest"], story["id"]


def test_nothing_else_is_told(told: Store) -> None:
    planted = [story for story in STORIES["stories"] if story["told"]]
    others = [
        (incident["rule"], incident["kpi"], incident["scope"], incident["opened_at"])
        for incident in found(told)
        if not any(
            echoes(incident, story) or (is_of(incident, story) and incident["opened_at"] >= story["earliest"])
            for story in planted
        )
    ]
    assert others == []


def test_one_story_is_one_message(told: Store) -> None:
    speaking = [i for i in found(told) if not json.loads(i["figures"]).get("muted_by") and i["resolved_at"] is None]
    assert sorted(incident["benchmark"] for incident in speaking) == ["churn-home", "nps-office"]


def test_every_dirty_row_is_where_it_belongs_and_no_other(told: Store) -> None:
    wanted: dict[tuple[str, str], int] = {}
    for kind in STORIES["dirty"]:
        if kind["rule"].startswith("excluded:") or kind["rule"] in ("kept", "left-out", "superseded"):
            continue
        key = (kind["table"], kind["rule"])
        wanted[key] = wanted.get(key, 0) + kind["count"]
    with told.reading() as connection:
        held = connection.execute(
            select(quarantine.c.table_name, quarantine.c.rule, func.count()).group_by(
                quarantine.c.table_name, quarantine.c.rule
            )
        )
        assert {(table, rule): n for table, rule, n in held} == wanted


def test_every_row_is_accounted_for(told: Store) -> None:
    with told.reading() as connection:
        for row in told.rows(connection, select(batch_tables)):
            mapped = sum(row[f"n_{name}"] for name in ("inserted", "updated", "unchanged", "superseded", "quarantined"))
            assert row["n_mapped"] == mapped
            assert row["n_source"] == row["n_mapped"] + row["n_left_out"] + row["n_unreadable"]
        states = connection.execute(select(batches.c.state).distinct()).scalars().all()
    assert states == ["published"]
