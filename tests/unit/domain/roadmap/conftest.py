"""The worked example of a roadmap, and the ways to get it wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import RoadmapError
from domain.roadmap import Roadmap, load_roadmap, parse_roadmap

GOLDEN = Path(__file__).parents[3] / "golden" / "acme_roadmap.yaml"


@pytest.fixture(scope="session")
def text() -> str:
    return GOLDEN.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def acme() -> Roadmap:
    return load_roadmap(GOLDEN)


def changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.fixture
def edited(text: str) -> Callable[..., Roadmap]:
    """The example with some words replaced, loaded."""
    return lambda *pairs: parse_roadmap(changed(text, *pairs))


@pytest.fixture
def told(text: str) -> Callable[..., list[str]]:
    """What is said about the example with some words replaced, line by line."""

    def lines(*pairs: tuple[str, str]) -> list[str]:
        with pytest.raises(RoadmapError) as error:
            parse_roadmap(changed(text, *pairs))
        return str(error.value).splitlines()

    return lines


@pytest.fixture
def told_of() -> Callable[[str], list[str]]:
    """What is said about a text, line by line."""

    def lines(text: str) -> list[str]:
        with pytest.raises(RoadmapError) as error:
            parse_roadmap(text)
        return str(error.value).splitlines()

    return lines
