"""Persons in what customers wrote: names, handles and links taken out, beside addresses and numbers."""

import re
from typing import Final

from domain.masking import CARD, EMAIL, PHONE, masked

NAME, HANDLE, LINK = "[name]", "[handle]", "[link]"
MASKS: Final = (EMAIL, CARD, PHONE, NAME, HANDLE, LINK)

_UPPER: Final = r"[^\W\d_a-zß-öø-ÿ][\w'’-]*"
"""A word that begins with a capital letter."""
_PERSON: Final = rf"{_UPPER}(?:[ \t]+{_UPPER})?"
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE: Final = re.compile(r"(?<![\w.@/])@\w[\w.-]*\w")
_TITLED: Final = re.compile(
    r"\b((?:Mr|Mrs|Ms|Miss|Mister|Dr|Prof|Sir|Herrn?|Frau|Mme|Mlle|Madame|Monsieur|Se[ñn]ora?|Sra?|Signora?|Dhr|Mevr)"
    rf"\.?[ \t]+){_PERSON}"
)
_TITLED_SMALL: Final = re.compile(r"\b((?:mr|mrs)\.?[ \t]+)[^\W\d_]{2,}")
_INTRODUCED: Final = re.compile(
    r"\b((?i:my name is|my name's|mein name ist|ich hei(?:ß|ss)e|je m['’]appelle|mon nom est|me llamo|mi nombre es"
    rf"|mi chiamo|il mio nome è|mijn naam is|o meu nome é|chamo-me)[ \t]+)(?:{_PERSON}|[^\W\d_]+)"
)
_SIGNED: Final = re.compile(
    r"((?i:regards|sincerely|yours|cheers|thanks|thank you|gr(?:ü|ue)(?:ß|ss)en?|gru(?:ß|ss)|cordialement|merci|saludos"
    rf"|gracias|saluti|groeten|groet)[ \t]*[,.!–-]*\s+){_PERSON}(?=[\s.!]*\Z)"
)
_GREETED: Final = re.compile(
    r"(\A\s*(?i:dear|hi|hello|hey|hallo|liebe[rs]?|sehr geehrter?|bonjour|ch(?:er|ère)|hola|ciao|beste)[ \t]+)"
    rf"{_PERSON}(?=[ \t]*[,!\n])"
)
_SPOKEN_OF: Final = (_TITLED, _TITLED_SMALL, _INTRODUCED, _SIGNED, _GREETED)
_MASK: Final = re.compile("|".join(map(re.escape, MASKS)))
_TRACES: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control, zero-width and direction characters: they hide a name from the rules, and text from people."""


def private(text: str) -> str:
    """The text with e-mail addresses, card and phone numbers, links, handles and persons' names replaced.

    A name is known by what stands before it: a title, an introduction, a greeting, the end of a letter. Names
    without any of these are caught where they could be shown: see `terms.telling_of_people`.

    >>> private("Hi Anna, my name is Jan Novak and Mrs. Smith never rang +49 30 901820. @acme see https://a.example/x")
    'Hi [name], my name is [name] and Mrs. [name] never rang [phone]. [handle] see [link]'
    """
    text = masked(_LINK.sub(LINK, _TRACES.sub("", text)))
    for spoken_of in _SPOKEN_OF:
        text = spoken_of.sub(rf"\1{NAME}", text)
    return _HANDLE.sub(HANDLE, text)


def without_masks(text: str) -> str:
    """The text without the words that stand for what was masked: what models and counts read."""
    return _MASK.sub(" ", text)
