"""Who is told, and where."""

from domain.roadmap.alerts import Route
from domain.roadmap.benchmark import Benchmark
from domain.roadmap.model import Roadmap
from domain.scopes import parsed

LISTENS = "cx-lead"
"""The role that answers for surveys without an owner, where the roadmap has it."""


def channel_of(roadmap: Roadmap, owner: str) -> str | None:
    """The Slack channel of a role, else the default one; None: no such role, and no default."""
    role = roadmap.owners.get(owner)
    return (role.channel if role else None) or roadmap.alerts.default_channel


def channels_for(roadmap: Roadmap, benchmark: Benchmark) -> list[str]:
    """The Slack channels told about a benchmark: the owner's first, then those its routes add."""
    return channels_about(roadmap, benchmark.kpi, benchmark.scope_key, benchmark.owner)


def channels_about(roadmap: Roadmap, kpi: str, scope: str, owner: str = "") -> list[str]:
    """The Slack channels told about a KPI of a scope (canonical JSON): the owner's or the default, then the routes'."""
    routes = _routes(roadmap, kpi, scope)
    roles = [owner, *(route.to for route in routes if route.to)]
    found = [*(channel_of(roadmap, role) for role in roles), *(route.also for route in routes)]
    return [channel for channel in dict.fromkeys(found) if channel]


def roles_for(roadmap: Roadmap, benchmark: Benchmark) -> list[str]:
    """The roles mentioned about a benchmark: the owner first, then those its routes add."""
    routes = _routes(roadmap, benchmark.kpi, benchmark.scope_key)
    return list(dict.fromkeys([benchmark.owner, *(route.to for route in routes if route.to)]))


def survey_owner(roadmap: Roadmap, survey: str) -> str:
    """The role that hears when a survey does not keep the listening plan."""
    plan = roadmap.surveys.plans.get(survey)
    if plan and plan.owner:
        return plan.owner
    return LISTENS if LISTENS in roadmap.owners else next(iter(roadmap.owners))


def _routes(roadmap: Roadmap, kpi: str, scope: str) -> list[Route]:
    members = parsed(scope)
    return [route for route in roadmap.alerts.routes if route.leads(kpi, members)]
