"""What came out, as numbers for programs and as lines for people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from domain.shown import counted
from tasks.reconcile.classes import EQUAL, MEANINGS, ROUNDING, UNKNOWN
from tasks.reconcile.comparing import Compared
from tasks.reconcile.matching import CONTACT, LEFT_OUT, THERE
from tasks.reconcile.periods import Figure

EXAMPLES: Final = 3
TITLES: Final = {
    "tickets": "tickets", "opened": "opened", "first_reply": "first reply", "resolution": "full resolution",
    "status": "status", "reopens": "reopens", "satisfaction": "satisfaction",
}  # fmt: skip
TIMED: Final = ("first_reply", "resolution")


def measures_told(pairs: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """By measure: how many values were compared, equal, the same but for rounding, different, and why."""
    told: list[dict[str, Any]] = []
    for measure, frame in pairs.items():
        n = Counter(frame["class"].to_list())
        classes = {word: n[word] for word in MEANINGS if n[word] and word != ROUNDING}
        told.append({
            "measure": measure, "compared": frame.height, "equal": n[EQUAL], "rounding": n[ROUNDING],
            "different": sum(classes.values()), "classes": classes,
        })  # fmt: skip
    return told


def classes_told(pairs: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Each class that occurs: how often, what it means, and up to three tickets of different measures."""
    told: list[dict[str, Any]] = []
    for word, meaning in MEANINGS.items():
        held = {measure: frame.filter(pl.col("class") == word) for measure, frame in pairs.items()}
        n = sum(frame.height for frame in held.values())
        if n:
            told.append({"class": word, "n": n, "meaning": meaning, "examples": _examples(held)})
    return told


def tickets_told(compared: Compared) -> dict[str, int]:
    """How many tickets each side counts, both do, and one alone does."""
    found = compared.tickets.filter(pl.col("class") != LEFT_OUT)
    mine, other = (found["ours"] == CONTACT).fill_null(value=False), (found["theirs"] == THERE).fill_null(value=False)
    return {
        "ours": int(mine.sum()), "theirs": int(other.sum()), "both": int((mine & other).sum()),
        "only_ours": int((mine & ~other).sum()), "only_theirs": int((other & ~mine).sum()),
        "not_covered": int(((compared.tickets["class"] == LEFT_OUT) & (compared.tickets["ours"] == CONTACT)).sum()),
    }  # fmt: skip


def period_told(figure: Figure) -> dict[str, Any]:
    """One figure for programs."""
    return {
        "period": figure.period, "measure": figure.measure, "ours": figure.ours, "theirs": figure.theirs,
        "different": figure.n_different, "unknown": figure.n_unknown, "explained_share": figure.explained,
    }  # fmt: skip


def period_cells(figure: Figure) -> list[str]:
    """One figure as cells: period, measure, ours, theirs, how many differ, share explained."""
    explained = figure.explained
    return [
        str(figure.period), TITLES[figure.measure], shown_value(figure.ours, figure.measure),
        shown_value(figure.theirs, figure.measure), counted(figure.n_different) if figure.n_different else "",
        "" if explained is None else f"{int(100 * explained)} %",
    ]  # fmt: skip


def class_lines(classes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each class with its sentence and its examples."""
    lines: list[str] = []
    for each in classes:
        lines.append(f"{each['class']}: {counted(each['n'])}. {each['meaning']}")
        for example in each["examples"]:
            ours, theirs = (shown_value(example[side], example["measure"]) for side in ("ours", "theirs"))
            link = f"  {example['url']}" if example.get("url") else ""
            which = example.get("ticket") or example.get("period")
            lines.append(f"  {which}  {TITLES[example['measure']]}: ours {ours}, theirs {theirs}{link}")
    return lines


def shown_value(value: object, measure: str) -> str:
    """A value as people read it: durations in minutes, times to the second, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        if measure in TIMED:
            return f"{value / 60:,.1f} min"
        return counted(value) if value.is_integer() else f"{value:,.2f}"
    return str(value)


def _examples(held: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """The first tickets of each measure in turn, lowest key first."""
    firsts = {measure: frame.sort("key").head(EXAMPLES).to_dicts() for measure, frame in held.items()}
    in_turn = [(place, measure, row) for measure, rows in firsts.items() for place, row in enumerate(rows)]
    chosen = sorted(in_turn, key=lambda each: each[0])[:EXAMPLES]
    which = {measure: "period" if "period" in frame.columns else "ticket" for measure, frame in held.items()}
    return [
        {which[measure]: row["key"], "measure": measure, "ours": row["ours"], "theirs": row["theirs"],
         "url": row.get("url")}
        for _, measure, row in chosen
    ]  # fmt: skip


def share_unknown(pairs: Mapping[str, pl.DataFrame]) -> float:
    """Which share of the values set beside each other differs without an explanation."""
    n = sum(frame.height for frame in pairs.values())
    return sum(int((frame["class"] == UNKNOWN).sum()) for frame in pairs.values()) / n if n else 0.0
