"""Write one summary: files for people, a row for the next report, a message for the outbox."""

import json
import os
from datetime import date
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, func, select

from domain.context import RunContext
from domain.errors import ConfigError
from domain.ids import derived
from domain.records import Message
from domain.roadmap import Roadmap, channel_of, load_roadmap
from sql.store import Store, store_at
from sql.tables import outbox, reports, roadmap_versions
from tasks.report.compose import Held, compose
from tasks.report.figures import numbers_of
from tasks.report.markdown import markdown_of
from tasks.report.page import page_of
from tasks.report.slack_text import summary_message
from tasks.report.steps.held import held, roadmap_text, roadmap_version
from tasks.report.steps.restating import remember_figures
from tasks.report.steps.weeks import Told, told_week
from tasks.report.summary import Summary

FOLDER = "summary"
LATEST = "latest"


def composed(context: RunContext, week_start: date | None = None) -> tuple[Summary, Told]:
    """The summary of a week (None: the latest), from one snapshot of the store."""
    summary, told, _ = _composed(context, week_start)
    return summary, told


def _composed(context: RunContext, week_start: date | None) -> tuple[Summary, Told, Held]:
    with store_at(context.folder).reading() as connection:
        told = told_week(connection, context, week_start)
        found = held(connection, context, told)
    return compose(found, told.week_start, told.known_to), told, found


def publish(context: RunContext, week_start: date | None = None) -> Path:
    """Write page, Markdown and numbers of a week; the latest one also as `latest`. Run twice, the same bytes.

    Returns:
        Where the page lies.

    Raises:
        ConfigError: no such week, or the folder cannot be written to.
    """
    store = store_at(context.folder)
    text = roadmap_text(context)
    with store.transaction(context.run_id) as connection:
        version = {"version": roadmap_version(context), "first_day": context.as_of, "text": text}
        store.put(connection, roadmap_versions, [version], on_conflict="ignore")
    summary, told, found = _composed(context, week_start)
    page, numbers = page_of(summary), numbers_of(summary)
    files = {"html": page, "md": markdown_of(summary), "json": numbers}
    folder = context.project.out / FOLDER
    for name in (summary.week, LATEST) if told.is_latest else (summary.week,):
        for ending, content in files.items():
            _write(folder / f"{name}.{ending}", content)
    row = {
        "report_id": f"weekly:{summary.week}", "kind": "weekly", "week_start": summary.week_start,
        "roadmap_version": roadmap_version(context), "numbers": numbers,
        "html_sha256": sha256(page.encode()).hexdigest(),
    }  # fmt: skip
    with store.transaction(context.run_id) as connection:
        store.put(connection, reports, [row])
        remember_figures(connection, summary, told, found.editions, found.moved, found.roadmap, context.as_of)
    return folder / f"{summary.week}.html"


def put_message(context: RunContext) -> str | None:
    """Put the latest week's message into the outbox, once per week.

    Returns:
        Where it goes; None if it is there already, or nothing was measured yet.

    A week is told in the channel of `alerts: default_channel`, else of the first review's first role, else
    of the first role that has one; without any it is not told.
    """
    channel = channel_for(load_roadmap(context.project.roadmap))
    if channel is None:
        return None
    summary, _ = composed(context)
    if summary.is_empty:
        return None
    message = summary_message(summary, channel, f"{context.project.out.name}/{FOLDER}/{summary.week}.html")
    with store_at(context.folder).transaction(context.run_id) as connection:
        return channel if _put(connection, message, summary.as_of) else None


def channel_for(roadmap: Roadmap) -> str | None:
    """Where the summary is told."""
    roles = [*(role for review in roadmap.reviews[:1] for role in review.who), *roadmap.owners]
    found = (roadmap.alerts.default_channel, *(channel_of(roadmap, role) for role in roles))
    return next((channel for channel in found if channel), None)


def _put(connection: Connection, message: Message, moment: date) -> bool:
    if connection.execute(select(outbox.c.key).where(outbox.c.key == message.key).limit(1)).first():
        return False
    last = connection.execute(select(func.max(outbox.c.sequence)).where(outbox.c.moment == moment)).scalar()
    blocks = json.dumps(message.blocks, ensure_ascii=False, sort_keys=True)
    row = {
        "message_id": derived("message", message.key, message.channel, message.kind, message.text, blocks),
        "key": message.key, "channel": message.channel, "kind": message.kind, "moment": moment,
        "sequence": 0 if last is None else last + 1, "text": message.text, "blocks": blocks, "state": "waiting",
        "n_tries": 0,
    }  # fmt: skip
    Store.put(connection, outbox, [row], on_conflict="ignore")
    return True


def _write(path: Path, text: str) -> None:
    """A whole file or the one before, also when the process or the machine dies."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}. Free some space or mend the folder's permissions, "
            "then run again: the store has everything."
        ) from error
