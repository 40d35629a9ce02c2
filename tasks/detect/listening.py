"""Listening: is the plan kept that says who is asked how often?

Three things break it: somebody is asked again too soon (within the rest between any two surveys, or within a
survey's own rhythm), a survey asks nobody though its rhythm is over, and a survey asks that the roadmap does not
know. Days are those of the reporting zone, months those of the calendar: asked on 1 March and every 6 months is
asked again on 1 September at the earliest. Who is asked is a person, under whichever customer id of theirs: a
survey tool knows them by another one than a helpdesk. Nobody known, nobody disturbed: invitations without a customer
count, but in no rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from domain.listening import KPI, LOOKS_BACK_DAYS, RULE, ListeningVerdict, scope_of, survey_of
from domain.records import Finding, Point
from domain.roadmap import Roadmap
from domain.roadmap.durations import Duration
from domain.shown import counted
from domain.windows import FIRST_DAY, mondays

_WEEK, _BACK = timedelta(days=7), timedelta(days=LOOKS_BACK_DAYS)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"survey": pl.String, "day": pl.Date}

TOO_SOON_SCHEMA = {
    "survey": pl.String, "customer_id": pl.String, "person_id": pl.String, "day": pl.Date,
    "before_survey": pl.String, "before_day": pl.Date, "allowed_from": pl.Date, "by": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class PlannedSurvey:
    """One survey of the plan.

    Attributes:
        every: how often one person is asked; None: after an event.
        since: day from which the roadmap has it; before, it cannot be late.
    """

    name: str
    every: Duration | None = None
    since: date = FIRST_DAY

    def late_from(self, moment: date) -> date:
        """First of the days before a moment on which, at the latest, somebody has to be asked."""
        return (_shifted(moment, self.every, back=True) if self.every else moment) - _BACK


@dataclass(frozen=True)
class ListeningPlan:
    """Who is asked how often. `rest`: between any two invitations of one person; None: none is promised."""

    surveys: tuple[PlannedSurvey, ...] = ()
    rest: Duration | None = None

    @property
    def names(self) -> frozenset[str]:
        """The surveys of the plan."""
        return frozenset(survey.name for survey in self.surveys)

    def reaches_back(self, moment: date) -> date:
        """First day whose invitations matter at a moment."""
        late = [survey.late_from(moment) for survey in self.surveys]
        rest = _shifted(moment - _BACK, self.rest, back=True) if self.rest else moment
        rhythm = [_shifted(moment - _BACK, survey.every, back=True) for survey in self.surveys if survey.every]
        return min([moment - _BACK, rest, *late, *rhythm])


def plan_of(roadmap: Roadmap, since: Mapping[str, date]) -> ListeningPlan:
    """The roadmap's listening plan; `since`: from which day it has a survey, where that is not always."""
    surveys = (
        PlannedSurvey(name, survey.every, since.get(name, FIRST_DAY)) for name, survey in roadmap.surveys.plans.items()
    )
    return ListeningPlan(tuple(surveys), roadmap.surveys.rest)


def too_soon(sends: pl.DataFrame, plan: ListeningPlan, zone: ZoneInfo) -> pl.DataFrame:
    """Invitations of people who had been asked too shortly before.

    Args:
        sends: one row per invitation: send_id, survey, customer_id (null: not known who), person_id (the person whose
            id that is), sent_at.
        plan: rest and rhythms.
        zone: reporting zone.

    Returns:
        One row per (invitation, promise broken), sorted by day: TOO_SOON_SCHEMA; `by` is `rest` or `every`,
        `before_survey` and `before_day` the invitation before, `allowed_from` the first day that would have been fine.
    """
    asked = (
        sends.filter(pl.col("customer_id").is_not_null())
        .with_columns(day=_day(zone, "sent_at"))
        .sort("person_id", "sent_at", "survey", "send_id")
    )
    found = [pl.DataFrame(schema=TOO_SOON_SCHEMA)]
    if plan.rest:
        found.append(_within(asked, plan.rest, "rest"))
    found += [_within(asked.filter(pl.col("survey") == s.name), s.every, "every") for s in plan.surveys if s.every]
    return pl.concat(found).sort("day", "survey", "person_id", "customer_id", "by", "before_day")


def _within(asked: pl.DataFrame, span: Duration, by: str) -> pl.DataFrame:
    """Invitations on a day before `span` is over since the person's last one among `asked`."""
    before = asked.with_columns(
        before_survey=pl.col("survey").shift().over("person_id"), before_day=pl.col("day").shift().over("person_id")
    ).with_columns(allowed_from=pl.col("before_day").dt.offset_by(_offset(span)), by=pl.lit(by))
    return before.filter(pl.col("day") < pl.col("allowed_from")).select(list(TOO_SOON_SCHEMA))


@dataclass(frozen=True)
class Invitations:
    """What happened, by day.

    Attributes:
        asked: survey, day, n invitations.
        broken: survey, day, by, n invitations too soon.
        first_day: first day of which any invitation is known.
    """

    asked: pl.DataFrame
    broken: pl.DataFrame
    first_day: date

    @classmethod
    def of(cls, sends: pl.DataFrame, plan: ListeningPlan, zone: ZoneInfo, first_day: date) -> "Invitations":
        """Counted from single invitations (see `too_soon`)."""
        days = sends.select("survey", day=_day(zone, "sent_at"))
        broken = too_soon(sends, plan, zone).group_by("survey", "day", "by").agg(n=pl.len())
        return cls(days.group_by("survey", "day").agg(n=pl.len()), broken, first_day)

    def n_asked(self, survey: str, start: date, end: date) -> int:
        """Invitations of one survey in [start, end)."""
        return _count(self.asked.filter(pl.col("survey") == survey), start, end)

    def n_broken(self, survey: str, by: str, start: date, end: date) -> int:
        """Invitations of one survey in [start, end) that broke the rest or the rhythm."""
        return _count(self.broken.filter(pl.col("survey") == survey, pl.col("by") == by), start, end)


