"""What commands print."""

import pytest

from cxloop.cli.output import print_table, sparkline


def test_a_sparkline_goes_from_the_lowest_to_the_highest_and_leaves_gaps() -> None:
    assert sparkline([1, 2, None, 3]) == "▁▅·█"
    assert sparkline([5, 5]) == "▁▁"
    assert sparkline([None]) == ""


def test_a_table_is_aligned_and_nothing_is_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["a", "b"], [["one", "x" * 300], ["three", ""]], empty="none")
    assert capsys.readouterr().out == f"a      b\none    {'x' * 300}\nthree\n"


def test_an_empty_table_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["a"], [], empty="No incident.")
    assert capsys.readouterr().out == "No incident.\n"
