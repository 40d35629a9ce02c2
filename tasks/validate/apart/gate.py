"""Great Expectations asked about one table of a batch: pass, fail or could not check, and which rows.

Great Expectations is imported here and in `expectations` alone, when first needed: it takes seconds.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, cast

import polars as pl

from tasks.validate.verdicts import FAILURES_SCHEMA, POSITION, Rule, RuleVerdict, TableVerdict

if TYPE_CHECKING:
    import pandas as pd

    from expectations.library import Expectation, ExpectationSuite

CHUNK: Final = 100_000
"""Rows asked about at once when rows are listed: each listed row is a dict, a million are gigabytes."""

_ONE_AT_A_TIME: Final = Lock()  # with contexts shared by threads most verdicts were wrong
_NOT_NULL: Final = "expect_column_values_to_not_be_null"
_UNIQUE: Final = "expect_column_values_to_be_unique"
_COLUMN_KEYS: Final = ("column", "column_A", "column_B")
_LONGEST_DETAIL: Final = 300

Answers = dict[int, Any]
"""Place of an expectation in its suite → Great Expectations' result."""


def validate(frame: pl.DataFrame | pl.LazyFrame, suite: "ExpectationSuite") -> TableVerdict:
    """What a suite finds in one table.

    A row rule (QUARANTINE) that fails is asked again for its rows; the rows listed must be as many as
    were counted, else the rule counts as 'could not check'. So does any error inside an expectation.

    Args:
        frame: the table's columns, instants in UTC; only columns that rules look into are converted.
        suite: its expectations carry `rule`, `consequence` and `expected` in their meta.
    """
    rules = [rule_of(expectation) for expectation in suite.expectations]
    expectations = dict(enumerate(suite.expectations))
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        table = _converted(frame, suite.expectations)
        answers, fault = _asked(table, expectations, "BASIC")
        found = [_judged(rule, answers.get(number), fault) for number, rule in enumerate(rules)]
        failed = {n: expectations[n] for n, v in enumerate(found) if v.answer == "fail" and _is_row_rule(v.rule)}
        listed = _listed(table, failed, sum(found[number].n_unexpected for number in failed))
    for number in failed:
        positions, fault = listed[number]
        n_counted = found[number].n_unexpected
        if len(positions) != n_counted or fault:
            detail = fault or f"{n_counted} rows fail it but {len(positions)} were named"
            found[number] = RuleVerdict(rules[number], "could not check", n_counted, detail)
    failures = pl.DataFrame(
        [
            (position, number)
            for number in failed
            if found[number].answer == "fail"
            for position in sorted(listed[number][0])
        ],
        schema=FAILURES_SCHEMA,
        orient="row",
    )
    return TableVerdict(suite.name, len(table), tuple(found), failures)


def _is_row_rule(rule: Rule) -> bool:
    return rule.consequence == "QUARANTINE"


def rule_of(expectation: "Expectation") -> Rule:
    """What a reader needs to know of an expectation."""
    meta = cast("dict[str, Any]", expectation.meta)
    columns = tuple(value for key in _COLUMN_KEYS if (value := getattr(expectation, key, None)) is not None)
    return Rule(meta["rule"], meta["consequence"], columns, meta["expected"])


def _converted(frame: pl.DataFrame | pl.LazyFrame, expectations: Sequence["Expectation"]) -> "pd.DataFrame":
    """The table as pandas, holding no more than the rules look into.

    Great Expectations hashes all that it is given: a second per million texts, most of a minute per million
    instants with a zone. So instants become microseconds, words categories, keys numbers; where only a value's being
    there matters, a zero stands for it; columns without rules are all zeros. Fractions stay with Arrow: NumPy's NaN
    would count as missing, and be asked nothing.
    """
    there = {name for expectation in expectations for name in rule_of(expectation).columns}
    asked = [(e.expectation_type, rule_of(e).columns) for e in expectations]
    looked_into = {name for kind, names in asked if kind not in (_NOT_NULL, _UNIQUE) for name in names}
    unique = {name for kind, names in asked if kind == _UNIQUE for name in names}
    lazy = frame.lazy()
    schema = lazy.collect_schema()
    columns = [
        _comparable(name, dtype) if name in looked_into
        else _code(name, dtype) if name in unique
        else _mark(name) if name in there
        else _zero(name)
        for name, dtype in schema.items()
    ]  # fmt: skip
    plain = lazy.with_row_index(POSITION).select(pl.col(POSITION).cast(pl.Int64), *columns).collect()
    fractions = [name for name in looked_into if schema.get(name, pl.Null()).is_float()]
    table: pd.DataFrame = plain.drop(fractions).to_pandas(use_pyarrow_extension_array=False)
    if not fractions:
        return table
    return table.join(plain.select(fractions).to_pandas(use_pyarrow_extension_array=True))


def _zero(name: str) -> pl.Expr:
    return pl.lit(0, pl.Int8).alias(name)


