"""Failed log-ins slow down those that follow, from the same address to the same role; nobody else waits.

Contract: `judged` looks at a proof when its turn has come. The first failures cost nothing, since people mistype; then each doubles
the pause. Proofs that come side by side wait one behind the other, and one whose turn would come too late is refused unseen. A
right password ends it; so does time. The table is bounded: who fills it to be forgotten must fail as often as it is long.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.pgwire.scram import WrongProof


@dataclass(slots=True)
class _Record:
    """Failures so far, and when the next proof may be looked at (both by the clock); `waiting` proofs have turns already."""

    failures: int
    next_at: float
    last_at: float
    waiting: int = 0


class FailedLogins:
    """Thread-safe. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._judging = threading.Lock()
        self._records: OrderedDict[tuple[str, str], _Record] = OrderedDict()

    def judged(self, address: str, role: str, wait: Callable[[float], object], look: Callable[[], bytes]) -> bytes:
        """What `look` gives, called when it is this proof's turn; WrongProof of it is a failure. Raises SqlError 28000 as `turn`.

        `wait` is called with seconds. One proof is looked at after the other: those that came at the same moment, before any had
        failed, take their turns, too.
        """
        while True:
            waited = self.turn(address, role)
            wait(waited)
            with self._judging:
                if not waited and self._is_late(address, role):
                    continue
                try:
                    return look()
                except WrongProof:
                    self.failed(address, role)
                    raise
                finally:
                    if waited:
                        self._had_its_turn(address, role)

    def _is_late(self, address: str, role: str) -> bool:
        """Whether others have failed since, so that there are turns now."""
        with self._lock:
            record = self._records.get((network(address), role))
            return record is not None and record.next_at > self._clock()

    def turn(self, address: str, role: str) -> float:
        """Seconds to wait before a proof is looked at; the turn is taken. Raises SqlError 28000 when that is too long."""
        now = self._clock()
        with self._lock:
            record = self._records.get((network(address), role))
            if record is None or now - record.last_at > limits.FAILED_LOGINS_FORGOTTEN_S:
                return 0.0
            wait_s = max(0.0, record.next_at - now)
            if not wait_s:
                return 0.0
            if wait_s > limits.FAILED_LOGIN_WAIT_S_MAX:
                raise SqlError(
                    "28000",
                    f'too many failed log-ins of user "{role}" from this address',
                    hint=f"Try again in {wait_s:.0f} seconds.",
                )
            record.waiting += 1  # most likely a failure more: who follows waits longer than it
            record.next_at = now + wait_s + _pause_s(record.failures + record.waiting)
        return wait_s

    def _had_its_turn(self, address: str, role: str) -> None:
        with self._lock:
            record = self._records.get((network(address), role))
            if record is not None and record.waiting:
                record.waiting -= 1

    def failed(self, address: str, role: str) -> None:
        """A proof was wrong."""
        now = self._clock()
        key = network(address), role
        with self._lock:
            record = self._records.pop(key, None)
            if record is None or now - record.last_at > limits.FAILED_LOGINS_FORGOTTEN_S:
                record = _Record(0, now, now)
            record.failures += 1
            record.last_at = now
            record.next_at = max(record.next_at, now + _pause_s(record.failures))
            self._records[key] = record
            if len(self._records) > limits.FAILED_LOGINS_MAX:
                self._records.popitem(last=False)

    def passed(self, address: str, role: str) -> None:
        """A proof was right."""
        with self._lock:
            self._records.pop((network(address), role), None)

    def __len__(self) -> int:
        return len(self._records)


def _pause_s(failures: int) -> float:
    """The pause after so many failures."""
    over = failures - limits.FAILED_LOGINS_FREE
    return min(limits.FAILED_LOGIN_PAUSE_S * 2.0 ** min(over, 32), limits.FAILED_LOGIN_PAUSE_S_MAX) if over >= 0 else 0.0


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """What one attacker has: an IPv4 address, or the 64-bit network that hosts choose their IPv6 addresses in.

    What is no address, such as what stands for a Unix socket, is itself.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
