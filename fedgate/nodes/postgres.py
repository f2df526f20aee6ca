"""PostgreSQL nodes: one connection of the Arrow driver, one REPEATABLE READ READ ONLY transaction a session.

The Arrow driver reads types when it connects (about 80 ms), so idle connections are kept, outside any transaction, a few for each
node and not for long. It writes infinite times as wrapped numbers and numeric as text: both are put right here. Rows arrive in
batches of a bounded size; cancel goes through the server's own cancel request.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import adbc_driver_manager as adbc
import adbc_driver_postgresql.dbapi as driver
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import Error as PsycopgError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fedgate.catalog.model import Node
from fedgate.errors import SqlError
from fedgate.fragment import Fragment
from fedgate.nodes.convert import exact, guarded, infinite_times, offender_error
from fedgate.nodes.dialects.postgres import OTHER_ARRAY
from fedgate.nodes.engine import NodeSession
from fedgate.nodes.secrets import redacted, resolve
from fedgate.nodes.session import Stoppable, cancelled
from fedgate.types.civil import FAR_INTERVAL

BATCH_BYTES = 2 << 20
IDLE_PER_NODE_MAX = 4
IDLE_S_MAX = 60.0
_SETTINGS = "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c default_transaction_read_only=on"
_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_OPTIONS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "application_name", "target_session_attrs", "channel_binding"})

# The driver adds the distance from 2000-01-01 to 1970-01-01 without looking for infinities.
_EPOCH_US, _EPOCH_DAYS = 946_684_800_000_000, 10_957
_TIMESTAMP_LOW, _TIMESTAMP_HIGH = -(2**63) + _EPOCH_US, -(2**63) + _EPOCH_US - 1
_DATE_LOW, _DATE_HIGH = -(2**31) + _EPOCH_DAYS, -(2**31) + _EPOCH_DAYS - 1
_SPECIAL_NUMERICS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


class _Idle:
    """Connections that wait for their next session, newest last. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[tuple[float, Any]]] = {}

    def take(self, uri: str) -> Any | None:
        with self._lock:
            self._expire()
            waiting = self._waiting.get(uri)
            return waiting.pop()[1] if waiting else None

    def give(self, uri: str, connection: Any) -> None:
        with self._lock:
            self._expire()
            waiting = self._waiting.setdefault(uri, [])
            if len(waiting) < IDLE_PER_NODE_MAX:
                waiting.append((time.monotonic() + IDLE_S_MAX, connection))
                return
        discard(connection)

    def _expire(self) -> None:
        now = time.monotonic()
        for uri, waiting in list(self._waiting.items()):
            for _, connection in [w for w in waiting if w[0] < now]:
                discard(connection)
            waiting[:] = [w for w in waiting if w[0] >= now]
            if not waiting:
                del self._waiting[uri]

    def clear(self) -> None:
        """Close all of them."""
        with self._lock:
            for waiting in self._waiting.values():
                for _, connection in waiting:
                    discard(connection)
            self._waiting.clear()


IDLE = _Idle()


def discard(connection: Any) -> None:
    """Close a connection, whatever state it is in."""
    try:
        connection.close()
    except (adbc.Error, RuntimeError):
        pass


class PostgresEngine:
    """The engine `postgres`."""

    name = "postgres"

    def connect(self, node: Node, *, timeout_s: float) -> NodeSession:
        """Take an idle connection or make one, and begin. Raises SqlError 08001 or the server's own (28P01, 3D000, 53300, …)."""
        uri = conninfo(node, timeout_s)
        while (waiting := IDLE.take(uri)) is not None:
            try:
                return PostgresSession(node, uri, waiting, reused=True)
            except adbc.Error:  # the server has closed it meanwhile
                discard(waiting)
        try:
            connection = driver.connect(uri, autocommit=True)
        except adbc.Error as exc:
            raise connect_error(exc, node.name) from exc
        try:
            return PostgresSession(node, uri, connection)
        except adbc.Error as exc:
            discard(connection)
            raise connect_error(exc, node.name) from exc


