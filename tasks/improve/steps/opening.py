"""Incidents open and reopen tasks, in one transaction."""

from domain.context import RunContext
from domain.kpis import KPIS
from domain.records import Incident
from domain.roadmap import Benchmark, Roadmap, load_roadmap
from domain.scopes import WHOLE
from sql.queries.incident_words import heard_of
from sql.queries.incidents import open_incidents
from sql.queries.kpis import last_moment
from sql.store import store_at
from tasks.improve.board import board
from tasks.improve.steps.rows import all_tasks, last_changes, save
from tasks.improve.task_text import body_of, title_of


def open_all(context: RunContext) -> dict[str, int]:
    """A task for every incident that calls for one; how many were opened and reopened."""
    roadmap = load_roadmap(context.project.roadmap)

    def write(incident: Incident) -> tuple[str, str, dict[str, object]]:
        kpi, benchmark = KPIS[incident.kpi], roadmap.benchmarks.get(incident.benchmark)
        return (
            title_of(incident, benchmark, kpi),
            owner_of(roadmap, incident),
            body_of(incident, benchmark, kpi, roadmap, heard.get(incident.incident_id)),
        )

    with store_at(context.folder).transaction(context.run_id) as connection:
        heard = heard_of(connection, roadmap.people.smallest_group)
        before = all_tasks(connection)
        changed, events = board(
            open_incidents(connection), before, last_changes(connection), last_moment(connection, context.as_of), write
        )
        save(connection, changed, events)
    known = {task.task_id for task in before}
    opened = sum(task.task_id not in known for task in changed)
    return {"opened": opened, "reopened": len(changed) - opened}


def owner_of(roadmap: Roadmap, incident: Incident) -> str:
    """The role that answers for an incident: its benchmark's, that of its KPI's nearest one, or the first there is."""
    own = roadmap.benchmarks.get(incident.benchmark)
    return own.owner if own else _nearest(roadmap, incident)


def _nearest(roadmap: Roadmap, incident: Incident) -> str:
    same: list[Benchmark] = [b for b in roadmap.benchmarks.values() if b.kpi == incident.kpi]
    ranked = sorted(same, key=lambda b: (b.scope_key != incident.scope, b.scope_key != WHOLE))
    return ranked[0].owner if ranked else next(iter(roadmap.owners))
