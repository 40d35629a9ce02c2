"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op

import sql.types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "watch_weeks",
        sa.Column("week_start", sa.Date(), nullable=False, comment="Monday of the week"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="last day that counts"),
        sa.Column("why_not", sa.Text(), nullable=True, comment="why nothing can be told; empty: it can"),
        sa.Column(
            "base_share",
            sa.Float(),
            nullable=True,
            comment="share who left within 90 days, of all cases learned from, 0-1",
        ),
        sa.Column("n_cases", sa.BigInteger(), nullable=False, comment="cases learned from: a customer at a moment"),
        sa.Column("n_left", sa.BigInteger(), nullable=False, comment="of these, who left"),
        sa.Column(
            "separation",
            sa.Float(),
            nullable=True,
            comment="how often who left had the higher chance than who stayed, 0.5-1, on cases not learned from",
        ),
        sa.Column("n_customers", sa.BigInteger(), nullable=False, comment="customers who stay as far as anybody knows"),
        sa.Column(
            "n_watched", sa.BigInteger(), nullable=False, comment="of these, surely likelier to leave than usual"
        ),
        sa.Column(
            "told",
            sa.Text(),
            nullable=False,
            comment="JSON: stakes (minor units), reasons with how many, first customers, who buys without a contract",
        ),
        sa.Column("mark", sa.Text(), nullable=False, comment="hash of what it was made by"),
        sa.PrimaryKeyConstraint("week_start", name=op.f("pk_watch_weeks")),
        comment="customers likelier to leave than usual, as one week's summary told it",
    )
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Text(), nullable=False, comment="source and the vendor's key"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("url", sa.Text(), nullable=True, comment="address of the row in the vendor's own system"),
        sa.Column("name", sa.Text(), nullable=True, comment="name"),
        sa.Column("segment", sa.Text(), nullable=True, comment="segment now"),
        sa.Column("country", sa.Text(), nullable=True, comment="country, ISO 3166"),
        sa.Column("industry", sa.Text(), nullable=True, comment="industry"),
        sa.Column("created_at", sql.types.Instant(), nullable=True, comment="when it became a customer (UTC)"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
        comment="one paying organisation",
    )
    op.create_table(
        "agents",
        sa.Column("agent_id", sa.Text(), nullable=False, comment="source and pseudonym"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("team", sa.Text(), nullable=True, comment="team now"),
        sa.Column("role", sa.Text(), nullable=True, comment="agent | bot"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agents")),
        comment="one agent, as a pseudonym",
    )
    op.create_table(
        "batch_tables",
        sa.Column("batch_id", sa.Text(), nullable=False, comment="the batch"),
        sa.Column("table_name", sa.Text(), nullable=False, comment="the fact table"),
        sa.Column("n_source", sa.BigInteger(), nullable=False, comment="rows read for this table's mappings"),
        sa.Column("n_left_out", sa.BigInteger(), nullable=False, comment="left out by a declared where"),
        sa.Column("n_unreadable", sa.BigInteger(), nullable=False, comment="set aside while reading"),
        sa.Column("n_mapped", sa.BigInteger(), nullable=False, comment="mapped: source less left out less unreadable"),
        sa.Column("n_inserted", sa.BigInteger(), nullable=False, comment="new rows"),
        sa.Column("n_updated", sa.BigInteger(), nullable=False, comment="rows that changed"),
        sa.Column("n_unchanged", sa.BigInteger(), nullable=False, comment="rows already there as they are"),
        sa.Column("n_superseded", sa.BigInteger(), nullable=False, comment="older versions and exact duplicates"),
        sa.Column("n_quarantined", sa.BigInteger(), nullable=False, comment="mapped rows set aside by a rule"),
        sa.Column(
            "n_ambiguous_times",
            sa.BigInteger(),
            nullable=False,
            comment="local times that exist twice; the earlier was taken",
        ),
        sa.Column(
            "n_swapped_dates",
            sa.BigInteger(),
            nullable=False,
            comment="groups whose day and month were swapped in one row; one day was taken",
        ),
        sa.Column(
            "n_without_score",
            sa.BigInteger(),
            nullable=False,
            comment="answers with a declared word that is no score: in no denominator",
        ),
        sa.PrimaryKeyConstraint("batch_id", "table_name", name=op.f("pk_batch_tables")),
        comment="one batch that was published, and table: where every row went",
    )
    op.create_table(
        "batches",
        sa.Column("batch_id", sa.Text(), nullable=False, comment="derived from source, content and mapping"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("stream", sa.Text(), nullable=False, comment="stream within the source; of files: `files`"),
        sa.Column("name", sa.Text(), nullable=False, comment="file name or stream"),
        sa.Column(
            "sha256",
            sa.Text(),
            nullable=False,
            comment="content; names the landed bytes: a file, or the list of a fetch's pages",
        ),
        sa.Column("mapping", sa.Text(), nullable=False, comment="version of the mapping it was read with"),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False, comment="size of the original"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="landed | unreadable | published | rejected | replaced (by a mended mapping or file)",
        ),
        sa.Column("verdict", sa.Text(), nullable=True, comment="JSON: what validation found, rule by rule"),
        sa.Column(
            "position",
            sa.Text(),
            nullable=True,
            comment="JSON: where the stream goes on after this batch; empty for files",
        ),
        sa.Column("complete_through", sa.Date(), nullable=True, comment="last day this batch is complete for"),
        sa.Column("n_source", sa.BigInteger(), nullable=True, comment="rows in the source, all tables"),
        sa.Column("notes", sa.Text(), nullable=True, comment="JSON: fields and words that were new in it; empty: none"),
        sa.Column("landed_at", sql.types.Instant(), nullable=True, comment="when it was fetched (UTC)"),
        sa.Column("published_at", sql.types.Instant(), nullable=True, comment="when its rows were published (UTC)"),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batches")),
        comment="one fetched batch: a file, or a page of an interface",
    )
    op.create_table(
        "cursors",
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("stream", sa.Text(), nullable=False, comment="stream within the source"),
        sa.Column("position", sa.Text(), nullable=False, comment="where to go on"),
        sa.Column("complete_through", sa.Date(), nullable=True, comment="last day the source is complete for"),
        sa.PrimaryKeyConstraint("source", "stream", name=op.f("pk_cursors")),
        comment="one (source, stream): how far it is read",
    )
    op.create_table(
        "customer_history",
        sa.Column("history_id", sa.Text(), nullable=False, comment="customer, attribute and start"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("customer_id", sa.Text(), nullable=False, comment="customer"),
        sa.Column("attribute", sa.Text(), nullable=False, comment="attribute"),
        sa.Column("value", sa.Text(), nullable=True, comment="value"),
        sa.Column("valid_from", sql.types.Instant(), nullable=False, comment="from (UTC)"),
        sa.Column("valid_to", sql.types.Instant(), nullable=True, comment="to; empty: now (UTC)"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_customer_history")),
        comment="one value of one attribute of one customer while it held",
    )
    op.create_table(
        "customer_segments",
        sa.Column("customer_id", sa.Text(), nullable=False, comment="customer, source-prefixed"),
        sa.Column(
            "valid_from",
            sql.types.Instant(),
            nullable=False,
            comment="from (UTC); 1970: as far back as anything is known",
        ),
        sa.Column("valid_to", sql.types.Instant(), nullable=True, comment="to (UTC); empty: now"),
        sa.Column("segment", sa.Text(), nullable=True, comment="first segment whose rule held; empty: none"),
        sa.Column("persona", sa.Text(), nullable=True, comment="first persona that held; empty: none"),
        sa.PrimaryKeyConstraint("customer_id", "valid_from", name=op.f("pk_customer_segments")),
        comment="segment and persona of one customer while they held, by the roadmap's rules of today",
    )
    op.create_table(
        "customer_states",
        sa.Column("fact", sa.Text(), nullable=False, comment="customers | accounts"),
        sa.Column("id", sa.Text(), nullable=False, comment="the customer or account"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that told it"),
        sa.Column(
            "at",
            sql.types.Instant(),
            nullable=False,
            comment="since when it is so: the row's version, else the start of the last day its file is complete for (UTC)",
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="JSON: the attributes that are followed, as texts"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of instant and state"),
        sa.PrimaryKeyConstraint("fact", "id", "batch_id", name=op.f("pk_customer_states")),
        comment="one state of one customer or account that a batch told, where batches told several",
    )
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.Text(), nullable=False, comment="source and the vendor's key"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("url", sa.Text(), nullable=True, comment="address of the row in the vendor's own system"),
        sa.Column("account_id", sa.Text(), nullable=True, comment="account it belongs to"),
        sa.Column("plan", sa.Text(), nullable=True, comment="plan now"),
        sa.Column("segment", sa.Text(), nullable=True, comment="segment now"),
        sa.Column("country", sa.Text(), nullable=True, comment="country, ISO 3166"),
        sa.Column("language", sa.Text(), nullable=True, comment="preferred language"),
        sa.Column("created_at", sql.types.Instant(), nullable=True, comment="when it became a customer (UTC)"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customers")),
        comment="one person or household that buys",
    )
    op.create_table(
        "day_changes",
        sa.Column("cause", sa.Text(), nullable=False, comment="the batch; of a list: its stream"),
        sa.Column("table_name", sa.Text(), nullable=False, comment="the fact table"),
        sa.Column("survey", sa.Text(), nullable=False, comment="of answers and invitations: which survey; else empty"),
        sa.Column("day", sa.Date(), nullable=False, comment="booking day (reporting zone)"),
        sa.Column("known_on", sa.Date(), nullable=False, comment="day of the run that brought it"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column(
            "how",
            sa.Text(),
            nullable=False,
            comment="came | read again (with a mended mapping, or what was set aside) | no longer shown",
        ),
        sa.Column("n_new", sa.BigInteger(), nullable=False, comment="new rows that happened on that day"),
        sa.Column(
            "n_changed",
            sa.BigInteger(),
            nullable=False,
            comment="other rows booked on that day, before or after, that came new or changed",
        ),
        sa.Column("n_gone", sa.BigInteger(), nullable=False, comment="rows of that day that were deleted"),
        sa.Column(
            "told_on",
            sa.Date(),
            nullable=True,
            comment="Monday after the week of the first summary that rests on it; empty: none yet",
        ),
        sa.PrimaryKeyConstraint("cause", "table_name", "survey", "day", "known_on", name=op.f("pk_day_changes")),
        comment="what one batch, or one list that no longer showed rows, changed about one day of one fact table (and survey)",
    )
    op.create_index(op.f("ix_day_changes_table_name_day"), "day_changes", ["table_name", "day"], unique=False)
    op.create_table(
        "dirty_days",
        sa.Column("fact", sa.Text(), nullable=False, comment="fact table"),
        sa.Column("day", sa.Date(), nullable=False, comment="booking day (reporting zone)"),
        sa.PrimaryKeyConstraint("fact", "day", name=op.f("pk_dirty_days")),
        comment="one day of one fact table whose KPIs must be measured again",
    )
    op.create_table(
        "feedback_notes",
        sa.Column("note_id", sa.Text(), nullable=False, comment="source and key"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("url", sa.Text(), nullable=True, comment="address of the row in the vendor's own system"),
        sa.Column("team", sa.Text(), nullable=True, comment="team"),
        sa.Column("channel", sa.Text(), nullable=True, comment="where it was said"),
        sa.Column("customer_id", sa.Text(), nullable=True, comment="customer, where known"),
        sa.Column("touchpoint", sa.Text(), nullable=True, comment="touchpoint"),
        sa.Column("body", sa.Text(), nullable=True, comment="text; masked before it is shown"),
        sa.Column("noted_at", sql.types.Instant(), nullable=False, comment="when (UTC)"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_feedback_notes")),
        comment="one note of a colleague about customers",
    )
    op.create_table(
        "fetches",
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("stream", sa.Text(), nullable=False, comment="stream within the source"),
        sa.Column("position", sa.Text(), nullable=False, comment="JSON: where to go on"),
        sa.Column("pages", sa.Text(), nullable=False, comment="JSON: landed pages that are in no batch yet"),
        sa.Column("n_records", sa.BigInteger(), nullable=False, comment="records on those pages"),
        sa.Column(
            "news", sa.Text(), nullable=True, comment="JSON: fields and unknown words of those pages; empty: none"
        ),
        sa.Column(
            "whole_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the last fetch began that read it to its end (UTC); empty: none did",
        ),
        sa.PrimaryKeyConstraint("source", "stream", name=op.f("pk_fetches")),
        comment="one stream that is being fetched: what has landed of it and is in no batch yet",
    )
    op.create_table(
        "findings",
        sa.Column("rule", sa.Text(), nullable=False, comment="pace | drift | churn | listening"),
        sa.Column("kpi", sa.Text(), nullable=False, comment="KPI; of listening the one that counts the invitations"),
        sa.Column("scope", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("benchmark", sa.Text(), nullable=False, comment="benchmark of the roadmap; empty: none"),
        sa.Column("moment", sa.Date(), nullable=False, comment="the Monday before which all is judged"),
        sa.Column("verdict", sa.Text(), nullable=False, comment="in words"),
        sa.Column("is_breach", sa.Boolean(), nullable=False, comment="surely worse"),
        sa.Column("is_recovered", sa.Boolean(), nullable=False, comment="back on the good side"),
        sa.Column("is_provisional", sa.Boolean(), nullable=False, comment="judged on a short past"),
        sa.Column("since", sa.Date(), nullable=True, comment="since when, as far as can be said"),
        sa.Column("expected", sa.Float(), nullable=True, comment="where it should be"),
        sa.Column("line", sa.Float(), nullable=True, comment="expected less tolerance"),
        sa.Column("period_start", sa.Date(), nullable=True, comment="first day of the period judged"),
        sa.Column("period_end", sa.Date(), nullable=True, comment="day after its last day"),
        sa.Column("n", sa.BigInteger(), nullable=True, comment="outcomes known"),
        sa.Column("n_open", sa.BigInteger(), nullable=True, comment="outcomes not known yet"),
        sa.Column("value", sa.Float(), nullable=True, comment="value of the period judged"),
        sa.Column("low", sa.Float(), nullable=True, comment="lower end of its interval"),
        sa.Column("high", sa.Float(), nullable=True, comment="upper end of its interval"),
        sa.Column("bound_low", sa.Float(), nullable=True, comment="value if all open outcomes fail"),
        sa.Column("bound_high", sa.Float(), nullable=True, comment="value if all open outcomes succeed"),
        sa.Column("note", sa.Text(), nullable=True, comment="what else is to be said"),
        sa.PrimaryKeyConstraint("rule", "kpi", "scope", "benchmark", "moment", name=op.f("pk_findings")),
        comment="what one rule said of one series at one moment",
    )
    op.create_table(
        "gaps",
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("stream", sa.Text(), nullable=False, comment="stream within the source"),
        sa.Column("first_day", sa.Date(), nullable=False, comment="first day that is missing, or misses a part"),
        sa.Column("last_day", sa.Date(), nullable=False, comment="last such day"),
        sa.Column("keeps_days", sa.Float(), nullable=False, comment="how many days the interface looks back"),
        sa.PrimaryKeyConstraint("source", "stream", "first_day", name=op.f("pk_gaps")),
        comment="days of one stream that were missed: its interface no longer showed them when it was read again",
    )
    op.create_table(
        "help_center_days",
        sa.Column("help_center_day_id", sa.Text(), nullable=False, comment="source, section and day"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("section", sa.Text(), nullable=True, comment="section or article"),
        sa.Column("product", sa.Text(), nullable=True, comment="product"),
        sa.Column("language", sa.Text(), nullable=True, comment="language"),
        sa.Column("day_at", sql.types.Instant(), nullable=False, comment="start of the day (UTC)"),
        sa.Column("n_visits", sa.BigInteger(), nullable=True, comment="visits"),
        sa.Column("n_searches", sa.BigInteger(), nullable=True, comment="searches"),
        sa.Column("n_failed_searches", sa.BigInteger(), nullable=True, comment="searches without a hit"),
        sa.Column("n_solved", sa.BigInteger(), nullable=True, comment="sessions that ended without contact"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("help_center_day_id", name=op.f("pk_help_center_days")),
        comment="one help-center section on one day",
    )
    op.create_table(
        "identities",
        sa.Column("identity_id", sa.Text(), nullable=False, comment="source, kind and hashed value"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("customer_id", sa.Text(), nullable=False, comment="customer it belongs to"),
        sa.Column("kind", sa.Text(), nullable=True, comment="email | phone | external | handle"),
        sa.Column(
            "value_hash",
            sa.Text(),
            nullable=True,
            comment="keyed hash of the normalised value; empty: unreadable, ties nobody",
        ),
        sa.Column(
            "near_hashes",
            sa.Text(),
            nullable=True,
            comment="keyed hashes of an e-mail address and of it without each one letter",
        ),
        sa.Column("seen_at", sql.types.Instant(), nullable=True, comment="first seen (UTC)"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_identities")),
        comment="one address or id by which a customer is known somewhere",
    )
    op.create_table(
        "improvement_tasks",
        sa.Column("task_id", sa.Text(), nullable=False, comment="derived from the incident"),
        sa.Column("number", sa.BigInteger(), nullable=False, comment="shown as CX-number"),
        sa.Column("incident_id", sa.Text(), nullable=False, comment="incident that opened it"),
        sa.Column("incident_key", sa.Text(), nullable=False, comment="labels of that incident"),
        sa.Column("kpi", sa.Text(), nullable=False, comment="KPI"),
        sa.Column("scope", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("rule", sa.Text(), nullable=False, comment="pace | drift | churn"),
        sa.Column("benchmark", sa.Text(), nullable=False, comment="benchmark; empty: none"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="proposed | accepted | in progress | blocked | done | verifying | worked | no change seen | made worse | cannot be judged | won't do",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="title"),
        sa.Column("owner", sa.Text(), nullable=False, comment="role that owns it"),
        sa.Column("opened_on", sa.Date(), nullable=False, comment="moment it was opened"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="due"),
        sa.Column("done_on", sa.Date(), nullable=True, comment="day it was said to be done"),
        sa.Column("judge_on", sa.Date(), nullable=True, comment="first Monday on which its effect can be judged"),
        sa.Column(
            "body",
            sa.Text(),
            nullable=False,
            comment="JSON: what happened, evidence, five whys, hypothesis, what can be seen",
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_improvement_tasks")),
        comment="one improvement task",
    )
    op.create_table(
        "incident_events",
        sa.Column("event_id", sa.Text(), nullable=False, comment="derived from incident, moment and states"),
        sa.Column("incident_id", sa.Text(), nullable=False, comment="the incident"),
        sa.Column("moment", sa.Date(), nullable=False, comment="when (a Monday, or the day somebody acted)"),
        sa.Column("old", sa.Text(), nullable=False, comment="state before"),
        sa.Column("new", sa.Text(), nullable=False, comment="state after"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why, in words"),
        sa.Column("actor", sa.Text(), nullable=False, comment="cxloop, or who acted"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_incident_events")),
        comment="one change of state of one incident",
    )
    op.create_table(
        "incident_subjects",
        sa.Column("incident_id", sa.Text(), nullable=False, comment="the incident"),
        sa.Column(
            "rank",
            sa.BigInteger(),
            nullable=False,
            comment="1: the surest theme of the roadmap; then customers' own words",
        ),
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="theme of the roadmap, or words that several customers wrote"
        ),
        sa.Column("theme", sa.Text(), nullable=True, comment="the theme, if it is one; empty: customers' own words"),
        sa.Column("n_now", sa.BigInteger(), nullable=False, comment="customers who say it in the period"),
        sa.Column("n_before", sa.BigInteger(), nullable=False, comment="customers who said it before"),
        sa.Column("q", sa.Float(), nullable=False, comment="share of false ones among this and all surer ones, 0-1"),
        sa.Column(
            "fact",
            sa.Text(),
            nullable=True,
            comment="fact table of a typical text of it; empty: none is fit to be shown",
        ),
        sa.Column("row_id", sa.Text(), nullable=True, comment="key of its row there"),
        sa.Column(
            "place", sa.BigInteger(), nullable=True, comment="which of its sentences; 0 of a short text: all of it"
        ),
        sa.Column(
            "quote_hash", sa.Text(), nullable=True, comment="hash of the masked words that were found fit to be shown"
        ),
        sa.PrimaryKeyConstraint("incident_id", "rank", name=op.f("pk_incident_subjects")),
        comment="one theme, or one thing in customers' words, surely said more often in an incident",
    )
    op.create_table(
        "incident_words",
        sa.Column("incident_id", sa.Text(), nullable=False, comment="the incident"),
        sa.Column("first_day", sa.Date(), nullable=False, comment="first day of the period it judges"),
        sa.Column("end_day", sa.Date(), nullable=False, comment="day after its last day"),
        sa.Column(
            "before_day",
            sa.Date(),
            nullable=False,
            comment="first day of the texts before; they end where the trouble began",
        ),
        sa.Column("begun_day", sa.Date(), nullable=False, comment="day on which they end: the trouble's first"),
        sa.Column(
            "n_voices",
            sa.BigInteger(),
            nullable=False,
            comment="customers who write in the period, in its part of the company",
        ),
        sa.Column("n_before", sa.BigInteger(), nullable=False, comment="customers who wrote before"),
        sa.Column("mark", sa.Text(), nullable=False, comment="hash of all it was made from"),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incident_words")),
        comment="one open incident, of which what customers write in its part of the company was looked at",
    )
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.Text(), nullable=False, comment="derived from the key and the opening moment"),
        sa.Column("key", sa.Text(), nullable=False, comment="labels alone: kpi, scope, rule, benchmark"),
        sa.Column("kpi", sa.Text(), nullable=False, comment="KPI"),
        sa.Column("scope", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("rule", sa.Text(), nullable=False, comment="pace | drift | churn | listening"),
        sa.Column("benchmark", sa.Text(), nullable=False, comment="benchmark; empty: none"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="pending | firing | acknowledged | snoozed | recovering | resolved | no data | error",
        ),
        sa.Column("opened_at", sa.Date(), nullable=False, comment="moment it fired (a Monday)"),
        sa.Column("resolved_at", sa.Date(), nullable=True, comment="moment it was over"),
        sa.Column("since", sa.Date(), nullable=True, comment="when the trouble began, as far as can be said"),
        sa.Column("judged_through", sa.Date(), nullable=False, comment="last moment that was looked at"),
        sa.Column("n_breaches", sa.BigInteger(), nullable=False, comment="moments in breach"),
        sa.Column("n_recovered", sa.BigInteger(), nullable=False, comment="recovered moments in a row"),
        sa.Column("is_told", sa.Boolean(), nullable=False, comment="a message went out"),
        sa.Column("figures", sa.Text(), nullable=False, comment="JSON: numbers last told"),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incidents")),
        comment="one episode of one (kpi, scope, rule, benchmark)",
    )
    op.create_table(
        "kpi_days",
        sa.Column("kpi", sa.Text(), nullable=False, comment="KPI; of several quantiles of one duration the first"),
        sa.Column("scope", sa.Text(), nullable=False, comment="canonical JSON; {} is the whole"),
        sa.Column("booked_day", sa.Date(), nullable=False, comment="day it is booked on (reporting zone)"),
        sa.Column("known_day", sa.Date(), nullable=False, comment="day it became known (reporting zone)"),
        sa.Column("n_items", sa.BigInteger(), nullable=False, comment="things booked (change)"),
        sa.Column("n", sa.BigInteger(), nullable=False, comment="outcomes known (change)"),
        sa.Column("total", sa.Float(), nullable=False, comment="sum over known outcomes (change)"),
        sa.Column("total_sq", sa.Float(), nullable=False, comment="sum of squares over known outcomes (change)"),
        sa.Column("bins", sa.Text(), nullable=True, comment="log histogram of durations, 'bin:count …' (change)"),
        sa.PrimaryKeyConstraint("kpi", "scope", "booked_day", "known_day", name=op.f("pk_kpi_days")),
        comment="what became known of one KPI on one day about things booked on one day",
    )
    op.create_index(op.f("ix_kpi_days_kpi_booked_day"), "kpi_days", ["kpi", "booked_day"], unique=False)
    op.create_table(
        "kpi_stretches",
        sa.Column("kpi", sa.Text(), nullable=False, comment="KPI; of several quantiles of one duration the first"),
        sa.Column("start", sa.Date(), nullable=False, comment="a Monday or the first of a month"),
        sa.Column("scope", sa.Text(), nullable=False, comment="canonical JSON; {} is the whole"),
        sa.Column("n_items", sa.BigInteger(), nullable=False, comment="things booked"),
        sa.Column("n", sa.BigInteger(), nullable=False, comment="outcomes known"),
        sa.Column("total", sa.Float(), nullable=False, comment="sum over known outcomes"),
        sa.Column("total_sq", sa.Float(), nullable=False, comment="sum of squares over known outcomes"),
        sa.Column("bins", sa.Text(), nullable=True, comment="log histogram of durations, 'bin:count …'"),
        sa.PrimaryKeyConstraint("kpi", "start", "scope", name=op.f("pk_kpi_stretches")),
        comment="daily parts of one KPI added up: a week, cut where a month begins",
    )
    op.create_table(
        "kpi_values",
        sa.Column("kpi", sa.Text(), nullable=False, comment="KPI"),
        sa.Column("period", sa.Text(), nullable=False, comment="day | week | month | 28d | 90d | all"),
        sa.Column("period_start", sa.Date(), nullable=False, comment="first day"),
        sa.Column("scope", sa.Text(), nullable=False, comment="canonical JSON; {} is the whole"),
        sa.Column("period_end", sa.Date(), nullable=False, comment="day after the last day"),
        sa.Column("n", sa.BigInteger(), nullable=False, comment="outcomes known"),
        sa.Column("n_open", sa.BigInteger(), nullable=False, comment="outcomes not known yet"),
        sa.Column("total", sa.Float(), nullable=True, comment="sum behind the value"),
        sa.Column("total_sq", sa.Float(), nullable=True, comment="sum of squares behind the value"),
        sa.Column("value", sa.Float(), nullable=True, comment="the KPI, in its own unit; null: nothing known"),
        sa.Column("low", sa.Float(), nullable=True, comment="lower end of the 95 % interval"),
        sa.Column("high", sa.Float(), nullable=True, comment="upper end of the 95 % interval"),
        sa.Column("bound_low", sa.Float(), nullable=True, comment="value if every open outcome fails"),
        sa.Column("bound_high", sa.Float(), nullable=True, comment="value if every open outcome succeeds"),
        sa.PrimaryKeyConstraint("kpi", "period", "period_start", "scope", name=op.f("pk_kpi_values")),
        comment="one KPI of one scope over one complete period",
    )
    op.create_table(
        "kpi_versions",
        sa.Column("kpi", sa.Text(), nullable=False, comment="KPI"),
        sa.Column("version", sa.Text(), nullable=False, comment="a hash of each part that defines it"),
        sa.Column("first_day", sa.Date(), nullable=False, comment="day of the run that first used it"),
        sa.PrimaryKeyConstraint("kpi", "version", name=op.f("pk_kpi_versions")),
        comment="one definition of one KPI that was in use",
    )
    op.create_table(
        "kpi_years",
        sa.Column("kpi", sa.Text(), nullable=False, comment="KPI; of several quantiles of one duration the first"),
        sa.Column("start", sa.Date(), nullable=False, comment="the first of January"),
        sa.Column("scope", sa.Text(), nullable=False, comment="canonical JSON; {} is the whole"),
        sa.Column("n_items", sa.BigInteger(), nullable=False, comment="things booked"),
        sa.Column("n", sa.BigInteger(), nullable=False, comment="outcomes known"),
        sa.Column("total", sa.Float(), nullable=False, comment="sum over known outcomes"),
        sa.Column("total_sq", sa.Float(), nullable=False, comment="sum of squares over known outcomes"),
        sa.Column("bins", sa.Text(), nullable=True, comment="log histogram of durations, 'bin:count …'"),
        sa.PrimaryKeyConstraint("kpi", "start", "scope", name=op.f("pk_kpi_years")),
        comment="stretches of one KPI added up: a calendar year",
    )
    op.create_table(
        "mentions",
        sa.Column("mention_id", sa.Text(), nullable=False, comment="source and the vendor's key"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("url", sa.Text(), nullable=True, comment="address of the row in the vendor's own system"),
        sa.Column("channel", sa.Text(), nullable=True, comment="where"),
        sa.Column("customer_id", sa.Text(), nullable=True, comment="customer, where known"),
        sa.Column("about", sa.Text(), nullable=True, comment="us | a competitor's name"),
        sa.Column("body", sa.Text(), nullable=True, comment="text; masked before it is shown"),
        sa.Column("reach", sa.BigInteger(), nullable=True, comment="people who could see it"),
        sa.Column("mentioned_at", sql.types.Instant(), nullable=False, comment="when (UTC)"),
        sa.Column("answered_at", sql.types.Instant(), nullable=True, comment="when we answered (UTC)"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("mention_id", name=op.f("pk_mentions")),
        comment="one public mention",
    )
    op.create_table(
        "merge_log",
        sa.Column("event_id", sa.Text(), nullable=False, comment="derived from the pair and its how-manieth event"),
        sa.Column("customer_id", sa.Text(), nullable=False, comment="customer that was merged or set apart"),
        sa.Column(
            "other_id", sa.Text(), nullable=False, comment="customer or person it was merged with or set apart from"
        ),
        sa.Column("nth", sa.BigInteger(), nullable=False, comment="how-manieth event of this pair"),
        sa.Column("action", sa.Text(), nullable=False, comment="merged | apart"),
        sa.Column("moment", sa.Date(), nullable=False, comment="day"),
        sa.Column("actor", sa.Text(), nullable=False, comment="cxloop, or who decided"),
        sa.Column("why", sa.Text(), nullable=False, comment="why"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_merge_log")),
        comment="one merge or undo: who, when, why",
    )
    op.create_table(
        "merge_reviews",
        sa.Column("customer_id", sa.Text(), nullable=False, comment="the smaller customer id"),
        sa.Column("other_id", sa.Text(), nullable=False, comment="the other"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it is to be looked at"),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="waiting | merged | apart; the last two hold against every rule"
        ),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="who decided; empty: nobody yet"),
        sa.Column("decided_on", sa.Date(), nullable=True, comment="day of the decision"),
        sa.Column("why", sa.Text(), nullable=True, comment="reason for the decision"),
        sa.Column(
            "since_run", sa.Text(), nullable=True, comment="run that first saw it; empty: put here by a decision"
        ),
        sa.PrimaryKeyConstraint("customer_id", "other_id", name=op.f("pk_merge_reviews")),
        comment="one pair of customers that may be one person, or about which somebody decided",
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False, comment="project | first_contact_on | …"),
        sa.Column("value", sa.Text(), nullable=False, comment="its value"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
        comment="one fact about this database",
    )
    op.create_table(
        "orders",
        sa.Column("order_id", sa.Text(), nullable=False, comment="source and the vendor's key"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("customer_id", sa.Text(), nullable=False, comment="customer"),
        sa.Column("account_id", sa.Text(), nullable=True, comment="account"),
        sa.Column("product", sa.Text(), nullable=True, comment="product"),
        sa.Column("segment", sa.Text(), nullable=True, comment="segment"),
        sa.Column(
            "persona",
            sa.Text(),
            nullable=True,
            comment="persona at the time of the row, if the source says it; empty: looked up while measuring",
        ),
        sa.Column("ordered_at", sql.types.Instant(), nullable=False, comment="when it was placed (UTC)"),
        sa.Column("quantity", sa.BigInteger(), nullable=True, comment="pieces"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True, comment="amount in minor units"),
        sa.Column("currency", sa.Text(), nullable=True, comment="currency, ISO 4217"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_orders")),
        comment="one order line or order",
    )
    op.create_index(op.f("ix_orders_ordered_at"), "orders", ["ordered_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Text(), nullable=False, comment="derived from key, kind and content"),
        sa.Column("key", sa.Text(), nullable=False, comment="same for every edit of one message"),
        sa.Column("channel", sa.Text(), nullable=False, comment="where to"),
        sa.Column("kind", sa.Text(), nullable=False, comment="post | edit | reply"),
        sa.Column("moment", sa.Date(), nullable=False, comment="moment it tells of"),
        sa.Column("sequence", sa.BigInteger(), nullable=False, comment="order within the moment"),
        sa.Column("text", sa.Text(), nullable=False, comment="readable text, also the notification"),
        sa.Column("blocks", sa.Text(), nullable=False, comment="JSON: Block Kit blocks"),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting | sent | collapsed | failed"),
        sa.Column("sent_to", sa.Text(), nullable=True, comment="slack | files"),
        sa.Column("far_id", sa.Text(), nullable=True, comment="channel and ts that Slack gave"),
        sa.Column("error", sa.Text(), nullable=True, comment="why it was not taken"),
        sa.Column("n_tries", sa.BigInteger(), nullable=False, comment="times tried"),
        sa.Column("sent_at", sql.types.Instant(), nullable=True, comment="when the other side answered (UTC)"),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_outbox")),
        comment="one message to one channel, sent once",
    )
    op.create_table(
        "people",
        sa.Column("customer_id", sa.Text(), nullable=False, comment="customer, source-prefixed"),
        sa.Column("person_id", sa.Text(), nullable=False, comment="smallest customer id of the person"),
        sa.Column(
            "through",
            sa.Text(),
            nullable=False,
            comment="email | external | phone | handle: what it shares with others; decision: somebody said so",
        ),
        sa.Column("identity_id", sa.Text(), nullable=True, comment="the identity that is shared; empty: a decision"),
        sa.Column(
            "account_id", sa.Text(), nullable=True, comment="the person's account, where all that name one agree"
        ),
        sa.Column("since_run", sa.Text(), nullable=True, comment="run that tied it; empty: somebody's decision did"),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_people")),
        comment="one customer id that is one person with others; a customer id that is not here is a person by itself",
    )
    op.create_index(op.f("ix_people_person_id"), "people", ["person_id"], unique=False)
    op.create_table(
        "published_figures",
        sa.Column("kpi", sa.Text(), nullable=False, comment="KPI"),
        sa.Column("scope", sa.Text(), nullable=False, comment="canonical JSON; {} is the whole"),
        sa.Column("period", sa.Text(), nullable=False, comment="day | week | month | 28d | 90d | all"),
        sa.Column("period_start", sa.Date(), nullable=False, comment="first day"),
        sa.Column("period_end", sa.Date(), nullable=False, comment="day after the last day"),
        sa.Column(
            "edition",
            sa.BigInteger(),
            nullable=False,
            comment="1: as first told; counts up with each change that was told",
        ),
        sa.Column("moment", sa.Date(), nullable=False, comment="Monday after the week of the summary that told it"),
        sa.Column("told_on", sa.Date(), nullable=False, comment="day of the run that wrote that summary"),
        sa.Column(
            "known_before",
            sa.Date(),
            nullable=True,
            comment="outcomes known before this day counted; empty: all that were known",
        ),
        sa.Column("n", sa.BigInteger(), nullable=False, comment="outcomes known"),
        sa.Column("n_open", sa.BigInteger(), nullable=False, comment="outcomes not known yet"),
        sa.Column(
            "value", sa.Float(), nullable=True, comment="in the KPI's own unit; empty: nothing is known of it any more"
        ),
        sa.Column(
            "low",
            sa.Float(),
            nullable=True,
            comment="lower end of what was possible: of the 95 % interval, of open outcomes",
        ),
        sa.Column("high", sa.Float(), nullable=True, comment="upper end of what was possible"),
        sa.Column(
            "definition",
            sa.Text(),
            nullable=True,
            comment="version of the KPI's definition, as in kpi_versions; empty: not known",
        ),
        sa.Column("rules", sa.Text(), nullable=False, comment="hash of the roadmap's rules for segments and personas"),
        sa.Column(
            "reasons",
            sa.Text(),
            nullable=True,
            comment="JSON: why it is another one than the edition before; empty: first told",
        ),
        sa.PrimaryKeyConstraint(
            "kpi", "scope", "period", "period_start", "period_end", "edition", name=op.f("pk_published_figures")
        ),
        comment="one KPI of one scope over one period, as a summary first told it, or told it changed",
    )
    op.create_table(
        "quarantine",
        sa.Column("quarantine_id", sa.Text(), nullable=False, comment="derived from batch, table, file, row and rule"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="the batch it came with"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("table_name", sa.Text(), nullable=False, comment="the fact table it was meant for"),
        sa.Column("file", sa.Text(), nullable=True, comment="file it came from"),
        sa.Column("row", sa.BigInteger(), nullable=True, comment="row in that file, from 1"),
        sa.Column("rule", sa.Text(), nullable=False, comment="rule it failed"),
        sa.Column("reason", sa.Text(), nullable=False, comment="found and expected, in words"),
        sa.Column("row_key", sa.Text(), nullable=True, comment="key of the row in that table; empty: not known"),
        sa.Column("raw", sa.Text(), nullable=False, comment="JSON: the row as it came"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="waiting | replayed (its batch was read again) | corrected (a later batch has it well)",
        ),
        sa.Column("corrected_by", sa.Text(), nullable=True, comment="batch that brought the row again, and well"),
        sa.PrimaryKeyConstraint("quarantine_id", name=op.f("pk_quarantine")),
        comment="one row set aside, with the reason",
    )
    op.create_index(op.f("ix_quarantine_batch_id"), "quarantine", ["batch_id"], unique=False)
    op.create_table(
        "readings",
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("stream", sa.Text(), nullable=False, comment="stream that was read"),
        sa.Column(
            "member", sa.Text(), nullable=False, comment="member of the option that it was read for; empty: it has none"
        ),
        sa.Column("rows_of", sa.Text(), nullable=False, comment="stream whose rows it covers"),
        sa.Column("tables", sa.Text(), nullable=False, comment="JSON: the fact tables"),
        sa.Column("read_as", sa.Text(), nullable=False, comment="fingerprint of the options and the parser"),
        sa.Column("began", sql.types.Instant(), nullable=False, comment="when it began (UTC)"),
        sa.Column(
            "since",
            sql.types.Instant(),
            nullable=True,
            comment="rows later than this were asked for (UTC); empty: all of them",
        ),
        sa.Column(
            "until", sql.types.Instant(), nullable=False, comment="younger ones may not have been shown yet (UTC)"
        ),
        sa.Column(
            "n_told",
            sa.BigInteger(),
            nullable=True,
            comment="records that the list says it has; empty: it does not say",
        ),
        sa.PrimaryKeyConstraint("source", "stream", "member", name=op.f("pk_readings")),
        comment="one list that was read to its end, and of which is still to be told what it no longer shows",
    )
    op.create_table(
        "remark_changes",
        sa.Column("week_start", sa.Date(), nullable=False, comment="Monday of the week"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="more | new | less than in the 28 days before | loved (by happy more than by unhappy ones) | said (the themes most spoken of)",
        ),
        sa.Column("rank", sa.BigInteger(), nullable=False, comment="1: the surest; of what is said the most spoken of"),
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="theme of the roadmap, or words that several customers wrote"
        ),
        sa.Column("theme", sa.Text(), nullable=True, comment="the theme, if it is one; empty: customers' own words"),
        sa.Column("n_now", sa.BigInteger(), nullable=False, comment="customers who say it (loved: happy ones)"),
        sa.Column("of_now", sa.BigInteger(), nullable=False, comment="customers who write (loved: happy ones)"),
        sa.Column(
            "n_before", sa.BigInteger(), nullable=False, comment="customers who said it before (loved: unhappy ones)"
        ),
        sa.Column(
            "of_before", sa.BigInteger(), nullable=False, comment="customers who wrote before (loved: unhappy ones)"
        ),
        sa.Column(
            "q",
            sa.Float(),
            nullable=True,
            comment="share of false ones among this and all surer ones, 0-1; empty: nothing was tested",
        ),
        sa.PrimaryKeyConstraint("week_start", "kind", "rank", name=op.f("pk_remark_changes")),
        comment="one theme, or one thing in customers' words, that a week tells of",
    )
    op.create_table(
        "remark_quotes",
        sa.Column("week_start", sa.Date(), nullable=False, comment="Monday of the week"),
        sa.Column("rank", sa.BigInteger(), nullable=False, comment="place among the week's quotes, from 1"),
        sa.Column("subject", sa.Text(), nullable=False, comment="theme or words it stands for"),
        sa.Column("fact", sa.Text(), nullable=False, comment="fact table it stands in"),
        sa.Column("row_id", sa.Text(), nullable=False, comment="key of its row there"),
        sa.Column(
            "place", sa.BigInteger(), nullable=False, comment="which of its sentences; 0 of a short text: all of it"
        ),
        sa.Column(
            "quote_hash", sa.Text(), nullable=False, comment="hash of the masked words that were found fit to be shown"
        ),
        sa.PrimaryKeyConstraint("week_start", "rank", name=op.f("pk_remark_quotes")),
        comment="one typical text of one subject of a week; shown from its row, masked",
    )
    op.create_table(
        "remark_themes",
        sa.Column("fact", sa.Text(), nullable=False, comment="fact table the text stands in"),
        sa.Column("row_id", sa.Text(), nullable=False, comment="key of its row there"),
        sa.Column("theme", sa.Text(), nullable=False, comment="theme"),
        sa.PrimaryKeyConstraint("fact", "row_id", "theme", name=op.f("pk_remark_themes")),
        comment="one theme of the roadmap that one text speaks of",
    )
    op.create_table(
        "remark_weeks",
        sa.Column("week_start", sa.Date(), nullable=False, comment="Monday of the week"),
        sa.Column(
            "first_day",
            sa.Date(),
            nullable=False,
            comment="first day of the texts told: the Monday, or 28 days before the next where few write",
        ),
        sa.Column("n_remarks", sa.BigInteger(), nullable=False, comment="texts of the week"),
        sa.Column("n_languages", sa.BigInteger(), nullable=False, comment="languages of these texts, as far as told"),
        sa.Column("n_notes", sa.BigInteger(), nullable=False, comment="colleagues' notes of the week"),
        sa.Column("n_voices", sa.BigInteger(), nullable=False, comment="customers who wrote since first_day"),
        sa.Column(
            "n_before", sa.BigInteger(), nullable=False, comment="customers who wrote in the 28 days before first_day"
        ),
        sa.Column("n_happy", sa.BigInteger(), nullable=False, comment="happy customers who wrote since first_day"),
        sa.Column("mark", sa.Text(), nullable=False, comment="hash of all it was made from"),
        sa.PrimaryKeyConstraint("week_start", name=op.f("pk_remark_weeks")),
        comment="what customers say in one week, as far as a summary told it",
    )
    op.create_table(
        "remarks",
        sa.Column("fact", sa.Text(), nullable=False, comment="fact table it stands in"),
        sa.Column("row_id", sa.Text(), nullable=False, comment="key of its row there"),
        sa.Column(
            "row_hash",
            sa.BigInteger(),
            nullable=False,
            comment="hash of the row when it was read; equal: need not be read again",
        ),
        sa.Column(
            "scores_hash",
            sa.BigInteger(),
            nullable=False,
            comment="sum over the hashes of its response's scored answers; 0: none",
        ),
        sa.Column("version", sa.Text(), nullable=False, comment="rules and themes it was read with"),
        sa.Column("text_hash", sa.Text(), nullable=False, comment="hash of the text: the same words again"),
        sa.Column("day", sa.Date(), nullable=False, comment="day it was written (reporting zone)"),
        sa.Column("written_at", sql.types.Instant(), nullable=False, comment="when it was written (UTC)"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("customer_id", sa.Text(), nullable=True, comment="customer; empty: unknown or anonymous"),
        sa.Column("response_id", sa.Text(), nullable=True, comment="response it belongs to, of survey answers"),
        sa.Column("segment", sa.Text(), nullable=True, comment="segment, if the row says it"),
        sa.Column("persona", sa.Text(), nullable=True, comment="persona, if the row says it"),
        sa.Column("touchpoint", sa.Text(), nullable=True, comment="touchpoint of the customer journey"),
        sa.Column("product", sa.Text(), nullable=True, comment="product or plan"),
        sa.Column("channel", sa.Text(), nullable=True, comment="channel"),
        sa.Column(
            "language",
            sa.Text(),
            nullable=False,
            comment="language told from the words, one the company declares, or unknown",
        ),
        sa.Column(
            "standing",
            sa.Text(),
            nullable=True,
            comment="happy | unhappy by the score beside it, else by its response's; empty: between, or none",
        ),
        sa.Column(
            "tone",
            sa.Text(),
            nullable=True,
            comment="negative | neutral | positive | unknown; empty: not told, or a colleague's note",
        ),
        sa.Column("told_by", sa.Text(), nullable=True, comment="scores | lexicon: what told the tone; empty: unknown"),
        sa.Column(
            "positive",
            sa.Float(),
            nullable=True,
            comment="probability of a happy customer, 0-1, at even odds; empty: no scores to tell it by",
        ),
        sa.Column(
            "lesson",
            sa.Text(),
            nullable=True,
            comment="scored comments its tone was learned from, as a hash; empty: not told yet",
        ),
        sa.PrimaryKeyConstraint("fact", "row_id", name=op.f("pk_remarks")),
        comment="one text of one customer, as it was read: a survey comment, a review, a mention, a colleague's note",
    )
    op.create_index(op.f("ix_remarks_day"), "remarks", ["day"], unique=False)
    op.create_table(
        "reports",
        sa.Column("report_id", sa.Text(), nullable=False, comment="kind and week"),
        sa.Column("kind", sa.Text(), nullable=False, comment="weekly"),
        sa.Column("week_start", sa.Date(), nullable=False, comment="Monday of the week it tells of"),
        sa.Column("roadmap_version", sa.Text(), nullable=False, comment="roadmap it was judged by"),
        sa.Column("numbers", sa.Text(), nullable=False, comment="JSON: every number shown"),
        sa.Column("html_sha256", sa.Text(), nullable=False, comment="the page"),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_reports")),
        comment="one published summary, with every number it showed",
    )
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Text(), nullable=False, comment="source and the vendor's key"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("url", sa.Text(), nullable=True, comment="address of the row in the vendor's own system"),
        sa.Column("brand", sa.Text(), nullable=True, comment="brand"),
        sa.Column("product", sa.Text(), nullable=True, comment="product or plan"),
        sa.Column("language", sa.Text(), nullable=True, comment="language, BCP 47"),
        sa.Column("country", sa.Text(), nullable=True, comment="country, ISO 3166"),
        sa.Column("device", sa.Text(), nullable=True, comment="device"),
        sa.Column(
            "channel", sa.Text(), nullable=True, comment="channel the customer used: email, chat, phone, bot, social …"
        ),
        sa.Column("touchpoint", sa.Text(), nullable=True, comment="touchpoint of the customer journey"),
        sa.Column("customer_id", sa.Text(), nullable=True, comment="customer, where known"),
        sa.Column("segment", sa.Text(), nullable=True, comment="segment at the time"),
        sa.Column("about", sa.Text(), nullable=False, comment="us | a competitor's name"),
        sa.Column("rating", sa.Float(), nullable=True, comment="rating on the declared scale"),
        sa.Column("scale_low", sa.Float(), nullable=False, comment="lowest rating"),
        sa.Column("scale_high", sa.Float(), nullable=False, comment="highest rating"),
        sa.Column("title", sa.Text(), nullable=True, comment="title; masked before it is shown"),
        sa.Column("body", sa.Text(), nullable=True, comment="text; masked before it is shown"),
        sa.Column("app_version", sa.Text(), nullable=True, comment="version of the product reviewed"),
        sa.Column("reviewed_at", sql.types.Instant(), nullable=False, comment="when it was published (UTC)"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_reviews")),
        comment="one public review",
    )
    op.create_index(
        op.f("ix_reviews_about_source_channel_scale_low_scale_high"),
        "reviews",
        ["about", "source", "channel", "scale_low", "scale_high"],
        unique=False,
    )
    op.create_index(op.f("ix_reviews_reviewed_at"), "reviews", ["reviewed_at"], unique=False)
    op.create_table(
        "roadmap_versions",
        sa.Column("version", sa.Text(), nullable=False, comment="sha256 of the file"),
        sa.Column("first_day", sa.Date(), nullable=False, comment="day of the run that first used it"),
        sa.Column("text", sa.Text(), nullable=False, comment="the file as it was"),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_roadmap_versions")),
        comment="one version of the roadmap that ran",
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text(), nullable=False, comment="kind and fence"),
        sa.Column(
            "fence",
            sa.BigInteger(),
            nullable=False,
            comment="fencing token: counts up with every run; the highest may write",
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="daily | weekly | backfill"),
        sa.Column("day", sa.Date(), nullable=False, comment="day the run was made for"),
        sa.Column("state", sa.Text(), nullable=False, comment="running | done | failed | lost"),
        sa.Column("holder", sa.Text(), nullable=True, comment="host and process that hold it"),
        sa.Column("started_at", sql.types.Instant(), nullable=True, comment="when it began (UTC)"),
        sa.Column(
            "lease_until", sql.types.Instant(), nullable=True, comment="until when it may write without renewing (UTC)"
        ),
        sa.Column("ended_at", sql.types.Instant(), nullable=True, comment="when it ended (UTC)"),
        sa.Column("summary", sa.Text(), nullable=True, comment="JSON: what it did, or why it failed"),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
        comment="one run of the loop",
        info={"volatile": True},
    )
    op.create_table(
        "sightings",
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("stream", sa.Text(), nullable=False, comment="stream that brings the row"),
        sa.Column("table_name", sa.Text(), nullable=False, comment="the fact table"),
        sa.Column("row_key", sa.Text(), nullable=False, comment="the row's key in it"),
        sa.Column(
            "member",
            sa.Text(),
            nullable=False,
            comment="member of the option that the stream is read for; empty: it has none",
        ),
        sa.Column(
            "at",
            sql.types.Instant(),
            nullable=True,
            comment="instant that its list is asked by; empty: the list is read whole",
        ),
        sa.Column(
            "read_as", sa.Text(), nullable=False, comment="fingerprint of the options and the parser it was read with"
        ),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that showed it last"),
        sa.Column(
            "gone_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the reading began that no longer showed it (UTC); empty: it is there",
        ),
        sa.PrimaryKeyConstraint("source", "stream", "table_name", "row_key", name=op.f("pk_sightings")),
        comment="one row that a list has shown which does not say what was deleted",
    )
    op.create_index(
        op.f("ix_sightings_source_gone_at"),
        "sightings",
        ["source", "gone_at"],
        unique=False,
        sqlite_where=sa.text("gone_at IS NOT NULL"),
        postgresql_where=sa.text("gone_at IS NOT NULL"),
    )
    op.create_table(
        "source_calls",
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("day", sa.Date(), nullable=False, comment="day, in UTC"),
        sa.Column("n_calls", sa.BigInteger(), nullable=False, comment="calls made, those of all its streams and runs"),
        sa.PrimaryKeyConstraint("source", "day", name=op.f("pk_source_calls")),
        comment="one source whose vendor allows so many calls a day, and day",
    )
    op.create_table(
        "source_fields",
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("stream", sa.Text(), nullable=False, comment="stream within the source"),
        sa.Column("field", sa.Text(), nullable=False, comment="the field, with dots between the levels"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that brought it first"),
        sa.PrimaryKeyConstraint("source", "stream", "field", name=op.f("pk_source_fields")),
        comment="one field that a stream of an interface has shown",
    )
    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.Text(), nullable=False, comment="source and the vendor's key"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("customer_id", sa.Text(), nullable=False, comment="customer"),
        sa.Column("account_id", sa.Text(), nullable=True, comment="account"),
        sa.Column("product", sa.Text(), nullable=True, comment="product or plan"),
        sa.Column("segment", sa.Text(), nullable=True, comment="segment"),
        sa.Column(
            "persona",
            sa.Text(),
            nullable=True,
            comment="persona at the time of the row, if the source says it; empty: looked up while measuring",
        ),
        sa.Column("country", sa.Text(), nullable=True, comment="country, ISO 3166"),
        sa.Column(
            "started_at", sql.types.Instant(), nullable=True, comment="start; empty: before the first day we know (UTC)"
        ),
        sa.Column("ended_at", sql.types.Instant(), nullable=True, comment="end; empty: runs on (UTC)"),
        sa.Column("term_ends_at", sql.types.Instant(), nullable=True, comment="end of the current term (UTC)"),
        sa.Column("notice_at", sql.types.Instant(), nullable=True, comment="when notice was given (UTC)"),
        sa.Column(
            "paused_at",
            sql.types.Instant(),
            nullable=True,
            comment="when it was paused, the last time; empty: never (UTC)",
        ),
        sa.Column(
            "resumed_at",
            sql.types.Instant(),
            nullable=True,
            comment="when that pause ended; empty: it goes on (UTC)",
        ),
        sa.Column("end_reason", sa.Text(), nullable=True, comment="reason for leaving"),
        sa.Column("is_voluntary", sa.Boolean(), nullable=True, comment="the customer decided to leave"),
        sa.Column("mrr_minor", sa.BigInteger(), nullable=True, comment="recurring revenue a month, in minor units"),
        sa.Column("currency", sa.Text(), nullable=True, comment="currency of the amounts, ISO 4217"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_subscriptions")),
        comment="one contract of one customer",
    )
    op.create_index(op.f("ix_subscriptions_customer_id"), "subscriptions", ["customer_id"], unique=False)
    op.create_index(op.f("ix_subscriptions_ended_at"), "subscriptions", ["ended_at"], unique=False)
    op.create_table(
        "survey_answers",
        sa.Column("answer_id", sa.Text(), nullable=False, comment="source, response and question"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("url", sa.Text(), nullable=True, comment="address of the row in the vendor's own system"),
        sa.Column(
            "survey",
            sa.Text(),
            nullable=False,
            comment="which survey: relationship and after-contact ones are never pooled",
        ),
        sa.Column("question", sa.Text(), nullable=True, comment="question within the survey"),
        sa.Column("response_id", sa.Text(), nullable=True, comment="response it belongs to"),
        sa.Column("send_id", sa.Text(), nullable=True, comment="invitation it answers"),
        sa.Column("ticket_id", sa.Text(), nullable=True, comment="ticket it is about"),
        sa.Column("brand", sa.Text(), nullable=True, comment="brand"),
        sa.Column("product", sa.Text(), nullable=True, comment="product or plan"),
        sa.Column("language", sa.Text(), nullable=True, comment="language, BCP 47"),
        sa.Column("country", sa.Text(), nullable=True, comment="country, ISO 3166"),
        sa.Column("device", sa.Text(), nullable=True, comment="device"),
        sa.Column(
            "channel", sa.Text(), nullable=True, comment="channel the customer used: email, chat, phone, bot, social …"
        ),
        sa.Column("touchpoint", sa.Text(), nullable=True, comment="touchpoint of the customer journey"),
        sa.Column(
            "customer_id", sa.Text(), nullable=True, comment="customer, source-prefixed; empty if unknown or anonymous"
        ),
        sa.Column("account_id", sa.Text(), nullable=True, comment="account, source-prefixed"),
        sa.Column(
            "segment",
            sa.Text(),
            nullable=True,
            comment="segment at the time of the row, if the source says it; empty: looked up while measuring",
        ),
        sa.Column(
            "persona",
            sa.Text(),
            nullable=True,
            comment="persona at the time of the row, if the source says it; empty: looked up while measuring",
        ),
        sa.Column("tenure_days", sa.BigInteger(), nullable=True, comment="days as a customer at the time of the row"),
        sa.Column("team", sa.Text(), nullable=True, comment="team that answers for the row"),
        sa.Column("agent", sa.Text(), nullable=True, comment="agent as a pseudonym, never a name"),
        sa.Column("measure", sa.Text(), nullable=False, comment="nps | csat | ces | other"),
        sa.Column("score", sa.Float(), nullable=True, comment="raw score on the declared scale; empty: not answered"),
        sa.Column("scale_low", sa.Float(), nullable=False, comment="lowest score of the scale"),
        sa.Column("scale_high", sa.Float(), nullable=False, comment="highest score of the scale"),
        sa.Column("direction", sa.Text(), nullable=False, comment="up: the highest score is best; down: the lowest"),
        sa.Column(
            "satisfied_from",
            sa.Float(),
            nullable=True,
            comment="from this score on (as if up were best) an answer counts as satisfied",
        ),
        sa.Column("comment", sa.Text(), nullable=True, comment="free text; masked before it is shown"),
        sa.Column("answered_at", sql.types.Instant(), nullable=False, comment="when it was answered (UTC)"),
        sa.Column("is_anonymous", sa.Boolean(), nullable=True, comment="never joined to a customer"),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_survey_answers")),
        comment="one answer to one question of one response",
    )
    op.create_index(op.f("ix_survey_answers_answered_at"), "survey_answers", ["answered_at"], unique=False)
    op.create_index(
        op.f("ix_survey_answers_measure_survey_scale_low_scale_high_direction"),
        "survey_answers",
        ["measure", "survey", "scale_low", "scale_high", "direction"],
        unique=False,
    )
    op.create_index(
        op.f("ix_survey_answers_ticket_id"),
        "survey_answers",
        ["ticket_id"],
        unique=False,
        sqlite_where=sa.text("ticket_id IS NOT NULL"),
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.create_table(
        "survey_sends",
        sa.Column("send_id", sa.Text(), nullable=False, comment="source and the vendor's key"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("survey", sa.Text(), nullable=False, comment="which survey"),
        sa.Column("brand", sa.Text(), nullable=True, comment="brand"),
        sa.Column("product", sa.Text(), nullable=True, comment="product or plan"),
        sa.Column("language", sa.Text(), nullable=True, comment="language, BCP 47"),
        sa.Column("country", sa.Text(), nullable=True, comment="country, ISO 3166"),
        sa.Column("device", sa.Text(), nullable=True, comment="device"),
        sa.Column(
            "channel", sa.Text(), nullable=True, comment="channel the customer used: email, chat, phone, bot, social …"
        ),
        sa.Column("touchpoint", sa.Text(), nullable=True, comment="touchpoint of the customer journey"),
        sa.Column(
            "customer_id", sa.Text(), nullable=True, comment="customer, source-prefixed; empty if unknown or anonymous"
        ),
        sa.Column("account_id", sa.Text(), nullable=True, comment="account, source-prefixed"),
        sa.Column(
            "segment",
            sa.Text(),
            nullable=True,
            comment="segment at the time of the row, if the source says it; empty: looked up while measuring",
        ),
        sa.Column(
            "persona",
            sa.Text(),
            nullable=True,
            comment="persona at the time of the row, if the source says it; empty: looked up while measuring",
        ),
        sa.Column("tenure_days", sa.BigInteger(), nullable=True, comment="days as a customer at the time of the row"),
        sa.Column("sent_at", sql.types.Instant(), nullable=False, comment="when it was sent (UTC)"),
        sa.Column(
            "answered_at", sql.types.Instant(), nullable=True, comment="when it was answered; empty: not yet (UTC)"
        ),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("send_id", name=op.f("pk_survey_sends")),
        comment="one invitation to one survey",
    )
    op.create_index(op.f("ix_survey_sends_sent_at"), "survey_sends", ["sent_at"], unique=False)
    op.create_table(
        "task_events",
        sa.Column("event_id", sa.Text(), nullable=False, comment="derived from task, day and states"),
        sa.Column("task_id", sa.Text(), nullable=False, comment="the task"),
        sa.Column("moment", sa.Date(), nullable=False, comment="day"),
        sa.Column("old", sa.Text(), nullable=False, comment="state before"),
        sa.Column("new", sa.Text(), nullable=False, comment="state after"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why"),
        sa.Column("actor", sa.Text(), nullable=False, comment="cxloop, or who acted"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_task_events")),
        comment="one change of one task: who, when, why",
    )
    op.create_table(
        "ticket_events",
        sa.Column("event_id", sa.Text(), nullable=False, comment="derived from ticket, field, instant and occurrence"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("ticket_id", sa.Text(), nullable=False, comment="the ticket it belongs to"),
        sa.Column("at", sql.types.Instant(), nullable=False, comment="when it happened (UTC)"),
        sa.Column(
            "field",
            sa.Text(),
            nullable=False,
            comment="status | team | priority | sla_met | sla_target | n_reopens | comment …",
        ),
        sa.Column("old", sa.Text(), nullable=True, comment="value before; empty: none"),
        sa.Column("new", sa.Text(), nullable=True, comment="value after; empty: none"),
        sa.Column("actor", sa.Text(), nullable=True, comment="who did it, as a pseudonym"),
        sa.Column(
            "actor_role", sa.Text(), nullable=True, comment="agent | customer | bot: the actor's role at that moment"
        ),
        sa.Column("is_public", sa.Boolean(), nullable=True, comment="the customer could see it"),
        sa.Column("sequence", sa.BigInteger(), nullable=True, comment="order among events of the same instant"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_ticket_events")),
        comment="one changed field of one ticket",
    )
    op.create_index(
        op.f("ix_ticket_events_at_ticket_id"),
        "ticket_events",
        ["at", "ticket_id"],
        unique=False,
        sqlite_where=sa.text("field IN ('status', 'n_reopens')"),
        postgresql_where=sa.text("field IN ('status', 'n_reopens')"),
    )
    op.create_index(
        op.f("ix_ticket_events_field_ticket_id"),
        "ticket_events",
        ["field", "ticket_id"],
        unique=False,
        sqlite_where=sa.text("field = 'sla_target'"),
        postgresql_where=sa.text("field = 'sla_target'"),
    )
    op.create_index(op.f("ix_ticket_events_ticket_id"), "ticket_events", ["ticket_id"], unique=False)
    op.create_table(
        "ticket_states",
        sa.Column("state_id", sa.Text(), nullable=False, comment="derived from ticket, instant, state and occurrence"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source"),
        sa.Column("ticket_id", sa.Text(), nullable=False, comment="the ticket"),
        sa.Column("at", sql.types.Instant(), nullable=False, comment="when it was so (UTC)"),
        sa.Column("file", sa.Text(), nullable=False, comment="file that told it; of several the first by name"),
        sa.Column(
            "row",
            sa.BigInteger(),
            nullable=False,
            comment="row in that file, from 1: the order of states of the same instant",
        ),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="JSON: the fields that the source's history follows, as texts"
        ),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that told it"),
        sa.PrimaryKeyConstraint("state_id", name=op.f("pk_ticket_states")),
        comment="one state of one ticket, as a row of an event log told it",
    )
    op.create_index(op.f("ix_ticket_states_ticket_id"), "ticket_states", ["ticket_id"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("ticket_id", sa.Text(), nullable=False, comment="source and the vendor's key"),
        sa.Column("source", sa.Text(), nullable=False, comment="name of the source in sources.yaml"),
        sa.Column("url", sa.Text(), nullable=True, comment="address of the row in the vendor's own system"),
        sa.Column("brand", sa.Text(), nullable=True, comment="brand"),
        sa.Column("product", sa.Text(), nullable=True, comment="product or plan"),
        sa.Column("language", sa.Text(), nullable=True, comment="language, BCP 47"),
        sa.Column("country", sa.Text(), nullable=True, comment="country, ISO 3166"),
        sa.Column("device", sa.Text(), nullable=True, comment="device"),
        sa.Column(
            "channel", sa.Text(), nullable=True, comment="channel the customer used: email, chat, phone, bot, social …"
        ),
        sa.Column("touchpoint", sa.Text(), nullable=True, comment="touchpoint of the customer journey"),
        sa.Column(
            "customer_id", sa.Text(), nullable=True, comment="customer, source-prefixed; empty if unknown or anonymous"
        ),
        sa.Column("account_id", sa.Text(), nullable=True, comment="account, source-prefixed"),
        sa.Column(
            "segment",
            sa.Text(),
            nullable=True,
            comment="segment at the time of the row, if the source says it; empty: looked up while measuring",
        ),
        sa.Column(
            "persona",
            sa.Text(),
            nullable=True,
            comment="persona at the time of the row, if the source says it; empty: looked up while measuring",
        ),
        sa.Column("tenure_days", sa.BigInteger(), nullable=True, comment="days as a customer at the time of the row"),
        sa.Column("team", sa.Text(), nullable=True, comment="team that answers for the row"),
        sa.Column("agent", sa.Text(), nullable=True, comment="agent as a pseudonym, never a name"),
        sa.Column("topic", sa.Text(), nullable=True, comment="what it is about: category or contact reason"),
        sa.Column("priority", sa.Text(), nullable=True, comment="priority in force now"),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="new | open | pending | hold | solved | closed | deleted"
        ),
        sa.Column("handler", sa.Text(), nullable=True, comment="people | bot: who did the work"),
        sa.Column("opened_at", sql.types.Instant(), nullable=False, comment="when the customer made contact (UTC)"),
        sa.Column(
            "first_reply_at",
            sql.types.Instant(),
            nullable=True,
            comment="first public reply by someone who was an agent then; empty: none yet (UTC)",
        ),
        sa.Column(
            "resolved_at",
            sql.types.Instant(),
            nullable=True,
            comment="when it was solved for the last time; empty: not solved now (UTC)",
        ),
        sa.Column("closed_at", sql.types.Instant(), nullable=True, comment="when it was closed for good (UTC)"),
        sa.Column("n_reopens", sa.BigInteger(), nullable=True, comment="times it was reopened after being solved"),
        sa.Column(
            "follows",
            sa.Text(),
            nullable=True,
            comment="solved ticket that this one follows up: which thereby counts as reopened; empty: none",
        ),
        sa.Column("sla_met", sa.Boolean(), nullable=True, comment="service level kept; meaningful once known"),
        sa.Column(
            "sla_known_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the service level's outcome became known; empty: first closing event (UTC)",
        ),
        sa.Column(
            "excluded_as",
            sa.Text(),
            nullable=True,
            comment="spam | test | outbound | merged …: no contact, counted apart; empty: a contact",
        ),
        sa.Column(
            "version_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source last changed the row; the later one wins (UTC)",
        ),
        sa.Column(
            "deleted_at",
            sql.types.Instant(),
            nullable=True,
            comment="when the source deleted the row; empty: not deleted (UTC)",
        ),
        sa.Column("row_hash", sa.BigInteger(), nullable=False, comment="hash of the row's content; equal: unchanged"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="batch that wrote the row last"),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_tickets")),
        comment="one contact with the helpdesk, in its latest state",
    )
    op.create_index(
        op.f("ix_tickets_follows"),
        "tickets",
        ["follows"],
        unique=False,
        sqlite_where=sa.text("follows IS NOT NULL"),
        postgresql_where=sa.text("follows IS NOT NULL"),
    )
    op.create_index(op.f("ix_tickets_opened_at_customer_id"), "tickets", ["opened_at", "customer_id"], unique=False)
    op.create_index(op.f("ix_tickets_resolved_at"), "tickets", ["resolved_at"], unique=False)
    op.create_table(
        "tone_lessons",
        sa.Column(
            "begins",
            sa.Date(),
            nullable=False,
            comment="first day of the quarter; learned from scored comments of the year before it",
        ),
        sa.Column(
            "language",
            sa.Text(),
            nullable=False,
            comment="language; unknown: all together, for texts too short to tell theirs",
        ),
        sa.Column("n_happy", sa.BigInteger(), nullable=False, comment="pieces of text of happy customers learned from"),
        sa.Column(
            "n_unhappy", sa.BigInteger(), nullable=False, comment="pieces of text of unhappy customers learned from"
        ),
        sa.Column(
            "right_share",
            sa.Float(),
            nullable=False,
            comment="share of held-out pieces told right, both standings weighing the same, 0-1",
        ),
        sa.PrimaryKeyConstraint("begins", "language", name=op.f("pk_tone_lessons")),
        comment="what tone sounds like in one language, for one quarter's texts",
    )
    op.create_table(
        "verdicts",
        sa.Column("verdict_id", sa.Text(), nullable=False, comment="derived from task and moment"),
        sa.Column("task_id", sa.Text(), nullable=False, comment="the task"),
        sa.Column("moment", sa.Date(), nullable=False, comment="moment it was judged"),
        sa.Column(
            "outcome", sa.Text(), nullable=False, comment="worked | no change seen | made worse | cannot be judged"
        ),
        sa.Column("before", sa.Text(), nullable=True, comment="JSON: value, n and interval before"),
        sa.Column("after", sa.Text(), nullable=True, comment="JSON: value, n and interval after"),
        sa.Column("change", sa.Float(), nullable=True, comment="after less before"),
        sa.Column("change_low", sa.Float(), nullable=True, comment="lower end of its 95 % interval"),
        sa.Column("change_high", sa.Float(), nullable=True, comment="upper end of its 95 % interval"),
        sa.Column("detectable", sa.Float(), nullable=True, comment="smallest change that would have been seen"),
        sa.Column("reason", sa.Text(), nullable=False, comment="in words"),
        sa.PrimaryKeyConstraint("verdict_id", name=op.f("pk_verdicts")),
        comment="what one finished task did to its KPI",
    )


def downgrade() -> None:
    op.drop_table("verdicts")
    op.drop_table("tone_lessons")
    op.drop_index(op.f("ix_tickets_resolved_at"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_opened_at_customer_id"), table_name="tickets")
    op.drop_index(
        op.f("ix_tickets_follows"),
        table_name="tickets",
        sqlite_where=sa.text("follows IS NOT NULL"),
        postgresql_where=sa.text("follows IS NOT NULL"),
    )
    op.drop_table("tickets")
    op.drop_index(op.f("ix_ticket_states_ticket_id"), table_name="ticket_states")
    op.drop_table("ticket_states")
    op.drop_index(op.f("ix_ticket_events_ticket_id"), table_name="ticket_events")
    op.drop_index(
        op.f("ix_ticket_events_field_ticket_id"),
        table_name="ticket_events",
        sqlite_where=sa.text("field = 'sla_target'"),
        postgresql_where=sa.text("field = 'sla_target'"),
    )
    op.drop_index(
        op.f("ix_ticket_events_at_ticket_id"),
        table_name="ticket_events",
        sqlite_where=sa.text("field IN ('status', 'n_reopens')"),
        postgresql_where=sa.text("field IN ('status', 'n_reopens')"),
    )
    op.drop_table("ticket_events")
    op.drop_table("task_events")
    op.drop_index(op.f("ix_survey_sends_sent_at"), table_name="survey_sends")
    op.drop_table("survey_sends")
    op.drop_index(op.f("ix_survey_answers_measure_survey_scale_low_scale_high_direction"), table_name="survey_answers")
    op.drop_index(
        op.f("ix_survey_answers_ticket_id"),
        table_name="survey_answers",
        sqlite_where=sa.text("ticket_id IS NOT NULL"),
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_survey_answers_answered_at"), table_name="survey_answers")
    op.drop_table("survey_answers")
    op.drop_index(op.f("ix_subscriptions_ended_at"), table_name="subscriptions")
    op.drop_index(op.f("ix_subscriptions_customer_id"), table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_table("source_fields")
    op.drop_table("source_calls")
    op.drop_index(
        op.f("ix_sightings_source_gone_at"),
        table_name="sightings",
        sqlite_where=sa.text("gone_at IS NOT NULL"),
        postgresql_where=sa.text("gone_at IS NOT NULL"),
    )
    op.drop_table("sightings")
    op.drop_table("runs")
    op.drop_table("roadmap_versions")
    op.drop_index(op.f("ix_reviews_reviewed_at"), table_name="reviews")
    op.drop_index(op.f("ix_reviews_about_source_channel_scale_low_scale_high"), table_name="reviews")
    op.drop_table("reviews")
    op.drop_table("reports")
    op.drop_index(op.f("ix_remarks_day"), table_name="remarks")
    op.drop_table("remarks")
    op.drop_table("remark_weeks")
    op.drop_table("remark_themes")
    op.drop_table("remark_quotes")
    op.drop_table("remark_changes")
    op.drop_table("readings")
    op.drop_index(op.f("ix_quarantine_batch_id"), table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_table("published_figures")
    op.drop_index(op.f("ix_people_person_id"), table_name="people")
    op.drop_table("people")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_orders_ordered_at"), table_name="orders")
    op.drop_table("orders")
    op.drop_table("meta")
    op.drop_table("merge_reviews")
    op.drop_table("merge_log")
    op.drop_table("mentions")
    op.drop_table("kpi_years")
    op.drop_table("kpi_versions")
    op.drop_table("kpi_values")
    op.drop_table("kpi_stretches")
    op.drop_index(op.f("ix_kpi_days_kpi_booked_day"), table_name="kpi_days")
    op.drop_table("kpi_days")
    op.drop_table("incidents")
    op.drop_table("incident_words")
    op.drop_table("incident_subjects")
    op.drop_table("incident_events")
    op.drop_table("improvement_tasks")
    op.drop_table("identities")
    op.drop_table("help_center_days")
    op.drop_table("gaps")
    op.drop_table("findings")
    op.drop_table("fetches")
    op.drop_table("feedback_notes")
    op.drop_table("dirty_days")
    op.drop_index(op.f("ix_day_changes_table_name_day"), table_name="day_changes")
    op.drop_table("day_changes")
    op.drop_table("customers")
    op.drop_table("customer_states")
    op.drop_table("customer_segments")
    op.drop_table("customer_history")
    op.drop_table("cursors")
    op.drop_table("batches")
    op.drop_table("batch_tables")
    op.drop_table("agents")
    op.drop_table("watch_weeks")
    op.drop_table("accounts")