def conninfo(node: Node, timeout_s: float) -> str:
    """libpq's connection string, credentials included. Raises SqlError 08001."""
    options = {k: str(v) for k, v in node.options.items() if k in _OPTIONS}
    options.setdefault("application_name", "fedgate")
    try:
        given = conninfo_to_dict(node.url)
        settings = f"{given.get('options') or ''} {_SETTINGS}".strip()
        timeout = str(max(2, math.ceil(timeout_s)))  # libpq takes whole seconds, at least two
        return make_conninfo(
            node.url, **options, **resolve(node, _hosts(given)), options=settings, connect_timeout=timeout, client_encoding="UTF8"
        )
    except PsycopgError as exc:
        raise SqlError("08001", f'node "{node.name}": {redacted(str(exc))}', node=node.name) from exc


def _hosts(given: Mapping[str, Any]) -> set[str]:
    """The hosts that libpq may turn to: those of the URL, whichever way it says them; "" is this machine."""
    named = [*str(given.get("host") or "").split(","), *str(given.get("hostaddr") or "").split(",")]
    found = {host for host in named if host} or {""}
    return found | ({f"service {given['service']}"} if given.get("service") else set())


class PostgresSession(Stoppable):
    """One connection in one transaction; given back for other sessions only when it ended well."""

    def __init__(self, node: Node, uri: str, connection: Any, *, reused: bool = False) -> None:
        super().__init__(node)
        self.writers_wait = False
        self.reused = reused
        self._uri = uri
        self._connection = connection
        self._cursor: Any = connection.cursor()
        self._cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)})
        self._reader: pa.RecordBatchReader | None = None
        self._sound = True
        self._begin()

    def _begin(self) -> None:
        try:
            self._cursor.execute(_BEGIN)
        except BaseException:
            self._cursor.close()
            raise

    def run(self, fragment: Fragment) -> Iterator[pa.RecordBatch]:
        """The fragment's rows, about BATCH_BYTES at a time."""
        self._sound = False
        try:
            self._check()
            self._cursor.execute(fragment.sql)
            self._reader = self._cursor.fetch_record_batch()
            for batch, bad in guarded(self._reader, fragment):
                if bad:
                    raise self._offender(fragment)
                self._check()
                yield exact(_put_right(batch, fragment.schema), fragment)
            self._sound = not self._cancelled
        except (adbc.Error, pa.ArrowException, OSError) as exc:
            raise self._error(exc, fragment) from exc
        finally:
            self._reader = None

    def _offender(self, fragment: Fragment) -> SqlError:
        row: tuple[object, ...] | None = None
        if fragment.offender_sql:
            self._reader = None
            self._cursor.execute(fragment.offender_sql)
            row = self._cursor.fetchone()
        return offender_error(fragment, row)

    def _interrupt(self) -> None:
        try:
            self._connection.adbc_cancel()
        except (adbc.Error, RuntimeError, ValueError):
            pass

    def _end(self) -> None:
        self._sound = self._sound and not self._cancelled
        self._reader = None
        try:
            if self._sound:
                self._cursor.execute("ROLLBACK")
            self._cursor.close()
        except (adbc.Error, RuntimeError):
            self._sound = False
        if self._sound:
            IDLE.give(self._uri, self._connection)
        else:
            discard(self._connection)

    def _error(self, exc: Exception, fragment: Fragment) -> SqlError:
        if not self._cancelled and _says_no_state(exc):
            exc = self._state_of(fragment) or exc
        return cancelled(self._node.name) if self._cancelled else node_error(exc, self._node.name)

    def _state_of(self, fragment: Fragment) -> Exception | None:
        """The error of the same statement with its SQLSTATE; None if it does not fail again.

        Of an error in the middle of a COPY the driver keeps only the text, in the server's language. EXPLAIN ANALYZE runs the same
        statement and drops its rows at the server, and its error is whole.
        """
        self._reader = None
        try:
            self._cursor.execute("ROLLBACK")
            self._cursor.execute(_BEGIN)
            self._cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
            self._cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {fragment.sql}")
        except (adbc.Error, pa.ArrowException, OSError) as exc:
            return exc
        return None


