"""Tables and the rules of quarantine in a reader's words."""

from domain.shown import counted

_RULES = {
    "answered-before-mentioned": "answered before they were written",
    "answered-before-sent": "answered before they were sent",
    "broken-encoding": "with letters that cannot be read",
    "broken-json": "that are no JSON",
    "closed-before-opened": "closed before they were opened",
    "date-out-of-range": "with an impossible date",
    "duplicate-key": "with a key used twice",
    "ended-before-started": "ended before they started",
    "missing-key": "without a key",
    "out-of-scale": "with a score outside its scale",
    "ragged-row": "with too many or too few fields",
    "reply-before-opened": "replied to before they were opened",
    "resolved-before-opened": "solved before they were opened",
    "resumed-before-paused": "resumed before they were paused",
    "scale-upside-down": "with a scale upside down",
    "ticket-unknown": "of a contact that is not there",
}
_COLUMNS = {
    "answered_at": "answering time", "at": "time", "closed_at": "closing time", "ended_at": "ending time",
    "first_reply_at": "first reply's time", "opened_at": "opening time", "paused_at": "pausing time",
    "resolved_at": "solving time", "resumed_at": "resuming time",
    "sent_at": "sending time", "started_at": "starting time",
}  # fmt: skip
"""Columns that do not say in words what they hold."""


def rule_shown(rule: str) -> str:
    """A rule as it follows a number of rows; one that is not known here by its own name.

    >>> rule_shown("duplicate-key"), rule_shown("unreadable:opened_at")
    ('with a key used twice', 'with an unreadable opening time')
    """
    kind, _, column = rule.partition(":")
    name = _COLUMNS.get(column) or column.removesuffix("_at").replace("_", " ")
    match kind:
        case "unreadable" if column == "where":
            return "whose condition cannot be computed"
        case "unreadable" if name:
            return f"with an unreadable {name}"
        case "nonexistent-time" if name:
            return f"with {'an' if name[0] in 'aeiou' else 'a'} {name} that the clocks skipped"
        case _:
            return _RULES.get(rule) or rule.replace(":", " ").replace("_", " ")


def rows_of(table: str, n: int) -> str:
    """Rows of a fact table, counted.

    >>> rows_of("accounts", 1), rows_of("survey_answers", 6313)
    ('1 account', '6,313 survey answers')
    """
    name = table.replace("_", " ")
    if n == 1:
        name = f"{name.removesuffix('ies')}y" if name.endswith("ies") else name.removesuffix("s")
    return f"{counted(n)} {name}"
