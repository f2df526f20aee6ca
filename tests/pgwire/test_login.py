"""Logging in over a real socket: TLS, passwords, who is refused and how, and what attackers get."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import queue
import select
import socket
import ssl
import statistics
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
import yaml

from fedgate import limits
from fedgate.config import Config
from fedgate.errors import SqlError
from fedgate.pgwire import messages as m
from fedgate.pgwire.scram import make_verifier
from fedgate.pgwire.throttle import FailedLogins
from fedgate.server import running
from fedgate.serving import Gateway
from tests.pgwire import certificates
from tests.pgwire.certificates import Pair
from tests.pgwire.raw import WAIT_S, Raw
from tests.pgwire.test_scram import FIRST, proof

SAMPLES = 2_000
ROLES: list[dict[str, Any]] = [
    {"name": "ann", "admin": True, "verifier": "päß"},
    {"name": "one", "connection_limit": 1, "verifier": "secret"},
    {"name": "past", "valid_until": "2001-01-01", "verifier": "secret"},
    {"name": "mute"},
    {
        "name": "set",
        "verifier": "secret",
        "settings": {"TimeZone": "Europe/Berlin", "statement_timeout": "ages", "datestyle": "SQL", "Role": "ann"},
    },
]


@dataclass(frozen=True, slots=True)
class Place:
    gateway: Gateway
    pair: Pair

    def dsn(self, user: str = "ann", password: str = "päß", **more: str) -> str:
        options = {"sslmode": "verify-full", "sslrootcert": str(self.pair.certificate), "connect_timeout": "20", **more}
        host, port = self.gateway.address
        return psycopg.conninfo.make_conninfo(
            host=host, port=port, user=user, password=password, **{"dbname": "fedgate", **options}
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("catalog")
    documents: list[dict[str, Any]] = [{"kind": "role", **role} for role in ROLES]
    for document in documents:
        if "verifier" in document:
            document["verifier"] = make_verifier(document["verifier"]).text
    (directory / "roles.yaml").write_text(yaml.safe_dump_all(documents))
    pair = certificates.make(tmp_path_factory.mktemp("tls"))
    config = Config(catalog=directory, listen=("127.0.0.1", 0), tls_certificate=pair.certificate, tls_key=pair.key)
    with running(config) as gateway:
        yield Place(gateway, pair)


@pytest.fixture(autouse=True)
def nothing_failed_before(place: Place) -> None:
    place.gateway.backend.access = dataclasses.replace(
        place.gateway.backend.access, failures=FailedLogins(), require_tls=False, closing=threading.Event()
    )


class Log(logging.Handler):
    """What the gateway's threads write to the log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: queue.Queue[str] = queue.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.put(record.getMessage())

    def says(self, text: str) -> None:
        """Wait for a line that has it."""
        while text not in self.lines.get(timeout=WAIT_S):
            pass


@pytest.fixture
def log() -> Iterator[Log]:
    handler = Log()
    logging.getLogger("fedgate.wire").addHandler(handler)
    yield handler
    logging.getLogger("fedgate.wire").removeHandler(handler)


def refused(dsn: str) -> psycopg.Error:
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(dsn)
    return caught.value


