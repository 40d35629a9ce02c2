"""The roadmap: its format, its checks, and what follows from it."""

from domain.roadmap.advice import warnings_of, weeks_until_seen
from domain.roadmap.benchmark import Benchmark, Competitor, Hits
from domain.roadmap.changes import changes
from domain.roadmap.events import breaks_of, events_of
from domain.roadmap.initiatives import Event, Initiative, Milestone
from domain.roadmap.loading import fingerprint, load_roadmap, parse_roadmap
from domain.roadmap.model import Roadmap
from domain.roadmap.paths import expected, line
from domain.roadmap.routes import channel_of, channels_about, channels_for, roles_for, survey_owner
from domain.roadmap.schema import roadmap_json_schema, schema_text

__all__ = [
    "Benchmark", "Competitor", "Event", "Hits", "Initiative", "Milestone", "Roadmap",
    "breaks_of", "changes", "channel_of", "channels_about", "channels_for", "events_of", "expected", "fingerprint",
    "line", "load_roadmap", "parse_roadmap", "roadmap_json_schema", "roles_for", "schema_text", "survey_owner",
    "warnings_of", "weeks_until_seen",
]  # fmt: skip
