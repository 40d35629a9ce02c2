"""Facts that are already there, and the days that a change touches."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Column as SqlColumn
from sqlalchemy import (
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    delete,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from domain.facts import FACT_TABLES
from domain.key_blocks import KeyBlock
from domain.remarks import REMARKS
from sql import frames
from sql.queries.key_blocks import in_block
from sql.tables import FACTS
from sql.tables.facts import TARGET, is_booked_again, is_target
from sql.types import Instant

CLOCKS = ("sla_applied", "sla_fulfilled", "sla_breached")
CHANGES = ("status", "n_reopens", "sla_met", *CLOCKS, TARGET)
"""Ticket events that KPIs read, besides assignments and public comments."""
ASSIGNED = ("team", "agent")
"""Fields of a ticket that say whose it is."""
REPLYING = ("agent", "bot")
"""Roles whose public comments are replies."""
OTHERS = ("follows",)
"""What a ticket says of other tickets, whose numbers it touches."""
WHOSE = ("customer_id", "status", "excluded_as", "deleted_at")
"""What says whose contact a ticket is, if it is one."""
_BESIDE = {
    "tickets": (*OTHERS, *WHOSE), "ticket_events": ("ticket_id", "field"), "survey_answers": ("ticket_id",)
}  # fmt: skip
"""Columns of a row as it was that say whose days it touched, by fact table."""
FOLLOWED = "followed"
"""The field of the event that a ticket is followed up by another one: the other one's contact."""
LONG_AGO = timedelta(days=14)
"""What waits longer than this is little."""
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_KEYS = Table("incoming_keys", MetaData(), SqlColumn("key", Text, primary_key=True), prefixes=["TEMPORARY"])
_CUSTOMERS = Table(
    "asking_customers", MetaData(), SqlColumn("customer_id", Text, primary_key=True), SqlColumn("since", Instant()),
    prefixes=["TEMPORARY"],
)  # fmt: skip


def existing(connection: Connection, name: str, keys: pl.Series) -> pl.DataFrame:
    """The rows with these keys, as they are now.

    Args:
        connection: within the loading transaction.
        name: the fact table.
        keys: keys of the incoming rows.

    Returns:
        key, row_hash, version_at (if the table has it), booking instants; of tickets OTHERS and WHOSE too, of their
        events the ticket and the field, of answers the ticket.
    """
    fact, table = FACT_TABLES[name], FACTS[name]
    wanted = [table.c[fact.key], table.c.row_hash, *_version(name), *(table.c[at] for at in booking(name))]
    wanted += [table.c[other] for other in _BESIDE.get(name, ())]
    if _are_all_new(connection, table.c[fact.key], keys):
        return pl.DataFrame(schema=frames.schema_of(wanted))
    held_keys = with_keys(connection, keys)
    return frames.read(connection, select(*wanted).where(table.c[fact.key].in_(held_keys)))


def _are_all_new(connection: Connection, key: SqlColumn[Any], keys: pl.Series) -> bool:
    """Whether the table is empty, or has no key in the range of these: vendors count up, most files bring later ones.

    The range is asked of SQLite alone: PostgreSQL orders texts by its collation, and joins a million keys at once.
    """
    held = select(key).limit(1)
    if connection.dialect.name == "sqlite" and not keys.is_empty():
        held = held.where(key.between(keys.min(), keys.max()))
    return connection.execute(held).first() is None


def booking(name: str) -> tuple[str, ...]:
    """Instants of a fact table on whose days its rows are booked."""
    if name == REMARKS:
        return ("written_at",)
    if name == "tickets":
        return ("opened_at", "resolved_at", "closed_at")
    return (*FACT_TABLES[name].booked_at, *(("paused_at", "resumed_at") if name == "subscriptions" else ()))


def _version(name: str) -> tuple[SqlColumn[object], ...]:
    table = FACTS[name]
    return (table.c.version_at,) if "version_at" in table.c else ()


