"""Accounts, customers and their subscriptions: who comes, who stays, who leaves and why."""

from dataclasses import dataclass, field

from examples.generator import plan
from examples.generator.days import N_DAYS
from examples.generator.dice import Dice, Weighted
from examples.generator.plan import HOME, OFFICE

LANGUAGES = {"de": 0.62, "en": 0.23, "fr": 0.15}
COUNTRIES = {"de": {"DE": 0.86, "AT": 0.10, "CH": 0.04}, "en": {"DE": 0.7, "IE": 0.2, "NL": 0.1}, "fr": {"FR": 1.0}}
HOME_PRODUCTS = {"beans": 0.6, "capsules": 0.4}
INDUSTRIES = ("agency", "finance", "health", "industry", "it", "law", "public", "trade")
_LANGUAGE = Weighted(LANGUAGES)
_COUNTRY = {language: Weighted(countries) for language, countries in COUNTRIES.items()}
_PRODUCT = Weighted(HOME_PRODUCTS)
_DAYS_KNOWN_BEFORE = 1100
LONGEST_WAIT_DAYS = plan.ASK_EVERY_DAYS + plan.REST_DAYS
"""No turn to be asked is further off than this."""


@dataclass(eq=False)
class Customer:
    """One person who drinks our coffee; of an office, one of its people."""

    number: int
    segment: str
    account: int | None
    language: str
    country: str
    product: str
    since: int
    ask_on: int
    """Day of the next relationship survey."""
    asked_on: int = -1000
    """Day of the last invitation to any survey."""
    gone_on: int | None = None


@dataclass(eq=False)
class Contract:
    """One subscription: a home customer's, or an office's for all its people."""

    number: int
    people: list[Customer]
    since: int
    mrr_minor: int
    ended_on: int | None = None
    reason: str = ""

    @property
    def payer(self) -> Customer:
        """The customer who signed."""
        return self.people[0]


@dataclass
class Company:
    """Everybody, in the order they came; `active` holds who is a customer at the end of the day that was played."""

    contracts: list[Contract] = field(default_factory=list[Contract])
    customers: list[Customer] = field(default_factory=list[Customer])
    active: dict[str, list[Contract]] = field(default_factory=lambda: {HOME: [], OFFICE: []})
    n_accounts: int = 0


def founded(dice: Dice) -> Company:
    """The company on the eve of the first day, everyone's next survey spread evenly over the round."""
    company = Company()
    came = [(dice.between(-_DAYS_KNOWN_BEFORE, -1), HOME) for _ in range(plan.HOME_AT_START)]
    came += [(dice.between(-_DAYS_KNOWN_BEFORE, -1), OFFICE) for _ in range(plan.OFFICES_AT_START)]
    for day, segment in sorted(came):
        contract = _join(company, dice, segment, day)
        for person in contract.people:
            person.ask_on = dice.below(plan.ASK_EVERY_DAYS)
    return company


def play_day(company: Company, dice: Dice, day: int) -> None:
    """One day of leaving and coming."""
    for segment, leavers in ((HOME, plan.home_leavers), (OFFICE, plan.office_leavers)):
        active = company.active[segment]
        size = len(active)
        for reason, p in leavers(day).items():
            for _ in range(dice.count(size * p)):
                _leave(active, dice, day, reason)
        start = plan.HOME_AT_START if segment == HOME else plan.OFFICES_AT_START
        usual_loss = start * plan.growth(day) * sum(leavers(0).values())
        for _ in range(dice.count(usual_loss + start * plan.GROWTH / N_DAYS)):
            _join(company, dice, segment, day)


def _join(company: Company, dice: Dice, segment: str, day: int) -> Contract:
    if segment == HOME:
        account, n_people, product, mrr = None, 1, dice.pick(_PRODUCT), 2600
    else:
        company.n_accounts += 1
        account, n_people = company.n_accounts, dice.between(2, 4)
        product, mrr = "office", n_people * dice.between(60, 100) * 100
    language = dice.pick(_LANGUAGE)
    country = dice.pick(_COUNTRY[language])
    people = [
        Customer(
            len(company.customers) + 1 + i, segment, account, language, country, product, day,
            ask_on=day + 30 + dice.below(plan.ASK_EVERY_DAYS - 30),
        )
        for i in range(n_people)
    ]  # fmt: skip
    contract = Contract(len(company.contracts) + 1, people, day, mrr)
    company.customers += people
    company.contracts.append(contract)
    company.active[segment].append(contract)
    return contract


def _leave(active: list[Contract], dice: Dice, day: int, reason: str) -> None:
    place = dice.below(len(active))
    contract, active[place] = active[place], active[-1]
    active.pop()
    contract.ended_on, contract.reason = day, reason
    for person in contract.people:
        person.gone_on = day
