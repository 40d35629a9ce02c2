"""Which incidents stay quiet because another one already says it."""

from collections.abc import Sequence
from dataclasses import replace

from domain.records import OPEN_STATES, Incident
from domain.scopes import parsed


def muted_by(incidents: Sequence[Incident]) -> dict[str, str]:
    """Incident → the one that speaks for it.

    One story, one message. A part that is behind its plan is inside the incident of the whole that holds
    it, if that is behind its plan too. A drift is inside an incident of the same KPI about the same customers,
    or about a part or the whole of them, that is behind its plan or drifted no later; it stays inside
    when that one is over, since its story was told. What people were told of already goes on
    speaking for itself.

    Args:
        incidents: all that are open, told or not.

    Returns:
        incident_id → incident_id of the one told instead, for those that are muted.
    """
    speaking = [i for i in incidents if i.state in OPEN_STATES and i.state != "pending"]
    speaking.sort(key=lambda i: (len(parsed(i.scope)), i.opened_at, i.key))
    direct = {
        incident.incident_id: next(other for other in speaking if _speaks_for(other, incident)).incident_id
        for incident in incidents
        if not incident.is_told and any(_speaks_for(other, incident) for other in speaking)
    }
    for incident in incidents:
        before = incident.figures.get("muted_by")
        if incident.rule == "drift" and not incident.is_told and before:
            direct.setdefault(incident.incident_id, str(before))
    return {muted: _root(speaker, direct) for muted, speaker in direct.items()}


def newly_muted(held: Sequence[Incident]) -> list[Incident]:
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


def _speaks_for(other: Incident, incident: Incident) -> bool:
    if other.kpi != incident.kpi or other.incident_id == incident.incident_id:
        return False
    if "listening" in (other.rule, incident.rule):  # it is about the plan, not about the KPI's value
        return False
    theirs, own = parsed(other.scope).items(), parsed(incident.scope).items()
    if incident.rule != "drift":
        return other.rule == incident.rule and theirs < own
    if not (theirs <= own or own <= theirs):
        return False
    return other.rule == "pace" or (other.opened_at, len(theirs)) < (incident.opened_at, len(own))


def _root(speaker: str, direct: dict[str, str]) -> str:
    while speaker in direct:
        speaker = direct[speaker]
    return speaker
