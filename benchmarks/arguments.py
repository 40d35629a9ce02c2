"""What the benchmarks are told on the command line."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path


def parser_of(docstring: str | None) -> ArgumentParser:
    """A command line that is described by the first line of its module's docstring."""
    return ArgumentParser(description=docstring.splitlines()[0] if docstring else None)


def fill(docstring: str | None, write: Callable[[Path, int], None], n_tickets: int | None = None) -> None:
    """FOLDER --tickets N: write files of so many tickets into a folder; `n_tickets` where none are named."""
    parser = parser_of(docstring)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tickets", type=int, required=n_tickets is None, default=n_tickets)
    wanted = parser.parse_args()
    write(wanted.folder, wanted.tickets)
