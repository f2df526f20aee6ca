"""From a connection's first message to its session: the startup parameters, and who the client is.

`Login.step` is fed the events of the start-up (Startup, then PasswordMessage while it is asked for one) and gives what to send;
once `session` is set, the client is in and `greeting` is what it is told. Raises SqlError, which ends the connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fedgate.errors import SqlError
from fedgate.pgwire import messages as m
from fedgate.pgwire.framing import ProtocolError
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from fedgate.session.settings import split_options

_NOT_SETTINGS = frozenset({"user", "database", "options", "replication"})


class Login:
    """One connection's log-in."""

    def __init__(self, engine: Engine, process_id: int) -> None:
        self.session: Session | None = None
        self._engine = engine
        self._process_id = process_id

    def step(self, event: m.Startup | m.PasswordMessage) -> bytes:
        """What to send next. Raises SqlError when the client may not come in."""
        match event:
            case m.Startup(params=params):
                return self._begin(params)
            case _:
                raise ProtocolError("08P01", f"unexpected {type(event).__name__} message")

    def _begin(self, params: Mapping[str, str]) -> bytes:
        if self._engine.catalog.snapshot().roles:
            raise SqlError(
                "28000",
                "the catalog has role documents, which this version of fedgate cannot enforce",
                hint="Without roles everybody on this machine may read everything; with them nobody may, yet.",
            )
        if params.get("replication", "off").lower() not in ("off", "false", "no", "0"):
            raise SqlError("0A000", "replication connections are not supported")
        self._open(params)
        return m.authentication_ok()

    def _open(self, params: Mapping[str, str]) -> None:
        startup = {name: value for name, value in params.items() if name not in _NOT_SETTINGS}
        startup.update(split_options(params.get("options", "")))
        self.session = Session(
            self._engine,
            user=params["user"],
            database=params.get("database") or params["user"],
            startup=startup,
            process_id=self._process_id,
        )


def greeting(session: Session, secret: bytes) -> Iterator[bytes]:
    """What a new session's client is told before the first ReadyForQuery: settings, and how to cancel."""
    for name, value in session.settings.reported():
        yield m.parameter_status(name, value)
    yield m.backend_key_data(session.process_id, secret)
