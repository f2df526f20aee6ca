"""The protocol core: states, start-up answers, bounds, and mutated messages."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

import pytest

from fedgate.errors import SqlError
from fedgate.pgwire import messages as m
from fedgate.pgwire.framing import ProtocolError, WireLimits
from fedgate.pgwire.protocol import Protocol
from tests.pgwire.mutants import BIND, INTERESTING, message, mutated

STARTUP = b"user\0me\0database\0fedgate\0\0"
QUICK = 20_000
MILLION = 1_000_000


def packet(body: bytes, code: int = m.PROTOCOL_3_0) -> bytes:
    return struct.pack("!ii", len(body) + 8, code) + body


def ready() -> Protocol:
    protocol = Protocol()
    protocol.receive(packet(STARTUP))
    assert protocol.next_event() == m.Startup({"user": "me", "database": "fedgate"})
    protocol.authenticated()
    return protocol


def events(protocol: Protocol, data: bytes) -> list[m.Event]:
    protocol.receive(data)
    return list(drain(protocol))


def drain(protocol: Protocol) -> Iterator[m.Event]:
    while (event := protocol.next_event()) is not None:
        yield event


@pytest.mark.parametrize(
    ("data", "event"),
    [
        (message(b"Q", b"select 1\0"), m.Query("select 1")),
        (message(b"P", b"n\0select $1\0" + struct.pack("!hII", 2, 23, 2**31 + 5)), m.Parse("n", "select $1", (23, 2**31 + 5))),
        (message(b"B", BIND), m.Bind("p", "s", (1,), (None, b"\0\7"), (0,))),
        (message(b"D", b"Sx\0"), m.Describe("S", "x")),
        (message(b"C", b"P\0"), m.Close("P", "")),
        (message(b"E", b"p\0" + struct.pack("!i", 5)), m.Execute("p", 5)),
        (message(b"E", b"p\0" + struct.pack("!i", -5)), m.Execute("p", 0)),
        (message(b"H"), m.Flush()),
        (message(b"S"), m.Sync()),
        (message(b"X"), m.Terminate()),
        (message(b"F", b"anything"), m.FunctionCall()),
    ],
)
def test_messages_become_events(data: bytes, event: m.Event) -> None:
    assert events(ready(), data) == [event]
    assert [e for byte in [ready()] for i in range(len(data)) for e in events(byte, data[i : i + 1])] == [event]


def test_encryption_requests_are_declined_once_each() -> None:
    protocol = Protocol()
    assert events(protocol, packet(b"", m.GSSENC_REQUEST)) == []
    assert protocol.outgoing() == b"N"
    assert events(protocol, packet(b"", m.SSL_REQUEST)) == []
    assert protocol.outgoing() == b"N"
    with pytest.raises(ProtocolError, match=r"unsupported frontend protocol 1234\.5679"):
        events(protocol, packet(b"", m.SSL_REQUEST))


def test_cancel_request_is_all_of_its_connection() -> None:
    protocol = Protocol()
    assert events(protocol, packet(struct.pack("!i", 77) + b"key!", m.CANCEL_REQUEST)) == [m.CancelRequest(77, b"key!")]
    assert protocol.state == "closed"
    assert events(protocol, message(b"Q", b"select 1\0")) == []


def test_later_minor_versions_and_options_are_negotiated() -> None:
    protocol = Protocol()
    assert events(protocol, packet(b"user\0me\0_pq_.x\0001\0\0", m.PROTOCOL_3_0 + 2)) == [m.Startup({"user": "me"})]
    assert protocol.outgoing() == m.negotiate_protocol_version(["_pq_.x"])


@pytest.mark.parametrize(
    ("data", "sqlstate"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "08P01"),
        (struct.pack("!ii", 2**31 - 1, m.PROTOCOL_3_0), "08P01"),
        (struct.pack("!ii", -1, m.PROTOCOL_3_0), "08P01"),
        (struct.pack("!i", 7), "08P01"),
        (packet(STARTUP, 2 << 16), "0A000"),
        (packet(b"database\0x\0\0"), "28000"),
        (packet(b"user\0me\0"), "08P01"),
        (packet(b"user\0me"), "08P01"),
        (packet(b"user\0\xff\0\0"), "22021"),
        (packet(b"", m.CANCEL_REQUEST), "08P01"),
    ],
)
def test_bad_startups_are_fatal(data: bytes, sqlstate: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        events(Protocol(), data)
    assert caught.value.sqlstate == sqlstate


@pytest.mark.parametrize(
    "data",
    [b"!\0\0\0\4", b"Q\x7f\xff\xff\xff", b"Q\xff\xff\xff\xff", b"Q\0\0\0\3", b"S\0\1\0\0", message(b"p", b"secret\0")],
)
def test_unsound_frames_are_fatal_before_they_are_read(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        events(ready(), data)


def test_a_message_over_the_limit_is_refused_by_its_header_alone() -> None:
    protocol = Protocol(WireLimits(message_bytes_max=100))
    protocol.receive(packet(STARTUP))
    protocol.next_event()
    protocol.authenticated()
    assert events(protocol, message(b"Q", b"x" * 95 + b"\0")) == [m.Query("x" * 95)]
    with pytest.raises(ProtocolError, match="invalid message length"):
        events(protocol, b"Q" + (101).to_bytes(4, "big"))


@pytest.mark.parametrize(
    ("kind", "body", "sqlstate"),
    [
        (b"Q", b"select '\xff'\0", "22021"),
        (b"Q", b"no end", "08P01"),
        (b"Q", b"two\0ends\0", "08P01"),
        (b"D", b"Zx\0", "08P01"),
        (b"B", b"p\0s\0\0", "08P01"),
        (b"B", b"p\0s\0\0\0\0\1\xff\xff\xff\xfe\0\0", "08P01"),
        (b"B", b"p\0s\0\0\1\0\7\0\0\0\0", "22023"),
        (b"P", b"n\0\xc3\x28\0\0\0", "22021"),
    ],
)
def test_bad_bodies_are_events(kind: bytes, body: bytes, sqlstate: str) -> None:
    protocol = ready()
    (event,) = events(protocol, message(kind, body))
    assert isinstance(event, m.Malformed)
    assert event.error.sqlstate == sqlstate
    assert event.simple is (kind == b"Q")
    assert events(protocol, message(b"S")) == [m.Sync()]


def test_an_extended_error_skips_to_sync() -> None:
    protocol = ready()
    protocol.receive(message(b"E", b"\0\0\0\0\0") + message(b"Q", b"select 1\0") + message(b"H") + message(b"S") + message(b"H"))
    assert protocol.next_event() == m.Execute("", 0)
    protocol.failed()
    assert protocol.state == "skipping"
    assert list(drain(protocol)) == [m.Sync(), m.Flush()]


def test_a_simple_error_skips_nothing() -> None:
    protocol = ready()
    protocol.receive(message(b"Q", b"selec\0") + message(b"Q", b"select 1\0"))
    assert protocol.next_event() == m.Query("selec")
    protocol.failed()
    assert protocol.next_event() == m.Query("select 1")


def test_terminate_ends_even_while_skipping() -> None:
    protocol = ready()
    protocol.receive(message(b"E", b"\0\0\0\0\0"))
    protocol.next_event()
    protocol.failed()
    assert events(protocol, message(b"H") + message(b"X") + message(b"S")) == [m.Terminate()]
    assert protocol.state == "closed"


def test_copy_messages_count_only_while_copying() -> None:
    protocol = ready()
    data, done, fail = message(b"d", b"1\n"), message(b"c"), message(b"f", b"why\0")
    assert events(protocol, data + done + fail) == []
    assert events(protocol, message(b"Q", b"copy t from stdin\0")) == [m.Query("copy t from stdin")]
    protocol.begin_copy_in()
    assert events(protocol, data + message(b"S") + message(b"H") + done + data) == [m.CopyData(b"1\n"), m.CopyDone()]
    protocol.begin_copy_in()
    (event,) = events(protocol, message(b"Q", b"select 1\0"))
    assert isinstance(event, m.Malformed)
    assert event.simple


def test_only_a_password_is_taken_before_authentication() -> None:
    protocol = Protocol()
    protocol.receive(packet(STARTUP))
    protocol.next_event()
    assert events(protocol, message(b"p", b"secret\0")) == [m.PasswordMessage(b"secret\0")]
    with pytest.raises(ProtocolError, match="expected password response"):
        events(protocol, message(b"Q", b"select 1\0"))


def test_error_fields_on_the_wire() -> None:
    error = SqlError("42601", "syntax\0 error", detail="d", hint="h", position=7)
    body = b"SERROR\0VERROR\0C42601\0Msyntax? error\0Dd\0Hh\0P7\0\0"
    assert m.error_response(error) == message(b"E", body)


# -- mutation -----------------------------------------------------------------------------------------------------------------


def outcome(chunks: list[bytes], handler: str) -> tuple[list[str], str]:
    """Events, and how it ended; one handler `fails` at every third event, one begins to `copy` in at every Query."""
    protocol = ready()
    seen: list[str] = []
    try:
        for chunk in chunks:
            protocol.receive(chunk)
            while (event := protocol.next_event()) is not None:
                seen.append(repr(event))
                if handler == "fails" and len(seen) % 3 == 0:
                    protocol.failed()
                elif handler == "copies" and isinstance(event, m.Query):
                    protocol.begin_copy_in()
    except ProtocolError as error:
        return seen, repr(error)
    return seen, protocol.state


@pytest.mark.parametrize("messages", [QUICK, pytest.param(MILLION, marks=pytest.mark.nightly)])
def test_mutated_messages_parse_or_raise_whole_or_byte_by_byte(messages: int) -> None:
    random_ = random.Random(messages)
    kinds: set[str] = set()
    done = 0
    while done < messages:
        count = random_.randint(1, 8)
        data = b"".join(mutated(random_) for _ in range(count))
        handler = random_.choice(("answers", "fails", "copies"))
        whole = outcome([data], handler)
        assert outcome([data[i : i + 1] for i in range(len(data))], handler) == whole, data
        kinds.update(e.partition("(")[0] for e in whole[0])
        kinds.add(whole[1].partition(",")[0])
        done += count
    # The mutants reached every kind of event and both ends, so the assertion above was about something.
    assert kinds >= {"Query", "Parse", "Bind", "Describe", "Execute", "Close", "Flush", "Sync", "FunctionCall", "Malformed"}
    assert kinds >= {"CopyData", "CopyDone", "CopyFail", "ready", "skipping", "copying", "SqlError('08P01'"}


def test_mutated_startups_parse_or_raise() -> None:
    random_ = random.Random(7)
    seeds = [packet(STARTUP), packet(b"", m.SSL_REQUEST), packet(struct.pack("!i", 1) + b"abcd", m.CANCEL_REQUEST)]
    for _ in range(10_000):
        data = bytearray(random_.choice(seeds))
        for _ in range(random_.randint(1, 4)):
            data[random_.randrange(len(data))] = random_.choice((*INTERESTING, random_.randrange(256)))
        results = []
        for chunks in ([bytes(data)], [bytes(data[i : i + 1]) for i in range(len(data))]):
            protocol = Protocol()
            try:
                found = [repr(e) for chunk in chunks for e in events(protocol, chunk)]
            except ProtocolError as error:
                found = [repr(error)]
            results.append((found, protocol.state, protocol.outgoing()))
        assert results[0] == results[1], data
