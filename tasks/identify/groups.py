"""Groups that grow by pairs, and never hold two that were set apart."""

from collections import defaultdict
from collections.abc import Iterable

Pair = tuple[str, str]


class Groups:
    """Disjoint groups of ids, each named for its smallest id; who was never paired is a group by itself.

    >>> groups = Groups(apart=[("a", "c")])
    >>> groups.unite("a", "b"), groups.unite("b", "c"), groups.of("b"), groups.of("c")
    (True, False, 'a', 'c')
    """

    def __init__(self, apart: Iterable[Pair] = ()) -> None:
        self._parent: dict[str, str] = {}
        self._foes: dict[str, set[str]] = defaultdict(set)
        for one, other in apart:
            self._foes[one].add(other)
            self._foes[other].add(one)
        self._guarded: dict[str, set[str]] = {name: {name} for name in self._foes}

    def of(self, name: str) -> str:
        """The group that an id is in."""
        parent = self._parent
        root = name
        while (above := parent.get(root, root)) != root:
            root = above
        while parent.get(name, root) != root:
            parent[name], name = root, parent[name]
        return root

    def unite(self, one: str, other: str) -> bool:
        """Make one group of two; False when that would bring together two that are set apart."""
        first, second = sorted((self.of(one), self.of(other)))
        if first == second:
            return True
        if self.is_apart(first, second):
            return False
        self._parent.setdefault(first, first)
        self._parent[second] = first
        if guarded := self._guarded.pop(second, None):
            self._guarded.setdefault(first, set()).update(guarded)
        return True

    def is_apart(self, one: str, other: str) -> bool:
        """Whether anybody of one's group was set apart from anybody of the other's."""
        if not self._guarded:
            return False
        mine, theirs = (self._guarded.get(self.of(name), set[str]()) for name in (one, other))
        return any(not self._foes[name].isdisjoint(theirs) for name in mine) if theirs else False

    def guarded(self) -> list[str]:
        """Groups with somebody who was set apart from somebody."""
        return list(self._guarded)

    def members(self) -> dict[str, str]:
        """Every id that was ever paired, with its group."""
        return {name: self.of(name) for name in list(self._parent)}