def _mark(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null()).then(pl.lit(0, pl.Float32)).alias(name)


def _code(name: str, dtype: pl.DataType) -> pl.Expr:
    """A number for each different value."""
    return pl.col(name).cast(_apart()).to_physical().cast(pl.Float64) if dtype == pl.String else pl.col(name)


def _apart() -> pl.Categorical:
    """Categories of one column alone: those that all share keep every id as long as the process lives."""
    return pl.Categorical(pl.Categories.random())


def load_library() -> None:
    """Import Great Expectations now: to be called while there is nothing else to do. A second call does nothing."""
    import_module("expectations")


def _comparable(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        return pl.col(name).dt.epoch("us")
    return pl.col(name).cast(_apart()) if dtype == pl.String else pl.col(name)


def _asked(
    table: "pd.DataFrame", expectations: Mapping[int, "Expectation"], result_format: str | dict[str, Any]
) -> tuple[Answers, str]:
    """Great Expectations' results by place in the suite, and the error if it gave none at all."""
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    from expectations.library import ExpectationSuite, gx

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        analytics_enabled=False,
    )
    suite = ExpectationSuite(name="asked", expectations=[_unowned(e) for e in expectations.values()])
    for number, expectation in zip(expectations, suite.expectations, strict=True):
        expectation.id = str(number)  # results come back in another order
    try:
        context = gx.get_context(mode="ephemeral", project_config=config)
        asset = context.data_sources.add_pandas("batch").add_dataframe_asset("table")
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": table})
        results: list[Any] = cast("Any", batch).validate(suite, result_format=result_format).results
    except Exception as error:  # noqa: BLE001 - whatever it was, the rules could not be checked
        return {}, _shortened(f"{type(error).__name__}: {error}")
    return {int(result.expectation_config.id): result for result in results}, ""


def _unowned(expectation: "Expectation") -> "Expectation":
    """A copy that belongs to no suite."""
    free = copy(expectation)
    free.id = None
    return free


def _judged(rule: Rule, answer: Any, fault: str) -> RuleVerdict:
    """One rule's verdict from its result; None: there is none."""
    if answer is None:
        return RuleVerdict(rule, "could not check", 0, fault or "Great Expectations gave no result")
    error = _error_in(answer)
    if error:
        return RuleVerdict(rule, "could not check", 0, error)
    n_unexpected = int(answer.result.get("unexpected_count") or 0)
    if answer.success and not (n_unexpected and _is_row_rule(rule)):
        return RuleVerdict(rule, "pass", n_unexpected)
    return RuleVerdict(rule, "fail", n_unexpected, _found(answer.result))


def _error_in(answer: Any) -> str:
    """The error inside an expectation, which Great Expectations reports as a failure; empty if none."""
    info: dict[str, Any] = answer.exception_info or {}
    nested = [cast("dict[str, Any]", record) for record in info.values() if isinstance(record, dict)]
    errors = [str(record.get("exception_message")) for record in [info, *nested] if record.get("raised_exception")]
    return _shortened(errors[0]) if errors else ""


def _shortened(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_DETAIL]


def _found(result: Mapping[str, Any]) -> str:
    """What was found, in words."""
    missing = result.get("details", {}).get("mismatched", {}).get("missing", [])
    if missing:
        return f"found no {', '.join(sorted(missing))}"
    if "unexpected_count" in result:
        return f"{result['unexpected_count']} of {result['element_count']} rows fail"
    return f"found {result.get('observed_value')}"


def _listed(table: Any, failed: Mapping[int, "Expectation"], n_counted: int) -> dict[int, tuple[set[int], str]]:
    """By failed row rule: positions of the rows that fail it, and the error if they could not be listed.

    Args:
        table: as converted.
        failed: the rules.
        n_counted: rows they were counted to fail on; if these are few, all rows are asked about at once.
    """
    at_once = CHUNK if n_counted > CHUNK else max(1, len(table))
    positions: dict[int, set[int]] = {number: set() for number in failed}
    faults: dict[int, str] = dict.fromkeys(failed, "")
    complete = {"result_format": "COMPLETE", "unexpected_index_column_names": [POSITION]}
    columns = [POSITION, *{name for expectation in failed.values() for name in rule_of(expectation).columns}]
    for start in range(0, len(table) if failed else 0, at_once):
        answers, fault = _asked(table[columns].iloc[start : start + at_once], failed, complete)
        for number in failed:
            answer = answers.get(number)
            error = (fault or "Great Expectations gave no result") if answer is None else _error_in(answer)
            faults[number] = faults[number] or error
            if answer is not None and not error:
                positions[number].update(_positions(answer.result.get("unexpected_index_list") or ()))
    return {number: (positions[number], faults[number]) for number in failed}


def _positions(listed: Iterable[Mapping[str, Any]]) -> Iterable[int]:
    return (int(row[POSITION]) for row in listed)
