"""The five break-downs with pandas, as an analyst writes them.

python -m benchmarks.breakdowns.with_pandas FACTS RESULT.parquet --times TIMES.json

Run from the folder above `benchmarks`, by an interpreter that has pandas and pyarrow.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.breakdowns.asked import DIMENSIONS, FIRST, LAST, ZONE, run

SOLVED = ["solved", "closed"]


def answered(folder: Path) -> pd.DataFrame:
    """One row per break-down, dimension, member and day."""
    tickets = pd.read_parquet(folder / "tickets")
    events = pd.read_parquet(folder / "events")
    for name in DIMENSIONS["sla_attainment"]:
        tickets[name] = tickets[name].astype("category")
    is_reply = (events["field"] == "comment") & events["is_public"] & events["actor_role"].isin(["agent", "bot"])
    replied = events[is_reply].groupby("ticket_id")["at"].min().rename("replied_at")
    tickets = tickets.join(replied, on="ticket_id")
    tickets["day"] = _day(tickets["opened_at"])
    tickets["reply_s"] = (tickets["replied_at"] - tickets["opened_at"]).dt.total_seconds()
    known = tickets["sla_known_at"].notna() | tickets["closed_at"].notna() | tickets["resolved_at"].notna()
    judged = tickets[tickets["sla_met"].notna() & known].assign(met=lambda rows: rows["sla_met"].astype(float))
    waited = tickets[tickets["reply_s"].notna()]
    answers = pd.read_parquet(folder / "answers").dropna(subset=["score"])
    answers["day"] = _day(answers["answered_at"])
    answers["voice"] = np.where(answers["score"] >= 9, 100.0, np.where(answers["score"] < 7, -100.0, 0.0))
    return pd.concat([
        *_each(tickets.assign(one=1.0), "ticket_volume", "one", "sum"),
        *_each(waited, "first_reply_time", "reply_s", "lower median"),
        *_each(judged, "sla_attainment", "met", "mean"),
        *_each(answers, "nps", "voice", "mean"),
        *_backlog(tickets, events[events["field"] == "status"]),
    ], ignore_index=True)  # fmt: skip


def _each(rows: pd.DataFrame, name: str, of: str, how: str) -> Iterator[pd.DataFrame]:
    for dimension in ("all", *DIMENSIONS[name]):
        keys = ["day"] if dimension == "all" else ["day", dimension]
        held = rows.groupby(keys, observed=True)[of]
        value = held.quantile(0.5, interpolation="lower") if how == "lower median" else held.agg(how)
        yield _shown(pd.DataFrame({"n": held.count(), "value": value}).reset_index(), name, dimension)


def _backlog(tickets: pd.DataFrame, statuses: pd.DataFrame) -> Iterator[pd.DataFrame]:
    told = statuses.sort_values(["ticket_id", "at", "sequence"], kind="stable")
    is_solved = told["new"].isin(SOLVED)
    was_solved = is_solved.groupby(told["ticket_id"]).shift(1, fill_value=False)
    turned = told[is_solved != was_solved][["ticket_id", "at", "new"]]
    turned = turned.assign(change=np.where(turned["new"].isin(SOLVED), -1, 1), day=_day(turned["at"]))
    words = list(DIMENSIONS["backlog"])
    turned = turned.merge(tickets[["ticket_id", *words]], on="ticket_id")
    changes = pd.concat([tickets[["day", *words]].assign(change=1), turned[["day", "change", *words]]])
    days = pd.date_range(FIRST, LAST, name="day")
    for dimension in ("all", *words):
        if dimension == "all":
            upto = changes.groupby("day")["change"].sum().reindex(days, fill_value=0).cumsum()
        else:
            daily = changes.groupby(["day", dimension], observed=True)["change"].sum().unstack(fill_value=0)
            upto = daily.reindex(days, fill_value=0).cumsum().stack()
        found = upto.rename("n").reset_index()
        yield _shown(found[found["n"] != 0].assign(value=lambda rows: rows["n"].astype(float)), "backlog", dimension)


def _shown(rows: pd.DataFrame, name: str, dimension: str) -> pd.DataFrame:
    member = "" if dimension == "all" else rows[dimension].astype(str)
    return rows.assign(breakdown=name, dimension=dimension, member=member)[
        ["breakdown", "dimension", "member", "day", "n", "value"]
    ]


def _day(at: pd.Series) -> pd.Series:
    return at.dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()


if __name__ == "__main__":
    run(answered)
