"""DuckDB nodes: the file is attached read-only for as long as a session reads it, and let go of at once.

DuckDB admits one writing process or many readers: a file that its writer holds is 55006.
"""

from __future__ import annotations

import os

import duckdb

from fedgate.catalog.model import Node
from fedgate.nodes.duckhost import HOST, DuckSession, node_error
from fedgate.nodes.duckviews import Source
from fedgate.nodes.engine import NodeSession
from fedgate.nodes.files import find_file, stamp_of
from fedgate.nodes.relations import quote


class DuckdbEngine:
    """The engine `duckdb`."""

    name = "duckdb"

    def connect(self, node: Node, *, timeout_s: float) -> NodeSession:
        """Attach the file; opening a file does not wait for anything. Raises SqlError 08001, 55006, 58030."""
        path, status = find_file(node)
        views = HOST.cursor(node.url)
        try:
            held = HOST.attach(node, path, status, views.connection)
        except BaseException as exc:
            views.connection.close()
            if isinstance(exc, duckdb.Error):
                raise node_error(exc, node.name) from exc
            raise
        stamp = (stamp_of(status), *_log_stamp(node))

        def source(relation: tuple[str | None, str]) -> Source:
            return Source(f"{held.alias}.{quote(relation[0] or 'main')}.{quote(relation[1])}", stamp)

        immutable = bool(node.options.get("immutable"))
        return DuckSession(node, views, source, lambda cursor: HOST.detach(held, cursor), writers_wait=not immutable)


def _log_stamp(node: Node) -> tuple[object, ...]:
    """What of the file's state its write-ahead log holds: a change of a table may be in it alone."""
    try:
        return stamp_of(os.stat(f"{node.url}.wal"))
    except OSError:
        return ()