# -- clients ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"sslmode": "disable"},
        {"sslmode": "require", "channel_binding": "disable"},
        {"channel_binding": "require"},
        {"channel_binding": "require", "sslnegotiation": "direct"},
        {"channel_binding": "require", "ssl_max_protocol_version": "TLSv1.2"},
    ],
)
def test_libpq_logs_in(options: dict[str, str], place: Place) -> None:
    with psycopg.connect(place.dsn(**options)) as connection:
        assert connection.execute("SELECT current_user, 'ä' || repeat('x', 100000)").fetchone() == ("ann", "ä" + "x" * 100_000)
        encrypted = "disable" not in options.get("sslmode", "")
        assert connection.pgconn.ssl_in_use == encrypted
        shown = connection.execute("SELECT ssl, bits >= 128 FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
        assert shown == (encrypted, encrypted or None)


def test_asyncpg_logs_in(place: Place) -> None:
    context = ssl.create_default_context(cafile=place.pair.certificate)
    host, port = place.gateway.address

    async def run() -> object:
        connection = await asyncpg.connect(host=host, port=port, user="ann", password="päß", database="fedgate", ssl=context)
        try:
            return await connection.fetchval("SELECT $1::int + 1", 41)
        finally:
            await connection.close()

    assert asyncio.run(run()) == 42


def test_a_cancel_goes_over_tls(place: Place) -> None:
    with psycopg.connect(place.dsn()) as connection:
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b")
        connection.pgconn.flush()
        deadline = time.monotonic() + WAIT_S
        while not select.select([connection.pgconn.socket], [], [], 0.1)[0]:  # a cancel may come before the statement has begun
            assert time.monotonic() < deadline
            connection.cancel_safe(timeout=WAIT_S)
        result = connection.pgconn.get_result()
        assert result is not None
        assert connection.pgconn.get_result() is None
        assert result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) == b"57014"


def test_a_new_certificate_is_served_without_a_restart(place: Place) -> None:
    with psycopg.connect(place.dsn(channel_binding="require")) as connection:
        old = place.pair.certificate.read_bytes()
        certificates.make(place.pair.certificate.parent)
        with psycopg.connect(place.dsn(channel_binding="require")) as second:
            assert second.execute("SELECT 1").fetchone() == (1,)
        assert connection.execute("SELECT 2").fetchone() == (2,)
        place.pair.certificate.with_name("old.pem").write_bytes(old)
    assert "certificate verify failed" in str(refused(place.dsn(sslrootcert=str(place.pair.certificate.with_name("old.pem")))))


def test_what_a_role_says_of_settings(place: Place) -> None:
    with psycopg.connect(place.dsn("set", "secret", options="-c datestyle=German")) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("timezone", "datestyle", "statement_timeout", "role")]
    assert shown == [("Europe/Berlin",), ("German, DMY",), ("0",), ("none",)]
    problems = place.gateway.engine.catalog.snapshot().problems
    assert any(p.kind == "role" and p.name == "set" and "statement_timeout" in p.message for p in problems)


# -- who is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "password", "said"),
    [
        ("ann", "wrong", "wrong password"),
        ("eve", "secret", "there is no such role"),
        ("mute", "secret", "the role has no verifier"),
        ("past", "secret", "the role's valid_until has passed"),
        ("e\nve", "secret", r"'e\nve'"),
    ],
)
def test_only_the_log_tells_why(user: str, password: str, said: str, place: Place, log: Log) -> None:
    error = refused(place.dsn(user, password))
    assert f'FATAL:  password authentication failed for user "{user}"\n' in f"{error}\n"
    log.says(said)


def test_a_role_has_so_many_sessions(place: Place) -> None:
    with psycopg.connect(place.dsn("one", "secret")):
        assert 'too many connections for role "one"' in str(refused(place.dsn("one", "secret")))
    with psycopg.connect(place.dsn("one", "secret")) as connection:
        connection.execute("SELECT 1")


def test_encryption_may_be_asked_for(place: Place) -> None:
    place.gateway.backend.access = dataclasses.replace(place.gateway.backend.access, require_tls=True)
    with Raw(place.gateway.address) as raw:
        raw.startup()
        assert raw.error()[0] == "28000"
    with psycopg.connect(place.dsn()) as connection:
        connection.execute("SELECT 1")


def test_another_host_needs_a_certificate_and_a_role(tmp_path: Path, place: Place) -> None:
    config = Config(catalog=tmp_path, listen=("0.0.0.0", 0))
    with pytest.raises(SqlError, match="lacks a TLS certificate and a role that can log in") as caught, running(config):
        pass
    assert "fedgate user add" in str(caught.value.hint)
    with_tls = dataclasses.replace(config, tls_certificate=place.pair.certificate, tls_key=place.pair.key)
    with pytest.raises(SqlError, match="lacks a role that can log in"), running(with_tls):
        pass
    with (
        pytest.raises(SqlError, match="require_tls is set"),
        running(dataclasses.replace(config, listen=("::1", 0), require_tls=True)),
    ):
        pass


