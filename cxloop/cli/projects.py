"""A project to start from."""

import shutil
from pathlib import Path

from domain.errors import ConfigError

STARTER = Path(__file__).parent.parent / "starter"


def init(folder: Path, /) -> None:
    """Write a project to start from: a commented roadmap and sources, and a small file of data. It runs as it is.

    Args:
        folder: where to; made when missing. A file that is there already is never overwritten.
    """
    files = {path: folder / path.relative_to(STARTER) for path in sorted(STARTER.rglob("*")) if path.is_file()}
    there = [str(target) for target in files.values() if target.exists()]
    if there:
        raise ConfigError(f"{', '.join(there)} is there already, and is not overwritten. Give another folder.")
    try:
        for source, target in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    except OSError as error:
        raise ConfigError(
            f"{folder} cannot be written ({error.strerror}). Give a folder that this user may write."
        ) from None
    print(f"{folder} is a project now. Read its roadmap.yaml and sources.yaml, then: cxloop --project {folder} run")
