"""Facts of the statement: what the session knows when it runs, as named Params.

| Param | type | what |
|---|---|---|
| now | timestamptz | start of the transaction: now(), current_timestamp, transaction_timestamp(), and what derives from them |
| statement_timestamp | timestamptz | start of the statement: statement_timestamp() |
| user | name | current_user, user, current_role |
| session_user | name | session_user |
| database | name | current_catalog, current_database() |
| schema | name | current_schema, current_schema() |
| backend_pid | integer | pg_backend_pid() |
"""

from __future__ import annotations

from fedgate.errors import SqlError
from fedgate.sql import tables
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.coerce import apply_typmod
from fedgate.sql.bind.dispatch import handles
from fedgate.sql.bind.state import Message, State, enum_name
from fedgate.sql.refusals import refused_type
from fedgate.sql.tree import Coerce, Expr, Param
from fedgate.types import SqlType

FACTS = {
    "now": SqlType(t.TIMESTAMPTZ),
    "statement_timestamp": SqlType(t.TIMESTAMPTZ),
    "user": SqlType(t.NAME),
    "session_user": SqlType(t.NAME),
    "database": SqlType(t.NAME),
    "schema": SqlType(t.NAME),
    "backend_pid": SqlType(t.INT4),
}
_FUNCTIONS = {
    "now": "now",
    "transaction_timestamp": "now",
    "statement_timestamp": "statement_timestamp",
    "current_user": "user",
    "session_user": "session_user",
    "current_database": "database",
    "current_schema": "schema",
    "pg_backend_pid": "backend_pid",
}
_NAMES = {
    "CURRENT_USER": "user",
    "CURRENT_ROLE": "user",
    "USER": "user",
    "SESSION_USER": "session_user",
    "CURRENT_CATALOG": "database",
    "CURRENT_SCHEMA": "schema",
}


def fact(name: str, position: int | None) -> Expr:
    return Param(name, FACTS[name], pos=position)


def fact_of_function(row: tables.FunctionRow, position: int | None) -> Expr | None:
    """The fact that a call without arguments is, None for all others."""
    name = _FUNCTIONS.get(row.name) if not row.args else None
    return fact(name, position) if name else None


@handles("sqlvalue_function", "op typmod location")
def bind_sql_value(state: State, node: Message) -> Expr:
    """CURRENT_DATE, CURRENT_TIMESTAMP(p), LOCALTIME, CURRENT_USER, …"""
    position = state.pos(node.location)
    op = enum_name(node, "op").removeprefix("SVFOP_")
    base = op.removesuffix("_N")
    if base in _NAMES:
        name = _NAMES[base]
        if state.binder.context.user_is_text and name in ("user", "session_user"):
            return Param(name, SqlType(t.TEXT), pos=position)
        return fact(name, position)
    now = fact("now", position)
    if base == "CURRENT_DATE":
        return _converted(now, t.DATE, position)
    if base == "CURRENT_TIME":
        raise refused_type(t.TIMETZ, "time with time zone", position)
    typmod = _precision(node.typmod, base, position) if op.endswith("_N") else -1
    if base == "CURRENT_TIMESTAMP":
        return apply_typmod(now, SqlType(t.TIMESTAMPTZ, typmod), explicit=True, position=position)
    local = _converted(now, t.TIMESTAMP, position)
    if base == "LOCALTIMESTAMP":
        return apply_typmod(local, SqlType(t.TIMESTAMP, typmod), explicit=True, position=position)
    return apply_typmod(_converted(local, t.TIME, position), SqlType(t.TIME, typmod), explicit=True, position=position)


def _converted(expr: Expr, target: int, position: int | None) -> Expr:
    return Coerce(expr, SqlType(target), "function", True, pos=position)


def _precision(typmod: int, base: str, position: int | None) -> int:
    if typmod < 0:
        name = "TIME" if base.endswith("TIME") else "TIMESTAMP"
        raise SqlError("22023", f"{name}({typmod}) precision must not be negative", position=position)
    return min(typmod, 6)
