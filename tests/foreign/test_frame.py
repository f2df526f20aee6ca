"""The frame of the foreign clients: what it reads of the wire and of programs, and that it sees what differs."""

from __future__ import annotations

import struct

import pytest

from tests.foreign import steps
from tests.foreign.definition import Expected
from tests.foreign.definition import names as clients
from tests.foreign.definition import read as definition
from tests.foreign.environments import KINDS
from tools.recordproxy import Reader, Recorded


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


STARTUP = struct.pack("!II", 8, 80877103) + struct.pack("!IIB", 9, 196608, 0)
PARSE = _message(b"P", b"s\0select $1, $2\0" + struct.pack("!HII", 2, 23, 0))
BIND = _message(b"B", b"\0s\0" + struct.pack("!HH", 1, 1) + struct.pack("!Hi4si", 2, 4, b"\0\0\0\5", -1) + struct.pack("!H", 0))
SENT = STARTUP + _message(b"Q", b"select 1\0") + PARSE + BIND + _message(b"S", b"") + BIND


@pytest.mark.parametrize("piece", [1, 7, len(SENT)])
def test_statements_are_read_off_the_wire(piece: int) -> None:
    found: list[Recorded] = []
    reader = Reader(found.append)
    for at in range(0, len(SENT), piece):
        reader.feed(SENT[at : at + piece])
    bound = Recorded("select $1, $2", (b"\0\0\0\5", None), (23, 0), (1, 1))
    assert found == [Recorded("select 1"), bound, bound]


def test_what_is_encrypted_is_not_read() -> None:
    found: list[Recorded] = []
    reader = Reader(found.append)
    reader.feed(STARTUP[:8])
    assert reader.asked_encryption
    reader.blind()
    reader.feed(SENT)
    assert not found


def _run(*lines: str) -> steps.Run:
    return steps.read("\n".join(('{"version": "1"}', *lines)), "here")


def test_steps_are_compared_and_expectations_have_to_be_met() -> None:
    theirs = _run('{"step": "a", "value": [1]}', '{"step": "b", "value": 1}', '{"step": "c", "value": null}')
    ours = _run('{"step": "a", "value": [1]}', '{"step": "b", "value": "1"}', '{"step": "d", "not_applicable": "why"}')
    meant, idle = Expected("because", step="b*"), Expected("no", step="a")
    outcome = steps.compare(theirs, ours, (meant, idle))
    assert outcome.equal == 1
    assert [(d.step, d.postgres, d.fedgate, d.expected) for d in outcome.differences] == [
        ("b", "1", '"1"', "because"),
        ("c", "null", "(no such step)", None),
    ]
    assert outcome.unmet == (idle,)
    assert outcome.not_applicable == {"d": "why"}


@pytest.mark.parametrize("line", ["hello", '{"step": "a"}', "[]"])
def test_a_program_prints_steps_and_nothing_else(line: str) -> None:
    with pytest.raises(steps.FailedError):
        _run('{"step": "z", "value": 1}', line)


def test_a_program_that_does_nothing_has_failed() -> None:
    with pytest.raises(steps.FailedError):
        _run()


@pytest.mark.parametrize("name", clients())
def test_a_clients_folder_can_be_read(name: str) -> None:
    found = definition(name)
    assert found.environment in KINDS
    assert found.title
    assert found.url.startswith("https://")
