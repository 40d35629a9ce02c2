"""The listening plan at work: who is asked, who answers, and what.

A customer is asked about the relationship every 180 days and after help now and then; nobody is asked
twice within 30 days, whatever the survey.
"""

from dataclasses import dataclass

from examples.generator import plan
from examples.generator.days import DAY_S, END
from examples.generator.dice import Dice, Luck, Weighted
from examples.generator.helpdesk import Ticket
from examples.generator.people import Customer
from examples.generator.words import COMMENTS

_PROMOTER, _PASSIVE = (9, 10), (7, 8)
_DETRACTOR = Weighted({6: 0.36, 5: 0.26, 4: 0.14, 3: 0.10, 2: 0.06, 1: 0.04, 0: 0.04})
_HAPPY = Weighted({4: 0.38, 5: 0.62})
_UNHAPPY = Weighted({3: 0.5, 2: 0.3, 1: 0.2})
_EFFORT = Weighted({7: 0.34, 6: 0.30, 5: 0.16, 4: 0.09, 3: 0.06, 2: 0.03, 1: 0.02})
_TOUCHPOINT = {segment: Weighted(shares) for segment, shares in plan.TOUCHPOINTS.items()}
_ASKED_AT_S = 10 * 3600
_WAIT_S = 2 * 3600


@dataclass(eq=False)
class Invitation:
    """One customer asked once; with what was answered, if anything was."""

    survey: str
    customer: Customer
    channel: str
    sent: int
    answered: int | None = None
    ticket: Ticket | None = None
    touchpoint: str = ""
    score: int | None = None
    """NPS 0-10 or CSAT 1-5."""
    effort: int | None = None
    """CES 1-7, 7 easiest; None: not asked."""
    comment: str = ""


def ask_about_relationship(dice: Dice, luck: Luck, customer: Customer, day: int) -> Invitation | None:
    """The invitation if this customer's turn is today; otherwise the turn is moved."""
    if customer.gone_on is not None and customer.gone_on <= day:
        return None
    rested = customer.asked_on + plan.REST_DAYS
    if rested > day:
        customer.ask_on = rested
        return None
    customer.asked_on, customer.ask_on = day, day + plan.ASK_EVERY_DAYS
    channel = "email" if day < plan.SURVEY_MOVED else "app"
    asked = Invitation("relationship", customer, channel, day * DAY_S + _ASKED_AT_S)
    if luck.chance("answers", plan.ANSWERS, _parts(asked)):
        _answer_relationship(dice, luck, asked, day)
    return asked


def ask_after_help(dice: Dice, luck: Luck, ticket: Ticket) -> Invitation | None:
    """The invitation two hours after the solution, for most who are rested."""
    customer = ticket.customer
    sent = (ticket.solved + _WAIT_S) // 60 * 60
    day = sent // DAY_S
    if sent >= END or customer.asked_on + plan.REST_DAYS > day or not dice.chance(plan.ASKED_AFTER_HELP):
        return None
    if sent % DAY_S < 6 * 3600:  # nobody is asked at night
        sent = day * DAY_S + _ASKED_AT_S
    customer.asked_on = day
    asked = Invitation("after-help", customer, ticket.channel, sent, ticket=ticket, touchpoint=ticket.topic.touchpoint)
    if luck.chance("answers", plan.ANSWERS, _parts(asked)):
        _answer_after_help(dice, luck, asked)
    return asked


def _answer_relationship(dice: Dice, luck: Luck, asked: Invitation, day: int) -> None:
    segment = asked.customer.segment
    asked.answered = _answered(dice, asked.sent)
    asked.touchpoint = luck.pick("touchpoint", _TOUCHPOINT[segment], [segment])
    expected = plan.nps(segment, asked.touchpoint, day)
    rest = 1 - plan.PASSIVE
    shares = ((rest + expected) / 2, plan.PASSIVE, (rest - expected) / 2)
    mood = ("good", "fine", "bad")[luck.place("mood", shares, _parts(asked))]
    asked.score = dice.pick(_DETRACTOR) if mood == "bad" else dice.one_of(_PROMOTER if mood == "good" else _PASSIVE)
    if dice.chance(0.3 if mood == "bad" else 0.08):
        about = asked.touchpoint if mood == "bad" else ""
        asked.comment = dice.one_of(COMMENTS[about, mood][asked.customer.language])


def _answer_after_help(dice: Dice, luck: Luck, asked: Invitation) -> None:
    parts = _parts(asked)
    asked.answered = _answered(dice, asked.sent)
    is_happy = luck.chance("satisfied", plan.SATISFIED, parts)
    asked.score = dice.pick(_HAPPY if is_happy else _UNHAPPY)
    asked.effort = luck.pick("effort", _EFFORT, parts) if dice.chance(plan.ALSO_EFFORT) else None
    if dice.chance(0.06 if is_happy else 0.3):
        asked.comment = dice.one_of(COMMENTS["help", "good" if is_happy else "bad"][asked.customer.language])


def _parts(asked: Invitation) -> tuple[str, ...]:
    customer = asked.customer
    return (asked.survey, asked.channel, customer.segment, customer.product, asked.touchpoint or asked.survey)


def _answered(dice: Dice, sent: int) -> int:
    """Some hours later, on a full minute; what would be in the night is in the morning."""
    at = sent + int(dice.within(plan.ANSWER_LAG_H) * 60) * 60
    day, second = divmod(at, DAY_S)
    return at if second >= 6 * 3600 else day * DAY_S + 6 * 3600 + second // 240 * 60