def with_keys(connection: Connection, keys: pl.Series) -> Select[Any]:
    """A temporary table that holds `keys`, as the right side of `column IN (…)`.

    In a join SQLite, knowing nothing of its size, would go through all rows of the other table.
    """
    _no_keys(connection)
    frames.write(connection, _KEYS, pl.DataFrame({"key": keys.unique().sort()}), on_conflict="fail")
    return select(_KEYS.c.key)


def _no_keys(connection: Connection) -> None:
    _KEYS.create(connection, checkfirst=True)
    connection.execute(_KEYS.delete())


def rows_of_batches(connection: Connection, name: str, batch_ids: Sequence[str]) -> pl.DataFrame:
    """Rows of a fact table that these batches wrote last: key, booking instants, which ticket or survey they are of."""
    fact, table = FACT_TABLES[name], FACTS[name]
    names = [fact.key, *booking(name), *_touching(name)]
    wanted: Select[Any] = select(*(table.c[column] for column in names)).where(_written_by(table, batch_ids))
    return frames.read(connection, wanted)


def _touching(name: str) -> tuple[str, ...]:
    survey = ("survey",) if "survey" in FACTS[name].c else ()
    return (*survey, *_BESIDE.get(name, ()))


def hand_over(connection: Connection, name: str, batch_ids: Sequence[str], batch_id: str, gone: pl.Series) -> None:
    """Rows that these batches wrote last are `batch_id`'s from now on, but for those with the keys `gone`: deleted."""
    fact, table = FACT_TABLES[name], FACTS[name]
    keys = with_keys(connection, gone)
    connection.execute(delete(table).where(_written_by(table, batch_ids), table.c[fact.key].in_(keys)))
    connection.execute(update(table).where(_written_by(table, batch_ids)).values(batch_id=batch_id))


def _written_by(table: Table, batch_ids: Sequence[str]) -> ColumnElement[bool]:
    return table.c.batch_id.in_(batch_ids)


def ticket_instants(connection: Connection, ticket_ids: pl.Series) -> pl.Series:
    """Every instant on whose day something of these tickets is booked."""
    keys = with_keys(connection, ticket_ids)
    tickets, events = FACTS["tickets"], FACTS["ticket_events"]
    own: Select[Any] = select(*(tickets.c[at] for at in booking("tickets")))
    booked: Select[Any] = select(events.c.at).where(is_booked_again(events)).distinct()
    held = frames.read(connection, own.where(tickets.c.ticket_id.in_(keys)))
    again = frames.read(connection, booked.where(events.c.ticket_id.in_(keys)))
    return pl.concat([*held.iter_columns(), *again.iter_columns()]).drop_nulls().unique()


def answer_instants(connection: Connection, ticket_ids: pl.Series) -> pl.Series:
    """When these tickets were rated: of the answers about one ticket each says which of the others count."""
    answers, keys = FACTS["survey_answers"], with_keys(connection, ticket_ids)
    return frames.read(connection, select(answers.c.answered_at).where(answers.c.ticket_id.in_(keys)))["answered_at"]


def waited_meanwhile(connection: Connection, asked: pl.DataFrame, span: tuple[datetime, datetime]) -> pl.Series:
    """Tickets that were there already when their customers asked something else, and that something happened to.

    Args:
        connection: within a transaction.
        asked: what else was asked: customer_id (each that the person has), opened_at; one row at least.
        span: [start, end) instants within which it happened.

    Returns:
        Their ids.
    """
    tickets = FACTS["tickets"]
    first = asked.group_by("customer_id").agg(since=pl.col("opened_at").min()).sort("customer_id")
    _CUSTOMERS.create(connection, checkfirst=True)
    connection.execute(_CUSTOMERS.delete())
    frames.write(connection, _CUSTOMERS, first, on_conflict="fail")
    keys = _booked_within(connection, [span], by_opening=False)
    wanted: Select[Any] = select(*(tickets.c[name] for name in ("ticket_id", "customer_id", "opened_at")))
    customers = select(_CUSTOMERS.c.customer_id)
    held = frames.read(connection, wanted.where(tickets.c.ticket_id.in_(keys), tickets.c.customer_id.in_(customers)))
    both = held.join(asked, on="customer_id", suffix="_after")
    before = both.filter(pl.col("opened_at") < pl.col("opened_at_after"))
    return before["ticket_id"].unique()


