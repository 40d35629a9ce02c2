"""What is said of customers who may leave."""

from typing import Final

from domain.shown import counted, day_shown, money, shown, shown_range
from tasks.report.care import Care, Free, Leaver, Stake
from tasks.report.summary import Summary
from tasks.report.words import ended, plural, sentence

WEAK_BELOW: Final = 0.7
"""Under it a model is commonly said to tell leavers apart poorly (Hosmer & Lemeshow 2000, section 5.2.4)."""
MOST_REASONS: Final = 3
_PER: Final = 100
_SIGNALS: Final = {
    "tenure_days": "how long they are customers", "n_contacts": "contacts in 30 days",
    "n_repeats": "wrote again about the same", "n_unresolved": "contacts unresolved",
    "unresolved_days": "how long something waits unresolved", "is_detractor": "would not recommend us",
    "is_dissatisfied": "not satisfied the last time", "use_percent": "what they buy beside a quarter before",
    "product": "which product they have",
}  # fmt: skip


def care_count(summary: Summary) -> str:
    """How many are likelier to leave than usual, or why it cannot be told; empty: it is not asked for."""
    care = summary.care
    if care is None:
        return ""
    day = day_shown(care.as_of, summary.as_of)
    if care.why_not:
        return sentence(ended(f"as of {day}: {care.why_not}"))
    are = "customer is" if care.n_customers == 1 else "customers are"
    return (
        f"{counted(care.n_watched)} of {counted(care.n_customers)} {are} surely likelier to leave within 90 days than "
        f"usual, as of {day}. Usual is {shown(care.base_share, 'share')}: {counted(care.n_left)} of "
        f"{counted(care.n_cases)} cases learned from."
    )


def care_doubt(summary: Summary) -> str:
    """How well leavers are told from those who stay, on customers the model has not seen."""
    care = summary.care
    if care is None or care.why_not:
        return ""
    return f"{separation_said(care.separation)} A list to look after, no forecast of single customers."


def separation_said(separation: float) -> str:
    """How well the model tells who leaves from who stays.

    >>> separation_said(0.64)[:52]
    'Who leaves is told from who stays only weakly: of on'
    """
    apart = round(separation * _PER)
    how = "only weakly" if separation < WEAK_BELOW else "fairly well"
    pairs = f"of one of each, the right one in {apart} of {_PER} pairs (by chance 50)"
    return f"Who leaves is told from who stays {how}: {pairs}."


def care_lines(summary: Summary) -> tuple[tuple[str, str], ...]:
    """(kind, text): what is at stake, why most often, the first customers; who is gone without a contract."""
    care = summary.care
    if care is None:
        return ()
    return (*_watched_lines(care), *([("no contract", _free(care.free))] if care.free is not None else []))


def _watched_lines(care: Care) -> tuple[tuple[str, str], ...]:
    if not care.n_watched:
        return ()
    reasons = [f"{_SIGNALS.get(signal, signal)} ({counted(n)})" for signal, n in care.reasons[:MOST_REASONS]]
    more = care.n_watched - len(care.first)
    rest = [("and", f"{plural(more, 'more customer')}: cxloop customers at-risk")] if more > 0 else []
    return (
        *(("at stake", _stake(stake)) for stake in care.stakes),
        *([("most often", " · ".join(reasons))] if reasons else []),
        *(("likely", _leaver(one)) for one in care.first), *rest,
    )  # fmt: skip


def care_in_short(summary: Summary) -> str:
    """One line for the message; empty where nobody is likelier to leave."""
    care = summary.care
    if care is None or not care.n_watched:
        return ""
    stakes = " and ".join(_short_stake(stake) for stake in care.stakes if stake.currency is not None)
    who = f"{plural(care.n_watched, 'customer')} likelier to leave than usual"
    weakly = " (told apart only weakly)" if care.separation < WEAK_BELOW else ""
    return f"{who}{weakly}, {stakes} a year at stake" if stakes else f"{who}{weakly}"


def _free(free: Free) -> str:
    """`41 of 120 who came back are probably gone (of 30 judged so 90 days before, 20 % bought since) …`."""
    sure = shown_range(free.low, free.high, "share")
    back = f"{shown(free.back_share, 'share')} ({sure}) bought since"
    before = f" (of {counted(free.n_then)} judged so 90 days before, {back})" if free.n_then else ""
    are = "is" if free.n_gone == 1 else "are"
    once = f"; of {counted(free.n_once)} who bought once it cannot be told" if free.n_once else ""
    return (
        f"{counted(free.n_gone)} of {counted(free.n_back)} who came back {are} probably gone{before}{once}: "
        "cxloop customers buying"
    )


def _stake(stake: Stake) -> str:
    """`1,200.00 EUR (900.00 to 1,600.00 EUR) of 9,000.00 EUR a year, from 41 customers`."""
    if stake.currency is None:
        return f"not known: the revenue of {plural(stake.n, 'customer')}"
    sure = f"{_amount(stake.low, stake)} to {_amount(stake.high, stake)}"
    whole = _amount(stake.whole, stake)
    return f"{_amount(stake.expected, stake)} ({sure}) of {whole} a year, from {plural(stake.n, 'customer')}"


def _short_stake(stake: Stake) -> str:
    return _amount(stake.expected, stake)


def _amount(minor: int | None, stake: Stake) -> str:
    return money(minor, stake.currency)


def _leaver(one: Leaver) -> str:
    """`C-17: 24 % (18 to 31 %), 120.00 EUR a month: 3 contacts in 30 days; one contact unresolved`."""
    paid = " and ".join(money(minor, currency) or "not known" for minor, currency in one.revenue)
    chance = f"{shown(one.risk, 'share')} ({shown_range(one.low, one.high, 'share')})"
    why = "; ".join(one.reasons) or "nothing that stands out"
    return f"{one.customer_id}: {chance}{f', {paid} a month' if paid else ''}: {why}"


__all__ = ["Care", "care_count", "care_doubt", "care_in_short", "care_lines", "separation_said"]
