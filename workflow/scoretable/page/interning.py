"""Lists that many rows share, kept once on the page and named by their place."""

from collections.abc import Hashable


class Interned:
    """Values in the order in which they were first met."""

    def __init__(self) -> None:
        self._places: dict[Hashable, int] = {}

    def place(self, value: Hashable) -> int:
        """Return the place of a value, the next one where it is new."""
        return self._places.setdefault(value, len(self._places))

    @property
    def values(self) -> list[Hashable]:
        """All values by their places; a tuple becomes a list in JSON."""
        return list(self._places)