def test_without_roles_only_this_machine_is_let_in(tmp_path: Path) -> None:
    with running(Config(catalog=tmp_path, listen=("127.0.0.1", 0))) as gateway:
        for trusts, step in ((True, b"R"), (False, b"E")):
            gateway.backend.access = dataclasses.replace(gateway.backend.access, trusts=trusts)
            with Raw(gateway.address) as raw:
                raw.startup("anybody")
                assert raw.message()[0] == step


def test_a_client_that_does_not_trust_the_certificate(place: Place, tmp_path: Path, log: Log) -> None:
    other = certificates.make(tmp_path)
    refused(place.dsn(sslrootcert=str(other.certificate)))
    log.says("the TLS handshake failed: ")


# -- attacks ---------------------------------------------------------------------------------------------------------


def test_bytes_before_tls_are_not_believed(place: Place, log: Log) -> None:
    with Raw(place.gateway.address) as raw:
        raw.socket.sendall(struct.pack("!ii", 8, m.SSL_REQUEST) + b"Q\0\0\0\x0dSELECT 1\0")
        assert raw.error() == ("08P01", "received unencrypted data after SSL request")
    log.says("received unencrypted data after SSL request")


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n", b"X\0\0\0\4", struct.pack("!iiii", 16, m.CANCEL_REQUEST, 1, 2)[:12]])
def test_who_is_no_client_is_told_nothing(data: bytes, place: Place) -> None:
    with Raw(place.gateway.address) as raw:
        raw.socket.sendall(data)
        raw.socket.shutdown(socket.SHUT_WR)
        assert raw.ended()


def test_a_client_writes_no_lines_of_its_own_into_the_log(place: Place, log: Log) -> None:
    refused(place.dsn(dbname="x\nERROR: y"))
    log.says(r"x\x0aERROR: y")


def test_what_comes_instead_of_a_handshake(place: Place, log: Log) -> None:
    with Raw(place.gateway.address) as raw:
        raw.socket.sendall(struct.pack("!ii", 8, m.SSL_REQUEST))
        assert raw.exactly(1) == b"S"
        raw.startup()
        assert raw.socket.recv(100) not in (b"R", b"E")  # an alert, or nothing
    log.says("the TLS handshake failed: ")


def test_a_log_in_that_ends_half_way_is_told(place: Place, log: Log) -> None:
    with Raw(place.gateway.address) as raw:
        raw.startup()
        raw.asked(10)
        raw.choose(FIRST)
        raw.asked(11)
    log.says("ended in the middle of the log-in of user 'ann'")


def test_a_log_in_one_byte_at_a_time(place: Place) -> None:
    with Raw(place.gateway.address) as raw:
        raw.startup()
        raw.asked(10)
        body = b"SCRAM-SHA-256\0" + struct.pack("!i", -1)
        for byte in b"p" + struct.pack("!i", len(body) + 4) + body:
            raw.socket.sendall(bytes([byte]))
        assert raw.asked(11) == b""  # as PostgreSQL: the client's first message is asked for
        raw.send(FIRST)
        raw.send(proof("päß", raw.asked(11)))
        assert raw.asked(12).startswith(b"v=")
        raw.asked(0)


@pytest.mark.parametrize(
    ("act", "sqlstate"),
    [
        (lambda raw: raw.choose(b"n,,n=,r=" + b"x" * 2000), "08P01"),
        (lambda raw: raw.send(b"x" * 70_000), "08P01"),
        (lambda raw: raw.choose(FIRST, b"PLAIN"), "08P01"),
        (lambda raw: raw.choose(FIRST, b"SCRAM-SHA-256-PLUS"), "08P01"),
        (lambda raw: raw.send(b"SCRAM-SHA-256\0" + struct.pack("!i", 500) + b"n,,"), "08P01"),
        (lambda raw: raw.send(b"\xff\0"), "22021"),
        (lambda raw: raw.socket.sendall(b"Q\0\0\0\x0dSELECT 1\0"), "08P01"),
    ],
)
def test_what_is_no_answer_ends_the_connection(act: Callable[[Raw], None], sqlstate: str, place: Place) -> None:
    with Raw(place.gateway.address) as raw:
        raw.startup()
        raw.asked(10)
        act(raw)
        assert raw.error()[0] == sqlstate


