"""What is public: reviews in the app stores, and visits to the help center."""

from examples.generator.days import DAY_S, N_DAYS, day_name, utc_time
from examples.generator.dice import Dice, Luck, Weighted
from examples.generator.files import Row
from examples.generator.people import LANGUAGES
from examples.generator.plan import growth
from examples.generator.words import REVIEWS

REVIEWS_A_DAY = 4.2
RATINGS = {5: 0.50, 4: 0.22, 3: 0.12, 2: 0.07, 1: 0.09}
SECTIONS = {"orders": 120, "app": 80, "billing": 60, "machines": 35}
_RATING, _LANGUAGE = Weighted(RATINGS), Weighted(LANGUAGES)
_STORE = Weighted({"play-store": 0.55, "app-store": 0.45})
HELP_CENTER_COLUMNS = ("day", "section", "visits", "searches", "failed_searches", "solved")


def reviews(dice: Dice) -> list[dict[str, object]]:
    """Reviews in order of time; ratings 1-5."""
    luck = Luck(dice)
    rows: list[dict[str, object]] = []
    for day in range(N_DAYS):
        moments = sorted(day * DAY_S + dice.between(6 * 3600, DAY_S - 1) for _ in range(dice.count(REVIEWS_A_DAY)))
        rows += [_review(dice, luck, len(rows) + i + 1, moment) for i, moment in enumerate(moments)]
    return rows


def _review(dice: Dice, luck: Luck, number: int, moment: int) -> dict[str, object]:
    language, store = dice.pick(_LANGUAGE), dice.pick(_STORE)
    rating = luck.pick("rating", _RATING, [store])
    mood = "good" if rating >= 4 else "fine" if rating == 3 else "bad"
    title, body = dice.one_of(REVIEWS[mood][language])
    version = f"4.{moment // DAY_S // 28}.{dice.below(3)}"
    return {
        "id": f"R{number:05}", "store": store, "lang": language, "rating": rating, "title": title, "body": body,
        "app_version": version, "published": utc_time(moment),
    }  # fmt: skip


def help_center_days(dice: Dice) -> list[Row]:
    """One row per day and section; of the searches one in eight finds nothing, of the visits a third solves it."""
    rows: list[Row] = []
    for day in range(N_DAYS):
        for section, usual in SECTIONS.items():
            visits = dice.count(usual * growth(day))
            searches = sum(dice.chance(0.4) for _ in range(visits))
            failed = sum(dice.chance(0.12) for _ in range(searches))
            solved = sum(dice.chance(0.34) for _ in range(visits))
            rows.append((day_name(day), section, visits, searches, failed, solved))
    return rows
