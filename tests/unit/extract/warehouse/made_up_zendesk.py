"""A made-up Zendesk as Fivetran lands it: hundreds of tickets that live through what tickets live through."""

from datetime import UTC, datetime, timedelta
from random import Random

Row = dict[str, str | None]
SYNCED = "2026-06-01 00:00:00"
BEGINNING = datetime(2026, 1, 5, 8, tzinfo=UTC)
STAFF = ("10", "11", "12")
LEFT = "13"
"""An end user today, who was assigned tickets once."""
CUSTOMERS = tuple(str(number) for number in range(20, 30))
UNLISTED = "99"
FOLLOWING = {
    "new": ("open", "pending", "solved"), "open": ("pending", "hold", "on-hold", "solved", "solved", "deleted"),
    "pending": ("open", "solved", "solved"), "hold": ("open", "solved"), "on-hold": ("open", "pending"),
    "solved": ("closed", "closed", "closed", "open", "pending"), "deleted": ("open",), "closed": (),
}  # fmt: skip


def text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def zendesk(n: int, seed: int) -> dict[str, list[Row]]:
    """`n` tickets; times are whole seconds, and no two things happen to one ticket at once."""
    random = Random(seed)
    tables: dict[str, list[Row]] = {
        "ticket": [], "ticket_field_history": [], "ticket_comment": [], "ticket_tag": [_row(ticket_id="0", tag="vip")],
        "group": [_row(id="5", name="Billing")], "brand": [_row(id="7", name="Acme")],
        "organization": [_row(id="30", name="Home", url=None, created_at=SYNCED, updated_at=SYNCED)],
        "user": [_user(one, "agent") for one in STAFF]
        + [_user(one, "end-user") for one in (LEFT, *CUSTOMERS)],
    }  # fmt: skip
    for number in range(1, n + 1):
        _ticket(tables, str(number), random)
    return tables


def _row(**values: str | None) -> Row:
    return {**values, "_fivetran_synced": SYNCED}


def _user(key: str, role: str) -> Row:
    return _row(
        id=key, role=role, email=None, phone=None, external_id=None, url=None,
        active="false" if key == "29" else "true",
        created_at="2025-01-01 00:00:00", updated_at="2025-01-01 00:00:00", locale="de", organization_id="30",
    )  # fmt: skip


class _Clock:
    def __init__(self, random: Random, at: datetime) -> None:
        self.random, self.at = random, at

    def later(self, hours: float) -> str:
        self.at += timedelta(seconds=1 + int(self.random.expovariate(1 / (hours * 3600))))
        return text(self.at)


def _ticket(tables: dict[str, list[Row]], key: str, random: Random) -> None:
    begun = BEGINNING + timedelta(seconds=random.randrange(90 * 86_400))
    requester, assignee = random.choice(CUSTOMERS), random.choice([*STAFF, LEFT, None])
    submitter = random.choice(STAFF) if random.random() < 0.15 else requester
    clock = _Clock(random, begun)
    status = random.choice(["new", "new", "open"])
    if random.random() < 0.1:
        clock.later(20)  # the first status is landed later than the ticket
    at, history = text(clock.at), list[tuple[str, str]]()
    while True:
        history.append((at, status))
        if not FOLLOWING[status] or len(history) > 9 or random.random() < 0.12:
            break
        status, at = random.choice(FOLLOWING[status]), clock.later(30)
    ends = clock.at
    if random.random() < 0.05:
        history = []  # it was never landed
    for at, value in history:
        tables["ticket_field_history"] += [_change(key, "status", at, value)] * (2 if random.random() < 0.04 else 1)
    if assignee is not None:
        tables["ticket_field_history"].append(_change(key, "assignee_id", text(begun), assignee))
    _comments(tables, key, random, begun, requester, submitter, assignee)
    if random.random() < 0.5:
        rated = _Clock(random, ends)
        for score in ("offered", *random.sample(["good", "bad"], random.randrange(3))):
            tables["ticket_field_history"].append(_change(key, "satisfaction_score", rated.later(5), score))
    tables["ticket"].append(_row(
        id=key, brand_id="7", group_id="5", organization_id="30", requester_id=requester, submitter_id=submitter,
        assignee_id=assignee, priority=random.choice(["low", "high"]), via_channel="email", url=None, status=status,
        created_at=text(begun), updated_at=text(ends),
    ))  # fmt: skip


def _change(ticket: str, field: str, at: str, value: str) -> Row:
    return _row(ticket_id=ticket, field_name=field, updated=at, value=value, user_id="10")


def _comments(
    tables: dict[str, list[Row]], key: str, random: Random, begun: datetime, requester: str, submitter: str,
    assignee: str | None,
) -> None:  # fmt: skip
    clock = _Clock(random, begun)
    if random.random() < 0.1:
        clock.later(10)  # the customer's first words came by a call that nobody wrote down
    author, is_public = submitter, submitter == requester or random.random() < 0.7
    for _ in range(random.choice([0, 1, 1, 2, 3, 5, 8])):
        number = str(1000 * int(key) + len(tables["ticket_comment"]))
        tables["ticket_comment"].append(_row(
            id=number, ticket_id=key, created=text(clock.at), public="true" if is_public else "false", user_id=author,
        ))  # fmt: skip
        clock.later(15)
        author = random.choice([requester, requester, assignee or "10", "11", random.choice([LEFT, UNLISTED, "28"])])
        is_public = author == requester or author not in STAFF or random.random() < 0.75
