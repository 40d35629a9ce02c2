"""Acme Brew, 16 September 2024 to 15 March 2026: played day by day, then written to files."""

from pathlib import Path

from examples.generator import people, tables
from examples.generator.days import DAY_S, N_DAYS
from examples.generator.dice import Dice, Luck
from examples.generator.dirt import dirtied
from examples.generator.files import Row, write_csv, write_json_lines
from examples.generator.helpdesk import Ticket, contacts_of_day
from examples.generator.people import Company, Customer
from examples.generator.public import HELP_CENTER_COLUMNS, help_center_days, reviews
from examples.generator.surveys import Invitation, ask_about_relationship, ask_after_help

SHIPPED_SEED = 7
"""The seed of the files in `examples/acme/data`."""


def write_company(seed: int, folder: Path) -> dict[Path, int]:
    """Write all files into `folder`; returns the rows of each."""
    folder.mkdir(parents=True, exist_ok=True)
    company, tickets, asked = played(seed)
    dirt = Dice(seed, "dirt")
    written: dict[Path, int] = {}
    for name, columns, rows in _csv_files(company, tickets, asked, seed):
        rows_out = dirtied(name, columns, rows, dirt)
        path = folder / f"{name}.csv.gz"
        write_csv(path, columns, rows_out)
        written[path] = len(rows_out)
    public = reviews(Dice(seed, "reviews"))
    keys = tuple(public[0])
    true_rows: list[Row] = [tuple(_plain(row[key]) for key in keys) for row in public]
    lines = [dict(zip(keys, row, strict=True)) for row in dirtied("reviews", keys, true_rows, dirt)]
    path = folder / "reviews.jsonl.gz"
    write_json_lines(path, lines)
    return {**written, path: len(lines)}


def played(seed: int) -> tuple[Company, list[Ticket], list[Invitation]]:
    """The company after 18 months, its tickets in order of opening, its invitations in order of sending."""
    coming, helping, asking = Dice(seed, "people"), Dice(seed, "helpdesk"), Dice(seed, "surveys")
    desk_luck, survey_luck = Luck(helping), Luck(asking)
    company = people.founded(coming)
    tickets: list[Ticket] = []
    asked: list[Invitation] = []
    turns: list[list[Customer]] = [[] for _ in range(N_DAYS + people.LONGEST_WAIT_DAYS)]
    solved: list[list[Ticket]] = [[] for _ in range(N_DAYS)]
    n_known = 0
    for day in range(N_DAYS):
        people.play_day(company, coming, day)
        for customer in company.customers[n_known:]:
            turns[customer.ask_on].append(customer)
        n_known = len(company.customers)
        for ticket in contacts_of_day(company, helping, desk_luck, day):
            tickets.append(ticket)
            if ticket.solved < N_DAYS * DAY_S:
                solved[ticket.solved // DAY_S].append(ticket)
        for customer in turns[day]:
            invitation = ask_about_relationship(asking, survey_luck, customer, day)
            if invitation is not None:
                asked.append(invitation)
            if customer.ask_on > day:
                turns[customer.ask_on].append(customer)
        for ticket in sorted(solved[day], key=lambda ticket: ticket.solved):
            invitation = ask_after_help(asking, survey_luck, ticket)
            if invitation is not None:
                asked.append(invitation)
    return company, tickets, sorted(asked, key=lambda invitation: invitation.sent)


def _csv_files(
    company: Company, tickets: list[Ticket], asked: list[Invitation], seed: int
) -> list[tuple[str, tuple[str, ...], list[Row]]]:
    named = [(f"T{i:06}", ticket) for i, ticket in enumerate(tickets, 1)]
    invited = [(f"I{i:06}", invitation) for i, invitation in enumerate(asked, 1)]
    names = {ticket: name for name, ticket in named}
    by_answer = sorted(invited, key=lambda pair: pair[1].answered or 0)
    return [
        ("accounts", tables.ACCOUNT_COLUMNS, tables.account_rows(company, Dice(seed, "accounts"))),
        ("customers", tables.CUSTOMER_COLUMNS, tables.customer_rows(company)),
        ("subscriptions", tables.SUBSCRIPTION_COLUMNS, tables.subscription_rows(company)),
        ("tickets", tables.TICKET_COLUMNS, tables.ticket_rows(named)),
        ("ticket_events", tables.EVENT_COLUMNS, tables.event_rows(named)),
        ("survey_sends", tables.SEND_COLUMNS, tables.send_rows(invited)),
        ("relationship_answers", tables.RELATIONSHIP_COLUMNS, tables.relationship_rows(by_answer)),
        ("after_help_answers", tables.AFTER_HELP_COLUMNS, tables.after_help_rows(by_answer, names)),
        ("help_center_days", HELP_CENTER_COLUMNS, help_center_days(Dice(seed, "help center"))),
    ]


def _plain(value: object) -> str | int:
    return value if isinstance(value, int) else str(value)
