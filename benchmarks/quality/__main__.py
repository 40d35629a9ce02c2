"""`python -m benchmarks.quality PART`: what is learned, measured on real data; prints the tables of docs/quality.md."""

import os
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
PRINTED = "\ndef tables(folder: Path) -> str:"


def parts() -> list[str]:
    """The modules beside this one that have tables to print."""
    return sorted(path.stem for path in HERE.glob("*.py") if PRINTED in path.read_text("utf-8"))


def main(arguments: list[str]) -> int:
    """Print the tables of one part; 2 and a message where something is missing."""
    if len(arguments) != 1 or arguments[0] not in parts():
        print(f"usage: python -m benchmarks.quality {' | '.join(parts())}", file=sys.stderr)
        return 2
    folder = Path(os.environ.get("CXLOOP_DATA", ""))
    if not os.environ.get("CXLOOP_DATA") or not folder.is_dir():
        print(
            f"CXLOOP_DATA must name the folder of real data (found: '{os.environ.get('CXLOOP_DATA', '')}').",
            file=sys.stderr,
        )
        return 2
    try:
        print(import_module(f"benchmarks.quality.{arguments[0]}").tables(folder))
    except FileNotFoundError as missing:
        print(f"{missing.filename} is not there: CXLOOP_DATA must hold it.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
