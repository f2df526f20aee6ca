"""From a connection's first message to its session: the startup parameters, and who the client is.

`Login.step` is fed the events of the start-up (Startup, then PasswordMessage while it is asked for one) and gives what to send;
once `session` is set, the client is in and `greeting` is what it is told. Raises SqlError, which ends the connection.

Who may come in: while the catalog has no role document, anybody on this machine, as anybody. Otherwise the roles, by SCRAM-SHA-256.
A role that does not exist, has no verifier or has expired goes the way of a wrong password, step by step: the same messages, the
same work, the same waiting, a salt that stays the same. The log alone tells which it was.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final

from fedgate import limits
from fedgate.catalog.roles import Role
from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.pgwire import messages as m
from fedgate.pgwire import scram
from fedgate.pgwire.certificates import Certificates
from fedgate.pgwire.throttle import FailedLogins
from fedgate.session.audit import SUCCESS, Who
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from fedgate.session.settings import split_options

_log = logging.getLogger("fedgate.wire")

_NOT_SETTINGS = frozenset({"user", "database", "options", "replication"})


@dataclass(frozen=True, slots=True)
class Access:
    """What a gateway asks of those who come. `secret` gives what the salts of unknown names are made of, always the same bytes.

    `trusts`: whether it listens where only this machine comes from, so that a catalog without roles is open to all.
    """

    secret: Callable[[], bytes]
    tls: Certificates | None = None
    require_tls: bool = False
    trusts: bool = True
    failures: FailedLogins = field(default_factory=FailedLogins)
    closing: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class From:
    """Where a client is. `address` is an IP address, or what stands for the Unix socket; `binding` is the TLS channel's."""

    address: str
    is_local: bool = False
    is_encrypted: bool = False
    binding: bytes | None = None


