"""An incident through its states; the only place where they change.

    normal → pending → firing → acknowledged | snoozed → recovering → resolved
             └──────────────────────────────────────────────────────────┘ not confirmed

Findings move it (`advance`), people move it (`acknowledge`, `snooze`, `unsnooze`); every move has a
reason. No data is never an improvement: it moves nothing.
"""

from dataclasses import dataclass, replace
from datetime import date

from domain.breaks import begun_on
from domain.errors import TransitionError
from domain.ids import derived
from domain.kpis import KPIS
from domain.records import Finding, Incident, IncidentEvent, IncidentState
from domain.scopes import canonical

Figures = dict[str, float | int | str | None]

TRANSITIONS: dict[IncidentState, frozenset[IncidentState]] = {
    "pending": frozenset({"firing", "resolved"}),
    "firing": frozenset({"acknowledged", "snoozed", "recovering", "resolved"}),
    "acknowledged": frozenset({"snoozed", "recovering", "resolved"}),
    "snoozed": frozenset({"firing", "acknowledged", "recovering", "resolved"}),
    "recovering": frozenset({"firing", "resolved"}),
    "resolved": frozenset(),
}
"""Which state may follow which."""

_SUSPECT = frozenset({"surely behind", "drifted"})
_WHY = {
    "pace": ("surely behind the plan", "back on the plan"),
    "drift": ("worse than usual", "back to normal"),
    "churn": ("more leave than usual", "back to normal"),
    "listening": ("the listening plan is broken", "the listening plan is kept again"),
}


@dataclass(frozen=True)
class Policy:
    """When an incident fires and when it is over.

    Attributes:
        fire_after: moments in breach, without a recovery between, until it fires. A finding's own
            m of n is counted by its rule.
        recover_after: recovered moments in a row until it is over.
        breaks: days on which the series breaks: what was told before one is no measure of what came after it.
    """

    fire_after: int = 1
    recover_after: int = 1
    breaks: tuple[date, ...] = ()


def key_of(finding: Finding) -> str:
    """The labels of an episode, never a value or a date: the same for the next one."""
    labels = {"rule": finding.rule, "kpi": finding.kpi, "scope": finding.scope, "benchmark": finding.benchmark}
    return canonical(labels)


def figures_of(finding: Finding) -> Figures:
    """The numbers of a finding as an incident keeps them.

    Returns:
        value, low, high, n, n_open, bound_low, bound_high, expected, line (KPI's unit), period_start,
        period_end (ISO days), verdict, note, is_provisional (0 or 1); empty without a point.
    """
    point = finding.point
    if point is None:
        return {}
    return {
        "value": point.value, "low": point.low, "high": point.high, "n": point.n, "n_open": point.n_open,
        "bound_low": point.bound_low, "bound_high": point.bound_high,
        "expected": finding.expected, "line": finding.line,
        "period_start": point.period_start.isoformat(), "period_end": point.period_end.isoformat(),
        "verdict": finding.verdict, "note": finding.note, "is_provisional": int(finding.is_provisional),
    }  # fmt: skip


def advance(incident: Incident | None, finding: Finding, policy: Policy) -> tuple[Incident | None, list[IncidentEvent]]:
    """One finding's effect on the episode it belongs to.

    Args:
        incident: the latest episode with the finding's key; None or a resolved one: none is open.
        finding: of a moment later than any before; an earlier one changes nothing.
        policy: when it fires, when it is over.

    Returns:
        The episode as it is now (None: normal) and the transitions made, in order. Beside the
        finding's numbers, `figures` hold `fired_value`, `fired_start`, `fired_end` (of the period that
        fired), `told_value` (what people were last told), `notice` (why they must be told again:
        `worse` or `snooze over`), and who did what.
    """
    if incident is not None and finding.moment <= (incident.judged_through or incident.opened_at):
        return incident, []
    if incident is None or incident.state == "resolved":
        begun, events = _begin(finding, policy)
        return begun or incident, events
    incident = replace(incident, judged_through=finding.moment)
    if finding.verdict == "no data":
        return incident, []
    incident = _of_this_series(incident, finding, policy)
    before, incident = incident, replace(incident, figures={**incident.figures, **figures_of(finding)})
    if finding.is_breach:
        return _on_breach(before, incident, finding, policy)
    if finding.is_recovered:
        return _on_recovery(incident, finding, policy)
    return replace(incident, n_recovered=0), []


