"""Public holidays by country and region, as the library `holidays` lists them; it is loaded when one is asked for.

Source: the library's public holidays (category `public`), with the days that stand in for those that fall on a
weekend, where the law gives them. Movable ones that are announced late are the library's estimate.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final

from rapidfuzz import fuzz, process

_NEAREST: Final = 3
_MEANT: Final = {"UK": "GB", "EL": "GR"}
"""Names that others use for a country."""


@cache
def days_off(region: str, year: int) -> tuple[date, ...]:
    """The public holidays of a country or region in one year, in order; none where the library knows none.

    Args:
        region: ISO 3166: `DE`, `DE-BE`, `US-CA`. KeyError for one that it does not know.
        year: of the Gregorian calendar.

    >>> date(2027, 3, 8) in days_off("DE-BE", 2027), date(2027, 3, 8) in days_off("DE-BY", 2027)
    (True, False)
    """
    from holidays import country_holidays

    country, _, part = region.partition("-")
    if wrong_region(region):
        raise KeyError(region)
    return tuple(sorted(country_holidays(country, subdiv=part or None, years=year)))


def wrong_region(region: str) -> str | None:
    """What is wrong with a region, and which are near it; None: its holidays are known.

    >>> wrong_region("DE-BX")
    "the holidays of 'DE-BX' are not known. Near it are: DE-BB, DE-BE, DE-BW; or write DE alone"
    """
    country, _, part = region.partition("-")
    parts = _regions().get(country)
    if parts is None and country in _MEANT:
        return f"the country '{country}' is called {_MEANT[country]} in ISO 3166. Write {_MEANT[country]}"
    if parts is None:
        known = [*_regions()]
        return f"the holidays of the country '{country}' are not known. Near it are: {_nearest(country, known)}"
    if not part or part in parts:
        return None
    if not parts:
        return f"the holidays of parts of {country} are not known. Write {country} alone"
    near = [f"{country}-{each}" for each in parts]
    return f"the holidays of '{region}' are not known. Near it are: {_nearest(region, near)}; or write {country} alone"


def _nearest(word: str, known: list[str]) -> str:
    found = process.extract(word, sorted(known), scorer=fuzz.ratio, limit=_NEAREST)
    return ", ".join(name for name, *_ in found)


@cache
def _regions() -> Mapping[str, tuple[str, ...]]:
    """By country: its parts whose holidays are known."""
    from holidays import list_supported_countries

    return {country: tuple(parts) for country, parts in list_supported_countries(include_aliases=False).items()}
