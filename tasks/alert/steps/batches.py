"""Refused batches, failed sources and missed days, told to the data engineer."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, or_, select

from domain.context import RunContext
from sql.queries.kpis import last_moment
from sql.store import Store, store_at
from sql.tables import batches, gaps, meta
from tasks.alert.blocks import blocks_of, spoken
from tasks.alert.data_words import CHANNEL, RejectedBatch, answers_again, failed, missed, rejected
from tasks.alert.outgoing import Body, Draft, Row, plan
from tasks.alert.steps.rows import outbox_rows, put_outbox
from tasks.alert.subject import Alert
from tasks.alert.words import readable

_BATCH, _FAILING = "batch:", "source_failing:"


def batch_drafts(connection: Connection, before: Sequence[Row]) -> list[Draft]:
    """One message per refused batch; one that was told of and is in order since is said to be mended."""
    told = {row.key.removeprefix(_BATCH) for row in before if row.key.startswith(_BATCH)}
    columns = (batches.c[name] for name in ("batch_id", "source", "name", "n_source", "state", "verdict"))
    wanted = select(*columns).where(or_(batches.c.state == "rejected", batches.c.batch_id.in_(told)))
    rows = Store.rows(connection, wanted.order_by(batches.c.batch_id))
    return [
        _draft(
            _BATCH + row["batch_id"],
            rejected(
                RejectedBatch(
                    row["source"], row["name"], row["n_source"], _reasons(row["verdict"]), row["state"] != "rejected"
                )
            ),
        )
        for row in rows
    ]


def gap_drafts(connection: Connection) -> list[Draft]:
    """One message per gap: days that a source no longer showed when it was read again."""
    names = ("source", "stream", "first_day", "last_day", "keeps_days")
    wanted = select(*(gaps.c[name] for name in names)).order_by(gaps.c.first_day, gaps.c.source, gaps.c.stream)
    return [
        _draft(
            f"gap:{row['source']}:{row['stream']}:{row['first_day'].isoformat()}",
            missed(row["source"], row["stream"], row["first_day"], row["last_day"], row["keeps_days"]),
        )
        for row in Store.rows(connection, wanted)
    ]


def tell_failures(context: RunContext, failures: Mapping[str, str]) -> dict[str, int]:
    """Say which sources failed (source → its error's words), once an episode, and which answer again."""
    with store_at(context.folder).transaction(context.run_id) as connection:
        failures = _not_told_by_batches(connection, failures)
        rows = Store.rows(connection, select(meta).where(meta.c.name.startswith(_FAILING, autoescape=True)))
        since = {row["name"].removeprefix(_FAILING): row["value"] for row in rows}
        drafts = [
            _draft(f"source:{source}:{since.get(source) or context.as_of.isoformat()}", failed(source, reason))
            for source, reason in sorted(failures.items())
        ] + [
            _draft(f"source:{source}:{day}", answers_again(source))
            for source, day in sorted(since.items())
            if source not in failures
        ]
        planned = plan(drafts, outbox_rows(connection), {}, last_moment(connection, context.as_of))
        put_outbox(connection, planned.rows)
        new = [source for source in failures if source not in since]
        day = context.as_of.isoformat()
        Store.put(connection, meta, [{"name": _FAILING + source, "value": day} for source in sorted(new)])
        over = [_FAILING + source for source in since if source not in failures]
        if over:
            Store.execute(connection, meta.delete().where(meta.c.name.in_(over)))
    return {"failing": len(failures), "answering again": len(over)}


def _not_told_by_batches(connection: Connection, failures: Mapping[str, str]) -> dict[str, str]:
    """Failures that are more than refused batches, each of which has a message of its own."""
    refused = connection.execute(select(batches.c.source, batches.c.verdict).where(batches.c.state == "rejected"))
    rest = dict(failures)
    for source, verdict in refused:
        if source in rest and verdict:
            rest[source] = rest[source].replace(str(json.loads(verdict).get("message", "")), "")
    return {source: failures[source] for source, left in rest.items() if left.strip("; \n")}


def _draft(key: str, alert: Alert) -> Draft:
    return Draft(key, CHANNEL, Body(spoken(readable(alert)), blocks_of(alert)), is_budgeted=False)


def _reasons(verdict: str | None) -> tuple[str, ...]:
    message = json.loads(verdict).get("message", "") if verdict else ""
    return tuple(line.strip() for line in str(message).splitlines() if line.strip())
