"""A result of which the first batch is there, so that an error until then is one of starting it."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from fedgate.executor.api import ResultStream


class Begun:
    """The rows of `stream`, whose first batch is read here. Raises what the stream raises, and closes it then."""

    def __init__(self, stream: ResultStream) -> None:
        self.columns, self.schema = stream.columns, stream.schema
        self.close = stream.close
        self._batches = iter(stream)
        try:
            self._first = next(self._batches, None)
        except BaseException:
            stream.close()
            raise

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        first, self._first = self._first, None
        if first is not None:
            yield first
        yield from self._batches
