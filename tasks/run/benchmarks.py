"""Findings as rows of a table on a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.kpis import KPIS
from domain.scopes import described
from domain.shown import counted, shown, shown_range


def benchmark_rows(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """One row of words per finding.

    Args:
        findings: rows of the table `findings` (rule, kpi, scope, benchmark, verdict, expected, value, low, high, n).

    Returns:
        Rows with the columns benchmark, kpi, scope, now, sure range, n, expected, verdict; as ordered.

    >>> benchmark_rows([])
    []
    """
    return [_row(finding) for finding in findings]


def _row(finding: Mapping[str, Any]) -> dict[str, str]:
    kpi = KPIS[finding["kpi"]]
    return {
        "benchmark": finding["benchmark"],
        "kpi": kpi.title,
        "scope": described(finding["scope"]),
        "now": shown(finding["value"], kpi.unit),
        "sure range": shown_range(finding["low"], finding["high"], kpi.unit),
        "n": counted(finding["n"] or 0),
        "expected": shown(finding["expected"], kpi.unit),
        "verdict": finding["verdict"],
    }