def test_a_downgrade_to_no_binding_is_noticed(place: Place) -> None:
    """The client believes, from a list that was tampered with, that there is no PLUS."""
    context = ssl.create_default_context(cafile=place.pair.certificate)
    with Raw(place.gateway.address) as raw:
        raw.socket.sendall(struct.pack("!ii", 8, m.SSL_REQUEST))
        assert raw.exactly(1) == b"S"
        raw.socket = context.wrap_socket(raw.socket, server_hostname="localhost")
        raw.startup()
        assert raw.asked(10) == b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"
        raw.choose(b"y,," + FIRST[3:])
        assert raw.error() == ("28000", "SCRAM channel binding negotiation error")


# -- failures slow down ----------------------------------------------------------------------------------------------


class Waiting(threading.Event):
    """What log-ins wait on; it lasts until `over`."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: queue.Queue[float | None] = queue.Queue()
        self.over = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        if timeout:
            self.begun.put(timeout)
            assert self.over.wait(WAIT_S)
        return False


def test_others_do_not_wait(place: Place) -> None:
    """While one role's log-in waits for its turn, the same address logs in as another."""
    backend, waiting = place.gateway.backend, Waiting()
    backend.access = dataclasses.replace(backend.access, closing=waiting)
    for _ in range(limits.FAILED_LOGINS_FREE + 3):
        backend.access.failures.failed("127.0.0.1", "ann")
    with Raw(place.gateway.address) as raw:
        raw.startup("ann")
        raw.asked(10)
        raw.choose(FIRST)
        raw.send(proof("päß", raw.asked(11)))
        assert waiting.begun.get(timeout=WAIT_S) == pytest.approx(2.0, abs=0.5)
        with psycopg.connect(place.dsn("one", "secret")) as connection:
            connection.execute("SELECT 1")
        assert not select.select([raw.socket], [], [], 0)[0]
        waiting.over.set()
        raw.asked(12)


# -- timing ----------------------------------------------------------------------------------------------------------


@contextmanager
def never_slower(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(limits, "FAILED_LOGINS_FREE", 10**9)
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.nightly
def test_the_time_does_not_tell_who_exists(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 2,000 log-ins each, mixed: whether a known or an unknown name took longer is a coin's toss."""
    taken: dict[str, list[tuple[float, float]]] = {"one": [], "eve": []}
    with never_slower(monkeypatch):
        for number in range(2 * SAMPLES):
            user = "one" if number % 2 else "eve"
            with Raw(place.gateway.address) as raw:
                raw.startup(user)
                raw.asked(10)
                began = time.perf_counter()
                raw.choose(FIRST)
                first = raw.asked(11)
                chosen = time.perf_counter()
                final = first.split(b",")[0]
                final = b"c=biws," + final + b",p=" + b"A" * 43 + b"="
                sent = time.perf_counter()
                raw.send(final)
                raw.message()
                taken[user].append((chosen - began, time.perf_counter() - sent))
    for step in (0, 1):
        known, unknown = ([t[step] for t in taken[user]] for user in ("one", "eve"))
        ranks = superiority(unknown, known)
        quartiles = [[f"{q * 1e6:.0f}" for q in statistics.quantiles(sample, n=4)] for sample in (known, unknown)]
        print(f"step {step}: quartiles in µs known {quartiles[0]}, unknown {quartiles[1]}; P(unknown > known) = {ranks:.4f}")
        assert abs(ranks - 0.5) < 3.3 * (1 / (6 * SAMPLES)) ** 0.5


def superiority(left: list[float], right: list[float]) -> float:
    """P(left > right) over all pairs (Mann-Whitney)."""
    order = sorted([(x, 1) for x in left] + [(x, 0) for x in right])
    seen = wins = 0
    for _, is_left in order:
        if is_left:
            wins += seen
        else:
            seen += 1
    return wins / (len(left) * len(right))
