"""The format as JSON Schema, so that editors complete and check it."""

import json
from functools import cache
from typing import Any, cast

from pydantic.json_schema import GenerateJsonSchema

from domain.kpis import KPIS
from domain.roadmap.model import Roadmap

Node = dict[str, Any]


class _Untitled(GenerateJsonSchema):
    """Without the titles that only repeat the key."""

    def field_title_should_be_set(self, schema: object) -> bool:
        del schema
        return False


@cache
def roadmap_json_schema() -> Node:
    """JSON Schema (2020-12) of `roadmap.yaml`; `schema_text` is this as a file."""
    schema = Roadmap.model_json_schema(schema_generator=_Untitled)
    kpi: Node = schema["$defs"]["Benchmark"]["properties"]["kpi"]
    kpi["anyOf"] = [{"enum": list(KPIS.shipped)}, {"pattern": "^[a-z][a-z0-9_]*$"}]  # the second: one of kpis.yaml
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "cxloop roadmap",
    }


def schema_text() -> str:
    """The contents of `docs/roadmap.schema.json`."""
    return json.dumps(roadmap_json_schema(), indent=2, ensure_ascii=False) + "\n"


def properties_at(path: tuple[str | int, ...]) -> dict[str, Node]:
    """Keys allowed in the entry at `path`, each with its schema; empty where any key is."""
    schema = roadmap_json_schema()
    nodes = _meant(schema, schema)
    for part in path:
        nodes = [inner for node in nodes for inner in _inner(node, part, schema)]
    return {key: value for node in nodes for key, value in cast("dict[str, Node]", node.get("properties", {})).items()}


def _inner(node: Node, part: str | int, schema: Node) -> list[Node]:
    """What stands below one key or index."""
    if node.get("type") == "array":
        return _meant(node.get("items", {}), schema)
    choices: list[Node | bool | None] = [
        cast("dict[str, Node]", node.get("properties", {})).get(str(part)),
        *cast("dict[str, Node]", node.get("patternProperties", {})).values(),
        cast("Node | bool | None", node.get("additionalProperties")),
    ]
    found = next((choice for choice in choices if isinstance(choice, dict)), None)
    return _meant(found, schema) if found else []


def _meant(node: Node, schema: Node) -> list[Node]:
    """The node itself, or what it refers to, or each of its alternatives."""
    if "$ref" in node:
        return _meant(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    if "anyOf" in node:
        return [inner for choice in node["anyOf"] for inner in _meant(choice, schema)]
    return [node]
