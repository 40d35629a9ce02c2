"""`python -m benchmarks.quality customers`: repeat purchases and churn risk, measured on real customers."""

from pathlib import Path

from benchmarks.quality import cdnow, telco


def tables(folder: Path) -> str:
    """All tables in Markdown, as they stand in docs/quality.md."""
    parts = {
        "Customers without a contract (CDNOW)": cdnow.tables(folder),
        "Retention and churn risk (telephone company)": telco.tables(folder),
    }
    return "\n".join(
        f"### {name}\n\n" + "\n".join(table.markdown() for table in measured) for name, measured in parts.items()
    )
