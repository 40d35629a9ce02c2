"""What follows when an expectation does not hold, stated beside each one."""

from typing import Final

Meta = dict[str, str]

QUARANTINE: Final[Meta] = {"consequence": "QUARANTINE"}
"""Row rule: each row that fails is set aside, the others go on."""

BLOCK: Final[Meta] = {"consequence": "BLOCK"}
"""Table rule: nothing of the batch is published."""

WARN: Final[Meta] = {"consequence": "WARN"}
"""Noted in the verdict; nothing is held back."""


def named(rule: str, consequence: Meta, expected: str) -> Meta:
    """The meta of an expectation.

    Args:
        rule: short and stable; people filter quarantine by it.
        consequence: QUARANTINE, BLOCK or WARN.
        expected: what should be found, in words; ends the sentence 'expected …'.

    >>> named("out-of-scale", QUARANTINE, "a score on its scale")["rule"]
    'out-of-scale'
    """
    return {**consequence, "rule": rule, "expected": expected}
