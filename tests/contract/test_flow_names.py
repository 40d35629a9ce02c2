"""Prefect loads `flows/x.py` as module `x`, from a folder at the front of the path: names there must hide nothing."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOWS = sorted(path for path in (ROOT / "flows").glob("*.py") if path.stem != "__init__")
OURS = {"cxloop", "flows", "tasks", "expectations", "sql", "wire", "domain"}


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_a_flow_file_has_two_words_and_hides_no_module(path: Path) -> None:
    assert len(path.stem.split("_")) == 2
    assert path.stem not in sys.stdlib_module_names | OURS


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_a_flow_file_defines_no_class(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)] == []
