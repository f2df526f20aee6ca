"""Bound query → DuckDB SQL with PostgreSQL's semantics: the one renderer for the merge engine and for DuckDB and Parquet nodes.

`lower` gives a template whose columns are `c<id>` in their carriers; `schema_of` says which carriers; `literal` renders slots;
`install` puts the macros and functions that the SQL calls on a connection; `translate` turns DuckDB's exceptions into SqlErrors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from fedgate.fragment import Template
from fedgate.sql.functions.carriers import Emit
from fedgate.sql.lower import aggregates, expressions, subqueries, windows
from fedgate.sql.lower.errors import translate
from fedgate.sql.lower.install import install
from fedgate.sql.lower.literals import literal
from fedgate.sql.lower.state import Lowering
from fedgate.sql.tree import Query, TableRef

__all__ = ["Lowered", "install", "literal", "lower", "schema_of", "translate"]
_FAMILIES = (aggregates, expressions, subqueries, windows)  # imported for the handlers they register


@dataclass(frozen=True, slots=True)
class Lowered:
    """`schema` names the visible columns `c<id>`, in order, in the carriers that `template` gives them in."""

    template: Template
    schema: pa.Schema


def lower(query: Query, relation: Callable[[TableRef], str], *, timezone: str) -> Lowered:
    """DuckDB SQL for `query`. Raises SqlError 0A000 for what is not supported.

    `relation` renders a TableRef as a DuckDB relation whose columns are `c<attnum>` (`c_7`, `c_8` hidden). `timezone` is the
    session's zone; nothing depends on DuckDB's own setting.
    """
    lowering = Lowering(Emit(timezone), relation)
    body = lowering.query(query)
    schema = pa.schema([(e.sql, e.arrow) for e in body.columns.values()])
    return Lowered(lowering.cx.template(body.sql), schema)


def schema_of(query: Query) -> pa.Schema:
    """The carriers of a query's visible columns, named `c<id>`; exactly what `lower` gives. Raises SqlError 0A000."""
    return lower(query, lambda ref: f"r{ref.rel}", timezone="UTC").schema
