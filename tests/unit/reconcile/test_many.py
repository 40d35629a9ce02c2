"""A helpdesk's year, compared whole."""

from datetime import timedelta

import polars as pl
import pytest

from tasks.reconcile.classes import EQUAL
from tasks.reconcile.export import Export
from tasks.reconcile.periods import figures_of
from tests.factories import at
from tests.unit.reconcile.sides import beside, ours

N_TICKETS = 100_000


@pytest.mark.timeout(60)
def test_a_hundred_thousand_tickets_are_compared_in_seconds() -> None:
    numbers = pl.DataFrame({"n": range(N_TICKETS)})
    opened = pl.lit(at("2025-03-01")) + pl.duration(minutes=pl.col("n") * 5)
    tickets = numbers.select(
        ticket_id=pl.format("desk:{}", "n"), status=pl.lit("solved"), opened_at=opened,
        first_reply_at=opened + pl.duration(minutes=90), resolved_at=opened + pl.duration(hours=26),
        n_reopens=pl.lit(0), version_at=opened + pl.duration(hours=26),
    )  # fmt: skip
    mine = ours(tickets.to_dicts(), exported_at=at("2026-03-15"))
    # a third of the times on another clock, a third of the replies a minute apart, a tenth of the resolutions an hour
    texts = numbers.select(
        ticket=pl.col("n").cast(pl.String),
        opened=(opened + pl.when(pl.col("n") % 3 == 0).then(timedelta(hours=9)).otherwise(timedelta())).dt.strftime(
            "%Y-%m-%d %H:%M:%S"
        ),
        first_reply=pl.when(pl.col("n") % 3 == 1).then(pl.lit("90.9")).otherwise(pl.lit("90.0")),
        resolution=pl.when(pl.col("n") % 10 == 0).then(pl.lit("1500.0")).otherwise(pl.lit("1560.0")),
    )
    found = beside(texts, mine)  # type: ignore[arg-type]
    n = {measure: frame.filter(pl.col("class") != EQUAL).height for measure, frame in found.pairs.items()}
    assert n == {"tickets": 0, "opened": 33_334, "first_reply": 33_333, "resolution": 10_000}
    assert (
        found.other_zone == "Asia/Tokyo"
        or found.pairs["opened"].filter(pl.col("class") == "time zone").height == 33_334
    )
    assert len(figures_of(found, Export(), "week", "UTC")) == 3 * 51
