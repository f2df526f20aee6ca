"""One statement through libpq itself: what a server says, before any driver has interpreted it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg import pq
from psycopg.conninfo import make_conninfo

Protocol = Literal["simple", "extended"]
LOST = "08006"
TIMEOUT = "60s"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows with their columns' names and type OIDs, or an error's SQLSTATE. Values are the wire's text, None for NULL."""

    columns: tuple[tuple[str, int], ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    sqlstate: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """A prepared statement: its parameters' type OIDs, its columns (name, type OID, type modifier), or an error's SQLSTATE."""

    parameters: tuple[int, ...] = ()
    columns: tuple[tuple[str, int, int], ...] = ()
    sqlstate: str | None = None
    message: str = ""


class Wire:
    """A connection that is made again when it was lost, so that one statement's end is not the next one's."""

    def __init__(self, dsn: str, timezone: str = "UTC", search_path: str | None = None) -> None:
        options = f"-c TimeZone={timezone} -c statement_timeout={TIMEOUT}" + (
            f" -c search_path={search_path}" if search_path else ""
        )
        self._dsn = make_conninfo(dsn, options=options, connect_timeout=10)
        self._connection: pq.abc.PGconn | None = None

    def run(self, statement: str, parameters: Sequence[str | None] = (), protocol: Protocol = "simple") -> Outcome:
        """Parameters go as text of unknown type, by the extended protocol."""
        try:
            connection = self._connected()
        except ConnectionError as error:
            return Outcome(sqlstate=LOST, message=str(error))
        if protocol == "simple" and not parameters:
            result = connection.exec_(statement.encode())
        else:
            values = [None if value is None else value.encode() for value in parameters]
            result = connection.exec_params(statement.encode(), values)
        return _outcome(result, connection)

    def describe(self, statement: str) -> Described:
        """Prepare the statement without types and describe it; nothing runs."""
        connection = self._connected()
        result = connection.prepare(b"", statement.encode())
        if result.status == pq.ExecStatus.COMMAND_OK:
            result = connection.describe_prepared(b"")
        if result.status != pq.ExecStatus.COMMAND_OK:
            outcome = _outcome(result, connection)
            return Described(sqlstate=outcome.sqlstate, message=outcome.message)
        columns = ((_text(result.fname(i)) or "", result.ftype(i), result.fmod(i)) for i in range(result.nfields))
        return Described(tuple(result.param_type(i) for i in range(result.nparams)), tuple(columns))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.finish()
            self._connection = None

    def _connected(self) -> pq.abc.PGconn:
        if self._connection is not None and self._connection.status == pq.ConnStatus.OK:
            return self._connection
        self.close()
        self._connection = pq.PGconn.connect(self._dsn.encode())
        if self._connection.status != pq.ConnStatus.OK:
            raise ConnectionError(self._connection.get_error_message())
        return self._connection


def _outcome(result: pq.abc.PGresult, connection: pq.abc.PGconn) -> Outcome:
    if result.status == pq.ExecStatus.TUPLES_OK:
        columns = tuple((_text(result.fname(i)) or "", result.ftype(i)) for i in range(result.nfields))
        rows = tuple(tuple(_text(result.get_value(r, c)) for c in range(result.nfields)) for r in range(result.ntuples))
        return Outcome(columns, rows)
    if result.status in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.EMPTY_QUERY):
        return Outcome()
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    lost = connection.status != pq.ConnStatus.OK or state is None
    return Outcome(sqlstate=LOST if lost or state is None else state.decode(), message=result.get_error_message().strip())


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
