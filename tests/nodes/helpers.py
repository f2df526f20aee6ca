"""What the tests of node sessions share: nodes, fragments, and all rows of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from fedgate.catalog.model import Engine, Node
from fedgate.fragment import Fragment
from fedgate.nodes.engines import engine


def node(kind: str, url: str | Path, **options: object) -> Node:
    """A node called `n`."""
    return Node("n", cast(Engine, kind), str(url), options=dict(options))


def fragment(sql: str, *fields: tuple[str, pa.DataType] | pa.Field, **more: Any) -> Fragment:
    """A fragment of relation `t` at node `n`, shard `s`."""
    return Fragment("x0", "n", "s", "t", sql, pa.schema(list(fields)), **more)


def field(name: str, arrow: pa.DataType, **metadata: object) -> pa.Field:
    """A field with the metadata that dialects write (column, oid, typmod, zone)."""
    return pa.field(name, arrow, metadata={k: str(v) for k, v in metadata.items()})


def rows(where: Node, *fragments: Fragment) -> list[list[tuple[Any, ...]]]:
    """All rows of the fragments, run in turn in one session; every batch is checked to have exactly its fragment's schema."""
    session = engine(where.engine).connect(where, timeout_s=3)
    try:
        return [_rows(session.run(f), f) for f in fragments]
    finally:
        session.close()


def _rows(batches: Any, run: Fragment) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for batch in batches:
        assert batch.schema.equals(run.schema), f"{batch.schema} is not {run.schema}"
        found += list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
    return found
