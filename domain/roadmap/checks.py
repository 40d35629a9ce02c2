"""What must hold between the parts: every name is declared, every target is one, every date comes in order."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from domain.kpis import KPIS
from domain.public_holidays import wrong_region
from domain.roadmap.benchmark_checks import check_benchmarks
from domain.roadmap.initiatives import Initiative
from domain.roadmap.model import Roadmap
from domain.roadmap.names import Names
from domain.roadmap.places import Path, Problem
from domain.roadmap.raw import Raw, as_list, as_mapping, name_of
from domain.roadmap.words import number
from domain.segments import rule_problem


def check(roadmap: Roadmap, data: Raw) -> list[Problem]:
    """Everything that does not hold; `data` is the file as read, where refused entries still have their names."""
    names = Names.of(data)
    parts = (_owners, _journey, _kpis, _customers, _calendars, _channels, _surveys, _principles, _initiatives,
             _capabilities, _events, _reviews, _alerts, _routes, check_benchmarks)  # fmt: skip
    problems = [problem for part in parts for problem in part(roadmap, names)]
    return [*problems, *_twice(data), *_named_inside(data)]


def _owners(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    for name, owner in roadmap.owners.items():
        path = ("owners", name)
        if owner.deputy == name:
            yield Problem((*path, "deputy"), "is its own deputy. Name another role, or leave it out")
        elif owner.deputy:
            yield from names.owner((*path, "deputy"), owner.deputy)
        if not owner.channel and not roadmap.alerts.default_channel:
            text = 'has no channel, and there is none for all. Add `channel: "#…"`, or `default_channel` under alerts'
            yield Problem(path, text)


def _journey(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    stages: dict[str, str] = {}
    for stage, touchpoints in roadmap.journey.items():
        for touchpoint, owner in touchpoints.items():
            path = ("journey", stage, touchpoint)
            yield from names.owner(path, owner)
            if touchpoint in stages:
                text = f"touchpoint '{touchpoint}' stands in '{stages[touchpoint]}' already. Keep it in one stage"
                yield Problem(path, text)
            stages.setdefault(touchpoint, stage)


def _kpis(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    for index, kpi in enumerate(() if roadmap.kpis == "all" else roadmap.kpis):
        yield from names.kpi(("kpis", index), kpi)


def _customers(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    rules = {("segments", name, "when"): segment.when for name, segment in roadmap.segments.items()}
    rules |= {("personas", name, "when"): persona.when for name, persona in roadmap.personas.items() if persona.when}
    for path, when in rules.items():
        if wrong := rule_problem(when):
            yield Problem(path, f"when: {wrong}")
    for name, persona in roadmap.personas.items():
        if persona.segment:
            yield from names.member(("personas", name, "segment"), "segment", persona.segment)


def _calendars(roadmap: Roadmap, _: Names) -> Iterator[Problem]:
    for name, calendar in roadmap.calendars.items():
        if calendar.holidays and (wrong := wrong_region(calendar.holidays)):
            yield Problem(("calendars", name, "holidays"), wrong)
        before = None
        for index, change in enumerate(calendar.changes):
            path = ("calendars", name, "changes", index)
            if change.holidays not in {None, "none"} and (wrong := wrong_region(str(change.holidays))):
                yield Problem((*path, "holidays"), wrong)
            if change.zone is None and change.open is None and change.holidays is None:
                text = f"the change from {change.from_} says not what changes. Give it `open`, `holidays` or `zone`"
                yield Problem(path, text)
            if before is not None and change.from_ <= before:
                text = f"the change from {change.from_} stands after the one from {before}. Put the earlier one first"
                yield Problem(path, text)
            before = change.from_


def _channels(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    for name, channel in roadmap.channels.items():
        path = ("channels", name)
        yield from names.owner((*path, "owner"), channel.owner)
        yield from names.calendar((*path, "calendar"), channel.calendar)
        if share := channel.share:
            if channel.answer_within is None:
                text = (
                    "wants a share answered in time, but not within what. Add `answer_within: 8 h`, or take share out"
                )
                yield Problem((*path, "share"), text)
            if share.by <= share.on:
                yield Problem((*path, "share", "by"), f"by {share.by} comes not after on {share.on}. Swap them")
            if share.target < share.baseline:
                text = (
                    f"the target {number(share.target)} is worse than the baseline {number(share.baseline)}. Swap them"
                )
                yield Problem((*path, "share", "target"), text)


def _surveys(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    rest = roadmap.surveys.rest
    for name, survey in roadmap.surveys.plans.items():
        path = ("surveys", name)
        for kpi in survey.kpi:
            yield from names.kpi((*path, "kpi"), kpi)
            if kpi in KPIS and KPIS[kpi].fact != "survey_answers":
                yield Problem((*path, "kpi"), f"{kpi} is not asked, it is counted. A survey measures nps, csat or ces")
        for segment in survey.asks:
            yield from names.member((*path, "asks"), "segment", segment)
        if bool(survey.every) == bool(survey.after):
            text = "says not when it asks. Give it either `every: 180 days` or `after: ticket solved`"
            yield Problem(path, text)
        if survey.owner:
            yield from names.owner((*path, "owner"), survey.owner)
        if survey.every and rest and survey.every.seconds < rest.seconds:
            text = f"asks every {survey.every}, but nobody is asked twice within {rest} (rest). Change one of them"
            yield Problem((*path, "every"), text)


def _principles(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    del names
    for goal in roadmap.goals:
        if goal.kpi in KPIS and KPIS[goal.kpi].unit == "share" and not 0 <= goal.target <= KPIS[goal.kpi].limits[1]:
            text = f"the target {number(goal.target)} is no share; shares are 0 to 1 (85 % is written 0.85)"
            yield Problem(("goals", goal.id, "target"), text)


def _initiatives(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    for initiative in roadmap.initiatives:
        path = ("initiatives", initiative.id)
        yield from names.owner((*path, "owner"), initiative.owner)
        if initiative.sponsor:
            yield from names.owner((*path, "sponsor"), initiative.sponsor)
        for need in initiative.needs:
            yield from names.declared((*path, "needs"), "capability", need)
        for kind in ("touchpoint", "segment"):
            if member := getattr(initiative.serves, kind):
                yield from names.member((*path, "for", kind), kind, member)
        for kind in ("principle", "goal"):
            if name := getattr(initiative.serves, kind):
                yield from names.declared((*path, "for", kind), kind, name)
        if (initiative.budget or initiative.business_case) and not roadmap.company.currency:
            yield Problem(path, "speaks of money, but the company has no currency. Add `currency: EUR` under company")
        yield from _outcomes(initiative, roadmap, names)
        yield from _late_milestones(initiative)


def _outcomes(initiative: Initiative, roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    for outcome in initiative.outcomes:
        path = ("initiatives", initiative.id, "outcomes")
        yield from names.declared(path, "benchmark", outcome.benchmark)
        benchmark = roadmap.benchmarks.get(outcome.benchmark)
        kpi = KPIS.get(benchmark.kpi) if benchmark else None
        if kpi and kpi.better != "none" and (outcome.by > 0) != (kpi.better == "up"):
            better = "higher" if kpi.better == "up" else "lower"
            text = f"{outcome.benchmark} by {number(outcome.by)} makes it worse (for {kpi.name} {better} is better)"
            yield Problem(path, f"{text}. Did you mean {number(-outcome.by)}?")


def _late_milestones(initiative: Initiative) -> Iterator[Problem]:
    for milestone in initiative.milestones:
        if initiative.by and milestone.due > initiative.by:
            text = (
                f"milestone '{milestone.title}' is due {milestone.due}, after the end {initiative.by}. Move one of them"
            )
            yield Problem(("initiatives", initiative.id, "milestones", milestone.id or milestone.title), text)


def _capabilities(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    for name, capability in roadmap.capabilities.items():
        path = ("capabilities", name)
        yield from names.owner((*path, "owner"), capability.owner)
        if capability.want < capability.now:
            text = f"wanted is level {capability.want}, less than now ({capability.now}). Swap them"
            yield Problem((*path, "want"), text)


def _events(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    for event in roadmap.events:
        path = ("events", event.title)
        yield from names.scope((*path, "touches"), event.touches)
        for kpi in event.breaks:
            yield from names.kpi((*path, "breaks"), kpi)
        if event.until and event.until < event.on:
            yield Problem((*path, "until"), f"until {event.until} comes before on {event.on}. Swap them")


def _reviews(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    for review in roadmap.reviews:
        for owner in review.who:
            yield from names.owner(("reviews", review.title, "who"), owner)


def _alerts(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    alerts = roadmap.alerts
    if alerts.quiet:
        yield from names.calendar(("alerts", "quiet", "calendar"), alerts.quiet.calendar)
    if alerts.escalate:
        if alerts.escalate.then != "deputy":
            yield from names.owner(("alerts", "escalate", "then"), alerts.escalate.then)
        yield from names.owner(("alerts", "escalate", "to"), alerts.escalate.to)


def _routes(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    for index, route in enumerate(roadmap.alerts.routes):
        path = ("alerts", "routes", index)
        if route.kpi:
            yield from names.kpi((*path, "kpi"), route.kpi)
        if route.to:
            yield from names.owner((*path, "to"), route.to)
        for kind in ("touchpoint", "segment", "channel"):
            if member := getattr(route, kind):
                yield from names.member((*path, kind), kind, member)
        if not (route.kpi or route.touchpoint or route.segment or route.channel):
            yield Problem(path, "a route says not for what. Give it `kpi`, `touchpoint`, `segment` or `channel`")
        if not (route.also or route.to):
            yield Problem(path, 'a route says not to whom. Give it `also: "#…"` or `to: a role`')


def _twice(data: Raw) -> Iterator[Problem]:
    """Entries of a list that share their id."""
    for section in ("principles", "goals", "initiatives"):
        yield from _repeated((section,), as_list(data.get(section)))
    for entry in as_list(data.get("initiatives")):
        initiative = as_mapping(entry)
        yield from _repeated(
            ("initiatives", name_of(initiative) or 0, "milestones"), as_list(initiative.get("milestones"))
        )


def _named_inside(data: Raw) -> Iterator[Problem]:
    """A benchmark's name is the key it stands under."""
    for name, entry in as_mapping(data.get("benchmarks")).items():
        if "id" in as_mapping(entry):
            yield Problem(("benchmarks", name, "id"), "unknown key 'id'. A benchmark is named by the key before it")


def _repeated(path: Path, entries: Sequence[Any]) -> Iterator[Problem]:
    ids = [as_mapping(entry).get("id") for entry in entries]
    for name, count in Counter(name for name in ids if isinstance(name, str)).items():
        if count > 1:
            again = [index for index, found in enumerate(ids) if found == name][1]
            yield Problem((*path, again), f"'{name}' stands in {path[-1]} {count} times. Give each its own id")