class Login:
    """One connection's log-in."""

    def __init__(self, engine: Engine, access: Access, client: From, process_id: int) -> None:
        self.session: Session | None = None
        self.user = ""
        self._engine: Final = engine
        self._access: Final = access
        self._client: Final = client
        self._process_id: Final = process_id
        self._params: Mapping[str, str] = {}
        self._verifier: str | None = None
        self._why: str | None = None
        self._exchange: scram.Exchange | None = None
        self._refused = False

    @property
    def left_open(self) -> bool:
        """Whether the client has begun to prove who it is and not ended; one that was merely asked may lack the password."""
        return self._exchange is not None and not self._refused and self.session is None

    def step(self, event: m.Startup | m.PasswordMessage) -> bytes:
        """What to send next. Raises SqlError when the client may not come in."""
        try:
            return self._begin(event.params) if isinstance(event, m.Startup) else self._go_on(event.body)
        except SqlError as error:
            self._refused = True
            if error.sqlstate != "28P01":  # of those the reason has been written
                self._engine.audit.login(self._who(self._params.get("user", "")), error.sqlstate, error.message)
            raise

    # ------------------------------------------------------------------------------------------------------------ who is it

    def _begin(self, params: Mapping[str, str]) -> bytes:
        if params.get("replication", "off").lower() not in ("off", "false", "no", "0"):
            raise SqlError("0A000", "replication connections are not supported")
        self._params = params
        if self._access.require_tls and not (self._client.is_encrypted or self._client.is_local):
            raise SqlError(
                "28000", "this gateway takes encrypted connections only", hint="Connect with sslmode=require or stricter."
            )
        snapshot = self._engine.catalog.snapshot()
        if not snapshot.guarded:
            self._refuse_strangers()
            self._open()
            return m.authentication_ok()
        self.user = params["user"]
        self._verifier, self._why = _usable(snapshot.roles.get(self.user))
        return m.authentication_sasl(self._mechanisms)

    def _refuse_strangers(self) -> None:
        if not (self._access.trusts or self._client.is_local):
            raise SqlError("28000", "the catalog has no roles any more", hint="Add one at the gateway: fedgate user add NAME.")

    @property
    def _mechanisms(self) -> list[str]:
        return [scram.PLUS, scram.PLAIN] if self._client.binding is not None else [scram.PLAIN]

    # ------------------------------------------------------------------------------------------------------------- SCRAM

    def _go_on(self, body: bytes) -> bytes:
        if len(body) > limits.SASL_MESSAGE_BYTES_MAX:
            raise SqlError("08P01", "invalid message length")
        return self._choose(body) if self._exchange is None else self._answer(body)

    def _choose(self, body: bytes) -> bytes:
        mechanism, data = m.sasl_initial_response(body)
        if mechanism not in self._mechanisms:
            raise SqlError("08P01", "client selected an invalid SASL authentication mechanism")
        mock = scram.mock_verifier(self.user, self._access.secret(), _commonest(self._engine.catalog.snapshot()))
        stands_in = mock.text  # made and read in any case: the time must not tell
        known = scram.read_verifier(self._verifier or stands_in)
        if known is None:
            self._why = "the role's verifier cannot be used"
        self._exchange = scram.Exchange(
            known or mock,
            genuine=self._why is None,
            binding=self._client.binding if mechanism == scram.PLUS else None,
            plus_offered=scram.PLUS in self._mechanisms,
        )
        return self._answer(data) if data is not None else m.authentication_sasl_continue(b"")

    def _answer(self, data: bytes) -> bytes:
        exchange = self._exchange
        assert exchange is not None
        if not exchange.expects_proof:
            return m.authentication_sasl_continue(exchange.answer(data))
        failures, address = self._access.failures, self._client.address
        try:
            answer = failures.judged(address, self.user, self._access.closing.wait, partial(exchange.answer, data))
        except scram.WrongProof:
            raise self._fail(self._why or "wrong password") from None
        verifier, why = _usable(self._engine.catalog.snapshot().roles.get(self.user))
        if why is not None or verifier != self._verifier:  # changed while the client was asked
            raise self._fail(why or "the role was changed meanwhile")
        failures.passed(address, self.user)
        self._open()
        return m.authentication_sasl_final(answer) + m.authentication_ok()

    def _fail(self, why: str) -> SqlError:
        self._engine.audit.login(self._who(self.user), "28P01", why)
        _log.warning("password authentication failed for user %s from %s: %s", ascii(self.user), self._client.address, why)
        return SqlError("28P01", f'password authentication failed for user "{self.user}"')

    def _who(self, user: str) -> Who:
        name = self._params.get("application_name", "")
        return Who(self._process_id, user, user, self._client.address, name)

    # ------------------------------------------------------------------------------------------------------------ session

    def _open(self) -> None:
        params = self._params
        startup = {name: value for name, value in params.items() if name not in _NOT_SETTINGS}
        startup.update(split_options(params.get("options", "")))
        self.session = Session(
            self._engine,
            user=params["user"],
            database=params.get("database") or params["user"],
            startup=startup,
            process_id=self._process_id,
        )
        self.session.address = self._client.address
        self._engine.audit.login(self._who(params["user"]), SUCCESS)


def _usable(role: Role | None) -> tuple[str | None, str | None]:
    """A role's verifier, if any, and why nobody can log in by it, if so."""
    if role is None:
        return None, "there is no such role"
    if role.verifier is None:
        return None, "the role has no verifier"
    if role.valid_until is not None and role.valid_until <= time.time():
        return role.verifier, "the role's valid_until has passed"
    return role.verifier, None


@lru_cache(maxsize=1)
def _commonest(snapshot: Snapshot) -> scram.Verifier | None:
    """A verifier with the iterations and salt length that most roles have: what an unknown name must look like."""
    shapes = Counter[tuple[int, int]]()
    found = {}
    for role in snapshot.roles.values():
        if role.verifier is not None and (verifier := scram.read_verifier(role.verifier)) is not None:
            shape = verifier.iterations, len(verifier.salt)
            shapes[shape] += 1
            found[shape] = verifier
    return found[shapes.most_common(1)[0][0]] if shapes else None


def greeting(session: Session, secret: bytes) -> Iterator[bytes]:
    """What a new session's client is told before the first ReadyForQuery: settings, and how to cancel."""
    for name, value in session.settings.reported():
        yield m.parameter_status(name, value)
    yield m.backend_key_data(session.process_id, secret)
