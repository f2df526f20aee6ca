"""A session behind the wire: protocol events in, messages out. One object a connection, run by the connection's thread.

Cancel requests come over connections of their own; `Backend` finds the session by process id and secret.
"""

from __future__ import annotations

import itertools
import logging
import secrets
import threading
from collections.abc import Callable
from typing import TypeVar

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.pgwire import answers
from fedgate.pgwire import messages as m
from fedgate.pgwire.formats import TEXT_FORMAT, decode_parameter
from fedgate.pgwire.formats.texts import decode_text
from fedgate.pgwire.framing import ProtocolError
from fedgate.pgwire.login import Login, greeting
from fedgate.pgwire.protocol import Protocol
from fedgate.pgwire.transport import Connection
from fedgate.session.engine import Engine
from fedgate.session.portals import Portal
from fedgate.session.results import Result
from fedgate.session.session import Session
from fedgate.system.names import REG_TYPES
from fedgate.types import SqlType
from fedgate.types.style import TextStyle
from fedgate.types.values import Value

T = TypeVar("T")
_log = logging.getLogger("fedgate.wire")

SEND_BYTES = 64 * limits.KIB
SECRET_BYTES = 4
_GONE = SqlError("57P01", "the client has gone")


class Backend:
    """What all connections share: the engine, and who may be cancelled."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._clients: dict[int, Client] = {}

    def handler(self, connection: Connection) -> Client:
        return Client(self, connection)

    @staticmethod
    def refuse(connection: Connection) -> None:
        """One connection too many: say so and end it."""
        connection.send(m.error_response(SqlError("53300", "sorry, too many clients already"), "FATAL"))

    def enter(self, client: Client) -> int:
        """Register a client; its process id."""
        with self._lock:
            number = next(self._numbers) % 2**31 or 1
            self._clients[number] = client
        return number

    def leave(self, number: int) -> None:
        with self._lock:
            self._clients.pop(number, None)

    def cancel(self, request: m.CancelRequest) -> None:
        """Silent whatever happens, as PostgreSQL is: the answer would help whoever guesses keys."""
        with self._lock:
            client = self._clients.get(request.pid)
        if client is not None and secrets.compare_digest(client.secret, request.secret):
            client.cancel()


class Client:
    """The handler of one connection (`transport.Handler`)."""

    def __init__(self, backend: Backend, connection: Connection) -> None:
        self.secret = secrets.token_bytes(SECRET_BYTES)
        self.authenticated = False
        self._backend = backend
        self._connection = connection
        self._protocol = Protocol()
        self._login: Login | None = None
        self._session: Session | None = None
        self._number = 0
        self._out = bytearray()

    # ------------------------------------------------------------------------------------------------------------ handler

    def received(self, data: bytes) -> None:
        self._protocol.receive(data)
        try:
            while (event := self._protocol.next_event()) is not None:
                self._handle(event)
            self._put(self._protocol.outgoing())
        except ProtocolError as error:
            self._fatal(error)
        if self._protocol.state == "closed":
            self._connection.close()
        if self._protocol.state not in ("ready", "skipping"):
            self._flush()  # answers of extended messages wait for Flush or Sync

    def gone(self) -> None:
        if self._session is not None:
            self._session.cancel(_GONE)

    def cancel(self) -> None:
        if self._session is not None:
            self._session.cancel()

    def closed(self) -> None:
        self._backend.leave(self._number)
        if self._session is not None:
            self._session.close()

    # ------------------------------------------------------------------------------------------------------------- events

    def _handle(self, event: m.Event) -> None:
        match event:
            case m.Startup() | m.PasswordMessage():
                self._log_in(event)
            case m.CancelRequest():
                self._backend.cancel(event)
            case m.Terminate():
                pass
            case m.Query(text=text):
                self._query(text)
            case m.Sync():
                self._live.sync()
                self._ready()
            case m.Flush():
                self._flush()
            case m.FunctionCall():
                self._error(SqlError("0A000", "the function call message is not supported", hint="Call it by SELECT."))
                self._ready()
            case m.Malformed(error=error, simple=simple):
                self._failed(error)
                if simple:
                    self._ready()
            case m.Parse() | m.Bind() | m.Describe() | m.Execute() | m.Close():
                self._answer(self._extended, event)
            case _:
                raise ProtocolError("08P01", f"unexpected {type(event).__name__} message")

    @property
    def _live(self) -> Session:
        assert self._session is not None
        return self._session

    def _log_in(self, event: m.Startup | m.PasswordMessage) -> None:
        self._put(self._protocol.outgoing())
        if self._login is None:
            self._number = self._backend.enter(self)
            self._login = Login(self._backend.engine, self._number)
        try:
            self._put(self._login.step(event))
        except SqlError as error:
            self._fatal(error)
            return
        if self._login.session is None:
            return
        self._session = self._login.session
        self._protocol.authenticated()
        self.authenticated = True
        for message in greeting(self._session, self.secret):
            self._put(message)
        self._ready()

    def _query(self, text: str) -> None:
        self._answer(self._script, text)
        self._ready()

    def _script(self, text: str) -> None:
        session = self._live
        statements = session.parse_script(text)
        if not statements:
            self._put(m.EMPTY_QUERY_RESPONSE)
        for raw in statements:
            result = session.run(raw)
            self._tell()
            if result.rows is not None and result.copy is None:
                self._put(answers.row_description(result.rows.columns, ()))
            self._send_result(result, ())
        session.end_script()

    def _answer(self, step: Callable[[T], None], asked: T) -> None:
        """Do what a message asks; an error is the answer then."""
        try:
            step(asked)
        except SqlError as error:
            self._failed(error)
        except RecursionError:
            self._failed(SqlError("54001", "the statement is nested too deeply"))
        except ConnectionError:
            raise
        except Exception as error:
            # A defect of ours costs the statement, not the connection with all that it holds.
            _log.exception("internal error")
            self._failed(SqlError("XX000", f"internal error: {type(error).__name__}: {error}"))

    def _extended(self, event: m.Parse | m.Bind | m.Describe | m.Execute | m.Close) -> None:
        session = self._live
        match event:
            case m.Parse(name=name, text=text, oids=oids):
                session.parse(name, text, oids)
                self._put(m.PARSE_COMPLETE)
            case m.Bind():
                self._bind(event)
                self._put(m.BIND_COMPLETE)
            case m.Describe(kind="S", name=name):
                statement = session.names.statement(name)
                self._put(m.parameter_description([t.oid for t in statement.parameters]))
                self._put(answers.row_description(statement.columns, ()))
            case m.Describe(name=name):
                portal = session.names.portal(name)
                self._put(answers.row_description(portal.statement.columns, portal.result_formats))
            case m.Execute(portal=name, max_rows=max_rows):
                self._execute(session.names.portal(name), max_rows)
            case m.Close(kind="S", name=name):
                session.names.drop_statement(name)
                self._put(m.CLOSE_COMPLETE)
            case m.Close(name=name):
                session.names.drop_portal(name)
                self._put(m.CLOSE_COMPLETE)

    def _bind(self, event: m.Bind) -> None:
        session = self._live
        types = session.names.statement(event.statement).parameters
        if len(event.values) == len(types):
            codes = m.formats_for(event.formats, len(types))
            style = session.settings.style
            values = tuple(
                None if raw is None else self._parameter(raw, types[i], codes[i], style, i + 1)
                for i, raw in enumerate(event.values)
            )
        else:
            values = (None,) * len(event.values)  # the session refuses it, with PostgreSQL's words
        columns = session.names.statement(event.statement).columns
        if columns is not None:
            m.formats_for(event.result_formats, len(columns))
        session.bind(event.portal, event.statement, values, event.result_formats)

    def _parameter(self, raw: bytes, type_: SqlType, code: int, style: TextStyle, number: int) -> Value:
        if code == TEXT_FORMAT and type_.oid in REG_TYPES:  # names that only the catalog knows
            return answers.reg_names(self._live).oid(type_.oid, decode_text(raw))
        return decode_parameter(raw, type_, code, style, number=number)

    def _execute(self, portal: Portal, max_rows: int) -> None:
        result = self._live.execute(portal.name, max_rows)
        self._tell()
        if portal.statement.raw is None:
            self._put(m.EMPTY_QUERY_RESPONSE)
        else:
            self._send_result(result, portal.result_formats)

    # ------------------------------------------------------------------------------------------------------------ answers

    def _send_result(self, result: Result, formats: tuple[int, ...]) -> None:
        answers.send(self._live, result, formats, self._put)

    def _tell(self) -> None:
        """Notices go before the answer that they belong to."""
        answers.tell(self._live, self._put)

    def _failed(self, error: SqlError) -> None:
        session = self._live
        self._tell()
        self._error(error)
        session.failed()
        self._tell()
        if self._protocol.state == "skipping":
            self._flush()  # a client that sent Flush, not Sync, waits for this before it sends one; the Flush itself is skipped

    def _error(self, error: SqlError) -> None:
        self._put(m.error_response(error))
        self._protocol.failed()

    def _fatal(self, error: SqlError) -> None:
        self._put(m.error_response(error, "FATAL"))
        self._flush()
        self._connection.close()

    def _ready(self) -> None:
        # Like PostgreSQL, once for all changes of a setting since the last time.
        for name, value in self._live.settings.take_changed():
            self._put(m.parameter_status(name, value))
        self._put(m.ready_for_query(self._live.transaction.status))
        self._flush()

    def _put(self, data: bytes | memoryview) -> None:
        if len(data) >= SEND_BYTES:
            self._flush()
            self._connection.send(data)
            return
        self._out += data
        if len(self._out) >= SEND_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._out:
            data, self._out = self._out, bytearray()
            self._connection.send(memoryview(data))
