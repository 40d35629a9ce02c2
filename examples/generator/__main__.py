"""`python -m examples.generator --seed 7 --out DIR` writes the files of `examples/acme/data`."""

import argparse
from pathlib import Path

from examples.generator.acme import SHIPPED_SEED, write_company


def main() -> None:
    """Read the arguments, write the files, say what was written."""
    parser = argparse.ArgumentParser(prog="python -m examples.generator", description=__doc__)
    parser.add_argument("--seed", type=int, default=SHIPPED_SEED, help="same seed, same files (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files; made if it is not there")
    arguments = parser.parse_args()
    for path, rows in write_company(arguments.seed, arguments.out).items():
        print(f"{path}: {rows:,} rows, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
