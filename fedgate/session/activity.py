"""Who is connected and what each session does: the rows of pg_stat_activity, how many may come in, and signals between sessions.

`Work` is what one session does now. Its own thread alone writes it, a few attributes a statement; whoever reads it takes no lock
and may see two neighbouring moments. A `Seat` is a session that came in over a connection; `Activity` holds all seats, thread-safe.

Meanings are PostgreSQL's: https://www.postgresql.org/docs/15/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW and
https://www.postgresql.org/docs/15/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fedgate import limits, signals
from fedgate.errors import SqlError
from fedgate.session.transaction import Status, now_us
from fedgate.system.facts import BackendFact, TlsFact

if TYPE_CHECKING:
    from fedgate.session.session import Session

TERMINATED: Final = SqlError("57P01", "terminating connection due to administrator command")
IDLE: Final = SqlError("57P05", "terminating connection due to idle-session timeout")
IDLE_IN_TRANSACTION: Final = SqlError("25P03", "terminating connection due to idle-in-transaction timeout")
_STATES: Final[dict[Status, str]] = {"I": "idle", "T": "idle in transaction", "E": "idle in transaction (aborted)"}
_HIDDEN: Final = "<insufficient privilege>"


@dataclass(slots=True)
class Work:
    """What a session does now, or did last. Times are microseconds since 1970, None: not yet."""

    state: str = "idle"
    query: str = ""
    query_us: int | None = None
    state_us: int | None = None

    def begins(self, text: str, at_us: int) -> None:
        """A statement's text has come; of a long one only the beginning is kept."""
        self.query = text if len(text) <= limits.ACTIVITY_QUERY_CHARS else text[: limits.ACTIVITY_QUERY_CHARS]
        self.query_us = self.state_us = at_us
        self.state = "active"

    def waits(self, status: Status) -> None:
        """The client has its answer, and it is its turn."""
        self.state = _STATES[status]
        self.state_us = now_us()


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """A session with its connection. `address` None: it came through a Unix socket, and `port` is -1.

    `end` ends the connection with an error, at once when it is idle; `sending` tells whether its client is sent something now.
    """

    session: Session
    address: str | None
    port: int
    secret: bytes
    end: Callable[[SqlError], None]
    sending: Callable[[], bool] = lambda: False
    tls: TlsFact | None = None
    began_us: int = field(default_factory=now_us)
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def is_admin(self) -> bool:
        return _is_admin(self.session)

    def may_signal(self, other: Seat) -> bool:
        """Whether this session's role may look into, and stop, what another one does."""
        return self.is_admin or self.session.user == other.session.user

    # ----------------------------------------------------------------------------------------------------- signals.Backend

    def cancelled_by(self, caller: signals.Backend) -> bool:
        _check(caller, self, "cancel", "query", "query is being canceled")
        self.session.cancel()
        return True

    def terminated_by(self, caller: signals.Backend, timeout_ms: int) -> bool:
        _check(caller, self, "terminate", "process", "process is being terminated")
        self.terminate()
        if timeout_ms == 0 or caller is self:
            return True
        deadline = time.monotonic() + timeout_ms / 1000
        while not self.left.wait(min(limits.POLL_S, max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                caller.warned(f"backend with PID {self.session.process_id} did not terminate within {timeout_ms} milliseconds")
                return False
            if isinstance(caller, Seat):
                caller.session.check_cancel()
        return True

    def terminate(self) -> None:
        """End the session: what it runs is stopped first."""
        self.end(TERMINATED)
        self.session.cancel(TERMINATED)

    def warned(self, message: str) -> None:
        self.session.notice("01000", message)

    # --------------------------------------------------------------------------------------------------------------- facts

    def fact(self, asking: Session) -> BackendFact:
        """As pg_stat_activity shows it to a session."""
        session, work = self.session, self.session.work
        if not (_is_admin(asking) or asking.user == session.user):
            return BackendFact(session.process_id, session.user, session.settings["application_name"], query=_HIDDEN)
        active = work.state == "active"
        return BackendFact(
            pid=session.process_id,
            user=session.user,
            application_name=session.settings["application_name"],
            query=_clipped(work.query),
            state=work.state,
            address=self.address,
            port=self.port,
            backend_start_us=self.began_us,
            xact_start_us=session.transaction.started_us if session.transaction.in_block else work.query_us if active else None,
            query_start_us=work.query_us,
            state_change_us=work.state_us or self.began_us,
            wait_event=("ClientWrite" if self.sending() else None) if active else "ClientRead",
            kind="client backend",
            tls=self.tls,
        )


class Activity:
    """All sessions of one gateway that came in over connections. Thread-safe.

    `max_sessions` of them may be there, the last `reserved` only of admins; both may be changed while it is in use.
    """

    def __init__(self, max_sessions: int = limits.CONNECTIONS_MAX, reserved: int = limits.RESERVED_CONNECTIONS) -> None:
        self.max_sessions = max_sessions
        self.reserved = reserved
        self._lock = threading.Lock()
        self._seats: dict[int, Seat] = {}

    def enter(self, seat: Seat) -> None:
        """A client has logged in. Raises 53300 when there are too many sessions, of all or of its role."""
        session = seat.session
        with self._lock:
            there = len(self._seats)
            if there >= self.max_sessions:
                raise SqlError("53300", "sorry, too many clients already")
            if not seat.is_admin:
                self._check_role(session, there)
            self._seats[session.process_id] = seat
            signals.LIVE[session.process_id] = seat

    def _check_role(self, session: Session, there: int) -> None:
        if there >= self.max_sessions - self.reserved:
            raise SqlError("53300", "remaining connection slots are reserved for non-replication superuser connections")
        role = session.engine.catalog.snapshot().roles.get(session.user)
        limit = role.connection_limit if role is not None else -1
        if 0 <= limit <= sum(other.session.user == session.user for other in self._seats.values()):
            raise SqlError("53300", f'too many connections for role "{session.user}"')

    def leave(self, seat: Seat) -> None:
        """Its connection has ended; idempotent."""
        with self._lock:
            if self._seats.get(seat.session.process_id) is seat:
                del self._seats[seat.session.process_id]
                del signals.LIVE[seat.session.process_id]
        seat.left.set()

    def find(self, pid: int) -> Seat | None:
        with self._lock:
            return self._seats.get(pid)

    def seats(self) -> list[Seat]:
        with self._lock:
            return list(self._seats.values())

    def facts(self, asking: Session) -> list[BackendFact]:
        """The rows of pg_stat_activity as a session sees them."""
        return [seat.fact(asking) for seat in self.seats()]


def _is_admin(session: Session) -> bool:
    """Without roles everybody is."""
    return session.sees_all


def _check(caller: signals.Backend, target: Seat, verb: str, what: str, done: str) -> None:
    """PostgreSQL's words for who may not signal whom."""
    if not isinstance(caller, Seat) or caller.may_signal(target):
        return
    if target.is_admin:
        raise SqlError("42501", f"must be a superuser to {verb} superuser {what}")
    raise SqlError("42501", f"must be a member of the role whose {done} or member of pg_signal_backend")


def _clipped(text: str) -> str:
    """At most `ACTIVITY_QUERY_CHARS` - 1 bytes of UTF-8, whole characters."""
    most = limits.ACTIVITY_QUERY_CHARS - 1
    encoded = text.encode("utf-8", "replace")
    return text if len(encoded) <= most else encoded[:most].decode("utf-8", "ignore")