def has_targets(connection: Connection) -> bool:
    """Whether any helpdesk tells targets of service levels."""
    events = FACTS["ticket_events"]
    return connection.execute(select(events.c.ticket_id).where(is_target(events)).limit(1)).first() is not None


def tells_answers() -> ColumnElement[bool]:
    """Whether a mention is of a source that ever told of one that we answered it: of others nobody knows."""
    mentions = FACTS["mentions"]
    return mentions.c.source.in_(select(mentions.c.source).where(mentions.c.answered_at.is_not(None)))


def answering_sources(connection: Connection) -> list[str]:
    """The sources of these mentions, by name."""
    mentions = FACTS["mentions"]
    found = select(mentions.c.source).where(mentions.c.answered_at.is_not(None)).distinct()
    return sorted(connection.execute(found).scalars())


def awaited_targets(connection: Connection) -> pl.Series:
    """When the contacts came whose targets may be over although nothing happens: those that are not solved."""
    tickets, events = FACTS["tickets"], FACTS["ticket_events"]
    is_theirs = exists().where(events.c.ticket_id == tickets.c.ticket_id, is_target(events))
    waiting = (tickets.c.resolved_at.is_(None), tickets.c.closed_at.is_(None), tickets.c.deleted_at.is_(None))
    return frames.read(connection, select(tickets.c.opened_at).where(*waiting, is_theirs))["opened_at"]


