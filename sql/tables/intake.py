"""What came in, what was set aside, and how far each source was read."""

from sqlalchemy import Index

from sql.tables.base import column, table
from sql.types import BigInteger, Date, Float, Instant, Text

batches = table(
    "batches", "one fetched batch: a file, or a page of an interface",
    column("batch_id", Text, "derived from source, content and mapping", key=True),
    column("source", Text, "name of the source", required=True),
    column("stream", Text, "stream within the source; of files: `files`", required=True),
    column("name", Text, "file name or stream", required=True),
    column("sha256", Text, "content; names the landed bytes: a file, or the list of a fetch's pages", required=True),
    column("mapping", Text, "version of the mapping it was read with", required=True),
    column("n_bytes", BigInteger, "size of the original", required=True),
    column("state", Text, "landed | unreadable | published | rejected | replaced (by a mended mapping or file)",
           required=True),
    column("verdict", Text, "JSON: what validation found, rule by rule"),
    column("position", Text, "JSON: where the stream goes on after this batch; empty for files", volatile=True),
    column("complete_through", Date, "last day this batch is complete for"),
    column("n_source", BigInteger, "rows in the source, all tables"),
    column("notes", Text, "JSON: fields and words that were new in it; empty: none"),
    column("landed_at", Instant, "when it was fetched (UTC)", volatile=True),
    column("published_at", Instant, "when its rows were published (UTC)", volatile=True),
)  # fmt: skip

batch_tables = table(
    "batch_tables", "one batch that was published, and table: where every row went",
    column("batch_id", Text, "the batch", key=True),
    column("table_name", Text, "the fact table", key=True),
    column("n_source", BigInteger, "rows read for this table's mappings", required=True),
    column("n_left_out", BigInteger, "left out by a declared where", required=True),
    column("n_unreadable", BigInteger, "set aside while reading", required=True),
    column("n_mapped", BigInteger, "mapped: source less left out less unreadable", required=True),
    column("n_inserted", BigInteger, "new rows", required=True),
    column("n_updated", BigInteger, "rows that changed", required=True),
    column("n_unchanged", BigInteger, "rows already there as they are", required=True),
    column("n_superseded", BigInteger, "older versions and exact duplicates", required=True),
    column("n_quarantined", BigInteger, "mapped rows set aside by a rule", required=True),
    column("n_ambiguous_times", BigInteger, "local times that exist twice; the earlier was taken", required=True),
    column("n_swapped_dates", BigInteger, "groups whose day and month were swapped in one row; one day was taken",
           required=True),
    column("n_without_score", BigInteger, "answers with a declared word that is no score: in no denominator",
           required=True),
)  # fmt: skip

quarantine = table(
    "quarantine", "one row set aside, with the reason",
    column("quarantine_id", Text, "derived from batch, table, file, row and rule", key=True),
    column("batch_id", Text, "the batch it came with", required=True),
    column("source", Text, "name of the source", required=True),
    column("table_name", Text, "the fact table it was meant for", required=True),
    column("file", Text, "file it came from"),
    column("row", BigInteger, "row in that file, from 1"),
    column("rule", Text, "rule it failed", required=True),
    column("reason", Text, "found and expected, in words", required=True),
    column("row_key", Text, "key of the row in that table; empty: not known"),
    column("raw", Text, "JSON: the row as it came", required=True),
    column("state", Text, "waiting | replayed (its batch was read again) | corrected (a later batch has it well)",
           required=True),
    column("corrected_by", Text, "batch that brought the row again, and well"),
)  # fmt: skip
Index(None, quarantine.c.batch_id)

fetches = table(
    "fetches", "one stream that is being fetched: what has landed of it and is in no batch yet",
    column("source", Text, "name of the source", key=True),
    column("stream", Text, "stream within the source", key=True),
    column("position", Text, "JSON: where to go on", required=True, volatile=True),
    column("pages", Text, "JSON: landed pages that are in no batch yet", required=True),
    column("n_records", BigInteger, "records on those pages", required=True),
    column("news", Text, "JSON: fields and unknown words of those pages; empty: none"),
    column("whole_at", Instant, "when the last fetch began that read it to its end (UTC); empty: none did",
           volatile=True),
)  # fmt: skip

gaps = table(
    "gaps", "days of one stream that were missed: its interface no longer showed them when it was read again",
    column("source", Text, "name of the source", key=True),
    column("stream", Text, "stream within the source", key=True),
    column("first_day", Date, "first day that is missing, or misses a part", key=True),
    column("last_day", Date, "last such day", required=True),
    column("keeps_days", Float, "how many days the interface looks back", required=True),
)  # fmt: skip

source_fields = table(
    "source_fields", "one field that a stream of an interface has shown",
    column("source", Text, "name of the source", key=True),
    column("stream", Text, "stream within the source", key=True),
    column("field", Text, "the field, with dots between the levels", key=True),
    column("batch_id", Text, "batch that brought it first", required=True),
)  # fmt: skip

source_calls = table(
    "source_calls", "one source whose vendor allows so many calls a day, and day",
    column("source", Text, "name of the source", key=True),
    column("day", Date, "day, in UTC", key=True),
    column("n_calls", BigInteger, "calls made, those of all its streams and runs", required=True, volatile=True),
)  # fmt: skip

cursors = table(
    "cursors", "one (source, stream): how far it is read",
    column("source", Text, "name of the source", key=True),
    column("stream", Text, "stream within the source", key=True),
    column("position", Text, "where to go on", required=True, volatile=True),
    column("complete_through", Date, "last day the source is complete for"),
)  # fmt: skip

day_changes = table(
    "day_changes",
    "what one batch, or one list that no longer showed rows, changed about one day of one fact table (and survey)",
    column("cause", Text, "the batch; of a list: its stream", key=True),
    column("table_name", Text, "the fact table", key=True),
    column("survey", Text, "of answers and invitations: which survey; else empty", key=True),
    column("day", Date, "booking day (reporting zone)", key=True),
    column("known_on", Date, "day of the run that brought it", key=True),
    column("source", Text, "name of the source", required=True),
    column("how", Text, "came | read again (with a mended mapping, or what was set aside) | no longer shown",
           required=True),
    column("n_new", BigInteger, "new rows that happened on that day", required=True),
    column("n_changed", BigInteger, "other rows booked on that day, before or after, that came new or changed",
           required=True),
    column("n_gone", BigInteger, "rows of that day that were deleted", required=True),
    column("told_on", Date, "Monday after the week of the first summary that rests on it; empty: none yet",
           volatile=True),
)  # fmt: skip
Index(None, day_changes.c.table_name, day_changes.c.day)
