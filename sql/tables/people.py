"""Who is who: customer ids of all sources that are one person, what is to be looked at, and what was done."""

from sqlalchemy import Index

from sql.tables.base import column, table
from sql.types import BigInteger, Date, Text

people = table(
    "people", "one customer id that is one person with others; a customer id that is not here is a person by itself",
    column("customer_id", Text, "customer, source-prefixed", key=True),
    column("person_id", Text, "smallest customer id of the person", required=True),
    column("through", Text, "email | external | phone | handle: what it shares with others; decision: somebody said so",
           required=True),
    column("identity_id", Text, "the identity that is shared; empty: a decision"),
    column("account_id", Text, "the person's account, where all that name one agree"),
    column("since_run", Text, "run that tied it; empty: somebody's decision did", volatile=True),
)  # fmt: skip
Index(None, people.c.person_id)

merge_reviews = table(
    "merge_reviews", "one pair of customers that may be one person, or about which somebody decided",
    column("customer_id", Text, "the smaller customer id", key=True),
    column("other_id", Text, "the other", key=True),
    column("reason", Text, "why it is to be looked at", required=True),
    column("state", Text, "waiting | merged | apart; the last two hold against every rule", required=True),
    column("decided_by", Text, "who decided; empty: nobody yet"),
    column("decided_on", Date, "day of the decision"),
    column("why", Text, "reason for the decision"),
    column("since_run", Text, "run that first saw it; empty: put here by a decision", volatile=True),
)  # fmt: skip

merge_log = table(
    "merge_log", "one merge or undo: who, when, why",
    column("event_id", Text, "derived from the pair and its how-manieth event", key=True),
    column("customer_id", Text, "customer that was merged or set apart", required=True),
    column("other_id", Text, "customer or person it was merged with or set apart from", required=True),
    column("nth", BigInteger, "how-manieth event of this pair", required=True),
    column("action", Text, "merged | apart", required=True),
    column("moment", Date, "day", required=True),
    column("actor", Text, "cxloop, or who decided", required=True),
    column("why", Text, "why", required=True),
)  # fmt: skip
