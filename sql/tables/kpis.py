"""KPIs as daily parts and as values per period."""

from sqlalchemy import Index, Table

from sql.tables.base import column, table
from sql.types import BigInteger, Date, Float, Text

kpi_days = table(
    "kpi_days", "what became known of one KPI on one day about things booked on one day",
    column("kpi", Text, "KPI; of several quantiles of one duration the first", key=True),
    column("scope", Text, "canonical JSON; {} is the whole", key=True),
    column("booked_day", Date, "day it is booked on (reporting zone)", key=True),
    column("known_day", Date, "day it became known (reporting zone)", key=True),
    column("n_items", BigInteger, "things booked (change)", required=True),
    column("n", BigInteger, "outcomes known (change)", required=True),
    column("total", Float, "sum over known outcomes (change)", required=True),
    column("total_sq", Float, "sum of squares over known outcomes (change)", required=True),
    column("bins", Text, "log histogram of durations, 'bin:count …' (change)"),
)  # fmt: skip
Index(None, kpi_days.c.kpi, kpi_days.c.booked_day)


def _sums(name: str, grain: str, start: str) -> Table:
    """Daily parts of one KPI added up from each `start` to before the next."""
    return table(
        name, grain,
        column("kpi", Text, "KPI; of several quantiles of one duration the first", key=True),
        column("start", Date, start, key=True),
        column("scope", Text, "canonical JSON; {} is the whole", key=True),
        column("n_items", BigInteger, "things booked", required=True),
        column("n", BigInteger, "outcomes known", required=True),
        column("total", Float, "sum over known outcomes", required=True),
        column("total_sq", Float, "sum of squares over known outcomes", required=True),
        column("bins", Text, "log histogram of durations, 'bin:count …'"),
    )  # fmt: skip


kpi_stretches = _sums(
    "kpi_stretches", "daily parts of one KPI added up: a week, cut where a month begins",
    "a Monday or the first of a month",
)  # fmt: skip

kpi_years = _sums("kpi_years", "stretches of one KPI added up: a calendar year", "the first of January")

kpi_values = table(
    "kpi_values", "one KPI of one scope over one complete period",
    column("kpi", Text, "KPI", key=True),
    column("period", Text, "day | week | month | 28d | 90d | all", key=True),
    column("period_start", Date, "first day", key=True),
    column("scope", Text, "canonical JSON; {} is the whole", key=True),
    column("period_end", Date, "day after the last day", required=True),
    column("n", BigInteger, "outcomes known", required=True),
    column("n_open", BigInteger, "outcomes not known yet", required=True),
    column("total", Float, "sum behind the value"),
    column("total_sq", Float, "sum of squares behind the value"),
    column("value", Float, "the KPI, in its own unit; null: nothing known"),
    column("low", Float, "lower end of the 95 % interval"),
    column("high", Float, "upper end of the 95 % interval"),
    column("bound_low", Float, "value if every open outcome fails"),
    column("bound_high", Float, "value if every open outcome succeeds"),
)  # fmt: skip

dirty_days = table(
    "dirty_days", "one day of one fact table whose KPIs must be measured again",
    column("fact", Text, "fact table", key=True),
    column("day", Date, "booking day (reporting zone)", key=True),
)  # fmt: skip

kpi_versions = table(
    "kpi_versions", "one definition of one KPI that was in use",
    column("kpi", Text, "KPI", key=True),
    column("version", Text, "a hash of each part that defines it", key=True),
    column("first_day", Date, "day of the run that first used it", required=True),
)  # fmt: skip
