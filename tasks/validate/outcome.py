"""May a batch be published? Blocking rules first, then the share of rows set aside."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tasks.validate.verdicts import TableVerdict

TINY: Final = 50
"""A batch of fewer rows is refused by share only if more than one row is set aside: one is no pattern."""
MOST: Final = 0.5
"""A table that loses more of its rows is refused, however many good rows the batch's other tables have."""

_NOTHING: Final = "Nothing of it was published"


@dataclass(frozen=True)
class BatchName:
    """What a batch is called when people are told of it."""

    batch_id: str
    source: str
    file: str

    def __str__(self) -> str:
        return f"{self.source} {self.file}"


@dataclass(frozen=True)
class TableCount:
    """Where the rows of one table of a batch went.

    Attributes:
        table: the fact table.
        n_rows: rows mapped, and rows that could not be read.
        rules: rule → rows set aside by it, each row once; while reading and by validation.
    """

    table: str
    n_rows: int
    rules: Mapping[str, int]

    @property
    def n_set_aside(self) -> int:
        """Rows set aside."""
        return sum(self.rules.values())


@dataclass(frozen=True)
class BatchVerdict:
    """What becomes of a batch.

    Attributes:
        message: why it is rejected, what was found and what to do; empty when it passed.
        warnings: what did not hold but holds nothing back.
    """

    outcome: Literal["passed", "rejected"]
    message: str
    n_rows: int
    n_set_aside: int
    max_share: float
    warnings: tuple[str, ...]


def judged(
    name: BatchName, verdicts: Sequence[TableVerdict], counts: Sequence[TableCount], max_share: float
) -> BatchVerdict:
    """The verdict on a batch.

    Rejected when a BLOCK rule fails or any rule could not be checked; when more than `max_share` of all
    its rows were set aside (of a batch of fewer than TINY rows: and more than one); or when a table lost
    more than MOST of its rows, and more than one. `max_share` itself is still allowed.
    """
    n_rows = sum(count.n_rows for count in counts)
    n_set_aside = sum(count.n_set_aside for count in counts)
    message = _blocked(name, verdicts) or _too_many(name, counts, max_share)
    warnings = tuple(
        f"{verdict.table}: {found.rule.name}: {found.detail}, expected {found.rule.expected}"
        for verdict in verdicts
        for found in verdict.rules
        if found.is_warning
    )
    return BatchVerdict("rejected" if message else "passed", message, n_rows, n_set_aside, max_share, warnings)


def _blocked(name: BatchName, verdicts: Sequence[TableVerdict]) -> str:
    """Which rules block, and what to do; empty if none does."""
    blocking = [(verdict.table, found) for verdict in verdicts for found in verdict.rules if found.is_blocking]
    failed = [
        f"{table} {found.rule.name}: {found.detail}, expected {found.rule.expected}"
        for table, found in blocking
        if found.answer == "fail"
    ]
    unchecked = [
        f"{table} {found.rule.name}: {found.detail}" for table, found in blocking if found.answer == "could not check"
    ]
    parts = [
        f"{name} breaks a rule that holds back the whole batch: {'; '.join(failed)}." if failed else "",
        f"{name} could not be checked: {'; '.join(unchecked)}." if unchecked else "",
    ]
    advice = f"{_NOTHING}. Compare the file with its mapping in sources.yaml, mend one of them and run again."
    return " ".join(part for part in (*parts, advice) if part) if blocking else ""


def _too_many(name: BatchName, counts: Sequence[TableCount], max_share: float) -> str:
    """How many rows were set aside and by which rules, and what to do; empty if few enough were."""
    n_rows = sum(count.n_rows for count in counts)
    rules: Counter[str] = Counter()
    for count in counts:
        rules.update(count.rules)
    limit = f"more than {max_share * 100:g} %"
    if _is_over(rules.total(), n_rows, max_share, least=2 if n_rows < TINY else 1):
        return _told(name, "", rules, n_rows, limit) + (
            f", mend the file or its mapping in sources.yaml and run again, or raise CXLOOP_MAX_QUARANTINE_SHARE "
            f"(now {max_share:g})."
        )
    for count in counts:
        if _is_over(count.n_set_aside, count.n_rows, MOST, least=2):
            told = _told(name, f" for {count.table}", count.rules, count.n_rows, "most of that table")
            return f"{told}, mend the file or its mapping in sources.yaml and run again."
    return ""


def _is_over(n_set_aside: int, n_rows: int, share: float, least: int) -> bool:
    return n_set_aside >= least and n_set_aside > share * n_rows


def _told(name: BatchName, where: str, rules: Mapping[str, int], n_rows: int, limit: str) -> str:
    by_rule = ", ".join(f"{rule} {n}" for rule, n in sorted(rules.items(), key=lambda item: (-item[1], item[0])))
    n = sum(rules.values())
    return (
        f"{n:,} of {n_rows:,} rows ({n / n_rows:.1%}) of {name}{where} set aside, {limit}: {by_rule}. {_NOTHING}. "
        f"See the rows with `cxloop quarantine list {name.source} --rows`"
    ).replace("%)", " %)")


def as_json(verdict: BatchVerdict, tables: Sequence[TableVerdict], counts: Sequence[TableCount]) -> dict[str, Any]:
    """The verdict as data: the batch's outcome and message, and per table and rule what was found."""
    counted = {count.table: count for count in counts}
    return {
        "outcome": verdict.outcome,
        "message": verdict.message,
        "n_rows": verdict.n_rows,
        "n_set_aside": verdict.n_set_aside,
        "max_share": verdict.max_share,
        "warnings": list(verdict.warnings),
        "tables": {
            table.table: {
                "n_rows": table.n_rows,
                "n_quarantined": len(table.failing),
                "n_set_aside": counted[table.table].n_set_aside,
                "note": "" if table.n_rows else "nothing to check",
                "rules": [
                    {
                        "rule": found.rule.name, "columns": list(found.rule.columns),
                        "consequence": found.rule.consequence, "verdict": found.answer,
                        "n_unexpected": found.n_unexpected, "detail": found.detail,
                    }
                    for found in table.rules
                ],
            }
            for table in tables
        },
    }  # fmt: skip
