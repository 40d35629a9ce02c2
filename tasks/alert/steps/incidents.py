"""Findings move incidents: read, advance, write, in one transaction."""

from collections import Counter
from dataclasses import replace
from datetime import date

from domain.context import RunContext
from domain.records import Incident, IncidentEvent
from sql.store import store_at
from tasks.alert.lifecycle import Policy, advance, key_of
from tasks.alert.muting import muted_by
from tasks.alert.steps.marks import new_findings, save_marks
from tasks.alert.steps.rows import open_incidents, save


def advance_all(context: RunContext) -> dict[str, int]:
    """Every finding not looked at yet moves its incident; how many there were, and how many of each transition.

    m of n and recoveries in a row are counted by the rules themselves, so one finding is enough here.
    """
    with store_at(context.folder).transaction(context.run_id) as connection:
        found = new_findings(connection, context.as_of)
        held = {incident.key: incident for incident in open_incidents(connection)}
        changed: dict[str, Incident] = {}
        events: list[IncidentEvent] = []
        through: dict[str, date] = {}
        for finding in found:
            key = key_of(finding)
            incident, moved = advance(held.get(key), finding, Policy())
            through[key] = finding.moment
            events += moved
            if incident is not None:
                held[key] = changed[incident.incident_id] = incident
        changed.update({incident.incident_id: incident for incident in _muted(list(held.values()))})
        save(connection, changed.values(), events)
        save_marks(connection, through)
    counts = Counter(event.new for event in events)
    return {"findings": len(found), **dict(sorted(counts.items()))}


def _muted(held: list[Incident]) -> list[Incident]:
    """Those whose muting changed: `figures["muted_by"]` names the incident that speaks for them."""
    speakers = muted_by([incident for incident in held if incident.state != "resolved"])
    changed: list[Incident] = []
    for incident in held:
        speaker = speakers.get(incident.incident_id)
        if incident.state == "resolved" or incident.figures.get("muted_by") == speaker:
            continue
        figures = {name: value for name, value in incident.figures.items() if name != "muted_by"}
        changed.append(replace(incident, figures=figures if speaker is None else {**figures, "muted_by": speaker}))
    return changed
