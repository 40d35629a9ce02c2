"""Addresses of customers: normalised before they are hashed, so that two spellings of one address are one.

What cannot be read is no identity: its hash is empty, it ties nobody, and the row stays.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import phonenumbers
import polars as pl

_DIGITS: Final = 32
_NEAR_DIGITS: Final = 7
"""Of one near hash: 28 bits are enough, as they are compared within one account alone."""
LONGEST_COMPARED: Final = 80
"""E-mail addresses longer than this are not looked at for typing errors."""

_PROFILE: Final = re.compile(r"^https?://(?:www\.|m\.|mobile\.)?([^/?#]+)/(?:[^?#]*/)?@?([^/?#]+)/?(?:[?#].*)?$")
_WITH_NETWORK: Final = re.compile(r"^([a-z][a-z0-9_.-]*):\s*@?([^\s/:]+)$")
_NETWORKS: Final = {
    "twitter": "x", "twitter.com": "x", "x.com": "x", "fb": "facebook", "fb.com": "facebook",
    "facebook.com": "facebook", "instagram.com": "instagram", "linkedin.com": "linkedin", "tiktok.com": "tiktok",
    "youtube.com": "youtube", "github.com": "github",
}  # fmt: skip
"""Networks under several names; any other is named for its whole host: `mastodon.social` is one of many."""


@dataclass(frozen=True)
class Origin:
    """What a source says of its customers' addresses.

    Attributes:
        namespace: whose ids its external ids are: equal ones of one namespace are one customer's.
        network: network of social handles that name none themselves.
        country: ISO 3166; phone numbers without a country code are read as its own; empty: not known.
    """

    namespace: str
    network: str
    country: str = ""


def email(value: str, _origin: Origin) -> str | None:
    """An e-mail address: without blanks around it, lower case, Unicode NFKC; no provider's tricks (dots, plus).

    >>> email(" Ann.Lee@Example.ORG ", Origin("shop", "shop"))
    'ann.lee@example.org'
    """
    text = unicodedata.normalize("NFKC", value).strip().lower()
    name, at, host = text.rpartition("@")
    is_one = bool(name and at and host) and "@" not in name and not any(letter.isspace() for letter in text)
    return text if is_one else None


def phone(value: str, origin: Origin) -> str | None:
    """A phone number as E.164, with its extension; None for one that no country could have given.

    >>> phone("030 901820", Origin("shop", "shop", "DE")), phone("030 901820", Origin("shop", "shop"))
    ('+4930901820', None)
    """
    try:
        read = phonenumbers.parse(value, origin.country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(read):
        return None
    number = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)
    return f"{number};ext={read.extension}" if read.extension else number


def external(value: str, origin: Origin) -> str | None:
    """An id of another system, within its namespace; letters keep their case, as `a1` and `A1` may be two.

    >>> external(" C-7 ", Origin("shop", "desk"))
    'shop:C-7'
    """
    text = unicodedata.normalize("NFC", value).strip()
    return f"{origin.namespace}:{text}" if text else None


def handle(value: str, origin: Origin) -> str | None:
    """A social handle with its network: from a profile's address, from `network:handle`, else the source's.

    >>> handle("@AnnLee", Origin("desk", "x")), handle("https://twitter.com/annlee", Origin("desk", "desk"))
    ('x:annlee', 'x:annlee')
    """
    text = unicodedata.normalize("NFKC", value).strip().lower()
    if (found := _PROFILE.match(text)) or (found := _WITH_NETWORK.match(text)):
        network, name = found[1], found[2]
    else:
        network, name = origin.network.lower(), text.removeprefix("@")
    is_one = bool(name) and not any(letter.isspace() or letter == "/" for letter in name)
    return f"{_NETWORKS.get(network, network)}:{name}" if is_one else None


KINDS: Final[dict[str, Callable[[str, Origin], str | None]]] = {
    "email": email, "phone": phone, "external": external, "handle": handle,
}  # fmt: skip


def address_columns(kinds: pl.Series, values: pl.Series, origin: Origin, secret: str) -> dict[str, pl.Series]:
    """The columns of `identities` that stand for an address, which itself is not kept.

    Args:
        kinds: email | phone | external | handle; of the same length as `values`.
        values: addresses as the source has them; null stays null.
        origin: what the source says of them.
        secret: the project's own, the same for every source: equal addresses give equal hashes.

    Returns:
        value_hash: keyed hash of kind and normalised value; empty: no address that can be read.
        near_hashes: of e-mail addresses: keyed hashes of the address and of it without each one letter,
        blanks between; two addresses that share one differ by a letter more, less, other or moved.
        Digits stay: `desk1@` and `desk2@` are two desks.
    """
    pairs = pl.DataFrame({"kind": kinds.cast(pl.String), "value": values.cast(pl.String)})
    different = pairs.drop_nulls().unique(maintain_order=True)
    hashes, near = _Hashes(secret), list[str | None]()
    whole: list[str | None] = []
    for kind, value in different.iter_rows():
        text = KINDS[kind](value, origin) if kind in KINDS else None
        whole.append(None if text is None else hashes.whole(kind, text))
        near.append(hashes.near(text) if text is not None and kind == "email" else None)
    made = different.with_columns(
        pl.Series("value_hash", whole, dtype=pl.String), pl.Series("near_hashes", near, dtype=pl.String)
    )
    joined = pairs.join(made, on=["kind", "value"], how="left", maintain_order="left")
    return {name: joined[name] for name in ("value_hash", "near_hashes")}


class _Hashes:
    """Hashes that nobody can make without the secret."""

    def __init__(self, secret: str) -> None:
        key = hashlib.sha256(secret.encode()).digest()
        self._whole = hashlib.blake2b(key=key)
        self._near = hashlib.blake2s(key=key, digest_size=4, person=b"near")

    def whole(self, kind: str, text: str) -> str:
        state = self._whole.copy()
        state.update(f"{kind}\x1f{text}".encode())
        return state.hexdigest()[:_DIGITS]

    def near(self, text: str) -> str | None:
        if len(text) > LONGEST_COMPARED:
            return None
        spelt = {text, *(text[:i] + text[i + 1 :] for i, letter in enumerate(text) if not letter.isdigit())}
        return " ".join(sorted(map(self._piece, spelt)))

    def _piece(self, text: str) -> str:
        state = self._near.copy()
        state.update(text.encode())
        return state.hexdigest()[:_NEAR_DIGITS]
