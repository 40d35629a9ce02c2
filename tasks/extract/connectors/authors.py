"""People whom a vendor names by an address alone, without an id of its own: the author of a post, a buyer in a note."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from domain.connectors import Row
from tasks.extract.connectors.identities import identities


def customer_of(known: Sequence[tuple[str, Any]]) -> str | None:
    """A customer id of the first address, which it does not show; None: no address is known.

    >>> customer_of([("email", " Ann@Example.org")]) == customer_of([("email", "ann@example.org")])
    True
    """
    for kind, value in known:
        if value not in (None, ""):
            text = f"{kind}:{str(value).strip().lower()}"
            return "author-" + sha256(text.encode()).hexdigest()[:20]
    return None


def addresses_of(known: Sequence[tuple[str, Any]], at: str | None) -> list[Row]:
    """The identities of whom `customer_of` names, seen at an instant."""
    customer = customer_of(known)
    if customer is None:
        return []
    return identities({"customer_id": customer, "created_at": at, "version_at": at}, known)
