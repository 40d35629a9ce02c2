"""Who may leave, as a week's summary told it."""

from sql.tables.base import column, table
from sql.types import BigInteger, Date, Float, Text

watch_weeks = table(
    "watch_weeks", "customers likelier to leave than usual, as one week's summary told it",
    column("week_start", Date, "Monday of the week", key=True),
    column("as_of", Date, "last day that counts", required=True),
    column("why_not", Text, "why nothing can be told; empty: it can"),
    column("base_share", Float, "share who left within 90 days, of all cases learned from, 0-1"),
    column("n_cases", BigInteger, "cases learned from: a customer at a moment", required=True),
    column("n_left", BigInteger, "of these, who left", required=True),
    column("separation", Float, "how often who left had the higher chance than who stayed, 0.5-1, on cases not learned "
           "from"),
    column("n_customers", BigInteger, "customers who stay as far as anybody knows", required=True),
    column("n_watched", BigInteger, "of these, surely likelier to leave than usual", required=True),
    column("told", Text,
           "JSON: stakes (minor units), reasons with how many, first customers, who buys without a contract",
           required=True),
    column("mark", Text, "hash of what it was made by", required=True),
)  # fmt: skip
