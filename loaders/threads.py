"""Does things side by side, in threads that do not outlive the program."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Item], Result], items: Sequence[Item], *, at_a_time: int
) -> Iterator[Result]:
    """Results as they come; the first error ends it, and what is under way is left to itself.

    A pool of the standard library would keep a person who stops the program until its threads are
    done, which may be waiting for minutes.
    """
    waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
    done: queue.SimpleQueue[Result | BaseException] = queue.SimpleQueue()
    is_over = threading.Event()
    for item in items:
        waiting.put(item)

    def worker() -> None:
        while not is_over.is_set():
            try:
                item = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put(work(item))
            except BaseException as error:
                done.put(error)

    for _ in range(min(at_a_time, len(items))):
        threading.Thread(target=worker, daemon=True).start()
    try:
        for _ in items:
            result = done.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        is_over.set()
