"""What changed becomes messages in the outbox; nothing is sent here."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select, update

from domain.context import RunContext
from domain.heard import LABEL, Heard, heard_line
from domain.records import Incident
from domain.roadmap import Roadmap, load_roadmap
from sql.queries.incident_words import heard_of
from sql.queries.kpis import last_moment
from sql.store import Store, store_at
from sql.tables import meta, outbox
from tasks.alert.blocks import blocks_of, spoken
from tasks.alert.outgoing import DIGEST_KEY, Body, Draft, Plan, plan
from tasks.alert.steps.batches import batch_drafts, gap_drafts
from tasks.alert.steps.marks import judged_through
from tasks.alert.steps.rows import outbox_rows, put_outbox, save, speaking_incidents
from tasks.alert.steps.subjects import subject_of, task_lines
from tasks.alert.subject import Alert, Subject, TaskLine
from tasks.alert.telling import may_post, speaking, told
from tasks.alert.words import Inside, alert_of, digest_of, readable, reply_of

FIRST_CONTACT = "first_contact_on"


@dataclass(frozen=True)
class Said:
    """One incident with its words."""

    incident: Incident
    subject: Subject
    alert: Alert


def body_of(alert: Alert) -> Body:
    """A message's text, as Slack takes it, and its blocks."""
    return Body(spoken(readable(alert)), blocks_of(alert))


def compose_all(context: RunContext) -> dict[str, int]:
    """Put what is to be said into the outbox; how many posts, edits, replies, and left for the summary."""
    roadmap = load_roadmap(context.project.roadmap)
    with store_at(context.folder).transaction(context.run_id) as connection:
        moment = last_moment(connection, context.as_of)
        marks = judged_through(connection)
        everyone = speaking_incidents(connection)
        tasks = task_lines(connection, roadmap)
        heard = heard_of(connection, roadmap.people.smallest_group)
        said = [_said(incident, roadmap, tasks, everyone, heard) for incident in speaking(everyone)]
        before = outbox_rows(connection)
        is_first = bool(marks) and not _met_before(connection)
        drafts = _digests(said, max(marks.values())) if is_first else [d for one in said for d in _drafts(one)]
        drafts += [*batch_drafts(connection, before), *gap_drafts(connection)]
        planned = plan(drafts, before, roadmap.alerts.budget.messages_a_week, moment)
        put_outbox(connection, planned.rows)
        _supersede(connection, planned.superseded)
        save(connection, _told(said, planned, is_first=is_first))
        if is_first:
            Store.put(connection, meta, [{"name": FIRST_CONTACT, "value": moment.isoformat()}], on_conflict="ignore")
    kinds = ["collapsed" if row.state == "collapsed" else row.kind for row in planned.rows]
    return {kind: kinds.count(kind) for kind in ("post", "edit", "reply", "collapsed") if kind in kinds}


def _said(
    incident: Incident, roadmap: Roadmap, tasks: dict[str, TaskLine], everyone: list[Incident], heard: dict[str, Heard]
) -> Said:
    subject = subject_of(roadmap, incident)
    parts = sorted(
        f"{subject_of(roadmap, other).title} ({other.rule})" if other.scope == incident.scope
        else subject_of(roadmap, other).title
        for other in everyone
        if other.figures.get("muted_by") == incident.incident_id and other.state not in ("pending", "resolved")
    )  # fmt: skip
    line = heard_line(heard[incident.incident_id]) if incident.incident_id in heard else ""
    explained = ((LABEL, line),) if line else ()
    inside = Inside(task=tasks.get(incident.key), parts=tuple(dict.fromkeys(parts)), explained=explained)
    moment = incident.judged_through or incident.opened_at
    return Said(incident, subject, alert_of(incident, subject, inside, moment))


def _drafts(said: Said) -> list[Draft]:
    incident = said.incident
    reply = None
    if incident.is_told and incident.figures.get("notice"):
        reply = body_of(reply_of(incident, said.subject, incident.judged_through or incident.opened_at))
    body, posts = body_of(said.alert), may_post(incident)
    return [Draft(incident.incident_id, channel, body, reply, posts) for channel in said.subject.channels]


def _digests(said: list[Said], through: date) -> list[Draft]:
    """One digest a channel, of all that is open now."""
    channels = dict.fromkeys(channel for one in said for channel in one.subject.channels)
    return [
        Draft(
            DIGEST_KEY, channel,
            body_of(digest_of([one.alert for one in said if channel in one.subject.channels], through)),
            is_budgeted=False,
        )
        for channel in channels
    ]  # fmt: skip


def _told(said: list[Said], planned: Plan, *, is_first: bool) -> list[Incident]:
    """The incidents, knowing that and where they were told."""
    if is_first:
        return [told(one.incident, "digest") for one in said]
    posted = {row.key for row in planned.rows if row.state != "collapsed"}
    collapsed = {row.key for row in planned.rows if row.state == "collapsed"}
    after = [
        told(i, "message" if i.incident_id in posted else "summary" if i.incident_id in collapsed else None)
        for i in (one.incident for one in said)
    ]
    return [new for new, one in zip(after, said, strict=True) if new != one.incident]


def _met_before(connection: Connection) -> bool:
    return bool(Store.rows(connection, select(meta).where(meta.c.name == FIRST_CONTACT)))


def _supersede(connection: Connection, message_ids: list[str]) -> None:
    if message_ids:
        Store.execute(connection, update(outbox).where(outbox.c.message_id.in_(message_ids)).values(state="collapsed"))
