"""An incident in sentences: what, against what was promised, since when and how sure, who does what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.listening import RULE
from domain.records import Incident
from domain.shown import began_shown, counted, day_shown, due_shown, period_shown, shown, shown_range
from tasks.alert import listening
from tasks.alert.lifecycle import Figures
from tasks.alert.subject import Alert, Subject, TaskLine

_ICONS = {"firing": "🔴", "acknowledged": "🟡", "recovering": "🟡", "snoozed": "⚪", "resolved": "🟢"}
MOST_INSIDE = 5
"""So many muted ones are named; the others are counted."""


@dataclass(frozen=True)
class Inside:
    """What is said together with an incident.

    Attributes:
        task: its improvement task; None: none yet.
        parts: titles of the incidents that it speaks for.
        explained: (label, text) lines: where it comes from, what customers say, what is at stake.
    """

    task: TaskLine | None = None
    parts: tuple[str, ...] = ()
    explained: tuple[tuple[str, str], ...] = field(default=())


def alert_of(incident: Incident, subject: Subject, inside: Inside, moment: date) -> Alert:
    """The message of one incident as it stands.

    Args:
        incident: firing or later; its `figures` as `lifecycle.figures_of` makes them.
        subject: names, people, places.
        inside: task, muted parts, explanation.
        moment: the Monday it is told for.

    Returns:
        The same message whatever was told before; an unchanged incident gives an equal one.
    """
    figures = incident.figures
    is_over = incident.state == "resolved"
    return Alert(
        icon=_ICONS.get(incident.state, "🔴"),  # pyright: ignore[reportArgumentType]
        headline=_headline(incident, subject),
        status=_status(incident, inside.task, moment),
        mentions=() if is_over else subject.mentions,
        sentences=() if is_over else tuple(_sentences(incident, subject, moment)),
        facts=() if is_over else tuple(_facts(incident, subject, inside, moment)),
        footer=_footer(figures, moment),
        incident_id=None if is_over else incident.incident_id,
    )


def reply_of(incident: Incident, subject: Subject, moment: date) -> Alert:
    """What is added to the thread, and calls the owner again: it got worse, or a snooze is over."""
    figures, step = incident.figures, _step(incident.figures)
    now, before = _now(figures, subject), shown(_float(figures, "told_before"), subject.unit, step)
    if figures.get("notice") == "snooze over" and incident.rule == RULE:
        headline = f"The snooze is over: {_headline(incident, subject)}"
    elif figures.get("notice") == "snooze over":
        headline = f"The snooze is over, {subject.title} is still {now}"
    else:
        headline = f"{subject.title} got worse: {now}, it was {before} when this was last told"
    return Alert("🔴", headline, mentions=subject.mentions, footer=_footer(figures, moment))


def digest_of(alerts: Sequence[Alert], moment: date) -> Alert:
    """What is off today, said once when the loop first meets the data: one line each, worst rule first."""
    many = "1 thing is" if len(alerts) == 1 else f"{counted(len(alerts))} things are"
    lines = tuple((alert.headline, _in_short(alert)) for alert in alerts)
    return Alert(
        "🔴",
        f"First look: {many} not as planned",
        mentions=tuple(dict.fromkeys(mention for alert in alerts for mention in alert.mentions)),
        sentences=("Each is told once here; from now on each change gets a message of its own.",),
        facts=lines,
        footer=f"data to {day_shown(moment - timedelta(days=1))}",
    )


def readable(alert: Alert) -> str:
    """The message as plain text, for files, the console and phones' lock screens."""
    first = " ".join([alert.icon, alert.headline, *alert.mentions])
    facts = [f"{label}: {text}" if text else label for label, text in alert.facts]
    return "\n".join(line for line in [first, alert.status, *alert.sentences, *facts, alert.footer] if line)


def _headline(incident: Incident, subject: Subject) -> str:
    if incident.rule == RULE:
        return listening.headline_of(incident)
    figures, step = incident.figures, _step(incident.figures)
    now, expected = _now(figures, subject), shown(_float(figures, "expected"), subject.unit, step)
    if incident.state == "resolved":
        promised, back = ("plan", "on plan") if incident.rule == "pace" else ("usual", "to normal")
        return f"{subject.title} is back {back}: {now} ({promised} {expected})"
    if incident.rule == "pace":
        return f"{subject.title} is {now}; we should be at {expected} by now"
    value, usual = _float(figures, "value"), _float(figures, "expected")
    if value is None or usual is None or value == usual:
        return f"{subject.title} is worse than usual: {now}, usual {expected}"
    return f"{subject.title} {'rose' if value > usual else 'fell'} to {now}; usual {expected}"


def _now(figures: Figures, subject: Subject) -> str:
    """The value; with open outcomes, everything it may still become."""
    step = _step(figures)
    if _float(figures, "n_open") and _float(figures, "bound_low") is not None:
        return shown_range(_float(figures, "bound_low"), _float(figures, "bound_high"), subject.unit, step)
    return shown(_float(figures, "value"), subject.unit, step)