def _of_this_series(incident: Incident, finding: Finding, policy: Policy) -> Incident:
    """What people were told is compared with later values until the series breaks; then with the first one after."""
    begun, value = begun_on(policy.breaks, finding.moment), _at_best(figures_of(finding), incident.kpi)
    told_of = incident.figures.get("series_begun") or incident.opened_at.isoformat()
    if begun is None or value is None or begun.isoformat() <= str(told_of):
        return incident
    return replace(incident, figures={**incident.figures, "told_value": value, "series_begun": begun.isoformat()})


def acknowledge(incident: Incident, on: date, author: str, reason: str = "seen") -> tuple[Incident, IncidentEvent]:
    """Somebody has seen it and cares; TransitionError unless it is firing or snoozed."""
    figures: Figures = {**incident.figures, "acknowledged_by": author, "acknowledged_on": on.isoformat()}
    return _moved(replace(incident, figures=figures), "acknowledged", on, reason, author)


def snooze(incident: Incident, on: date, until: date, author: str, reason: str) -> tuple[Incident, IncidentEvent]:
    """Silence until a day, or until it gets materially worse.

    Raises:
        TransitionError: it is neither firing nor acknowledged, there is no reason, or the end is not later.
    """
    if until <= on:
        raise TransitionError(f"a snooze must end after {on}; {until} is no later day. Give a day to come.")
    if not reason.strip():
        raise TransitionError("a snooze needs a reason: say why nobody needs to know until then.")
    value = _at_best(incident.figures, incident.kpi)
    told: Figures = {
        "snoozed_until": until.isoformat(), "snoozed_by": author, "snooze_reason": reason, "told_value": value
    }  # fmt: skip
    return _moved(replace(incident, figures={**incident.figures, **told}), "snoozed", on, reason, author)


def unsnooze(incident: Incident, on: date, author: str, reason: str) -> tuple[Incident, IncidentEvent]:
    """Somebody ends a snooze; TransitionError unless it is snoozed."""
    if incident.state != "snoozed":
        raise TransitionError(_refused(incident, "firing"))
    return _moved(incident, "firing", on, reason, author)


def is_materially_worse(before: Figures, now: Figures, kpi: str) -> bool:
    """Worse than what people were told last: really (whole interval) and by more than the tolerance.

    Args:
        before: figures with `told_value`.
        now: figures of the finding.
        kpi: which way is better.
    """
    told, best = before.get("told_value"), _at_best(now, kpi)
    if not isinstance(told, int | float) or best is None:
        return False
    sign = _sign(kpi)
    end = _number(now, "high" if sign > 0 else "low")
    value = _number(now, "value")
    reach = abs(end - value) if end is not None and value is not None else 0.0
    expected, line = _number(now, "expected"), _number(now, "line")
    tolerance = abs(expected - line) if expected is not None and line is not None else 0.0
    fall = sign * (float(told) - best)
    return fall > reach and fall >= tolerance


def _begin(finding: Finding, policy: Policy) -> tuple[Incident | None, list[IncidentEvent]]:
    """A first sign opens an episode; it fires at once where once is enough."""
    if not finding.is_breach and finding.verdict not in _SUSPECT:
        return None, []
    key, fires = key_of(finding), finding.is_breach and policy.fire_after <= 1
    figures = figures_of(finding)
    if fires:
        figures = _fired(figures, finding.kpi)
    incident = Incident(
        incident_id=derived("incident", key, finding.moment), key=key, kpi=finding.kpi, scope=finding.scope,
        rule=finding.rule, benchmark=finding.benchmark, state="firing" if fires else "pending",
        opened_at=finding.moment, since=finding.since, judged_through=finding.moment,
        n_breaches=int(finding.is_breach), figures=figures,
    )  # fmt: skip
    reason = _WHY[finding.rule][0] if fires else f"{_WHY[finding.rule][0]}, not often enough yet"
    return incident, [_event(incident, finding.moment, "normal", incident.state, reason, "cxloop")]


