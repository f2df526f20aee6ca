"""Functions that act on other sessions: pg_cancel_backend, pg_terminate_backend (https://www.postgresql.org/docs/15/functions-admin.html).

Each call is told by a parameter whose session makes it, which decides what it may do (`fedgate.signals`).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from fedgate import signals
from fedgate.errors import SqlError
from fedgate.fragment import Slot
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.emit import default_sql
from fedgate.sql.functions.table import function
from fedgate.sql.functions.udf import define, values
from fedgate.types import SqlType

_CALLER = Slot("backend_pid", SqlType(23))


def _cancel(pids: Any, callers: Any) -> pa.Array:
    return pa.array([_signal(pid, caller, None) for pid, caller in zip(values(pids), values(callers), strict=True)], pa.bool_())


def _terminate(pids: Any, timeouts: Any, callers: Any) -> pa.Array:
    rows = zip(values(pids), values(timeouts), values(callers), strict=True)
    return pa.array([None if timeout is None else _signal(pid, caller, timeout) for pid, timeout, caller in rows], pa.bool_())


def _signal(pid: int | None, caller: int, timeout_ms: int | None) -> bool | None:
    """Cancel (None), or terminate and wait so long; NULL for no process id, false when there is no such session."""
    if pid is None:
        return None
    if timeout_ms is not None and timeout_ms < 0:
        raise SqlError("22003", '"timeout" must not be negative')
    found = signals.find(pid, caller)
    if found is None:
        return False
    target, asking = found
    return target.cancelled_by(asking) if timeout_ms is None else target.terminated_by(asking, timeout_ms)


define("pg_signal_cancel", ["INTEGER", "INTEGER"], "BOOLEAN", _cancel, volatile=True)
define("pg_signal_terminate", ["INTEGER", "BIGINT", "INTEGER"], "BOOLEAN", _terminate, volatile=True)


def _call(name: str) -> Any:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> str:
        return f"{name}({', '.join(default_sql(e) for e in a)}, CAST({cx.slot(_CALLER)} AS INTEGER))"

    return lower


function("pg_cancel_backend", "int4", _call("pg_signal_cancel"))
function("pg_terminate_backend", "int4, int8", _call("pg_signal_terminate"))
function("pg_blocking_pids", "int4", "(CASE WHEN {0} IS NULL THEN NULL ELSE CAST([] AS INTEGER[]) END)")
