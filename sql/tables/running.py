"""Who runs, and whose database this is."""

from sql.tables.base import column, table
from sql.types import BigInteger, Date, Instant, Text

runs = table(
    "runs", "one run of the loop",
    column("run_id", Text, "kind and fence", key=True),
    column("fence", BigInteger, "fencing token: counts up with every run; the highest may write", required=True,
           volatile=True),
    column("kind", Text, "daily | weekly | backfill", required=True),
    column("day", Date, "day the run was made for", required=True),
    column("state", Text, "running | done | failed | lost", required=True, volatile=True),
    column("holder", Text, "host and process that hold it", volatile=True),
    column("started_at", Instant, "when it began (UTC)", volatile=True),
    column("lease_until", Instant, "until when it may write without renewing (UTC)", volatile=True),
    column("ended_at", Instant, "when it ended (UTC)", volatile=True),
    column("summary", Text, "JSON: what it did, or why it failed", volatile=True),
)  # fmt: skip
runs.info["volatile"] = True

meta = table(
    "meta", "one fact about this database",
    column("name", Text, "project | first_contact_on | …", key=True),
    column("value", Text, "its value", required=True),
)  # fmt: skip
