"""The merge engine: a cancel ends a statement at once, whatever the engine still does, and nothing of it stays."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.executor import apart
from fedgate.executor.api import CancelToken
from fedgate.executor.deadlines import Deadlines
from fedgate.executor.merge import Merge, MergeEngine
from tests.executor.helpers import eventually

SCHEMA = pa.schema([("c1", pa.int64())])
CANCELLED = SqlError("57014", "canceling statement due to user request")


@pytest.fixture
def engine() -> Iterator[MergeEngine]:
    made = MergeEngine()
    yield made
    made.close()


class Deaf:
    """Rows whose second batch comes only when the test lets it: the engine waits inside and looks for no interrupt."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go_on = threading.Event()

    def reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(SCHEMA, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        yield pa.record_batch([pa.array([1], pa.int64())], schema=SCHEMA)
        self.asked.set()
        self.go_on.wait(30)
        yield pa.record_batch([pa.array([2], pa.int64())], schema=SCHEMA)


def test_a_cancel_does_not_wait_for_the_engine(engine: MergeEngine) -> None:
    deaf, cancel = Deaf(), CancelToken()
    merge = Merge(engine, "SELECT sum(c1)::BIGINT AS c1 FROM x", SCHEMA, {"x": deaf.reader()}, cancel, apart=True)

    def late() -> None:
        deaf.asked.wait()
        cancel.cancel(CANCELLED)

    threading.Thread(target=late).start()
    with pytest.raises(SqlError) as caught:
        list(merge)
    assert caught.value.message == CANCELLED.message
    assert not deaf.go_on.is_set()
    assert merge._connection is not None
    assert apart.busy()
    deaf.go_on.set()
    eventually(lambda: merge._connection is None)
    eventually(lambda: not apart.busy())


def test_the_engine_can_be_closed_while_a_cancelled_merge_still_works() -> None:
    engine, deaf, cancel = MergeEngine(), Deaf(), CancelToken()
    merge = Merge(engine, "SELECT sum(c1)::BIGINT AS c1 FROM x", SCHEMA, {"x": deaf.reader()}, cancel, apart=True)

    def late() -> None:
        deaf.asked.wait()
        cancel.cancel(CANCELLED)

    threading.Thread(target=late).start()
    with pytest.raises(SqlError):
        list(merge)
    engine.close()
    deaf.go_on.set()
    eventually(lambda: merge._connection is None)


@pytest.mark.parametrize("own_thread", [True, False])
def test_a_cancel_interrupts_the_engine(engine: MergeEngine, own_thread: bool) -> None:
    cancel = CancelToken()
    merge = Merge(engine, "SELECT count(*) AS c1 FROM range(100000000) a, range(100000) b", SCHEMA, {}, cancel, apart=own_thread)
    threading.Timer(0.1, cancel.cancel, [CANCELLED]).start()
    began = time.monotonic()
    with pytest.raises(SqlError) as caught:
        list(merge)
    assert caught.value.message == CANCELLED.message
    assert time.monotonic() - began < 2
    eventually(lambda: merge._connection is None, 20)


@pytest.mark.parametrize("own_thread", [True, False])
def test_rows_and_errors(engine: MergeEngine, own_thread: bool) -> None:
    given = {"x": pa.table({"c1": pa.array(range(100_000), pa.int64())})}
    merge = Merge(engine, "SELECT c1 FROM x", SCHEMA, given, CancelToken(), apart=own_thread)
    assert sum(batch.num_rows for batch in merge) == 100_000
    merge = Merge(engine, "SELECT c1 FROM x WHERE CAST(error('no') AS BOOLEAN)", SCHEMA, given, CancelToken(), apart=own_thread)
    with pytest.raises(SqlError):
        list(merge)
    early = Merge(engine, "SELECT c1 FROM x", SCHEMA, given, CancelToken(), apart=own_thread)
    next(iter(early))
    early.close()
    assert early._connection is None
    late = Merge(engine, "SELECT c1 FROM x", SCHEMA, given, CancelToken(), apart=own_thread)
    late.close()
    assert list(late) == []


def test_a_raised_cancel_holds_no_frames() -> None:
    cancel = CancelToken()
    error = SqlError("57014", "canceling statement due to user request")
    cancel.cancel(error)
    with pytest.raises(SqlError, match="user request") as caught:
        cancel.check()
    assert caught.value.sqlstate == "57014"
    assert error.__traceback__ is None


def test_a_timer_keeps_nothing_of_its_last_callback() -> None:
    class Held:
        def __init__(self) -> None:
            self.called = threading.Event()

    held = Held()
    gone = weakref.ref(held)
    called = held.called
    Deadlines().after(0.01, lambda held=held: held.called.set())  # type: ignore[misc]
    del held
    assert called.wait(5)
    eventually(lambda: gone() is None)


def test_an_earlier_deadline_is_kept_whatever_the_timer_sleeps_for() -> None:
    timer = Deadlines()
    timer.after(0.2, lambda: None)()
    timer.after(3600, lambda: None)
    early, late = threading.Event(), threading.Event()
    timer.after(0.4, late.set)
    timer.after(0.01, early.set)
    assert early.wait(5)
    assert late.wait(5)


@pytest.mark.parametrize("few", [False, True])
def test_a_connection_is_used_again_and_knows_nothing_of_before(engine: MergeEngine, few: bool) -> None:
    sql = "SELECT sum(c1)::BIGINT AS c1 FROM x"

    def total(**inputs: Any) -> list[int]:
        merge = Merge(engine, sql, SCHEMA, inputs, CancelToken(), few=few)
        return [value for batch in merge for value in batch.column(0).to_pylist()]

    before = pa.total_allocated_bytes()
    assert total(x=pa.table({"c1": pa.array(range(1_000_000), pa.int64())})) == [499999500000]
    assert pa.total_allocated_bytes() - before < 1_000_000
    (kept,) = engine._idle
    assert total(x=pa.table({"c1": pa.array([1, 2], pa.int64())})) == [3]
    assert total(x=pa.table({"c1": pa.array([1, 5], pa.int32())})) == [6]
    assert total(x=pa.table({"c0": ["a"], "c1": pa.array([3], pa.int64())}), y=pa.table({"c1": [1]})) == [3]
    batches = pa.RecordBatchReader.from_batches(SCHEMA, [pa.record_batch({"c1": pa.array([7], pa.int64())})])
    assert total(x=batches) == [7]
    assert engine._idle == [kept]
    with pytest.raises(SqlError, match="x does not exist"):
        total()
    assert engine._idle == [], "a connection whose statement has failed is not used again"


@pytest.mark.parametrize("few", [False, True])
def test_an_error_of_a_query_comes_with_its_state(engine: MergeEngine, few: bool) -> None:
    given = {"x": pa.table({"c1": pa.array([1], pa.int64())})}
    for sql in ("SELECT c1 FROM x WHERE CAST(error('SQLSTATE:22012:no') AS BOOLEAN)", "SELECT error('SQLSTATE:22012:no') AS c1"):
        with pytest.raises(SqlError, match="no") as caught:
            list(Merge(engine, sql, SCHEMA, given, CancelToken(), few=few))
        assert caught.value.sqlstate == "22012"


def test_idle_connections_are_bounded(engine: MergeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MERGE_CURSORS_IDLE_MAX", 2)
    monkeypatch.setattr(limits, "MERGE_IDLE_CHARS_MAX", 40)
    for n in (1, 2, 1, 3):
        list(Merge(engine, f"SELECT {n}::BIGINT AS c1", SCHEMA, {}, CancelToken()))
    list(Merge(engine, "SELECT " + "0 + " * 40 + "1::BIGINT AS c1", SCHEMA, {}, CancelToken()))
    assert [idle.sql for idle in engine._idle] == ["SELECT 1::BIGINT AS c1", "SELECT 3::BIGINT AS c1"]


def test_few_connections_of_one_query_are_kept(engine: MergeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MERGE_CURSORS_ALIKE_MAX", 2)
    alike = [engine.take("SELECT 1::BIGINT AS c1") for _ in range(4)]
    other = engine.take("SELECT 2::BIGINT AS c1")
    for connection in (*alike, other):
        engine.give(connection)
    assert engine._idle == [*alike[:2], other]


def test_a_connection_that_a_cancel_came_late_to_is_sound(engine: MergeEngine) -> None:
    connection = engine.take("SELECT 1::BIGINT AS c1")
    connection.cursor.interrupt()
    assert connection.rows(10).read_all().num_rows == 1
    connection.cursor.interrupt()
    engine.give(connection)
    assert [b.num_rows for b in Merge(engine, "SELECT 1::BIGINT AS c1", SCHEMA, {}, CancelToken())] == [1]
    engine.close()
    assert engine._idle == []
