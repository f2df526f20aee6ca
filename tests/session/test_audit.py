"""The audit log: a line a statement and a login, none lost in silence."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.session.audit import AuditLog, Done, Who
from tests.session.conftest import Asker

WHO = Who(7, "ana", "viewer", "192.0.2.1", "psql")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AuditLog]:
    made = AuditLog(tmp_path / "audit.jsonl")
    yield made
    made.close()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_says_who_asked_what_and_how_it_ended(log: AuditLog) -> None:
    log.login(WHO, "28P01", "wrong password")
    log.statement(WHO, "SELECT 'é'", Done("00000", 3, 1.25, lambda: [("jfk", 10), ("jfk", 5), ("lga", 1)]))
    log.statement(WHO, "x" * 10_000, Done("42501"))
    log.close()
    login, asked, long = lines(log.path)
    assert stat.S_IMODE(os.stat(log.path).st_mode) == 0o600
    of = {"session": 7, "user": "ana", "role": "viewer", "address": "192.0.2.1", "application_name": "psql"}
    assert {**of, "event": "login", "outcome": "28P01", "reason": "wrong password"} == {
        k: v for k, v in login.items() if k != "time"
    }
    assert {k: v for k, v in asked.items() if k != "time"} == {
        **of,
        "event": "statement",
        "statement": "SELECT 'é'",
        "nodes": ["jfk", "lga"],
        "rows": 3,
        "bytes": 16,
        "milliseconds": 1.25,
        "outcome": "00000",
    }
    assert (len(long["statement"]), long["characters"], long["outcome"]) == (limits.AUDIT_STATEMENT_CHARS_MAX, 10_000, "42501")


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path, lines_max=10)
    os.close(log._fd)
    log._fd = -1
    path.unlink()
    path.mkdir()  # nothing can be written now
    for n in range(100):
        log.statement(WHO, str(n), Done())
    path.rmdir()
    log.statement(WHO, "last", Done())
    log.close()
    found = lines(path)
    told = sum(line["lines"] for line in found if line["event"] == "lost")
    assert told + sum(line["event"] == "statement" for line in found) == 101


def test_it_goes_on_in_the_file_that_has_the_name(log: AuditLog) -> None:
    log.statement(WHO, "one", Done())
    while not log.path.read_text():
        os.sched_yield()
    rotated = log.path.rename(log.path.with_suffix(".1"))
    log.reopen()
    while not log.path.exists():
        os.sched_yield()
    log.statement(WHO, "two", Done())
    log.close()
    assert [line["statement"] for line in lines(rotated)] == ["one"]
    assert [line["statement"] for line in lines(log.path)] == ["two"]


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SqlError, match="cannot be opened"):
        AuditLog(tmp_path / "audit.jsonl")


def test_a_statement_waits_microseconds(log: AuditLog) -> None:
    began = time.perf_counter()
    for _ in range(2_000):
        log.statement(WHO, "SELECT 1", Done())
    assert (time.perf_counter() - began) / 2_000 < 0.0002


def test_sessions_write_every_statement_once(ask: Asker, log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    session = ask.session
    monkeypatch.setattr(session.engine, "audit", log)
    ask("SELECT count(*) FROM t")
    ask("SET application_name = 'tool'")
    ask("SHOW application_name")
    ask("PREPARE p AS SELECT 2; EXECUTE p")
    for wrong in ("SELEC 1", "SELECT nothing", "SELECT 1 / 0", "SHOW nothing"):
        with pytest.raises(SqlError):
            ask(wrong)
        session.failed()
    log.close()
    found = [(line["statement"], line["outcome"], line["application_name"]) for line in lines(log.path)]
    assert found == [
        ("SELECT count(*) FROM t", "00000", ""),
        ("SET application_name = 'tool'", "00000", "tool"),
        ("SHOW application_name", "00000", "tool"),
        ("PREPARE p AS SELECT 2; EXECUTE p", "00000", "tool"),
        ("PREPARE p AS SELECT 2; EXECUTE p", "00000", "tool"),
        ("SELEC 1", "42601", "tool"),
        ("SELECT nothing", "42703", "tool"),
        ("SELECT 1 / 0", "22012", "tool"),
        ("SHOW nothing", "42704", "tool"),
    ]
    assert lines(log.path)[0]["nodes"]
    assert lines(log.path)[0]["rows"] == 1