def judged_listening(
    plan: ListeningPlan,
    invitations: Invitations,
    answered: pl.DataFrame,
    marks: Mapping[str, date],
    last: date,
) -> list[Finding]:
    """What the rule says of every survey at every moment that is due.

    Args:
        plan: the roadmap's.
        invitations: at least from `plan.reaches_back` of the first moment on.
        answered: survey, day: answers that came in; whoever answers was asked, though no invitation is known.
        marks: survey → the last moment it was judged at.
        last: the last moment: no later than the day after the last complete one.

    Returns:
        One finding per survey and moment, in order of moment.
    """
    first_sent = dict(invitations.asked.group_by("survey").agg(pl.col("day").min()).iter_rows())
    planned = {survey.name: survey for survey in plan.surveys}
    found: list[Finding] = []
    for name in sorted({*planned, *first_sent, *marks}):
        begin = invitations.first_day if name in planned else first_sent.get(name, last)
        first = marks[name] + _WEEK if name in marks else begin + timedelta(days=1)
        answers = answered.filter(pl.col("survey") == name)
        due = mondays(first, last)
        found += [_judge(name, planned.get(name), plan, invitations, answers, moment) for moment in due]
    return sorted(found, key=lambda finding: (finding.moment, finding.scope))


def silent_surveys(found: Iterable[Finding]) -> list[str]:
    """Surveys that seem to ask nobody, for whom answers have to be looked at."""
    return sorted({survey_of(finding.scope) for finding in found if finding.verdict == "asks nobody"})


def _judge(
    name: str,
    planned: PlannedSurvey | None,
    plan: ListeningPlan,
    invitations: Invitations,
    answers: pl.DataFrame,
    moment: date,
) -> Finding:
    start = moment - _BACK
    n, n_now = (invitations.n_asked(name, begin, moment) for begin in (start, moment - _WEEK))
    verdict: ListeningVerdict = "as planned"
    notes, is_breach = _too_soon_notes(name, planned, plan, invitations, moment)
    if notes:
        verdict = "asked too soon"
    if planned is None and n:
        verdict, is_breach = "not in the roadmap", is_breach or n_now > 0
        notes = ["the roadmap's listening plan does not know it", *notes]
    if planned is not None and not n:
        late = planned.late_from(moment)
        is_known = max(invitations.first_day, planned.since) <= late
        if not invitations.n_asked(name, late, moment) and not _answered(answers, late, moment):
            verdict, is_breach = ("asks nobody", True) if is_known else ("not enough evidence", False)
            notes = [_silence(planned, moment - late)] if is_known else []
    return Finding(
        rule=RULE, kpi=KPI, scope=scope_of(name), benchmark="", moment=moment, verdict=verdict,
        point=Point(start, moment, n, None, None, None), since=moment - _WEEK if is_breach else None,
        is_breach=is_breach, is_recovered=verdict == "as planned", note="; ".join(notes),
    )  # fmt: skip


def _too_soon_notes(
    name: str, planned: PlannedSurvey | None, plan: ListeningPlan, invitations: Invitations, moment: date
) -> tuple[list[str], bool]:
    """What was broken in the last weeks, in words; and whether any of it in the last one."""
    promises = [("rest", plan.rest, "another one"), ("every", planned.every if planned else None, "the same survey's")]
    n_asked = counted(invitations.n_asked(name, moment - _BACK, moment))
    notes: list[str] = []
    is_now = False
    for by, span, other in promises:
        n = invitations.n_broken(name, by, moment - _BACK, moment)
        if n and span:
            notes.append(f"{counted(n)} of {n_asked} invitations in four weeks came within {span} of {other}")
            is_now = is_now or invitations.n_broken(name, by, moment - _WEEK, moment) > 0
    return notes, is_now


def _silence(planned: PlannedSurvey, lasted: timedelta) -> str:
    rhythm = f"; one person is to be asked every {planned.every}" if planned.every else ""
    return f"nobody was asked in the last {counted(lasted.days)} days{rhythm}"


def _answered(answers: pl.DataFrame, start: date, end: date) -> bool:
    return not answers.filter(pl.col("day") >= start, pl.col("day") < end).is_empty()


def _count(days: pl.DataFrame, start: date, end: date) -> int:
    return int(days.filter(pl.col("day") >= start, pl.col("day") < end)["n"].sum())


def answer_days(rows: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """survey, day of answers: survey, answered_at."""
    return rows.select("survey", day=_day(zone, "answered_at")).unique().cast(_DAYS)  # pyright: ignore[reportArgumentType]


NO_ANSWERS = pl.DataFrame(schema=_DAYS)


def _day(zone: ZoneInfo, column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(zone.key).dt.date()


def _shifted(day: date, span: Duration, *, back: bool = False) -> date:
    """A day and a span later (or earlier), by the calendar."""
    return pl.Series([day]).dt.offset_by(("-" if back else "") + _offset(span))[0]


def _offset(span: Duration) -> str:
    """The span as Polars writes it; parts of a day count for nothing: who is nearly rested is rested."""
    if span.unit in _MONTHS and span.amount.is_integer():
        return f"{int(span.amount) * _MONTHS[span.unit]}mo"
    return f"{int(span.days)}d"
