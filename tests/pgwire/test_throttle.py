"""Failed log-ins slow down those that follow: whom, for how long, and within which bounds."""

from __future__ import annotations

import pytest

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.pgwire.throttle import FailedLogins


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(failed: FailedLogins, times: int, address: str = "10.0.0.1", role: str = "ann") -> None:
    for _ in range(times):
        failed.failed(address, role)


def test_failures_slow_down_what_follows() -> None:
    clock = Clock()
    failed = FailedLogins(clock)
    fail(failed, limits.FAILED_LOGINS_FREE - 1)
    assert failed.turn("10.0.0.1", "ann") == 0
    waits = []
    for _ in range(7):
        fail(failed, 1)
        waits.append(failed.turn("10.0.0.1", "ann"))
        clock.now += waits[-1]
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert failed.turn("10.0.0.2", "ann") == failed.turn("10.0.0.1", "bob") == 0
    clock.now += limits.FAILED_LOGINS_FORGOTTEN_S + 1
    assert failed.turn("10.0.0.1", "ann") == 0


def test_a_right_password_ends_it() -> None:
    failed = FailedLogins(Clock())
    fail(failed, 9)
    failed.passed("10.0.0.1", "ann")
    assert failed.turn("10.0.0.1", "ann") == 0


def test_proofs_side_by_side_wait_for_each_other() -> None:
    failed = FailedLogins(Clock())
    fail(failed, limits.FAILED_LOGINS_FREE + 3)
    assert [failed.turn("10.0.0.1", "ann") for _ in range(5)] == [2.0, 4.0, 6.0, 8.0, 10.0]
    with pytest.raises(SqlError, match="too many failed log-ins") as caught:
        failed.turn("10.0.0.1", "ann")
    assert caught.value.sqlstate == "28000"


def test_a_host_has_many_addresses_and_the_table_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAILED_LOGINS_MAX", 50)
    failed = FailedLogins(Clock())
    fail(failed, 9, "2001:db8::1")
    assert failed.turn("2001:db8::ffff:1", "ann") > 0
    assert failed.turn("2001:db8:0:1::1", "ann") == 0
    fail(failed, 9, "10.0.0.1")
    assert failed.turn("::ffff:10.0.0.1", "ann") > 0
    for number in range(limits.FAILED_LOGINS_MAX):
        failed.failed("10.0.0.2", str(number))
    assert len(failed) == limits.FAILED_LOGINS_MAX
    assert failed.turn("10.0.0.1", "ann") == 0
