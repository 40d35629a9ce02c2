"""What customers were at earlier times, and which segment and persona that makes."""

from sql.tables.base import column, table
from sql.types import BigInteger, Instant, Text

customer_states = table(
    "customer_states", "one state of one customer or account that a batch told, where batches told several",
    column("fact", Text, "customers | accounts", key=True),
    column("id", Text, "the customer or account", key=True),
    column("batch_id", Text, "batch that told it", key=True),
    column("at", Instant, "since when it is so: the row's version, else the start of the last day its file is complete "
           "for (UTC)", required=True),
    column("state", Text, "JSON: the attributes that are followed, as texts", required=True),
    column("row_hash", BigInteger, "hash of instant and state", required=True),
)  # fmt: skip

customer_segments = table(
    "customer_segments", "segment and persona of one customer while they held, by the roadmap's rules of today",
    column("customer_id", Text, "customer, source-prefixed", key=True),
    column("valid_from", Instant, "from (UTC); 1970: as far back as anything is known", key=True),
    column("valid_to", Instant, "to (UTC); empty: now"),
    column("segment", Text, "first segment whose rule held; empty: none"),
    column("persona", Text, "first persona that held; empty: none"),
)  # fmt: skip
