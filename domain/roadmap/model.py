"""The roadmap: the strategy as its writer wrote it, typed."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, model_validator

from domain.kpis import KPIS
from domain.remarks import REMARKS
from domain.roadmap.alerts import Alerts
from domain.roadmap.benchmark import Benchmark
from domain.roadmap.company import Calendar, Churn, Company, Owner, People, Persona, Reopening, Review, Segment
from domain.roadmap.expectations import Expected, expected_by
from domain.roadmap.initiatives import Capability, Event, Goal, Initiative, Principle
from domain.roadmap.listening import Channel, Surveys
from domain.roadmap.part import Id, Part, Text, Texts
from domain.roadmap.places import NOWHERE, Places
from domain.roadmap.promised import promised
from domain.roadmap.raw import as_mapping
from domain.scopes import TOUCHPOINT
from domain.segments import PersonaRule, Rules, SegmentRule


class Roadmap(Part):
    """A company's customer-experience roadmap. Made by `load_roadmap`, which alone checks that its names meet."""

    version: Literal[1]
    """Version of this format."""
    company: Company
    vision: Text
    """What customers shall experience, in a sentence."""
    principles: tuple[Principle, ...] = ()
    """What we promise."""
    goals: tuple[Goal, ...] = ()
    """The business goals that all this serves."""
    owners: Annotated[dict[Id, Owner], Field(min_length=1)]
    """Roles by name."""
    people: People = People()
    segments: dict[Text, Segment] = Field(default={})
    """Segments by name; the first rule that holds wins."""
    personas: dict[Id, Persona] = Field(default={})
    churn: Churn = Churn()
    reopening: Reopening = Reopening()
    journey: dict[Id, dict[Id, Id]] = Field(default={})
    """Stages of the journey: touchpoint and the role that answers for it."""
    calendars: dict[Id, Calendar] = Field(default={})
    channels: dict[Text, Channel] = Field(default={})
    """Where customers may reach us."""
    surveys: Surveys = Surveys()
    benchmarks: dict[Id, Benchmark] = Field(default={})
    """Targets by name."""
    kpis: Literal["all"] | tuple[Id, ...] = ()
    """KPIs to measure beside the usual ones and those named elsewhere here; `all`: every one there is."""
    initiatives: tuple[Initiative, ...] = ()
    capabilities: dict[Id, Capability] = Field(default={})
    events: tuple[Event, ...] = ()
    """What is known to move the numbers."""
    themes: dict[Id, Texts] = Field(default={})
    """Words by theme, in every language customers write in; with them, what customers write is read."""
    reviews: tuple[Review, ...] = ()
    alerts: Alerts = Alerts()

    _places: Places = PrivateAttr(default=NOWHERE)

    @model_validator(mode="before")
    @classmethod
    def _name_benchmarks(cls, data: Any) -> Any:
        """Give each benchmark the name it stands under."""
        benchmarks = as_mapping(as_mapping(data).get("benchmarks"))
        named = {
            name: {**as_mapping(entry), "id": name} if as_mapping(entry) else entry
            for name, entry in benchmarks.items()
        }
        return {**as_mapping(data), "benchmarks": named} if named else data

    @model_validator(mode="after")
    def _promise_answers(self) -> "Roadmap":
        """What channels promise is a benchmark like any other; one written under its name takes its place."""
        for name, benchmark in promised(self.channels).items():
            self.benchmarks.setdefault(name, benchmark)
        return self

    @property
    def named(self) -> frozenset[str]:
        """KPIs that the roadmap names: a benchmark, a goal, a principle, a persona or a survey."""
        asked = (kpi for survey in self.surveys.plans.values() for kpi in survey.kpi)
        return self._meant.union(asked)

    @property
    def _meant(self) -> frozenset[str]:
        goals = {goal.kpi for goal in self.goals} | {kpi for principle in self.principles for kpi in principle.seen_in}
        expected = {expected.kpi for expected in self.expectations}
        return frozenset({benchmark.kpi for benchmark in self.benchmarks.values()} | goals | expected)

    @property
    def groups(self) -> tuple[str, tuple[str, ...]]:
        """Whom the friction map tells apart at each touchpoint: personas that somebody can have, else segments.

        The dimension, and its members in the file's order; no members without a journey.
        """
        if self.rules.tells_personas:
            dimension, members = "persona", tuple(rule.name for rule in self.rules.personas if rule.counts)
        else:
            dimension, members = "segment", tuple(self.segments)
        return dimension, members if self.journey else ()

    def crossed(self, kpi: str) -> list[dict[str, str]]:
        """Scopes within which a KPI is kept by touchpoint too: of those that the map is made of, and are named."""
        dimension, members = self.groups
        is_mapped = kpi in self.named and {TOUCHPOINT, dimension} <= {*KPIS[kpi].dimensions}
        return [{dimension: member} for member in members] if is_mapped else []

    @property
    def measured(self) -> frozenset[str]:
        """KPIs that are measured: the usual ones, those that are named, and those whose parts any of them needs."""
        asked = self._meant.union(() if self.kpis == "all" else self.kpis)
        wanted = {n for n, kpi in KPIS.items() if self.kpis == "all" or not kpi.is_on_request or n in asked}
        needed = {part for name in wanted for part in KPIS[name].rests_on}
        return frozenset(wanted | needed | {KPIS[name].kept_as for name in wanted})

    @property
    def asks_for_words(self) -> bool:
        """Whether what customers write is to be read."""
        return bool(self.themes) or any(KPIS[name].fact == REMARKS for name in self.measured)

    @property
    def zone(self) -> ZoneInfo:
        """The reporting zone."""
        return ZoneInfo(self.company.zone)

    @property
    def touchpoints(self) -> dict[str, str]:
        """Touchpoint → the role that answers for it, in the journey's order."""
        return {touchpoint: owner for stage in self.journey.values() for touchpoint, owner in stage.items()}

    @property
    def expectations(self) -> tuple[Expected, ...]:
        """What each persona expects of KPIs that there are, in the file's order."""
        return tuple(each for name, persona in self.personas.items() for each in expected_by(name, persona))

    @property
    def rules(self) -> Rules:
        """Who belongs to which segment and persona, in the file's order."""
        return Rules(
            tuple(SegmentRule(name, segment.when) for name, segment in self.segments.items()),
            tuple(PersonaRule(name, persona.segment, persona.when) for name, persona in self.personas.items()),
        )

    @property
    def counted_by_account(self) -> tuple[str, ...]:
        """Segments in which an account, with all its users, is one voice."""
        return tuple(sorted(name for name, segment in self.segments.items() if segment.count == "accounts"))

    @property
    def places(self) -> Places:
        """Where in the file each entry stands."""
        return self._places

    def placed(self, places: Places) -> "Roadmap":
        """The same roadmap, knowing where in its file each entry stands."""
        copy = self.model_copy()
        copy._places = places  # noqa: SLF001
        return copy
