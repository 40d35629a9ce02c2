"""The JSON Schema that editors use is the model's, and the shipped roadmaps hold."""

from pathlib import Path

import pytest

from domain.kpis import KPIS
from domain.roadmap import load_roadmap, roadmap_json_schema, schema_text
from domain.roadmap.schema import properties_at

ROOT = Path(__file__).parents[4]
EXAMPLES = sorted((ROOT / "examples").glob("*/roadmap.yaml"))


def test_the_file_in_the_docs_is_the_models_schema():
    shipped = (ROOT / "docs" / "roadmap.schema.json").read_text(encoding="utf-8")
    assert shipped == schema_text(), "write domain.roadmap.schema_text() to docs/roadmap.schema.json again"


def test_it_names_every_kpi_and_refuses_unknown_keys():
    schema = roadmap_json_schema()
    assert schema["$defs"]["Benchmark"]["properties"]["kpi"]["anyOf"][0]["enum"] == list(KPIS)
    assert all(part["additionalProperties"] is False for name, part in schema["$defs"].items() if name != "Surveys")
    assert schema["$defs"]["Surveys"]["additionalProperties"] == {"$ref": "#/$defs/Survey"}


def test_an_initiatives_purpose_is_called_as_it_is_written():
    assert "for" in properties_at(("initiatives", 0))
    assert "serves" not in properties_at(("initiatives", 0))


def test_a_benchmarks_name_is_not_written_twice():
    assert "id" not in properties_at(("benchmarks", "any"))


def test_every_key_has_a_place_in_the_schema():
    assert "calendar" in properties_at(("alerts", "quiet"))
    assert properties_at(("journey", "buy")) == {}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_a_shipped_roadmap_holds(path):
    roadmap = load_roadmap(path)
    assert roadmap.benchmarks
    assert roadmap.vision


def test_the_service_desk_promises_seven_of_ten_all_year():
    sla = load_roadmap(ROOT / "examples" / "service_desk_2016" / "roadmap.yaml").benchmarks["sla"]
    assert (sla.baseline, sla.target, sla.tolerance, sla.window) == (0.70, 0.70, 0.05, "week")
    assert sla.title == "SLA attainment"
