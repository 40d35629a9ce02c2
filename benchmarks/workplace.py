"""Where benchmarks work: a folder of their own that is gone afterwards."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def workplace(within: Path | None = None) -> Generator[Path]:
    """An empty folder; `within`: where there is room."""
    with TemporaryDirectory(prefix="cxloop-bench-", dir=within, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
