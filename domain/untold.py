"""Why a period with outcomes enough has no value."""

BOUND = "Most customers could not leave: their terms run on. renewal_rate tells of those whose term ended."
"""Of a churn rate; see docs/kpis.md#churn-rate."""
