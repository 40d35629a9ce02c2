import pickle

import pytest

from domain import errors
from domain.errors import CxLoopError

KINDS = sorted(
    (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CxLoopError)),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_survives_the_way_between_processes(kind: type[CxLoopError]) -> None:
    back = pickle.loads(pickle.dumps(kind("found this, expected that, do this")))
    assert type(back) is kind
    assert str(back) == "found this, expected that, do this"


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_what_it_is_and_ends_in_error(kind: type[CxLoopError]) -> None:
    assert kind.__name__.endswith("Error")
    assert kind.__doc__
    assert kind.exit_code in (1, 2, 3, 4, 5)
