"""Findings move incidents: read, advance, write, in one transaction."""

from collections import Counter
from datetime import date
from functools import cache
from itertools import groupby

from domain.context import RunContext
from domain.records import Incident, IncidentEvent
from domain.roadmap import breaks_of, load_roadmap
from sql.queries.incidents import open_incidents
from sql.store import store_at
from tasks.alert.lifecycle import Policy, advance, key_of
from tasks.alert.muting import newly_muted
from tasks.alert.steps.marks import new_findings, save_marks
from tasks.alert.steps.rows import save


def advance_all(context: RunContext) -> dict[str, int]:
    """Every finding not looked at yet moves its incident; how many there were, and how many of each transition.

    m of n and recoveries in a row are counted by the rules themselves, so one finding is enough here.
    """
    roadmap = load_roadmap(context.project.roadmap)
    with store_at(context.folder).transaction(context.run_id) as connection:
        found = new_findings(connection, context.as_of)

        @cache
        def policy(kpi: str, scope: str) -> Policy:
            return Policy(breaks=tuple(breaks_of(roadmap, kpi, scope)))

        held = {incident.key: incident for incident in open_incidents(connection)}
        changed: dict[str, Incident] = {}
        events: list[IncidentEvent] = []
        through: dict[str, date] = {}
        for _, now in groupby(found, key=lambda finding: finding.moment):
            for finding in now:
                key = key_of(finding)
                incident, moved = advance(held.get(key), finding, policy(finding.kpi, finding.scope))
                through[key] = finding.moment
                events += moved
                if incident is not None:
                    held[key] = changed[incident.incident_id] = incident
            for incident in newly_muted(list(held.values())):
                held[incident.key] = changed[incident.incident_id] = incident
        save(connection, changed.values(), events)
        save_marks(connection, through)
    counts = Counter(event.new for event in events)
    return {"findings": len(found), **dict(sorted(counts.items()))}
