"""Spools: order through memory and disk, limits, the pace of a client, replicas that take over."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.executor.spool import ALL_DISK, Budget, Spool
from fedgate.types.arrow_values import batch_bytes

SCHEMA = pa.schema([("c1", pa.int64()), ("c2", pa.string())])
FAR = 1e9


def batch(i: int, rows: int = 1000) -> pa.RecordBatch:
    return pa.record_batch([pa.array([i] * rows), pa.array(["é" * 10] * rows)], schema=SCHEMA)


def taken(spool: Spool) -> list[int]:
    found = []
    while (one := spool.take()) is not None:
        assert one.schema.equals(SCHEMA)
        assert one == batch(one.column(0)[0].as_py(), one.num_rows)
        found.append(one.column(0)[0].as_py())
    return found


def test_order_through_memory_and_disk(tmp_path: Path) -> None:
    budget = Budget(3 * batch_bytes(batch(0)), tmp_path)
    spool = Spool(SCHEMA, budget, paced=False)
    for i in range(10):
        spool.put(batch(i), hold_until=FAR)
    assert budget.disk.used_bytes > 6 * batch_bytes(batch(0))
    assert spool.take() == batch(0)
    spool.put(batch(10), hold_until=FAR)
    assert taken(spool) == list(range(1, 11))
    assert (budget.disk.used_bytes, budget.memory_bytes, ALL_DISK.used_bytes) == (0, 0, 0)
    assert (spool.rows, spool.bytes) == (11_000, 11 * batch_bytes(batch(0)))
    for i in range(10):  # the file's room is used again
        spool.put(batch(i), hold_until=FAR)
    spool.close()
    assert (budget.disk.used_bytes, budget.memory_bytes, ALL_DISK.used_bytes) == (0, 0, 0)
    assert list(tmp_path.iterdir()) == []


def test_one_batch_passes_however_large() -> None:
    budget = Budget(1)
    spool = Spool(SCHEMA, budget, paced=True)
    spool.put(batch(0), hold_until=0)
    assert budget.disk.used_bytes == 0
    assert taken(spool) == [0]


def test_disk_limit() -> None:
    spool = Spool(SCHEMA, Budget(1, disk_bytes=batch_bytes(batch(0)) * 3), paced=False)
    spool.put(batch(0), hold_until=FAR)  # memory takes one, the disk two with what Arrow adds
    spool.put(batch(1), hold_until=FAR)
    spool.put(batch(2), hold_until=FAR)
    with pytest.raises(SqlError) as caught:
        spool.put(batch(3), hold_until=FAR)
    assert caught.value.sqlstate == "53400"
    spool.close()
    assert ALL_DISK.used_bytes == 0


def test_a_paced_writer_waits_for_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SPOOL_MEMORY_BYTES_MAX", 2 * batch_bytes(batch(0)))
    budget = Budget(100 * batch_bytes(batch(0)))
    spool = Spool(SCHEMA, budget, paced=True)
    held: list[int] = []

    def write() -> None:
        for i in range(50):
            spool.put(batch(i), hold_until=FAR)
            held.append(budget.memory_bytes)
        spool.finish()

    writer = threading.Thread(target=write)
    writer.start()
    found: list[int] = []
    while writer.is_alive() or spool.waiting:
        found += taken(spool)
    writer.join()
    assert found == list(range(50))
    assert max(held) <= 2 * batch_bytes(batch(0))
    assert budget.disk.used_bytes == 0


def test_a_paced_writer_waits_no_longer_than_its_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SPOOL_MEMORY_BYTES_MAX", 2 * batch_bytes(batch(0)))
    budget = Budget(100 * batch_bytes(batch(0)))
    spool = Spool(SCHEMA, budget, paced=True)
    until = time.monotonic() + 0.1
    for i in range(20):
        spool.put(batch(i), hold_until=until)
    assert 0.1 <= time.monotonic() - until + 0.1 < 2
    assert budget.disk.used_bytes > 0
    assert taken(spool) == list(range(20))
    spool.close()


def test_a_failure_wakes_the_writer() -> None:
    budget = Budget(1)
    spool = Spool(SCHEMA, budget, paced=True)
    spool.put(batch(0), hold_until=FAR)
    threading.Timer(0.05, lambda: budget.fail(SqlError("57014", "stop"))).start()
    with pytest.raises(SqlError, match="stop"):
        spool.put(batch(1), hold_until=FAR)


def test_another_replica_takes_over_only_what_was_not_read() -> None:
    budget = Budget(1)
    spool = Spool(SCHEMA, budget, paced=False)
    for i in range(5):
        spool.put(batch(i), hold_until=FAR)
    assert spool.discard()
    assert (budget.disk.used_bytes, budget.memory_bytes) == (0, 0)
    with pytest.raises(SqlError):
        spool.put(batch(5), hold_until=FAR)
    read = Spool(SCHEMA, budget, paced=False)
    read.put(batch(0), hold_until=FAR)
    assert read.take() is not None
    assert not read.discard()
