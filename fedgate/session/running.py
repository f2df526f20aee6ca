"""One query of a session: its stream, its cancel, its place in the log of queries, and the clock of statement_timeout."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.executor.api import CancelToken, ExecContext, ResultStream
from fedgate.executor.deadlines import DEADLINES
from fedgate.session.audit import SUCCESS, Done
from fedgate.session.reduced import reduced

if TYPE_CHECKING:
    from fedgate.session.session import Session

_ENDED = SqlError("57014", "canceling statement: its result was closed")


class Running:
    """`batches` may be pulled in any thread; everything else is called by the session's.

    The clock runs from the start to the first `pause`, and from each `resume` to the next `pause`: a cursor that waits for its
    client does not grow old, as in PostgreSQL, where each FETCH has its own time.
    """

    def __init__(self, session: Session, text: str) -> None:
        self.cancel = CancelToken()
        self._session = session
        self._log = session.engine.queries
        self._began = time.monotonic()
        self.number = self._log.begin(session.user, text)
        self._forget_timeout: Callable[[], None] | None = None
        self._stream: ResultStream | None = None
        self._text = text
        self._audited = not session.engine.audit.listens
        self.context: ExecContext | None = None
        self._count = 0
        self._failure: str | None = None
        self._failure_told: str | None = None
        self._sees_all = session.sees_all
        self.resume()

    def resume(self) -> None:
        """The client waits: a cancel that comes now is for this query."""
        self._session.runs(self.cancel)
        if self._forget_timeout is None:
            seconds = self._session.settings.statement_timeout_s
            self._forget_timeout = DEADLINES.after(seconds, lambda: self.cancel.cancel(_timeout()))

    def pause(self) -> None:
        """The client has what it asked for."""
        forget, self._forget_timeout = self._forget_timeout, None
        if forget is not None:
            forget()

    def failed(self, error: BaseException) -> BaseException:
        """It did not start; the error as the client may know it."""
        self.pause()
        told = self._told(error)
        self._log.end(self.number, 0, self._milliseconds(), str(error), str(told))
        self._audit(error)
        return told

    def _audit(self, error: BaseException | None) -> None:
        if self._audited:
            return
        self._audited = True
        context = self.context
        outcome = SUCCESS if error is None else getattr(error, "sqlstate", "XX000")
        self._session.audit(
            self._text,
            Done(
                outcome,
                self._count,
                self._milliseconds(),
                lambda: [(s.node, s.bytes) for s in context.stats] if context is not None else (),
            ),
        )

    def _told(self, error: BaseException) -> BaseException:
        if self._sees_all or not isinstance(error, SqlError):
            return error
        return reduced(error, self.number, self._session.current_user)

    def batches(self, stream: ResultStream) -> Iterator[pa.RecordBatch]:
        """The stream's batches; its end, or an error, closes it."""
        self._stream = stream
        return self._batches(stream)

    def _batches(self, stream: ResultStream) -> Iterator[pa.RecordBatch]:
        try:
            for batch in stream:
                self._count += batch.num_rows
                yield batch
        except Exception as error:
            told = self._told(error)
            if self.cancel.error is not _ENDED:
                self._failure, self._failure_told = str(error), str(told)
                self._audit(error)
            if told is not error:
                raise told from None
            raise
        finally:
            self.close()

    def stop(self) -> None:
        """Make a pull in another thread end soon: nobody wants its rows any more."""
        self.cancel.cancel(_ENDED)

    def close(self) -> None:
        """Let go of the stream, and wait until nothing of it runs at any node; idempotent."""
        self.pause()
        if self._stream is not None:
            self._stream.close()
        self._log.end(self.number, self._count, self._milliseconds(), self._failure, self._failure_told)
        self._audit(None)

    def _milliseconds(self) -> float:
        return (time.monotonic() - self._began) * 1000


def _timeout() -> SqlError:
    return SqlError("57014", "canceling statement due to statement timeout")
