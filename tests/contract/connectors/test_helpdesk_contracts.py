"""Every call of these connectors is in the vendor's published contract, but for what the contract is known to lack."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from domain.connectors import Connector
from domain.paging import NextToken
from tasks.extract.connectors import freshdesk, zendesk
from tests.contract.connectors.conftest import SPECS

CONNECTORS = {"zendesk": zendesk.CONNECTOR, "freshdesk": freshdesk.CONNECTOR}
LACKS = {
    "zendesk": {"include", "page[size]", "page[after]", "per_page", "start_time"},
    "freshdesk": {"_updated_since"},
}
"""Parameters that are in the vendor's prose alone: side-loads, cursor paging, a page's size, since when."""


def calls(connector: Connector) -> Iterator[tuple[str, set[str]]]:
    for stream in connector.streams:
        token = stream.paging.parameter if isinstance(stream.paging, NextToken) else None
        since = stream.since.parameter if stream.since else None
        yield stream.request.path, {*stream.request.query, *filter(None, (token, since))}
        for child in stream.children:
            yield child.request.path, {*child.request.query}


def known(spec: dict[str, Any], path: str) -> set[str]:
    shape = re.sub(r"\{\w+\}", "{}", path)
    found = next(item for name, item in spec["paths"].items() if re.sub(r"\{\w+\}", "{}", name) == shape)
    listed = [*found.get("parameters", ()), *found["get"].get("parameters", ())]
    return {_resolved(spec, parameter)["name"] for parameter in listed}


def _resolved(spec: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    name = parameter.get("$ref", "").rsplit("/", 1)[-1]
    return spec["components"]["parameters"][name] if name else parameter


@pytest.mark.parametrize("kind", CONNECTORS)
def test_every_call_is_in_the_contract(kind: str):
    spec = json.loads((SPECS / f"{kind}.json").read_text())
    unknown = {(path, name) for path, names in calls(CONNECTORS[kind]) for name in names - known(spec, path)}
    assert {name for _, name in unknown} == LACKS[kind]


@pytest.mark.parametrize("kind", CONNECTORS)
def test_every_field_that_a_parser_needs_is_in_the_contract(kind: str):
    spec = json.loads((SPECS / f"{kind}.json").read_text())
    for stream in CONNECTORS[kind].streams:
        shape = next(s for name, s in spec["paths"].items() if name == stream.request.path)
        content = _answer(spec, shape["get"])
        for field in stream.fields:
            if field.is_required:
                assert f'"{field.at[0]}"' in content, (stream.name, field.at)


def _answer(spec: dict[str, Any], operation: dict[str, Any]) -> str:
    """The answer's schema as text, with everything it refers to."""
    text, seen = json.dumps(operation["responses"]["200"]), set[str]()
    while new := {name for name in re.findall(r"#/components/schemas/(\w+)", text) if name not in seen}:
        seen |= new
        text += "".join(json.dumps(spec["components"]["schemas"][name]) for name in sorted(new))
    return text
