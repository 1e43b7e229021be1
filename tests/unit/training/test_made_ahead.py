"""Batches are made in their order, by threads, ahead of whoever takes them."""

import threading
from collections.abc import Iterator

import pytest
from scoretable.training.made_ahead import MadeAhead


class Gate:
    """Makes numbers, but none from `closed` on before it opens. begun: what it was asked to make."""

    def __init__(self, closed: int) -> None:
        self.closed, self.open = closed, threading.Event()
        self.begun, self.changed = list[int](), threading.Condition()

    def make(self, number: int) -> int:
        with self.changed:
            self.begun.append(number)
            self.changed.notify_all()
        if number >= self.closed:
            assert self.open.wait(30)
        return number

    def has_begun(self, count: int) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: len(self.begun) >= count, 30)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate(closed=4)
    yield gate
    gate.open.set()


def test_all_are_taken_in_their_order_at_whatever_a_time() -> None:
    with MadeAhead(str, range(10), most=32) as made:
        assert [made.take(count) for count in (1, 3, 2, 8, 1)] == [
            ["0"], ["1", "2", "3"], ["4", "5"], ["6", "7", "8", "9"], []
        ]  # fmt: skip


def test_twice_as_many_as_were_taken_are_begun_before_anyone_asks_for_them(gate: Gate) -> None:
    with MadeAhead(gate.make, range(100), most=2) as made:
        assert made.take(2) == [0, 1]
        gate.closed = 0
        gate.open.set()
        assert gate.has_begun(6)
        assert sorted(gate.begun) == list(range(6))


def test_waiting_is_counted_and_makes_more_be_begun_up_to_a_limit(gate: Gate) -> None:
    with MadeAhead(gate.make, range(100), ahead=1, most=3) as made:
        made.take(1)
        assert gate.has_begun(3)
        made.ahead = 1
        opening = threading.Timer(0.05, gate.open.set)
        opening.start()
        for _ in range(10):
            next(made)
        opening.join()
        assert 2 <= made.ahead <= 3
        assert made.waited > 0.01


def test_an_error_in_a_thread_reaches_the_training_and_ends_the_threads() -> None:
    def fail(number: int) -> int:
        raise OSError("the cache is gone")

    before = threading.active_count()
    with pytest.raises(OSError, match="the cache is gone"), MadeAhead(fail, range(4)) as made:
        next(made)
    assert threading.active_count() == before


def test_leaving_early_leaves_the_rest_unmade(gate: Gate) -> None:
    gate.open.set()
    with MadeAhead(gate.make, range(1000)) as made:
        made.take(2)
    assert len(gate.begun) < 20