def _on_breach(
    before: Incident, incident: Incident, finding: Finding, policy: Policy
) -> tuple[Incident, list[IncidentEvent]]:
    incident = replace(
        incident, n_breaches=incident.n_breaches + 1, n_recovered=0, since=incident.since or finding.since
    )
    bad = _WHY[finding.rule][0]
    match incident.state:
        case "pending":
            if incident.n_breaches < policy.fire_after:
                return incident, []
            fired = replace(incident, figures=_fired(incident.figures, incident.kpi))
            return _one(_moved(fired, "firing", finding.moment, bad))
        case "recovering":
            return _one(_moved(incident, "firing", finding.moment, f"{bad} again, before it was over"))
        case "snoozed":
            return _on_breach_while_snoozed(before, incident, finding)
        case _:
            if is_materially_worse(before.figures, incident.figures, incident.kpi):
                return _noticed(incident, "worse"), []
            return incident, []


def _on_breach_while_snoozed(
    before: Incident, incident: Incident, finding: Finding
) -> tuple[Incident, list[IncidentEvent]]:
    if is_materially_worse(before.figures, incident.figures, incident.kpi):
        return _one(
            _moved(_noticed(incident, "worse"), "firing", finding.moment, "materially worse: the snooze ends early")
        )
    if finding.moment >= date.fromisoformat(str(incident.figures["snoozed_until"])):
        return _one(
            _moved(
                _noticed(incident, "snooze over"), "firing", finding.moment, "the snooze is over, the trouble is not"
            )
        )
    return incident, []


def _on_recovery(incident: Incident, finding: Finding, policy: Policy) -> tuple[Incident, list[IncidentEvent]]:
    good = _WHY[finding.rule][1]
    if incident.state == "pending":
        return _one(_resolved(incident, finding.moment, f"not confirmed: {good}"))
    incident = replace(incident, n_recovered=incident.n_recovered + 1)
    if incident.n_recovered >= policy.recover_after:
        return _one(_resolved(incident, finding.moment, good))
    if incident.state == "recovering":
        return incident, []
    reason = f"{good}, {incident.n_recovered} of {policy.recover_after} times"
    return _one(_moved(incident, "recovering", finding.moment, reason))


def _resolved(incident: Incident, moment: date, reason: str) -> tuple[Incident, IncidentEvent]:
    moved, event = _moved(incident, "resolved", moment, reason)
    return replace(moved, resolved_at=moment), event


def _fired(figures: Figures, kpi: str) -> Figures:
    """The numbers of the moment it fired, kept for the whole episode: what people are told, and which period it was."""
    value = _at_best(figures, kpi)
    period = {"fired_start": figures.get("period_start"), "fired_end": figures.get("period_end")}
    return {**figures, "told_value": value, "fired_value": value, **period}


def _noticed(incident: Incident, notice: str) -> Incident:
    """People must be told again: why, and the number they will have been told."""
    value = _at_best(incident.figures, incident.kpi)
    before = incident.figures.get("told_value")
    return replace(incident, figures={**incident.figures, "notice": notice, "told_before": before, "told_value": value})


def _moved(
    incident: Incident, new: IncidentState, moment: date, reason: str, actor: str = "cxloop"
) -> tuple[Incident, IncidentEvent]:
    if new not in TRANSITIONS.get(incident.state, frozenset()):
        raise TransitionError(_refused(incident, new))
    return replace(incident, state=new), _event(incident, moment, incident.state, new, reason, actor)


def _refused(incident: Incident, new: str) -> str:
    allowed = ", ".join(sorted(TRANSITIONS.get(incident.state, frozenset()))) or "nothing any more"
    return (
        f"incident {incident.incident_id} is {incident.state}; it cannot become {new}. "
        f"From there it can become: {allowed}."
    )


def _event(incident: Incident, moment: date, old: str, new: str, reason: str, actor: str) -> IncidentEvent:
    event_id = derived("event", incident.incident_id, moment, old, new, reason, actor)
    return IncidentEvent(event_id, incident.incident_id, moment, old, new, reason, actor)


def _one(moved: tuple[Incident, IncidentEvent]) -> tuple[Incident, list[IncidentEvent]]:
    return moved[0], [moved[1]]


def _sign(kpi: str) -> float:
    return -1.0 if kpi in KPIS and KPIS[kpi].better == "down" else 1.0


def _at_best(figures: Figures, kpi: str) -> float | None:
    """The value, were all open outcomes to turn out well: nobody is told worse than is sure."""
    bound = _number(figures, "bound_high" if _sign(kpi) > 0 else "bound_low") if figures.get("n_open") else None
    return _number(figures, "value") if bound is None else bound


def _number(figures: Figures, name: str) -> float | None:
    value = figures.get(name)
    return float(value) if isinstance(value, int | float) else None
