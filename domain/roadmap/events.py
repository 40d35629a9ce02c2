"""Known events: which ones touch a series, and where one breaks it for good."""

from datetime import date

from domain.roadmap.initiatives import Event
from domain.roadmap.model import Roadmap
from domain.scopes import parsed


def events_of(roadmap: Roadmap, scope: str) -> list[Event]:
    """The events that touch a scope (canonical JSON), by day.

    An event touches a scope unless they name different members of one dimension: what touches the
    offices touches the whole and every channel, but not the homes.
    """
    members = parsed(scope)
    touching = [e for e in roadmap.events if all(members.get(d, m) == m for d, m in e.touches.items())]
    return sorted(touching, key=lambda event: (event.on, event.title))


def breaks_of(roadmap: Roadmap, kpi: str, scope: str) -> list[date]:
    """The days on which a series breaks: values before and after are never compared."""
    return sorted({event.on for event in events_of(roadmap, scope) if kpi in event.breaks})
