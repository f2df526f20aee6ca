"""The one directory of a process for what does not fit into memory: spools and the merge engine's own files.

It is locked for as long as its process lives, by a lock that the system lets go of when the process ends in any way. So what killed
processes have left is known, and removed by the next one that starts with the same parent directory.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fedgate.errors import SqlError

_PREFIX = "fedgate-scratch-"
_NEW_PREFIX = "fedgate-new-"
_LOCK = "lock"


@contextmanager
def scratch_directory(parent: Path | None) -> Iterator[Path]:
    """A new directory below `parent` (by default the system's), removed at the end. Raises SqlError 58P01 if it cannot be made."""
    above = Path(parent if parent is not None else tempfile.gettempdir())
    sweep(above)
    try:
        new = Path(tempfile.mkdtemp(prefix=_NEW_PREFIX, dir=above))
        lock = os.open(new / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise SqlError("58P01", f'could not make a directory below "{above}": {exc.strerror}') from exc
    fcntl.flock(lock, fcntl.LOCK_EX)
    made = new.rename(above / new.name.replace(_NEW_PREFIX, _PREFIX, 1))  # only now a sweep sees it
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(lock)


def sweep(above: Path) -> None:
    """Remove the directories below `above` whose processes have ended; those of other users, and what is in use, are left."""
    for place in above.glob(f"{_PREFIX}*"):
        try:
            lock = os.open(place / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:  # another user's, or one that is being made or removed right now
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place, ignore_errors=True)
        except OSError:  # its process lives
            pass
        finally:
            os.close(lock)
