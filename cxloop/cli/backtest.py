"""What would have been told, week by week."""

from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Annotated, Any

from cyclopts import Parameter

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json
from domain.errors import ConfigError
from domain.kpis import KPIS
from domain.records import OPEN_STATES, Finding, Incident
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
    """The episodes that would have been told, in the order in which they fired, as their findings left them.

    One that is inside another from the moment it fires until it is over is not told.
    """
    from tasks.alert.lifecycle import Policy, advance, key_of
    from tasks.alert.muting import newly_muted

    latest: dict[str, Incident | None] = {}
    episodes: dict[str, Incident] = {}
    heard: set[str] = set()
    for _, now in groupby(sorted(findings, key=lambda f: (f.moment, key_of(f))), key=lambda f: f.moment):
        for finding in now:
            incident, _ = advance(latest.get(key_of(finding)), finding, Policy())
            latest[key_of(finding)] = incident
        held = [i for i in latest.values() if i is not None and i.state in OPEN_STATES]
        latest.update({incident.key: incident for incident in newly_muted(held)})
        fired = [i for i in latest.values() if i is not None and "fired_value" in i.figures]
        for episode in fired:
            if episode.state in OPEN_STATES and not episode.figures.get("muted_by"):
                heard.add(episode.incident_id)
                latest[episode.key] = replace(episode, is_told=True)
        episodes |= {episode.incident_id: episode for episode in fired}
    return sorted((e for e in episodes.values() if e.incident_id in heard), key=lambda e: (e.opened_at, e.key))


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