def _sentences(incident: Incident, subject: Subject, moment: date) -> list[str]:
    if incident.rule == RULE:
        return listening.sentences_of(incident)
    figures = incident.figures
    verdict = {"surely behind": "surely behind plan", "drifted": "surely worse than usual"}.get(
        str(figures.get("verdict", "")), str(figures.get("verdict", ""))
    )
    said = [f"{_counts(figures, subject, moment)}: {_sure(figures, subject)}{verdict}."]
    if incident.since is not None:
        said.append(_since(incident.since, incident, subject, moment))
    if figures.get("is_provisional"):
        said.append("Judged on a short past; surer in some weeks.")
    return [" ".join(said)]


def _counts(figures: Figures, subject: Subject, moment: date) -> str:
    n, n_open = int(_float(figures, "n") or 0), int(_float(figures, "n_open") or 0)
    start, end = (date.fromisoformat(str(figures[name])) for name in ("period_start", "period_end"))
    unknown = f" ({counted(n_open)} not yet known)" if n_open else ""
    # a length of time stands for itself, a week or month is named
    where = f"in {period_shown(start, end, moment)}"
    return f"{counted(n + n_open)} {subject.items} {where}{unknown}"


def _sure(figures: Figures, subject: Subject) -> str:
    if figures.get("n_open") and figures.get("bound_low") is not None:
        return "even if all of those turn out well, "
    low, high = _float(figures, "low"), _float(figures, "high")
    if low is None or high is None or low == high:
        return ""
    return f"between {shown_range(low, high, subject.unit, _step(figures), word='and')}, "


def _since(since: date, incident: Incident, subject: Subject, moment: date) -> str:
    told = began_shown(since, (incident.rule == "pace" and subject.window) or "week", moment)
    return f"{told[:1].upper()}{told[1:]}."


def _facts(incident: Incident, subject: Subject, inside: Inside, moment: date) -> list[tuple[str, str]]:
    figures, step = incident.figures, _step(incident.figures)
    facts = listening.facts_of(incident) if incident.rule == RULE else list[tuple[str, str]]()
    if subject.target is not None and subject.by is not None:
        goal = f"{shown(subject.target, subject.unit, step)} by {day_shown(subject.by, moment)}"
        edge = "up" if subject.better == "down" else "down"
        facts.append(
            ("Promised", f"{goal}; tolerated today {edge} to {shown(_float(figures, 'line'), subject.unit, step)}")
        )
    facts.extend(inside.explained)
    if inside.parts:
        more = len(inside.parts) - MOST_INSIDE
        named = ", ".join(inside.parts[:MOST_INSIDE]) + (f" and {more} more" if more > 0 else "")
        facts.append(("Inside this one", named))
    if inside.task is not None:
        facts.append(("Next", _task(inside.task, moment)))
    return facts


def _task(task: TaskLine, moment: date) -> str:
    who = f" for {task.mention}" if task.mention else ""
    due = f", due {due_shown(task.due_on, moment)}" if task.due_on else ""
    return f"task {task.name}{who}{due}"


def _status(incident: Incident, task: TaskLine | None, moment: date) -> str:
    figures, said = incident.figures, list[str]()
    if incident.state == "resolved" and incident.resolved_at is not None:
        weeks = max(1, round((incident.resolved_at - incident.opened_at).days / 7))
        said.append(f"fired {day_shown(incident.opened_at, moment)}, lasted {weeks} week{'s' if weeks != 1 else ''}")
    elif incident.state == "snoozed":
        until = day_shown(date.fromisoformat(str(figures["snoozed_until"])), moment)
        said.append(f"snoozed until {until} by {figures['snoozed_by']}: {figures['snooze_reason']}")
    elif incident.state == "recovering":
        said.append("getting better, not yet over")
    if "acknowledged_by" in figures and incident.state != "snoozed":
        on = day_shown(date.fromisoformat(str(figures["acknowledged_on"])), moment)
        said.append(f"seen by {figures['acknowledged_by']}, {on}")
    if task is not None and task.state != "proposed":
        due = f", due {day_shown(task.due_on, moment)}" if task.due_on and task.state in _AT_WORK else ""
        said.append(f"task {task.name} {task.state}{due}")
    return " · ".join(said)


_AT_WORK = frozenset({"accepted", "in progress", "blocked"})


def _in_short(alert: Alert) -> str:
    task = next((text for label, text in alert.facts if label == "Next"), "")
    how_sure = " ".join(alert.sentences).removesuffix(".")
    return " · ".join(part for part in [alert.status, how_sure, task] if part)


def _footer(figures: Figures, moment: date) -> str:
    end = figures.get("period_end")
    last = date.fromisoformat(str(end)) if end else moment
    parts = [f"data to {day_shown(moment - timedelta(days=1))}"]
    if last < moment:
        parts.insert(0, f"latest period that is sure ends {day_shown(last - timedelta(days=1), moment)}")
    return " · ".join(parts)


def _step(figures: Figures) -> float | None:
    expected, line = _float(figures, "expected"), _float(figures, "line")
    return None if expected is None or line is None or expected == line else abs(expected - line)


def _float(figures: Figures, name: str) -> float | None:
    value = figures.get(name)
    return float(value) if isinstance(value, int | float) else None
