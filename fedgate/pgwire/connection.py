"""A session behind the wire: protocol events in, messages out. One object a connection, run by the connection's thread.

The session is registered with the engine's `activity` as long as its client is connected; cancel requests come over connections of
their own and find it there (`cancels`).
"""

from __future__ import annotations

import logging
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import TypeVar

from fedgate import signals
from fedgate.errors import SqlError
from fedgate.pgwire import answers
from fedgate.pgwire import messages as m
from fedgate.pgwire.cancels import Cancels
from fedgate.pgwire.channel import Channel
from fedgate.pgwire.copy_in import CopyIn
from fedgate.pgwire.formats import TEXT_FORMAT, decode_parameter
from fedgate.pgwire.formats.texts import decode_text
from fedgate.pgwire.framing import NoClient, ProtocolError
from fedgate.pgwire.login import Access, From, Login, greeting
from fedgate.pgwire.protocol import Protocol
from fedgate.pgwire.tls import TlsError, TlsLayer
from fedgate.pgwire.transport import Connection
from fedgate.session.activity import IDLE, IDLE_IN_TRANSACTION, Seat
from fedgate.session.copy_in import Incoming
from fedgate.session.engine import Engine
from fedgate.session.portals import Portal
from fedgate.session.results import Result
from fedgate.session.session import Session
from fedgate.session.settings import WireSettings
from fedgate.session.transaction import now_us
from fedgate.sql.parse import RawStatement
from fedgate.system.facts import TlsFact
from fedgate.types import REG_TYPES, SqlType
from fedgate.types.style import TextStyle
from fedgate.types.values import Value

T = TypeVar("T")
_log = logging.getLogger("fedgate.wire")

SECRET_BYTES = 4
_KEEPALIVES = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)


class Ending(Exception):  # noqa: N818
    """The gateway ends the connection, and what ran was stopped for that: `farewell` says it."""


class Backend:
    """What all connections share: the engine, and who may be cancelled."""

    def __init__(self, engine: Engine, access: Access | None = None) -> None:
        self.engine = engine
        self.access = access or Access(cache(partial(secrets.token_bytes, 32)))
        self.cancels = Cancels(engine.activity)
        self.logs_connections = False
        self.logs_ends = False

    def reload(self) -> None:
        """Read the certificates again; where that fails, the log says it and the old ones stay."""
        if self.access.tls is not None:
            self.access.tls.reload()

    def handler(self, connection: Connection) -> Client:
        return Client(self, connection)


