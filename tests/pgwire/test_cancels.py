"""Cancel requests: wrong keys do nothing, ever more slowly; the right one still works."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from fedgate import limits
from fedgate.pgwire.cancels import Cancels
from fedgate.pgwire.messages import CancelRequest
from fedgate.session.activity import Activity

SECRET = b"\x00key"


@dataclass
class Target:
    """A session that counts how often it was cancelled, and its seat."""

    secret: bytes = SECRET
    cancelled: int = 0

    @property
    def session(self) -> Target:
        return self

    def cancel(self) -> None:
        self.cancelled += 1


@dataclass
class Guarded:
    """`Cancels` over one session with the id 7, and a clock that sleeping moves on."""

    now: float = 0.0
    target: Target = field(default_factory=Target)

    def __post_init__(self) -> None:
        activity = Activity()
        activity.find = lambda pid: cast(Any, self.target if pid == 7 else None)  # type: ignore[method-assign]
        self.cancels = Cancels(activity, lambda: self.now, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def ask(self, secret: bytes, host: str | None = "192.0.2.1", pid: int = 7) -> bool:
        return self.cancels.request(CancelRequest(pid, secret), host)


def test_ten_thousand_wrong_keys_do_nothing_and_take_their_time(caplog: pytest.LogCaptureFixture) -> None:
    guarded = Guarded()
    wrong = [n.to_bytes(4, "big") for n in range(10_000)]
    with caplog.at_level(logging.WARNING, "fedgate.wire"):
        assert not any(guarded.ask(key) for key in wrong)
    assert guarded.target.cancelled == 0
    assert guarded.now >= (10_000 - limits.CANCEL_WRONG_BURST - 1) / limits.CANCEL_WRONG_PER_S
    assert 1 <= len(caplog.records) <= guarded.now / 60 + 1
    assert guarded.ask(SECRET)
    assert guarded.target.cancelled == 1


def test_keys_of_another_length_or_session_are_wrong() -> None:
    guarded = Guarded()
    assert not any((guarded.ask(b""), guarded.ask(SECRET + b"\0"), guarded.ask(SECRET, pid=8)))
    assert guarded.target.cancelled == 0


def test_many_at_once_wait_and_those_that_would_wait_too_long_are_dropped() -> None:
    guarded = Guarded()
    guarded.cancels._sleep = lambda seconds: None  # all come at the same moment
    for _ in range(limits.CANCEL_WRONG_BURST + int(limits.CANCEL_WAIT_S_MAX * limits.CANCEL_WRONG_PER_S) + 1):
        guarded.ask(b"nono")
    assert not guarded.ask(SECRET)
    assert guarded.ask(SECRET, host="192.0.2.2")
    assert guarded.ask(SECRET, host=None)
    guarded.now += 2 / limits.CANCEL_WRONG_PER_S
    assert guarded.ask(SECRET)
    assert guarded.target.cancelled == 3


def test_right_keys_are_never_slowed_down() -> None:
    guarded = Guarded()
    assert all(guarded.ask(SECRET) for _ in range(1_000))
    assert guarded.now == 0


def test_a_network_counts_as_one_and_few_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CANCEL_ADDRESSES_MAX", 3)
    guarded = Guarded()
    for host in ("2001:db8::1", "2001:db8::2", "fe80::1%eth0", "192.0.2.1", "192.0.2.2", "192.0.2.3"):
        guarded.ask(b"nono", host)
    assert list(guarded.cancels._due) == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
