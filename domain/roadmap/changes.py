"""What changed between two versions of a roadmap, in words."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TypeVar

from pydantic import BaseModel

from domain.roadmap.benchmark import Benchmark
from domain.roadmap.initiatives import Initiative
from domain.roadmap.model import Roadmap
from domain.roadmap.raw import as_list, as_mapping
from domain.roadmap.words import number

T = TypeVar("T")
_YARDSTICK = (
    "kpi",
    "survey",
    "scope",
    "window",
    "baseline",
    "on",
    "target",
    "by",
    "path",
    "steps",
    "points",
    "tolerance",
)
"""Fields by which a benchmark is judged: changing one needs a reason."""
_RULES = ("guard", "owner", "fire_after", "recover_after")


def changes(old: Roadmap, new: Roadmap) -> list[str]:
    """What a reader of the summary must know about the new version.

    Args:
        old: the version that ran before.
        new: the version as it is now.

    Returns:
        One line for each changed benchmark, initiative and goal: `nps-office target 38 → 35. Say why with
        `why:`; the summary will show the change.` A benchmark whose `why` is new too gives its reason
        instead. Empty if nothing changed that moves a judgement.
    """
    return [
        *([] if old.vision == new.vision else [f"vision: {old.vision} → {new.vision}"]),
        *(
            line
            for name, before, now in _pairs(old.benchmarks, new.benchmarks)
            for line in _benchmark(name, before, now)
        ),
        *(
            line
            for name, before, now in _pairs({i.id: i for i in old.initiatives}, {i.id: i for i in new.initiatives})
            for line in _initiative(name, before, now)
        ),
        *(
            line
            for name, before, now in _pairs({g.id: g for g in old.goals}, {g.id: g for g in new.goals})
            for line in _plain(f"goal {name}", before, now, ("kpi", "target", "by"))
        ),
        *_plain("people", old.people, new.people, ("show_agents", "smallest_group")),
    ]


def _pairs(old: Mapping[str, T], new: Mapping[str, T]) -> Iterator[tuple[str, T | None, T | None]]:
    for name in dict.fromkeys([*old, *new]):
        yield name, old.get(name), new.get(name)


def _benchmark(name: str, old: Benchmark | None, new: Benchmark | None) -> Iterator[str]:
    moved = [] if old is None or new is None else _moved(old, new, _YARDSTICK)
    if moved and old is not None and new is not None:
        is_reasoned = bool(new.why) and new.why != old.why
        reason = f"Why: {new.why}" if is_reasoned else "Say why with `why:`; the summary will show the change."
        yield f"{name} {', '.join(moved)}. {reason}"
        yield from _plain(name, old, new, _RULES)
    else:
        yield from _plain(name, old, new, _RULES)


def _initiative(name: str, old: Initiative | None, new: Initiative | None) -> Iterator[str]:
    yield from _plain(name, old, new, ("title", "horizon", "owner", "sponsor", "by"))
    if old is None or new is None:
        return
    was, now = (initiative.budget.planned if initiative.budget else 0.0 for initiative in (old, new))
    if was != now:
        yield f"{name} budget planned {number(was)} → {number(now)}."
    before = {m.id or m.title: m for m in old.milestones}
    for milestone in new.milestones:
        earlier = before.get(milestone.id or milestone.title)
        if earlier and earlier.due != milestone.due:
            yield f"{name} milestone '{milestone.title}' due {earlier.due} → {milestone.due}."


def _plain(name: str, old: BaseModel | None, new: BaseModel | None, fields: tuple[str, ...]) -> Iterator[str]:
    if old is None:
        yield f"{name} is new."
    elif new is None:
        yield f"{name} is gone."
    elif moved := _moved(old, new, fields):
        yield f"{name} {', '.join(moved)}."


def _moved(old: BaseModel, new: BaseModel, fields: tuple[str, ...]) -> list[str]:
    pairs = [(field, getattr(old, field), getattr(new, field)) for field in fields]
    return [f"{field} {_said(before)} → {_said(now)}" for field, before, now in pairs if before != now]


def _said(value: object) -> str:
    """A value as the writer would write it."""
    match value:
        case _ if value is None or value in ((), {}):
            return "none"
        case float():
            return number(value)
        case dict():
            return "{" + ", ".join(f"{_said(key)}: {_said(inner)}" for key, inner in as_mapping(value).items()) + "}"
        case tuple():
            return ", ".join(_said(inner) for inner in as_list(value))
        case date():
            return value.isoformat()
        case _:
            return str(value)
