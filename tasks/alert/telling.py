"""Which incidents speak now, and how: the rules of telling, without their words."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from domain.records import Incident

Where = Literal["message", "digest", "summary"]
_WEIGHT = {"pace": 0, "churn": 1, "drift": 2, "listening": 3}


def speaking(incidents: Sequence[Incident]) -> list[Incident]:
    """Those that say something or may have to, heaviest first.

    Silent are: first signs, muted ones that nobody was told of, episodes that were over before anybody
    was told, and those whose end was told.
    """
    heard = [incident for incident in incidents if _is_heard(incident)]
    return sorted(heard, key=lambda i: (_WEIGHT[i.rule], i.opened_at, i.key, i.incident_id))


def may_post(incident: Incident) -> bool:
    """Whether an incident without a message of its own gets one now.

    One never told of does. One told in the first digest does once its state changes or it gets
    worse; one left for the weekly summary only when people must be told again.
    """
    if not incident.is_told:
        return True
    is_news = bool(incident.figures.get("notice"))
    if incident.figures.get("told_in") == "digest":
        return is_news or incident.figures.get("told_state") != incident.state
    return is_news


def told(incident: Incident, where: Where | None) -> Incident:
    """The incident once its words are in the outbox; `where`: None if nothing new was said."""
    kept = {name: value for name, value in incident.figures.items() if name != "notice"}
    place = where or kept.get("told_in")
    return replace(incident, is_told=True, figures={**kept, "told_state": incident.state, "told_in": place})


def _is_heard(incident: Incident) -> bool:
    if incident.state == "pending":
        return False
    if incident.is_told:
        return not (incident.state == "resolved" and incident.figures.get("told_state") == "resolved")
    return incident.state != "resolved" and not incident.figures.get("muted_by")
