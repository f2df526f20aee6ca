"""Failed log-ins slow down those that follow: whom, for how long, and within which bounds."""

from __future__ import annotations

import threading

import pytest

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.pgwire.scram import WrongProof
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
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.now += seconds

    for _ in range(10):
        with pytest.raises(WrongProof):
            failed.judged("10.0.0.1", "ann", wait, wrong)
    assert waits == [0, 0, 0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
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
    assert [failed.turn("10.0.0.1", "ann") for _ in range(2)] == [2.0, 6.0]
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


def test_proofs_of_one_moment_take_turns() -> None:
    """Twenty that all came before the first had failed: three are looked at for nothing, the others wait, and most are refused."""
    failed, waits, looked = FailedLogins(Clock()), [], []
    together = threading.Barrier(20)

    def look() -> bytes:
        looked.append(1)
        raise WrongProof

    def guess() -> None:
        begun = False

        def wait(seconds: float) -> None:
            nonlocal begun
            if not begun:
                begun = True
                assert seconds == 0
                together.wait(20)
            elif seconds:
                waits.append(seconds)

        with pytest.raises((WrongProof, SqlError)):
            failed.judged("10.0.0.1", "ann", wait, look)

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(looked) - len(waits) == limits.FAILED_LOGINS_FREE
    assert max(waits) <= limits.FAILED_LOGIN_WAIT_S_MAX


def test_a_right_proof_waits_like_others() -> None:
    failed = FailedLogins(Clock())
    fail(failed, limits.FAILED_LOGINS_FREE)
    waits: list[float] = []
    assert failed.judged("10.0.0.1", "ann", waits.append, lambda: b"v=") == b"v="
    assert waits == [limits.FAILED_LOGIN_PAUSE_S]


def wrong() -> bytes:
    raise WrongProof
