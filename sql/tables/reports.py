"""Published summaries and the roadmap versions they were judged by."""

from sql.tables.base import column, table
from sql.types import Date, Text

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
