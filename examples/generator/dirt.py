"""Rows that cannot be true, or are none of our business: planted, in exact numbers, in every file.

Each kind is added to the true rows and takes none away, so a loop that deals with it sees the same company.
`stories.yaml` lists the same numbers with the rule that each kind must meet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from examples.generator.dice import Dice
from examples.generator.files import Row

TEST_CUSTOMER, TEST_ACCOUNT = "C000000", "A00000"


@dataclass(frozen=True)
class Dirt:
    """`rows` rows of one kind in one file: copies of true rows under a new key, with the given values put in.

    Attributes:
        put: per row, in turn, the values that make it dirty.
        copies: rows for each of them under one key; 2 makes duplicates. `differ` changes the second one.
        keeps_key: the copy stands beside the true row under its own key.
    """

    file: str
    kind: str
    rows: int
    put: tuple[Mapping[str, str | int], ...] = ({},)
    copies: int = 1
    differ: tuple[str, str | int] | None = None
    keeps_key: bool = False


_TEST = ({"customer_id": TEST_CUSTOMER, "account_id": TEST_ACCOUNT},)
_NOT_YET: Mapping[str, str | int] = {
    "first_reply_at": "", "resolved_at": "", "sla_met": "", "sla_known_at": "", "status": "open",
}  # fmt: skip


def _opened(*moments: str) -> tuple[Mapping[str, str | int], ...]:
    return tuple({"opened_at": moment, **_NOT_YET} for moment in moments)


DIRT = (
    Dirt("tickets", "unreadable-date", 12, _opened("31.02.2025 10:00", "2025-13-01 09:30:00", "yesterday", "45712.4")),
    Dirt("tickets", "unreadable-solved-date", 5, ({"resolved_at": "0000-00-00 00:00:00"},)),
    Dirt("tickets", "hour-that-was-skipped", 6, _opened("2025-03-30 02:30:00", "2025-03-30 02:00:00")),
    Dirt("tickets", "hour-that-came-twice", 4, ({"opened_at": "2025-10-26 02:15:00", **_NOT_YET, **_TEST[0]},)),
    Dirt("tickets", "far-off-date", 4, _opened("1970-01-01 01:00:00", "2099-12-31 23:59:59")),
    Dirt("tickets", "solved-before-opened", 7, ({"resolved_at": "2024-09-15 12:00:00"},)),
    Dirt("tickets", "duplicate", 16, copies=2, differ=("priority", "urgent")),
    Dirt("tickets", "exact-duplicate", 9, keeps_key=True),
    Dirt("tickets", "test-account", 40, _TEST),
    Dirt("tickets", "spam", 60, ({"topic": "spam", "customer_id": "", "account_id": ""},)),
    Dirt("ticket_events", "unreadable-date", 10, ({"at": "n/a"}, {"at": "2025-06-31 11:00:00"})),
    Dirt("ticket_events", "hour-that-was-skipped", 3, ({"at": "2025-03-30 02:59:59"},)),
    Dirt("relationship_answers", "off-the-scale", 14, ({"score": 11}, {"score": -1}, {"score": 55})),
    Dirt("relationship_answers", "unreadable-score", 6, ({"score": "ten"}, {"score": "9/10"})),
    Dirt("relationship_answers", "unreadable-date", 5, ({"answered_at": "2025-02-30T08:00:00Z"},)),
    Dirt("relationship_answers", "duplicate", 10, copies=2, differ=("comment", "Sent twice.")),
    Dirt("relationship_answers", "blank-score", 120, ({"score": "", "comment": ""},)),
    Dirt("relationship_answers", "test-account", 25, _TEST),
    Dirt("after_help_answers", "off-the-scale", 9, ({"score": 0, "effort": ""}, {"score": 6, "effort": ""})),
    Dirt("after_help_answers", "blank-score", 150, ({"score": "", "effort": "", "comment": ""},)),
    Dirt("after_help_answers", "test-account", 15, _TEST),
    Dirt("survey_sends", "unreadable-date", 8, ({"sent_at": "soon"},)),
    Dirt("survey_sends", "test-account", 30, _TEST),
    Dirt("accounts", "test-account", 1, ({"account_id": TEST_ACCOUNT, "name": "Test"},), keeps_key=True),
    Dirt("customers", "test-account", 1, ({"customer_id": TEST_CUSTOMER, "account_id": TEST_ACCOUNT},), keeps_key=True),
    Dirt("subscriptions", "unreadable-date", 4, ({"started_on": "2025-00-10", "ended_on": ""},)),
    Dirt("subscriptions", "far-off-date", 2, ({"started_on": "2099-01-01", "ended_on": ""},)),
    Dirt("subscriptions", "duplicate", 6, copies=2, differ=("mrr_minor", 1)),
    Dirt("subscriptions", "test-account", 3, _TEST),
    Dirt("reviews", "off-the-scale", 5, ({"rating": 0}, {"rating": 6})),
    Dirt("reviews", "unreadable-score", 2, ({"rating": "five"},)),
)  # fmt: skip


def dirtied(file: str, columns: Sequence[str], rows: list[Row], dice: Dice) -> list[Row]:
    """The rows with the file's dirt sprinkled in; its first column is its key (`ticket_events` has none)."""
    planted: list[tuple[int, Row]] = []
    serial = 0
    for dirt in (dirt for dirt in DIRT if dirt.file == file):
        for put in islice(cycle(dirt.put), dirt.rows // dirt.copies):
            place = dice.below(len(rows))
            row = {**dict(zip(columns, rows[place], strict=True)), **put}
            if not dirt.keeps_key and file != "ticket_events":
                serial += 1
                row[columns[0]] = f"{str(row[columns[0]])[0]}9{serial:05}"
            planted.append((place, tuple(row[column] for column in columns)))
            if dirt.differ is not None:
                row[dirt.differ[0]] = dirt.differ[1]
                planted.append((place, tuple(row[column] for column in columns)))
    after: dict[int, list[Row]] = {}
    for place, row in planted:
        after.setdefault(place, []).append(row)
    return [row for place, true in enumerate(rows) for row in (true, *after.get(place, ()))]
