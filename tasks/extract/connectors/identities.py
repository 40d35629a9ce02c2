"""The addresses by which a vendor knows a customer."""

from collections.abc import Iterable
from typing import Any

from domain.connectors import Row

Known = Iterable[tuple[str, Any]]
"""Kind (email, phone, external, handle) and value, as the vendor writes it."""


def identities(customer: Row, known: Known) -> list[Row]:
    """One row for each address; those that are empty, and repetitions, are left out.

    Args:
        customer: the customer's row: its id, and since and until when its addresses are known.
        known: its addresses, the main one first.
    """
    held = dict.fromkeys((kind, str(value).strip()) for kind, value in known if value not in (None, ""))
    return [
        {
            "identity_id": f"{customer['customer_id']}:{kind}:{place}", "customer_id": customer["customer_id"],
            "kind": kind, "value_hash": value, "seen_at": customer.get("created_at"),
            "version_at": customer.get("version_at"), "deleted_at": customer.get("deleted_at"),
        }
        for place, (kind, value) in enumerate(held) if value
    ]  # fmt: skip
