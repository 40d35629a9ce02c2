"""Who may leave, from what was kept of the week."""

import json
from collections.abc import Mapping
from typing import Any

from tasks.report.summary import Care, Leaver, Stake


def care_of(week: Mapping[str, Any] | None) -> Care | None:
    """The section's figures.

    Args:
        week: the row of `watch_weeks`; None: nothing was told.
    """
    if week is None:
        return None
    if week["why_not"]:
        return Care(week["as_of"], week["why_not"])
    told = json.loads(week["told"])
    stakes = tuple(
        Stake(row["currency"], row["n"], row["at_stake_minor"], row["low_minor"], row["high_minor"],
              row["revenue_minor"])
        for row in told["stakes"]
    )  # fmt: skip
    first = tuple(
        Leaver(row["customer_id"], row["risk_share"], row["low"], row["high"], tuple(row["reasons"]),
               tuple((one["mrr_minor"], one["currency"]) for one in row["revenue"]))
        for row in told["customers"]
    )  # fmt: skip
    return Care(
        week["as_of"], "", week["base_share"], week["n_cases"], week["n_left"], week["separation"],
        week["n_customers"], week["n_watched"], stakes, tuple((row["signal"], row["n"]) for row in told["reasons"]),
        first,
    )  # fmt: skip
