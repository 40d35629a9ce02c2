"""What prefect.yaml promises: entrypoints that exist, parameters they take, schedules as they were last agreed."""

import inspect
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
DEPLOYMENTS: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / "prefect.yaml")["deployments"]
EACH = pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=[d["name"] for d in DEPLOYMENTS])


def flow_of(deployment: dict[str, Any]) -> Flow[..., Any]:
    """The flow that an entrypoint names."""
    path, name = deployment["entrypoint"].split(":")
    return getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)


@EACH
def test_an_entrypoint_is_a_flow_of_the_deployments_name(deployment: dict[str, Any]) -> None:
    flow = flow_of(deployment)
    assert isinstance(flow, Flow)
    assert flow.name == deployment["name"]


@EACH
def test_parameters_are_those_that_the_flow_takes(deployment: dict[str, Any]) -> None:
    taken = inspect.signature(flow_of(deployment).fn).parameters
    given = set(deployment["parameters"])
    assert given <= set(taken)
    assert {name for name, parameter in taken.items() if parameter.default is parameter.empty} <= given


@EACH
def test_a_deployment_runs_once_at_a_time(deployment: dict[str, Any]) -> None:
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}


def test_deployments_are_in_alphabetical_order_and_every_one_is_there() -> None:
    names = [deployment["name"] for deployment in DEPLOYMENTS]
    assert names == sorted(names) == ["backfill-source", "daily-loop", "weekly-report"]


def test_schedules_pools_and_parameters_are_as_last_agreed() -> None:
    kept = ("name", "entrypoint", "parameters", "schedules", "work_pool", "tags")
    found = [{key: deployment[key] for key in kept} for deployment in DEPLOYMENTS]
    agreed = json.loads((Path(__file__).parent / "deployments.json").read_text(encoding="utf-8"))
    assert found == agreed, "prefect.yaml changed: if that is meant, change tests/contract/deployments.json with it"
