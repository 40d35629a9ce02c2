"""Examples at the end of a command's help."""


def examples(*lines: str) -> str:
    """The lines as a block; each is typed as it stands."""
    return "For example:\n\n" + "\n".join(f"    {line}" for line in lines)
