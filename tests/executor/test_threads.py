"""The pool of threads: bounded, reused, and gone when nothing is to do."""

from __future__ import annotations

import threading
from concurrent.futures import wait

import pytest

from fedgate.executor.threads import Threads
from tests.executor.helpers import eventually


def test_results_and_errors_come_back() -> None:
    threads = Threads(2, "t")
    assert threads.submit(divmod, 7, 2).result() == (3, 1)
    with pytest.raises(ZeroDivisionError):
        threads.submit(divmod, 7, 0).result()
    threads.close()


def test_no_more_threads_than_allowed_and_the_rest_waits_its_turn() -> None:
    threads = Threads(3, "t")
    gate, lock, seen = threading.Event(), threading.Lock(), set()

    def work(n: int) -> int:
        with lock:
            seen.add(threading.current_thread().name)
        gate.wait(10)
        return n

    futures = [threads.submit(work, n) for n in range(20)]
    assert len(threads) == 3
    gate.set()
    assert [f.result() for f in futures] == list(range(20))
    assert len(seen) <= 3
    threads.close()


def test_one_after_the_other_needs_one_thread() -> None:
    threads = Threads(8, "t")
    names = {threads.submit(lambda: threading.current_thread().name).result() for _ in range(5)}
    assert len(names) <= 2  # a result is there a moment before its thread is idle again
    threads.close()


def test_idle_threads_end() -> None:
    threads = Threads(8, "t", idle_s=0.01)
    gate = threading.Event()

    futures = [threads.submit(gate.wait, 10) for _ in range(8)]
    gate.set()
    wait(futures)
    eventually(lambda: len(threads) == 0)
    assert threads.submit(divmod, 1, 1).result() == (1, 0)  # and are made again
    threads.close()


def test_a_call_that_waits_can_be_taken_back() -> None:
    threads = Threads(1, "t")
    gate = threading.Event()
    first = threads.submit(gate.wait, 10)
    second = threads.submit(gate.wait, 10)
    assert second.cancel()
    gate.set()
    assert first.result()
    threads.close()
