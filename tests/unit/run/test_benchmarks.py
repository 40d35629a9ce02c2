"""Findings as rows of a table on a page."""

from tasks.run.benchmarks import benchmark_rows

FINDING = {
    "rule": "pace", "kpi": "nps", "scope": '{"segment":"office"}', "benchmark": "nps-office",
    "verdict": "surely behind", "expected": 29.2, "value": 15.5, "low": 6.3, "high": 24.5, "n": 1316,
}  # fmt: skip


def test_a_finding_is_told_in_the_kpis_own_unit() -> None:
    assert benchmark_rows([FINDING]) == [
        {
            "benchmark": "nps-office", "kpi": "NPS", "scope": "office", "now": "16", "sure range": "6 to 25",
            "n": "1,316", "expected": "29", "verdict": "surely behind",
        }
    ]  # fmt: skip


def test_nothing_known_is_said_so() -> None:
    unknown = FINDING | {"value": None, "low": None, "high": None, "n": None, "verdict": "no data"}
    row = benchmark_rows([unknown])[0]
    assert (row["now"], row["sure range"], row["n"]) == ("not known", "not known", "0")


def test_no_findings_give_no_rows() -> None:
    assert benchmark_rows([]) == []
