"""Who acts: a role or a name, kept with every change that people make."""

import getpass
from typing import Annotated

from cyclopts import Parameter

By = Annotated[str | None, Parameter(name="--by", help="Who does it: a role of the roadmap or a name; default: you.")]
Why = Annotated[str, Parameter(name="--why", help="The reason; it is kept.")]


def author(by: str | None) -> str:
    """`by`, or the user of this machine."""
    try:
        return by or getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
