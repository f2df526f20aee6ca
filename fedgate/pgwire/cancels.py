"""Cancel requests: a process id and its secret, over connections of their own. Whoever guesses secrets is slowed down.

Nothing is ever answered, as in PostgreSQL: an answer would help whoever guesses. The first wrong keys of an address cost nothing (a
client may well cancel a session that has just ended); of more only so many a second are looked at, the others wait for their turn,
and are dropped where it is too far away. Right keys do not count.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from fedgate import limits
from fedgate.pgwire.messages import CancelRequest
from fedgate.pgwire.throttle import network
from fedgate.session.activity import Activity

_log = logging.getLogger("fedgate.wire")

_STEP_S: Final = 1 / limits.CANCEL_WRONG_PER_S
_BURST_S: Final = limits.CANCEL_WRONG_BURST * _STEP_S
_LOG_S: Final = 60.0


class Cancels:
    """Thread-safe; `request` is called in the thread of the connection that the request came over, and may wait in it."""

    def __init__(
        self, activity: Activity, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._activity = activity
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._due: OrderedDict[str, float] = OrderedDict()
        """By address: when its wrong keys will all have had their turn, longest unused first."""
        self._logged: dict[str, float] = {}

    def request(self, request: CancelRequest, host: str | None) -> bool:
        """Cancel what the session runs, if the key is its own; whether it was. `host` is None at a Unix socket."""
        source = network(host) if host is not None else "the Unix socket"
        wait = self._turn(source)
        if wait > limits.CANCEL_WAIT_S_MAX:
            return False
        if wait > 0:
            self._sleep(wait)
        seat = self._activity.find(request.pid)
        if seat is None or not secrets.compare_digest(seat.secret, request.secret):
            return False
        self._give_back(source)
        seat.session.cancel()
        return True

    def _turn(self, source: str) -> float:
        """Seconds until it is this request's turn; one whose turn is too far away takes none."""
        with self._lock:
            now = self._clock()
            due = max(self._due.pop(source, now), now)
            wait = due - now - _BURST_S
            self._due[source] = due if wait > limits.CANCEL_WAIT_S_MAX else due + _STEP_S
            if len(self._due) > limits.CANCEL_ADDRESSES_MAX:
                self._due.popitem(last=False)
            says = wait > 0 and now - self._logged.get(source, -_LOG_S) >= _LOG_S
            if says:
                self._logged = {s: at for s, at in self._logged.items() if now - at < _LOG_S}
                self._logged[source] = now
        if says:
            _log.warning("many cancel requests with wrong keys from %s: further ones wait", source)
        return wait

    def _give_back(self, source: str) -> None:
        with self._lock:
            if source in self._due:
                self._due[source] -= _STEP_S
