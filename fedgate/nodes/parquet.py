"""Parquet nodes: a directory of files, listed once when the session opens.

A relation is a file, a directory or a glob below the node's directory; files and directories whose names start with `.` or `_`
are ignored. Columns are matched by name, so files may order them differently or lack some (NULL). DuckDB reads only the columns
and row groups that a fragment needs.
"""

from __future__ import annotations

import os

from fedgate.catalog.model import Node
from fedgate.errors import SqlError
from fedgate.nodes.duckhost import HOST, DuckSession
from fedgate.nodes.duckviews import Source
from fedgate.nodes.engine import NodeSession
from fedgate.nodes.files import list_tree, select, stamp_of, unreachable

_SUFFIX = ".parquet"


class ParquetEngine:
    """The engine `parquet`."""

    name = "parquet"

    def connect(self, node: Node, *, timeout_s: float) -> NodeSession:
        """List the files. Raises SqlError 08001, 58030, and 42P01 from `run` when a relation names no file."""
        files = list_tree(node)

        def source(relation: tuple[str | None, str]) -> Source:
            pattern = relation[1] if relation[0] is None else f"{relation[0]}/{relation[1]}"
            chosen = select(files, pattern, _SUFFIX)
            if not chosen:
                raise SqlError("42P01", f'relation "{pattern}" of node "{node.name}" names no Parquet file', node=node.name)
            paths = [os.path.join(node.url, f) for f in chosen]
            listed = ", ".join(_literal(path) for path in paths)
            try:
                stamp = tuple(stamp_of(os.stat(path)) for path in paths)
            except OSError as exc:
                raise unreachable(node, exc) from exc
            return Source(f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)", stamp)

        return DuckSession(node, HOST.cursor(node.url), source, lambda _: None, writers_wait=False)


def _literal(path: str) -> str:
    """A path as a string that read_parquet takes for a name, not for a pattern."""
    plain = "".join(f"[{c}]" if c in "*?[" else c for c in path)
    return "'" + plain.replace("'", "''") + "'"