def _put_right(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The driver's columns with infinite times as fedgate has them and numeric's special values as PostgreSQL writes them."""
    columns = [_column(column, schema.field(i).type if i < len(schema) else None) for i, column in enumerate(batch.columns)]
    return pa.RecordBatch.from_arrays(columns, names=[str(i) for i in range(len(columns))]) if columns else batch


def _column(column: pa.Array, wanted: pa.DataType | None) -> pa.Array:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return infinite_times(column, low=_TIMESTAMP_LOW, high=_TIMESTAMP_HIGH)
    if pa.types.is_date32(kind):
        return infinite_times(column, low=_DATE_LOW, high=_DATE_HIGH)
    if pa.types.is_list(kind):
        if not (isinstance(kind.value_type, pa.BaseExtensionType) or pa.types.is_temporal(kind.value_type)):
            return column
        offsets, mask = column.offsets, column.is_null() if column.null_count else None
        return pa.ListArray.from_arrays(offsets, _column(column.values, None), mask=mask)
    if isinstance(kind, pa.BaseExtensionType) and pa.types.is_string(kind.storage_type):
        texts = column.storage
        if wanted is not None and pa.types.is_decimal(wanted):
            return texts
        odd = pc.is_in(texts, value_set=pa.array(list(_SPECIAL_NUMERICS)))
        if pc.any(odd).as_py():
            return pa.array([_SPECIAL_NUMERICS.get(v, v) for v in texts.to_pylist()], pa.string())
        return texts
    return column


_EXECUTION_ERROR = "[libpq] Execution error [PGRES_FATAL_ERROR]: "
_TOO_LONG = "would overflow when converting to nanoseconds"
_LOST = ("server closed the connection", "could not receive data", "no connection to the server", "SSL connection has been closed")


def _says_no_state(exc: Exception) -> bool:
    """Whether the server ended a statement whose rows were on their way, and not the connection."""
    text = str(exc)
    return getattr(exc, "sqlstate", None) is None and _EXECUTION_ERROR in text and not any(lost in text for lost in _LOST)


def node_error(exc: Exception, node: str) -> SqlError:
    """The server's error with its SQLSTATE and the node's name; a lost connection is 08006."""
    state = getattr(exc, "sqlstate", None)
    message = _primary(exc)
    if any(text in str(exc) for text in _LOST) or state in ("57P01", "57P02", "57P03") or (state or "").startswith("08"):
        return SqlError("08006", f'node "{node}": connection lost: {message}', node=node)
    if OTHER_ARRAY in message:
        what = "arrays of several dimensions or with a lower bound other than 1 are not supported"
        return SqlError("0A000", f'node "{node}": {what}', hint="The catalog may give the column the type text.", node=node)
    if _TOO_LONG in message:
        return SqlError("0A000", f'node "{node}": {FAR_INTERVAL}', node=node)
    if state is None or len(state) != 5 or state == "00000":
        unknown = isinstance(exc, pa.ArrowException) or _says_no_state(exc)
        return SqlError("58000" if unknown else "08006", f'node "{node}": {message}', node=node)
    return SqlError(state, f'node "{node}": {message}', node=node)


def connect_error(exc: Exception, node: str) -> SqlError:
    """What the server says about the connection, else 08001."""
    state = getattr(exc, "sqlstate", None)
    message = redacted(_primary(exc))
    sound = state if state and state[:2] in ("28", "3D", "53") else "08001"
    return SqlError(sound, f'could not connect to node "{node}": {message}', node=node)


def _primary(exc: Exception) -> str:
    details = getattr(exc, "details", None) or ()
    for key, value in details:
        name = key.decode() if isinstance(key, bytes) else str(key)
        if name == "PG_DIAG_MESSAGE_PRIMARY":
            return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    text = str(exc).removeprefix(_EXECUTION_ERROR)
    for noise in ("INVALID_ARGUMENT: ", "IO: ", "INTERNAL: ", "UNKNOWN: ", "[libpq] ", "Failed to connect: ", "ERROR:  "):
        text = text.removeprefix(noise)
    return " ".join(text.split("\nQuery was:")[0].split())
