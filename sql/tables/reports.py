"""Published summaries and the roadmap versions they were judged by."""

from sql.tables.base import column, table
from sql.types import BigInteger, Date, Float, Text

roadmap_versions = table(
    "roadmap_versions", "one version of the roadmap that ran",
    column("version", Text, "sha256 of the file", key=True),
    column("first_day", Date, "day of the run that first used it", required=True),
    column("text", Text, "the file as it was", required=True),
)  # fmt: skip

reports = table(
    "reports", "one published summary, with every number it showed",
    column("report_id", Text, "kind and week", key=True),
    column("kind", Text, "weekly", required=True),
    column("week_start", Date, "Monday of the week it tells of", required=True),
    column("roadmap_version", Text, "roadmap it was judged by", required=True),
    column("numbers", Text, "JSON: every number shown", required=True),
    column("html_sha256", Text, "the page", required=True),
)  # fmt: skip

published_figures = table(
    "published_figures", "one KPI of one scope over one period, as a summary first told it, or told it changed",
    column("kpi", Text, "KPI", key=True),
    column("scope", Text, "canonical JSON; {} is the whole", key=True),
    column("period", Text, "day | week | month | 28d | 90d | all", key=True),
    column("period_start", Date, "first day", key=True),
    column("period_end", Date, "day after the last day", key=True),
    column("edition", BigInteger, "1: as first told; counts up with each change that was told", key=True),
    column("moment", Date, "Monday after the week of the summary that told it", required=True),
    column("told_on", Date, "day of the run that wrote that summary", required=True),
    column("known_before", Date, "outcomes known before this day counted; empty: all that were known"),
    column("n", BigInteger, "outcomes known", required=True),
    column("n_open", BigInteger, "outcomes not known yet", required=True),
    column("value", Float, "in the KPI's own unit; empty: nothing is known of it any more"),
    column("low", Float, "lower end of what was possible: of the 95 % interval, of open outcomes"),
    column("high", Float, "upper end of what was possible"),
    column("definition", Text, "version of the KPI's definition, as in kpi_versions; empty: not known"),
    column("rules", Text, "hash of the roadmap's rules for segments and personas", required=True),
    column("reasons", Text, "JSON: why it is another one than the edition before; empty: first told"),
)  # fmt: skip
