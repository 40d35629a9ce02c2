"""E-mail addresses, phone numbers and card numbers taken out of what people wrote, before it is shown."""

import re
from typing import Final

EMAIL, CARD, PHONE = "[e-mail]", "[card]", "[phone]"

_EMAIL: Final = re.compile(r"[^\s@<>()\[\]{},;:\"']{1,64}@[^\s@<>()\[\]{},;:\"']+\.[^\W\d_]{2,}", re.UNICODE)
_CARD: Final = re.compile(r"(?<![\w.+-])\d(?:[ -]?\d){12,18}(?![\w-])")
_DAY: Final = r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{2,4})"
_PHONE: Final = re.compile(rf"(?<![\w.:/@-])(?!{_DAY}(?!\d))(?:\+|\(?\d)[\d\s()./-]{{5,24}}\d(?![\w:-])", re.ASCII)
_FEWEST, _MOST = 7, 15
"""Digits of a phone number; E.164 allows no more."""


def masked(text: str) -> str:
    """The text with addresses, card and phone numbers replaced by what they are.

    A card number is 13 to 19 digits with the right check digit. A phone number is 7 to 15 digits that begin with + or
    0, or 9 and more that are set in groups: rather an order number too many than a phone number shown. Days stay.

    >>> masked("Call me at +49 30 901820 or ann@example.org, order 4711 of 2026-03-16")
    'Call me at [phone] or [e-mail], order 4711 of 2026-03-16'
    """
    text = _EMAIL.sub(EMAIL, text)
    text = _CARD.sub(lambda found: CARD if _is_card(found[0]) else found[0], text)
    return _PHONE.sub(lambda found: PHONE if _is_phone(found[0]) else found[0], text)


def _is_card(written: str) -> bool:
    """The Luhn check: ISO/IEC 7812-1, annex B."""
    digits = [int(digit) for digit in reversed(written) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_phone(written: str) -> bool:
    digits = re.sub(r"\D", "", written)
    if not _FEWEST <= len(digits) <= _MOST:
        return False
    is_dialled = written.lstrip("(").startswith(("+", "0"))
    return is_dialled or (len(digits) >= 9 and len(digits) < len(written))
