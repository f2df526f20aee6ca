"""Watch a `files` store: an edit becomes a new snapshot without a restart.

Contract: `poll` looks once and returns the new snapshot, or None when nothing changed; `start` does so in a thread, every
`interval_s`, and calls back. A file counts as unchanged only if its size, times and inode are the same and it was last written well
before it was looked at: two edits within a clock tick would otherwise look like one.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Final, TypeAlias

from fedgate.catalog.snapshot import Snapshot
from fedgate.catalog.stores.files import FilesStore
from fedgate.errors import SqlError

INTERVAL_S: Final = 1.0
_RACY_NS: Final = 2_000_000_000
_Signature: TypeAlias = tuple[tuple[str, int, int, int, int], ...]

_log = logging.getLogger("fedgate.catalog")


def load(store: FilesStore, previous: Snapshot | None = None) -> Snapshot:
    """The store's snapshot now; problems that `previous` had keep their time."""
    content = store.read()
    return Snapshot.build(content.documents, content.broken, revision=content.revision, now=time.time(), previous=previous)


class Watcher:
    """Follows one store. `snapshot` is the latest one."""

    def __init__(self, store: FilesStore, snapshot: Snapshot | None = None) -> None:
        self._store = store
        self._signature: _Signature = ()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self.snapshot = snapshot or load(store)

    def poll(self) -> Snapshot | None:
        """Look once. Raises SqlError when the directory cannot be read."""
        signature, steady = self._look()
        if steady and signature == self._signature:
            return None
        new = load(self._store, self.snapshot)
        self._signature = signature
        if new.revision == self.snapshot.revision:
            return None
        self.snapshot = new
        return new

    def start(self, callback: Callable[[Snapshot], None], interval_s: float = INTERVAL_S) -> None:
        """Poll in a daemon thread until `stop`; `callback` runs in it."""
        self._thread = threading.Thread(target=self._run, args=(callback, interval_s), name="catalog-watch", daemon=True)
        self._thread.start()

    def look_again(self) -> None:
        """Read everything anew, now, whatever it looks like from outside; the thread does it."""
        self._signature = ()
        self._wake.set()

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, callback: Callable[[Snapshot], None], interval_s: float) -> None:
        failed = ""
        while not self._stopped(interval_s):
            known = self.snapshot.problems
            try:
                new = self.poll()
                failed = ""
            except (SqlError, OSError) as error:
                if str(error) != failed:
                    _log.error("the catalog cannot be read, its last state is served: %s", error)
                failed = str(error)
                continue
            if new is not None:
                _log.info("catalog revision %s: %d tables, %d problems", new.revision, len(new.tables), len(new.problems))
                before = {(problem.kind, problem.name, problem.message) for problem in known}
                for problem in new.problems:
                    if (problem.kind, problem.name, problem.message) in before:
                        continue
                    _log.warning('%s "%s" is set aside: %s', problem.kind, problem.name, problem.message)
                aside = {(problem.kind, problem.name) for problem in new.problems}
                for kind, name in dict.fromkeys((p.kind, p.name) for p in known):
                    if (kind, name) not in aside:
                        _log.info('%s "%s" is not set aside any more', kind, name)
                callback(new)

    def _stopped(self, interval_s: float) -> bool:
        """Waits for the next look; whether there is none."""
        self._wake.wait(interval_s)
        self._wake.clear()
        return self._stop.is_set()

    def _look(self) -> tuple[_Signature, bool]:
        now = time.time_ns()
        entries = []
        steady = True
        for path in self._store.files():
            try:
                status = os.stat(path)
            except OSError:
                entries.append((str(path), -1, -1, -1, -1))
                continue
            steady = steady and now - status.st_mtime_ns > _RACY_NS
            entries.append((str(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
        return tuple(entries), steady
