"""Modules that are imported late are themselves when they come."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
CHILD = """\
import sys
import expectations
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as theirs

assert not {"altair", "scipy.stats"} & {*sys.modules}, "imported though nobody asked"
assert round(theirs.stats.entropy([0.5, 0.5]), 3) == 0.693
import scipy.stats
import altair

assert theirs.stats.entropy is scipy.stats.entropy
assert theirs.alt.Chart is altair.Chart
"""


def test_what_the_library_does_not_need_comes_when_it_is_asked_for():
    subprocess.run([sys.executable, "-c", CHILD], cwd=ROOT, check=True)
