"""What lists that do not say what was deleted have shown, and which readings of them are still to be judged."""

from sqlalchemy import Index

from sql.tables.base import column, table
from sql.types import BigInteger, Instant, Text

sightings = table(
    "sightings", "one row that a list has shown which does not say what was deleted",
    column("source", Text, "name of the source", key=True),
    column("stream", Text, "stream that brings the row", key=True),
    column("table_name", Text, "the fact table", key=True),
    column("row_key", Text, "the row's key in it", key=True),
    column("member", Text, "member of the option that the stream is read for; empty: it has none", required=True),
    column("at", Instant, "instant that its list is asked by; empty: the list is read whole"),
    column("read_as", Text, "fingerprint of the options and the parser it was read with", required=True),
    column("batch_id", Text, "batch that showed it last", required=True),
    column("gone_at", Instant, "when the reading began that no longer showed it (UTC); empty: it is there",
           volatile=True),
)  # fmt: skip
Index(None, sightings.c.source, sightings.c.gone_at, sqlite_where=sightings.c.gone_at.is_not(None),
      postgresql_where=sightings.c.gone_at.is_not(None))  # fmt: skip

readings = table(
    "readings", "one list that was read to its end, and of which is still to be told what it no longer shows",
    column("source", Text, "name of the source", key=True),
    column("stream", Text, "stream that was read", key=True),
    column("member", Text, "member of the option that it was read for; empty: it has none", key=True),
    column("rows_of", Text, "stream whose rows it covers", required=True),
    column("tables", Text, "JSON: the fact tables", required=True),
    column("read_as", Text, "fingerprint of the options and the parser", required=True),
    column("began", Instant, "when it began (UTC)", required=True, volatile=True),
    column("since", Instant, "rows later than this were asked for (UTC); empty: all of them", volatile=True),
    column("until", Instant, "younger ones may not have been shown yet (UTC)", required=True, volatile=True),
    column("n_told", BigInteger, "records that the list says it has; empty: it does not say", volatile=True),
)  # fmt: skip
