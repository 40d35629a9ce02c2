"""How many customers stay how long, from the contracts that are kept."""

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from domain.masking import masked
from domain.scopes import WHOLE, parsed
from domain.segments import STAMPED, Rules
from sql.queries.intake import fact_frame, watermarks
from sql.queries.segments import spells_of
from tasks.measure.customers.record import known_since, lives
from tasks.measure.customers.retention import EVERY_COHORT, FEWEST, few, lasting, retention
from tasks.measure.customers.spells import spells
from tasks.measure.families import DIMENSIONS, FIELDS
from tasks.measure.stamping import stamped, unsaid

if TYPE_CHECKING:
    from sqlalchemy import Connection

By = Literal["cohort", "segment", "persona", "product"]
MONTHS = {1: 30, 3: 91, 6: 182, 12: 365}
"""Months that are told, in days."""
EVERYBODY = "everybody"

Row = dict[str, Any]


def contracts(connection: "Connection", rules: Rules) -> pl.DataFrame:
    """Every contract, each with its segment and persona at its start."""
    columns = (*FIELDS["subscriptions"], *DIMENSIONS["subscriptions"])
    rows = fact_frame(connection, "subscriptions", columns=columns)
    return stamped(rows, spells_of(connection, unsaid(rows)), STAMPED["subscriptions"], rules)


def retained(connection: "Connection", zone: str, rules: Rules, by: By | None, known_from: date | None) -> Row:
    """Who stays how long, of everybody and of each group.

    Args:
        connection: to read with.
        zone: reporting zone.
        rules: who has which segment and persona.
        by: what makes a group; None: everybody alone.
        known_from: the first day from which everybody who left is in the data; None: of each source, the first day on
            which it tells that somebody was gone.

    Returns:
        through (None: no contract is known as complete), by, known_from (by source), is_assumed, n, n_left_out (they
        have no known start, or their source tells of nobody who left), groups, and few: the customers of cohorts with
        fewer than FEWEST, masked, where groups are cohorts.
    """
    through = watermarks(connection).get("subscriptions")
    found: Row = {
        "through": through, "by": by, "known_from": {}, "is_assumed": known_from is None, "n": 0, "n_left_out": 0,
        "groups": [], "few": [],
    }  # fmt: skip
    if through is None:
        return found
    held = spells(contracts(connection, rules), zone)
    sources = held["source"].unique().sort().to_list()
    known = known_since(held, through) if known_from is None else dict.fromkeys(sources, known_from)
    placed = lives(held, through, known)
    n_begun = held.filter(pl.col("start") <= through)["customer_id"].n_unique()
    small = few(placed) if by == "cohort" else placed.clear().select("cohort", "customer_id", "left", "has_ended")
    return found | {
        "known_from": known, "n": placed.height, "n_left_out": n_begun - placed.height, "groups": _groups(placed, by),
        "few": [
            {"cohort": row["cohort"], "customer_id": masked(row["customer_id"]), "days": row["left"],
             "has_left": row["has_ended"]}
            for row in small.iter_rows(named=True)
        ],
    }  # fmt: skip


def _groups(placed: pl.DataFrame, by: By | None) -> list[Row]:
    """Everybody first, then each group by name: name, n, n_left, median, and each of MONTHS."""
    dimensions = [by] if by in ("segment", "persona", "product") else []
    shares = retention(placed, dimensions, list(MONTHS.values()))
    medians = {(row["scope"], row["cohort"]): row for row in lasting(placed, dimensions).iter_rows(named=True)}
    left = _left(placed, by)
    groups: dict[str, Row] = {}
    for row in shares.iter_rows(named=True):
        name = _name(row["scope"], row["cohort"], by)
        if name is None:
            continue
        if name not in groups:
            half = medians.get((row["scope"], row["cohort"]), {})
            groups[name] = {
                "group": name, "n": row["n"], "n_left": left[name], "is_too_few": row["n"] < FEWEST,
                "from_days": row["from_days"],
                **{column: half.get(column) for column in ("median_days", "low_days", "high_days")}, "months": [],
            }  # fmt: skip
        groups[name]["months"].append(_mark(row))
    return sorted(groups.values(), key=lambda group: (group["group"] != EVERYBODY, group["group"]))


def _name(scope: str, cohort: str, by: By | None) -> str | None:
    """What a row is of; None: of a group that is not asked for."""
    if scope == WHOLE and cohort == EVERY_COHORT:
        return EVERYBODY
    if by == "cohort":
        return cohort if scope == WHOLE else None
    return parsed(scope)[by] if by is not None and cohort == EVERY_COHORT else None


def _left(placed: pl.DataFrame, by: By | None) -> dict[str, int]:
    """How many of each group have left."""
    found = {EVERYBODY: int(placed["has_ended"].sum())}
    if by is not None:
        counts = placed.drop_nulls(by).group_by(by).agg(pl.col("has_ended").sum())
        found |= {str(name): int(n) for name, n in counts.iter_rows()}
    return found


def _mark(row: Row) -> Row:
    """One share, or why there is none."""
    months = next(months for months, days in MONTHS.items() if days == row["age_days"])
    why = None
    if row["is_too_few"]:
        is_young = row["from_days"] is not None and row["age_days"] < row["from_days"]
        why = "too few customers" if row["n"] < FEWEST else "before the record" if is_young else "too few so long"
    columns = ("n_at_risk", "retained_share", "low", "high")
    return {"months": months, "days": row["age_days"], **{name: row[name] for name in columns}, "why_not": why}
