"""What would have been told, week by week."""

from datetime import date
from typing import Annotated, Any

from cyclopts import Parameter

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json
from domain.errors import ConfigError
from domain.kpis import KPIS
from domain.records import Finding, Incident
from domain.scopes import described, parsed
from domain.shown import shown


def backtest(
    *,
    from_: Annotated[date, Parameter(name="--from", help="First day.")],
    to: Annotated[date, Parameter(help="Last day.")],
    json: Json = False,
    here: Here,
) -> None:
    """Replay the rules week by week, each Monday with what was known then; nothing is written or sent."""
    if to < from_:
        raise ConfigError(f"--to {to} is before --from {from_}.")
    from domain.roadmap import load_roadmap
    from tasks.detect.steps import judged_now

    with here.store.reading() as connection:
        found = judged_now(connection, load_roadmap(here.project.roadmap), to, since=from_)
    episodes = told(found)
    if json:
        print_json([_as_json(episode) for episode in episodes])
        return
    columns = ["opened", "resolved", "kpi", "scope", "rule", "benchmark", "then", "expected"]
    print_table(columns, [_cells(episode) for episode in episodes], empty="Nothing would have been told.")


def told(findings: list[Finding]) -> list[Incident]:
    """The episodes that fired, in the order in which they did, as their findings left them."""
    from tasks.alert.lifecycle import Policy, advance, key_of

    latest: dict[str, Incident | None] = {}
    episodes: dict[str, Incident] = {}
    for finding in sorted(findings, key=lambda f: (f.moment, key_of(f))):
        incident, _ = advance(latest.get(key_of(finding)), finding, Policy())
        latest[key_of(finding)] = incident
        if incident is not None and "fired_value" in incident.figures:
            episodes[incident.incident_id] = incident
    return sorted(episodes.values(), key=lambda e: (e.opened_at, e.key))


def _as_json(episode: Incident) -> dict[str, Any]:
    return {
        "id": episode.incident_id, "kpi": episode.kpi, "scope": parsed(episode.scope), "rule": episode.rule,
        "benchmark": episode.benchmark or None, "opened_at": episode.opened_at, "resolved_at": episode.resolved_at,
        "value": episode.figures.get("fired_value"), "unit": KPIS[episode.kpi].unit,
    }  # fmt: skip


def _cells(episode: Incident) -> list[str]:
    unit, figures = KPIS[episode.kpi].unit, episode.figures
    value, plan = figures.get("fired_value"), figures.get("expected")
    return [
        str(episode.opened_at), str(episode.resolved_at or ""), episode.kpi, described(episode.scope), episode.rule,
        episode.benchmark, shown(value if isinstance(value, float) else None, unit),
        shown(plan, unit) if isinstance(plan, float) else "",
    ]  # fmt: skip
