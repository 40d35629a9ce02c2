"""`python -m benchmarks.quality customers`: repeat purchases and churn risk, measured on real customers."""

from pathlib import Path

from benchmarks.quality import cdnow, telco
from benchmarks.quality.tables import Sections


def tables(folder: Path) -> Sections:
    """All tables, as they stand in docs/quality.md."""
    return {
        "Customers without a contract (CDNOW)": cdnow.tables(folder),
        "Retention and churn risk (telephone company)": telco.tables(folder),
    }
