"""What a task says when it is proposed: facts filled in from the data, judgement left blank for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt

from domain.heard import Heard, counts_line
from domain.intervals import Z95
from domain.kpis import Kpi
from domain.records import Incident
from domain.roadmap import Benchmark, Roadmap
from domain.scopes import described, parsed
from domain.shown import counted, day_shown, period_shown, shown, shown_change, shown_range, window_shown
from tasks.improve.spans import window_days
from tasks.improve.verdict import POWER80


@dataclass(frozen=True)
class Sight:
    """What can be seen of a change.

    Attributes:
        change: smallest change of one window to the next that is seen in 80 of 100 cases, KPI's unit.
        weeks_for_gap: weeks of data, before and after each, until closing the gap is seen; None: no gap.
    """

    change: float
    weeks_for_gap: int | None


def sight(low: float, high: float, days: int, gap: float | None) -> Sight:
    """What can be seen, from one window's 95 % interval.

    Standard error of one window s = (high - low) / (2 × 1.96); of the difference of two, s × √2;
    detectable 2.8 × s × √2. An error shrinks with the square root of time, so a gap g is seen after
    days × (detectable / g)² days.

    Args:
        low: lower end of the interval.
        high: upper end.
        days: length of the window.
        gap: how far the KPI is from where it should be.
    """
    change = POWER80 * sqrt(2) * (high - low) / (2 * Z95)
    weeks = ceil(days / 7 * (change / gap) ** 2) if gap else None
    return Sight(change, None if weeks is None else max(1, weeks))


def title_of(incident: Incident, benchmark: Benchmark | None, kpi: Kpi) -> str:
    """`Office NPS is behind its plan: find out why`."""
    members = parsed(incident.scope)
    words = benchmark.title if benchmark else " ".join([*members.values(), kpi.title])
    what = "is behind its plan" if incident.rule == "pace" else "got worse"
    return f"{words[:1].upper()}{words[1:]} {what}: find out why"


def body_of(
    incident: Incident, benchmark: Benchmark | None, kpi: Kpi, roadmap: Roadmap, heard: Heard | None = None
) -> dict[str, object]:
    """The fields of a new task, in the order they are shown; empty ones are for people.

    Args:
        incident: that opens it.
        benchmark: it is judged by; None: none.
        kpi: of the incident.
        roadmap: deputies, initiatives, principles.
        heard: what customers say about it; None: nothing was read. Counts alone are kept, no customer's words.

    Returns:
        JSON-ready: texts, lists and numbers. `figures` are those of the incident when it opened.
    """
    figures = incident.figures
    owner = roadmap.owners.get(benchmark.owner) if benchmark else None
    return {
        "deputy": owner.deputy or "" if owner else "",
        "kpi": kpi.title,
        "scope": described(incident.scope),
        "benchmark": _benchmark(incident, benchmark, kpi),
        "what_happened": _happened(incident, kpi),
        "what_they_say": counts_line(heard) if heard else "",
        "evidence": _evidence(incident, kpi),
        "five_whys": [f"Why {_question(incident, kpi)}?", "", "", "", ""],
        "options": [],
        "hypothesis": "",
        "first_sign": "",
        "guard": list(benchmark.guard) if benchmark else [],
        "what_can_be_seen": _seen(incident, benchmark, kpi),
        "compared_with": "itself before the fix",
        "serves": _serves(benchmark, roadmap),
        "blocked_by": "",
        "why_it_matters": benchmark.why or "" if benchmark else "",
        "figures": dict(figures),
    }


def _benchmark(incident: Incident, benchmark: Benchmark | None, kpi: Kpi) -> str:
    if benchmark is None:
        return ""
    now, plan = (
        shown(_number(incident.figures, "value"), kpi.unit),
        shown(_number(incident.figures, "expected"), kpi.unit),
    )
    target = f"{shown(benchmark.target, kpi.unit)} by {day_shown(benchmark.by)}"
    return f"{benchmark.id}: {now} now, {plan} planned today, {target}"


def _happened(incident: Incident, kpi: Kpi) -> str:
    figures = incident.figures
    value, expected = _number(figures, "value"), _number(figures, "expected")
    gap = None if value is None or expected is None else value - expected
    where = _period(figures, incident.opened_at)
    against = "the plan" if incident.rule == "pace" else "what is usual"
    since = f", since {day_shown(incident.since)}" if incident.since else ""
    return f"{_value(figures, kpi)} in {where}: {shown_change(gap, kpi.unit)} against {against}{since}"


def _evidence(incident: Incident, kpi: Kpi) -> str:
    n, n_open = int(_number(incident.figures, "n") or 0), int(_number(incident.figures, "n_open") or 0)
    unknown = f", {counted(n_open)} not yet known" if n_open else ""
    return f"{counted(n + n_open)} rows of {kpi.fact} in {_period(incident.figures, incident.opened_at)}{unknown}"


def _question(incident: Incident, kpi: Kpi) -> str:
    value, expected = _number(incident.figures, "value"), _number(incident.figures, "expected")
    where = f" ({described(incident.scope)})" if parsed(incident.scope) else ""
    if value is None or expected is None:
        return f"did {kpi.title}{where} get worse"
    verb = "is" if incident.rule == "pace" else "went to"
    against = f"when {shown(expected, kpi.unit)} was {'planned' if incident.rule == 'pace' else 'usual'}"
    if verb == "is":
        return f"is {kpi.title}{where} at {_value(incident.figures, kpi)} {against}"
    return f"did {kpi.title}{where} go to {_value(incident.figures, kpi)} {against}"


def _seen(incident: Incident, benchmark: Benchmark | None, kpi: Kpi) -> str:
    figures = incident.figures
    low, high = _number(figures, "low"), _number(figures, "high")
    value, expected = _number(figures, "value"), _number(figures, "expected")
    if low is None or high is None or high <= low:
        return ""
    days = window_days(benchmark.window) if benchmark else _days(figures)
    gap = None if value is None or expected is None else abs(value - expected)
    found = sight(low, high, days, gap)
    change = shown_change(found.change, kpi.unit).lstrip("+")
    window = window_shown(benchmark.window) if benchmark else f"{days} days"
    said = f"a change of {change} from one window ({window}) to the next"
    if found.weeks_for_gap is None or gap is None:
        return said
    weeks = f"{found.weeks_for_gap} week{'s' if found.weeks_for_gap != 1 else ''}"
    return f"{said}; closing the gap of {shown_change(gap, kpi.unit).lstrip('+')} in about {weeks}"


def _serves(benchmark: Benchmark | None, roadmap: Roadmap) -> list[str]:
    """The initiatives that are meant to move the benchmark, and the principles its KPI shows."""
    if benchmark is None:
        return []
    initiatives = [
        f"initiative {i.id}" for i in roadmap.initiatives if any(o.benchmark == benchmark.id for o in i.outcomes)
    ]
    principles = [f"principle {p.id}" for p in roadmap.principles if benchmark.kpi in p.seen_in]
    return [*initiatives, *principles]


def _value(figures: Mapping[str, object], kpi: Kpi) -> str:
    if figures.get("n_open") and figures.get("bound_low") is not None:
        return shown_range(_number(figures, "bound_low"), _number(figures, "bound_high"), kpi.unit)
    return shown(_number(figures, "value"), kpi.unit)


def _period(figures: Mapping[str, object], beside: date) -> str:
    start, end = (date.fromisoformat(str(figures[name])) for name in ("period_start", "period_end"))
    return period_shown(start, end, beside)


def _days(figures: Mapping[str, object]) -> int:
    start, end = (date.fromisoformat(str(figures[name])) for name in ("period_start", "period_end"))
    return max(1, (end - start) // timedelta(days=1))


def _number(figures: Mapping[str, object], name: str) -> float | None:
    value = figures.get(name)
    return float(value) if isinstance(value, int | float) else None
