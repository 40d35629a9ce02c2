"""Names, people and places of incidents, from the roadmap and the task board."""

from sqlalchemy import Connection, select

from domain import listening
from domain.kpis import KPIS
from domain.records import Incident
from domain.roadmap import Benchmark, Roadmap
from domain.roadmap.routes import channels_about, channels_for, roles_for, survey_owner
from domain.scopes import WHOLE, parsed
from sql.store import Store
from sql.tables import improvement_tasks
from tasks.alert.subject import Subject, TaskLine, items_of


def subject_of(roadmap: Roadmap, incident: Incident) -> Subject:
    """What an incident is about; one without a benchmark borrows the owner of the nearest one."""
    kpi = KPIS[incident.kpi]
    if incident.rule == listening.RULE:
        return _listening(roadmap, incident)
    own = roadmap.benchmarks.get(incident.benchmark)
    nearest = own or _nearest(roadmap, incident)
    # nobody's KPI is the first role's: an alert without a reader is none
    owner = nearest.owner if nearest else next(iter(roadmap.owners))
    roles = roles_for(roadmap, own) if own else [owner]
    return Subject(
        title=own.title if own else title_of(incident), unit=kpi.unit, better=kpi.better, items=items_of(kpi.name),
        window=own.window if own else None, target=own.target if own else None, by=own.by if own else None, owner=owner,
        mentions=tuple(handle for role in roles if (handle := handle_of(roadmap, role))),
        channels=tuple(
            channels_for(roadmap, own) if own else channels_about(roadmap, incident.kpi, incident.scope, owner)
        ),
    )  # fmt: skip


def _listening(roadmap: Roadmap, incident: Incident) -> Subject:
    """What an incident of the listening plan is about; it is the survey's owner's, and has no target."""
    kpi, owner = KPIS[incident.kpi], survey_owner(roadmap, listening.survey_of(incident.scope))
    return Subject(
        title=listening.title_of(incident.scope), unit=kpi.unit, better=kpi.better, items=items_of(kpi.name),
        owner=owner, mentions=(handle_of(roadmap, owner),),
        channels=tuple(channels_about(roadmap, incident.kpi, incident.scope, owner)),
    )  # fmt: skip


def title_of(incident: Incident) -> str:
    """`Chat SLA attainment`: scope and KPI where no benchmark names them."""
    members = parsed(incident.scope)
    words = " ".join([*members.values(), KPIS[incident.kpi].title if incident.kpi in KPIS else incident.kpi])
    return words[:1].upper() + words[1:]


def handle_of(roadmap: Roadmap, role: str) -> str:
    """The Slack handle of a role, or the role's own name."""
    owner = roadmap.owners.get(role)
    return (owner.slack if owner and owner.slack else f"@{role}") if role else ""


def task_lines(connection: Connection, roadmap: Roadmap) -> dict[str, TaskLine]:
    """Incident key → its latest improvement task."""
    columns = (improvement_tasks.c[name] for name in ("incident_key", "number", "state", "owner", "due_on"))
    rows = Store.rows(connection, select(*columns).order_by(improvement_tasks.c.number))
    return {
        row["incident_key"]: TaskLine(
            f"CX-{row['number']}", row["state"], handle_of(roadmap, row["owner"]), row["due_on"]
        )
        for row in rows
    }


def _nearest(roadmap: Roadmap, incident: Incident) -> Benchmark | None:
    """The benchmark of the same KPI and scope, else of the same KPI for the whole, else any of that KPI."""
    same = [benchmark for benchmark in roadmap.benchmarks.values() if benchmark.kpi == incident.kpi]
    for scope in (incident.scope, WHOLE):
        for benchmark in same:
            if benchmark.scope_key == scope:
                return benchmark
    return same[0] if same else None
