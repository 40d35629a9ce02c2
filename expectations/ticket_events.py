"""What must hold for a batch of ticket events before it is loaded."""
# pyright: reportPrivateImportUsage=false

from typing import Final

from domain.facts import TICKET_EVENTS
from expectations.consequences import WARN, named
from expectations.library import ExpectationSuite, gxe
from expectations.rules import every_table, one_of

HAS_TICKET: Final = "_has_ticket"
"""Column added for validation: the batch holds the event's ticket; empty: the batch brings no tickets."""


def ticket_events_suite() -> ExpectationSuite:
    """Row and table rules for `ticket_events`."""
    return ExpectationSuite(
        name="ticket_events",
        expectations=[
            *every_table(TICKET_EVENTS),
            one_of("actor_role", "agent", "customer", "bot"),
            gxe.ExpectColumnValuesToBeInSet(
                column=HAS_TICKET,
                value_set=[True],
                meta=named(
                    "ticket-unknown", WARN, "the ticket of every event in the batch, where it brings tickets at all"
                ),
                notes="Events may come before their ticket; they count once it is there.",
            ),
        ],
    )
