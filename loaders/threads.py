"""Does things side by side, in threads that do not outlive the program."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Item], Result], items: Sequence[Item], *, at_a_time: int
) -> Iterator[Result]:
    """Results as they come; the first error ends it, and what is under way is left to itself.

    An item is handed out when a result was taken, so that at most `at_a_time` more are begun after
    the last one that anybody wanted. A pool of the standard library would keep a person who stops
    the program until its threads are done, which may be waiting for minutes.
    """
    remaining = iter(items)
    handed_out: queue.SimpleQueue[tuple[Item, ...]] = queue.SimpleQueue()
    done: queue.SimpleQueue[Result | BaseException] = queue.SimpleQueue()
    workers = min(at_a_time, len(items))

    def hand_out() -> None:
        handed_out.put(tuple(islice(remaining, 1)))

    def worker() -> None:
        # An empty hand means that there is nothing left.
        while item := handed_out.get():
            try:
                done.put(work(*item))
            except BaseException as error:
                done.put(error)

    for _ in range(workers):
        hand_out()
        threading.Thread(target=worker, daemon=True).start()
    try:
        for _ in items:
            result = done.get()
            if isinstance(result, BaseException):
                raise result
            yield result
            hand_out()
    finally:
        remaining = iter(())
        for _ in range(workers):
            hand_out()