class Client:
    """The handler of one connection (`transport.Handler`)."""

    def __init__(self, backend: Backend, connection: Connection) -> None:
        self.authenticated = False
        self._backend = backend
        self._connection = connection
        self._channel = Channel(connection)
        self._put, self._flush = self._channel.put, self._channel.flush
        self._protocol = Protocol(tls=backend.access.tls is not None and not connection.peer.is_local)
        self._login: Login | None = None
        self._session: Session | None = None
        self._statements: Iterator[RawStatement] | None = None
        self._copy: tuple[CopyIn, Incoming] | None = None
        self._seat: Seat | None = None
        self._wire: WireSettings | None = None

    # ------------------------------------------------------------------------------------------------------------ handler

    def received(self, data: bytes) -> None:
        try:
            self._protocol.receive(self._channel.received(data))
            while (event := self._protocol.next_event()) is not None:
                self._handle(event)
            self._put(self._protocol.outgoing())
        except (TlsError, NoClient) as error:
            _log.warning("connection from %s is closed: %s", self._connection.peer, error)
            self._channel.close()
        except ProtocolError as error:
            self._put(self._protocol.outgoing())
            self._fatal(error)
        except Ending:
            return
        if self._protocol.state == "closed":
            self._channel.close()
        if self._protocol.state not in ("ready", "skipping"):
            self._flush()  # answers of extended messages wait for Flush or Sync

    def stop(self, error: SqlError) -> None:
        if self._session is not None:
            self._session.cancel(error)

    def farewell(self, error: SqlError) -> None:
        self._fatal(error)

    def closed(self) -> None:
        self._end_copy()
        if self._seat is not None:
            self._backend.engine.activity.leave(self._seat)
            if self._backend.logs_ends:
                lasted = _duration(now_us() - self._seat.began_us)
                _log.info("disconnection: session time: %s %s %s", lasted, self._who, self._connection.peer.words)
        if self._login is not None and self._login.left_open:
            _log.warning("%s ended in the middle of the log-in of user %s", self._connection.peer, ascii(self._login.user))
        if self._session is not None:
            self._session.close()

    # ------------------------------------------------------------------------------------------------------------- events

    def _handle(self, event: m.Event) -> None:
        match event:
            case m.Startup() | m.PasswordMessage():
                self._log_in(event)
            case m.TlsRequest(hello=hello):
                self._start_tls(hello)
            case m.CancelRequest():
                self._backend.cancels.request(event, self._connection.peer_host)
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
            case m.CopyData() | m.CopyDone() | m.CopyFail():
                self._copied(event)
            case _:
                raise ProtocolError("08P01", f"unexpected {type(event).__name__} message")

    @property
    def _live(self) -> Session:
        assert self._session is not None
        return self._session

    def _start_tls(self, hello: bytes) -> None:
        assert self._backend.access.tls is not None
        self._put(self._protocol.outgoing())
        served = self._backend.access.tls.current()
        self._channel.start_tls(TlsLayer(served.context, served.binding, direct=bool(hello)))
        if hello:
            self._protocol.receive(self._channel.received(hello))

    def _log_in(self, event: m.Startup | m.PasswordMessage) -> None:
        self._put(self._protocol.outgoing())
        if self._login is None:
            self._login = Login(self._backend.engine, self._backend.access, self._from, signals.next_process_id())
        try:
            answer = self._login.step(event)
            if self._login.session is not None:
                self._enter(self._login.session)
            self._put(answer)
        except SqlError as error:
            self._fatal(error)
            return
        if self._seat is None:
            return
        self._session = self._seat.session
        self._protocol.authenticated()
        self.authenticated = True
        if self._backend.logs_connections:
            application = self._session.settings["application_name"]
            _log.info(
                "connection authorized: %s%s%s",
                self._who,
                f" application_name={_printable(application)}" if application else "",
                " SSL enabled" if self._channel.tls is not None else "",
            )
        for message in greeting(self._session, self._seat.secret):
            self._put(message)
        self._ready()

    @property
    def _who(self) -> str:
        session = self._live
        return f"user={_printable(session.user)} database={session.database}"

    def _enter(self, session: Session) -> None:
        """Take a seat. Raises 53300 when there is none."""
        connection = self._connection
        seat = Seat(
            session,
            connection.peer_host,
            connection.peer.port,
            secrets.token_bytes(SECRET_BYTES),
            connection.end,
            lambda: connection.sends % 2 == 1,
            TlsFact(*self._channel.tls.facts) if self._channel.tls is not None else None,
        )
        self._backend.engine.activity.enter(seat)
        self._seat = seat

    @property
    def _from(self) -> From:
        peer, tls = self._connection.peer, self._channel.tls
        return From(peer.host, peer.is_local, tls is not None, tls.binding if tls is not None else None)

    def _query(self, text: str) -> None:
        self._answer(self._script, text)
        if self._copy is None:
            self._ready()

    def _script(self, text: str) -> None:
        session = self._live
        statements = session.parse_script(text)
        if not statements:
            self._put(m.EMPTY_QUERY_RESPONSE)
        self._statements = iter(statements)
        self._go_on()

    def _go_on(self) -> None:
        """The statements of the script that are left; a COPY FROM STDIN lets the others wait."""
        assert self._statements is not None
        session = self._live
        for raw in self._statements:
            result = session.run(raw)
            self._tell()
            if result.rows is not None and result.copy is None:
                self._put(answers.row_description(result.rows.columns, ()))
            self._send_result(result, ())
            if self._copy is not None:
                return
        self._statements = None
        session.end_script()

    def _copied(self, event: m.CopyData | m.CopyDone | m.CopyFail) -> None:
        simple = self._statements is not None
        self._answer(self._copy_step, event)
        if simple and self._copy is None:
            self._ready()

    def _copy_step(self, event: m.CopyData | m.CopyDone | m.CopyFail) -> None:
        assert self._copy is not None
        copy, incoming = self._copy
        match event:
            case m.CopyData(data=data):
                copy.feed(data)
            case m.CopyFail(message=message):
                raise copy.failed(message)
            case m.CopyDone():
                copy.end()
                result = incoming.finish()
                self._end_copy()
                self._tell()
                self._put(m.command_complete(result.tag))
                if self._statements is not None:
                    self._go_on()

    def _end_copy(self) -> None:
        if self._copy is not None:
            self._copy[1].close()
            self._copy = None

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
                statement = session.described(name)
                self._put(m.parameter_description([t.oid for t in statement.parameters]))
                if statement.prepared is not None:
                    session.current(statement)
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
        if result.incoming is None:
            answers.send(self._live, result, formats, self._put)
            return
        copy = CopyIn(result.incoming, self._live.settings.style)
        self._copy = (copy, result.incoming)
        self._put(copy.response())
        self._flush()
        self._protocol.begin_copy_in()

    def _tell(self) -> None:
        """Notices go before the answer that they belong to."""
        answers.tell(self._live, self._put)

    def _failed(self, error: SqlError) -> None:
        session = self._live
        ending = self._connection.ending
        if ending is not None and error.sqlstate == ending.sqlstate:
            raise Ending
        self._end_copy()
        self._statements = None
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
        if not self.authenticated and error.sqlstate != "28P01":  # whose line says more than the client may know
            _log.warning("connection from %s is refused: %s", self._connection.peer, _printable(error.message))
        self._put(m.error_response(error, "FATAL"))
        self._channel.close()

    def _ready(self) -> None:
        session, connection = self._live, self._connection
        # Like PostgreSQL, once for all changes of a setting since the last time.
        for name, value in session.settings.take_changed():
            self._put(m.parameter_status(name, value))
        status = session.transaction.status
        session.work.waits(status)
        self._put(m.ready_for_query(status))
        self._flush()
        wire = session.settings.wire
        if wire is not self._wire:
            self._follow(wire)
        seconds = wire.idle_s if status == "I" else wire.idle_in_transaction_s
        if seconds is not None:
            connection.idle_error = IDLE if status == "I" else IDLE_IN_TRANSACTION
            connection.idle_until = time.monotonic() + seconds

    def _follow(self, wire: WireSettings) -> None:
        """Do what settings say about the connection itself."""
        self._connection.check_s = wire.check_s
        if self._wire is None or self._wire.keepalives != wire.keepalives:
            for option, value in zip(_KEEPALIVES, wire.keepalives, strict=True):
                self._connection.keep_alive(option, value)
        self._wire = wire


def _duration(us: int) -> str:
    """Hours, minutes, seconds and milliseconds, as PostgreSQL writes a session's time."""
    seconds, ms = divmod(us // 1000, 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


def _printable(text: str) -> str:
    """A client's text for the log: one line, whatever it holds."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