def ticket_rows(
    connection: Connection,
    spans: Sequence[tuple[datetime, datetime]] | None,
    columns: Sequence[str],
    words: Collection[str],
    changes: Sequence[str],
    roles: Sequence[str],
    *,
    by_opening: bool = False,
    block: KeyBlock | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tickets with something booked within any of the spans (None: all), and all their events of some kinds.

    Args:
        connection: within a transaction.
        spans: [start, end) instants.
        columns: which ones of `tickets`.
        words: which of them come back as categories.
        changes: fields whose changes are read: of CHANGES and ASSIGNED.
        roles: whose public comments are.
        by_opening: with spans: only tickets that were opened within them.
        block: with spans: of these tickets, those of a block.

    Returns:
        Rows of `tickets`, and of `ticket_events` (ticket_id, at, field, old, new, sequence, actor_role, is_public):
        what is asked for, and FOLLOWED.
    """
    tickets = FACTS["tickets"]
    wanted = select(*(tickets.c[name] for name in columns))
    if spans is None:
        held, statuses, comments, followed, *others = frames.read_each(
            connection, [(wanted, words), *_spoken(roles), (_follow_ups(), ()), *_other_events(changes)]
        )
        statuses = statuses.with_columns(field=pl.lit("status", pl.Categorical))
        comments = comments.with_columns(field=pl.lit("comment", pl.Categorical), is_public=True)
        return held, pl.concat([statuses, comments, *others, _as_events(followed)], how="diagonal")
    keys = _booked_within(connection, spans, by_opening=by_opening)
    if block is not None:
        others = select(tickets.c.ticket_id).where(tickets.c.ticket_id.in_(keys), not_(in_block(tickets, block)))
        connection.execute(_KEYS.delete().where(_KEYS.c.key.in_(others)))
    held = frames.read_many(connection, wanted.where(tickets.c.ticket_id.in_(keys)), words)
    followed = frames.read_many(connection, _follow_ups().where(tickets.c.follows.in_(keys)))
    return held, pl.concat([_events_of(connection, keys, changes, roles), _as_events(followed)], how="diagonal")


def _follow_ups() -> Select[Any]:
    """Contacts that follow up a ticket: when they came, by that ticket."""
    tickets = FACTS["tickets"].c
    told = [tickets.follows.label("ticket_id"), tickets.opened_at.label("at")]
    return select(*told).where(tickets.follows.is_not(None), *_is_contact())


def _is_contact() -> tuple[ColumnElement[bool], ...]:
    tickets = FACTS["tickets"].c
    return (tickets.excluded_as.is_(None), tickets.deleted_at.is_(None), tickets.status != "deleted")


def is_replied(
    connection: Connection, spans: Sequence[tuple[datetime, datetime]], roles: Sequence[str] = REPLYING
) -> bool:
    """Whether anybody replied to a contact that came within some [start, end) instants; by whom of REPLYING."""
    tickets, events = FACTS["tickets"].c, FACTS["ticket_events"]
    is_own = events.c.ticket_id == tickets.ticket_id
    is_told = and_(tickets.first_reply_at.is_not(None), not_(exists().where(is_own, _is_said(events, REPLYING))))
    if "bot" not in roles:
        is_told = and_(is_told, func.coalesce(tickets.handler, "") != "bot")
    is_reply = or_(is_told, exists().where(is_own, _is_said(events, roles)))
    wanted = select(tickets.ticket_id).where(_within(tickets.opened_at, spans), *_is_contact(), is_reply)
    return connection.execute(wanted.limit(1)).first() is not None


def _as_events(followed: pl.DataFrame) -> pl.DataFrame:
    return followed.with_columns(field=pl.lit(FOLLOWED, pl.Categorical))


def asked_since(
    connection: Connection,
    held: pl.DataFrame,
    spans: Sequence[tuple[datetime, datetime]],
    columns: Sequence[str],
    words: Collection[str],
    all_ids: Callable[[pl.DataFrame], pl.DataFrame],
) -> pl.DataFrame:
    """What else the customers of some tickets asked after these were opened, and before the spans end.

    A ticket that was opened and solved while another one of its customer waited has nothing booked within the spans.
    What was opened within them is there already: only customers of whom something older is there are looked for.

    Args:
        connection: within a transaction.
        held: tickets with something booked within the spans: ticket_id, customer_id, opened_at.
        spans: [start, end) instants; one at least.
        columns: which ones of `tickets`.
        words: which of them come back as categories.
        all_ids: gives customer_id and since of every id that some customers have, sorted; the same columns.

    Returns:
        Rows of `tickets`, none of those that are held.
    """
    last_start = max(start for start, _ in spans)
    older = held.filter(pl.col("opened_at") < last_start, pl.col("customer_id").is_not_null())
    first = all_ids(older.group_by("customer_id").agg(since=pl.col("opened_at").min()))
    tickets = FACTS["tickets"]
    wanted = select(*(tickets.c[name] for name in columns))
    if first.is_empty():
        return frames.read_many(connection, wanted.where(false()), words)
    _CUSTOMERS.create(connection, checkfirst=True)
    connection.execute(_CUSTOMERS.delete())
    frames.write(connection, _CUSTOMERS, first, on_conflict="fail")
    wanted = wanted.join(_CUSTOMERS, tickets.c.customer_id == _CUSTOMERS.c.customer_id).where(
        tickets.c.opened_at > _CUSTOMERS.c.since, not_(_within(tickets.c.opened_at, spans))
    )
    # few waited long: months are gone through for these alone
    edge = min(start for start, _ in spans) - LONG_AGO
    found = [frames.read_many(connection, wanted.where(_within(tickets.c.opened_at, [(edge, last_start)])), words)]
    connection.execute(_CUSTOMERS.delete().where(_CUSTOMERS.c.since >= edge))
    since = first["since"].min()
    if isinstance(since, datetime) and since < edge:
        found.append(frames.read_many(connection, wanted.where(_within(tickets.c.opened_at, [(since, edge)])), words))
    return pl.concat(found).join(held, on="ticket_id", how="anti")


def _booked_within(
    connection: Connection, spans: Sequence[tuple[datetime, datetime]], *, by_opening: bool
) -> Select[Any]:
    """Tickets with something booked within any of the spans, as the right side of `column IN (…)`.

    Each span is asked for by itself: given several, SQLite would go through the whole index of events.
    """
    tickets, events = FACTS["tickets"], FACTS["ticket_events"]
    ticket_id = select(tickets.c.ticket_id)
    found = [ticket_id.where(_within(tickets.c.opened_at, [span])) for span in spans]
    if not by_opening:
        for span in spans:
            found.append(ticket_id.where(_within(tickets.c.resolved_at, [span])))
            found.append(select(events.c.ticket_id).where(is_booked_again(events), _within(events.c.at, [span])))
        # a closing counts where nothing else does
        found.append(ticket_id.where(tickets.c.resolved_at.is_(None), _within(tickets.c.closed_at, spans)))
    _no_keys(connection)
    insert = _INSERT[connection.dialect.name]
    for some in found:  # each into the keys: a union would sort them all before
        connection.execute(insert(_KEYS).from_select(["key"], some).on_conflict_do_nothing())
    return select(_KEYS.c.key)


def _spoken(roles: Sequence[str]) -> list[tuple[Select[Any], Collection[str]]]:
    """All statuses and public comments, each with its words.

    They are asked for apart, as reading takes as long as there are values.
    """
    events = FACTS["ticket_events"]
    return [
        (_event_columns("new", "sequence").where(events.c.field == "status"), ()),
        (_event_columns("actor_role").where(_is_said(events, roles)), ()),
    ]


def _other_events(changes: Sequence[str]) -> list[tuple[Select[Any], Collection[str]]]:
    """All other changes of some fields, if any."""
    events, others = FACTS["ticket_events"], [name for name in changes if name != "status"]
    if not others:
        return []
    return [(_event_columns("field", "old", "new", "sequence").where(events.c.field.in_(others)), ["field"])]


def _events_of(
    connection: Connection, ticket_ids: Select[Any], changes: Sequence[str], roles: Sequence[str]
) -> pl.DataFrame:
    """The same of some tickets, whose events are looked up once."""
    events = FACTS["ticket_events"]
    # what was there before, of outcomes and assignments alone
    before = ["old"] if {*changes} - {"status", "n_reopens"} else []
    wanted = _event_columns("field", *before, "new", "sequence", "actor_role").where(
        events.c.ticket_id.in_(ticket_ids), or_(events.c.field.in_(changes), _is_said(events, roles))
    )
    found = frames.read_many(connection, wanted, ["field"])
    return found.with_columns(is_public=pl.col("field").cast(pl.String) == "comment")


def _is_said(events: Table, roles: Sequence[str]) -> ColumnElement[bool]:
    return and_(events.c.field == "comment", events.c.is_public, events.c.actor_role.in_(roles))


def _event_columns(*names: str) -> Select[Any]:
    events = FACTS["ticket_events"]
    return select(*(events.c[name] for name in ("ticket_id", "at", *names)))


def _within(column: SqlColumn[Any], spans: Sequence[tuple[datetime, datetime]]) -> ColumnElement[bool]:
    return or_(false(), *(and_(column >= start, column < end) for start, end in spans))


def surveys_by_measure(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Surveys that ask for each measure, in order: more than one is never pooled.

    From one to the next in the index: there are few, of any number of answers.
    """
    answers = FACTS["survey_answers"].c
    measure, found = select(func.min(answers.measure)), dict[str, tuple[str, ...]]()
    name = connection.execute(measure).scalar()
    while name is not None:
        found[name] = tuple(_surveys_of(connection, name))
        name = connection.execute(measure.where(answers.measure > name)).scalar()
    return found


def _surveys_of(connection: Connection, measure: str) -> Iterator[str]:
    answers = FACTS["survey_answers"].c
    # the measure by itself: of pairs compared at once SQLite searches the index for the first alone
    following = select(func.min(answers.survey)).where(answers.measure == measure)
    name = connection.execute(following).scalar()
    while name is not None:
        yield name
        name = connection.execute(following.where(answers.survey > name)).scalar()
