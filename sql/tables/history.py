"""What event logs of tickets told, whichever file it was in."""

from sqlalchemy import Index

from sql.tables.base import column, table
from sql.types import BigInteger, Instant, Text

ticket_states = table(
    "ticket_states", "one state of one ticket, as a row of an event log told it",
    column("state_id", Text, "derived from ticket, instant, state and occurrence", key=True),
    column("source", Text, "name of the source", required=True),
    column("ticket_id", Text, "the ticket", required=True),
    column("at", Instant, "when it was so (UTC)", required=True),
    column("file", Text, "file that told it; of several the first by name", required=True),
    column("row", BigInteger, "row in that file, from 1: the order of states of the same instant", required=True),
    column("state", Text, "JSON: the fields that the source's history follows, as texts", required=True),
    column("batch_id", Text, "batch that told it", required=True),
)  # fmt: skip
Index(None, ticket_states.c.ticket_id)
