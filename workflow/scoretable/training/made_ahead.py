"""Batches that threads make, and put on the device, while it works on earlier ones."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Generic, Self, TypeVar

from scoretable.devices.device import count_cores

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


class MadeAhead(Generic[_Item, _Made]):
    """Iterates over `make(item)` of each item in their order, made by threads while the caller works on earlier ones.

    ahead: how many that are not taken yet are made or in the making, each by a thread as far as there are cores. It
    grows by one whenever the caller has to wait, up to `most`. waited: the seconds of that.
    """

    def __init__(self, make: Callable[[_Item], _Made], items: Iterable[_Item], ahead: int = 2, most: int = 4) -> None:
        self.make, self.items, self.ahead, self.most, self.waited = make, iter(items), ahead, most, 0.0
        self.made: deque[Future[_Made]] = deque()
        self.pool = ThreadPoolExecutor(count_cores())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(cancel_futures=True)

    def __iter__(self) -> Iterator[_Made]:
        return self

    def __next__(self) -> _Made:
        asked = time.monotonic()
        self._begin()
        if not self.made:
            raise StopIteration
        first = self.made.popleft()
        if not first.done():
            self.ahead = max(self.ahead, min(self.ahead + 1, self.most))
        made = first.result()
        self._begin()
        self.waited += time.monotonic() - asked
        return made

    def take(self, count: int) -> list[_Made]:
        """Return the next `count`, or those that are left, and make at least as many ahead from now on, and twice."""
        self.ahead = max(self.ahead, 2 * count)
        return list(islice(self, count))

    def _begin(self) -> None:
        for item in islice(self.items, max(0, self.ahead - len(self.made))):
            self.made.append(self.pool.submit(self.make, item))
