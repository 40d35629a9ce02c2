"""How values of a warehouse are written."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from tests.fakes.warehouse import HOUR
from wire.warehouse_positions import earlier
from wire.warehouse_values import text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"), (False, "false"), (10**20, "100000000000000000000"), (0.1, "0.1"), (1e300, "1e+300"),
        (Decimal("0.10"), "0.10"), (Decimal("1E+3"), "1000"), (date(2026, 3, 1), "2026-03-01"),
        (time(9, 5), "09:05:00"), (datetime(2026, 3, 1, 9), "2026-03-01T09:00:00"),  # noqa: DTZ001
        (datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=2))), "2026-03-01T09:00:00+02:00"),
        (timedelta(days=-1, microseconds=1), "-86399.999999"), ({"a": [Decimal("1.10")]}, '{"a": ["1.10"]}'),
        (["cut \ud83d"], '["cut \ufffd"]'),
    ],
)  # fmt: skip
def test_a_value_is_written_exactly(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01 00:30:00.5", "2026-02-28 23:30:00"),
        ("2026-03-01T00:30:00.000Z", "2026-02-28T23:30:00"),
        ("2026-03-01", "2026-02-28"),
        (date(2026, 3, 1), date(2026, 2, 28)),
        (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 2, 28, 23, tzinfo=UTC)),
        (1_774_738_800, 1_774_735_200), (1_774_738_800_000, 1_774_735_200_000), (12_345, 12_345),
        (Decimal("1774738800.5"), Decimal("1774735200.5")), (1_774_738_800.5, 1_774_735_200.5),
    ],
)  # fmt: skip
def test_an_hour_earlier_is_never_later_in_the_columns_own_order(value: object, expected: object) -> None:
    assert earlier(value, HOUR) == expected
