"""`python -m benchmarks.quality [PART …]`: what is learned, measured on real data; every part where none is named.

It prints the tables of docs/quality.md and keeps them in results.json beside this module, which the page is held to.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.quality.results import kept, printed

HERE = Path(__file__).parent
PRINTED = "\ndef tables(folder: Path) -> Sections:"


def parts() -> list[str]:
    """The modules beside this one that have tables to print, in the order of the page."""
    return sorted(path.stem for path in HERE.glob("*.py") if PRINTED in path.read_text("utf-8"))


def main(arguments: list[str]) -> int:
    """Print and keep the tables of the parts; 2 and a message where something is missing."""
    if not set(arguments) <= set(parts()):
        print(f"usage: python -m benchmarks.quality [{' | '.join(parts())} …]", file=sys.stderr)
        return 2
    folder = Path(os.environ.get("CXLOOP_DATA", ""))
    if not os.environ.get("CXLOOP_DATA") or not folder.is_dir():
        print(
            f"CXLOOP_DATA must name the folder of real data (found: '{os.environ.get('CXLOOP_DATA', '')}').",
            file=sys.stderr,
        )
        return 2
    for part in arguments or parts():
        print(f"measuring {part} …", file=sys.stderr)
        try:
            sections = import_module(f"benchmarks.quality.{part}").tables(folder)
        except FileNotFoundError as missing:
            print(f"{missing.filename} is not there: CXLOOP_DATA must hold it.", file=sys.stderr)
            return 2
        kept(part, sections)
        print(printed(sections), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
