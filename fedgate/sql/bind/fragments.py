"""Expressions outside statements: defaults of functions, checks and expressions of the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from fedgate.errors import SqlError, unsupported
from fedgate.schema import Column, Table, View
from fedgate.sql.bind.coerce import settle_unknown
from fedgate.sql.bind.context import BindContext
from fedgate.sql.bind.dispatch import bind_expr
from fedgate.sql.bind.state import Binder, Item, ItemColumn, Message, ParameterTypes, State
from fedgate.sql.parse import RawStatement, parse
from fedgate.sql.tree import Expr, FuncExpr, Param, SubLink, Var, WindowFunc, walk

_PREFIX = "SELECT "
_ONLY_TARGETS = frozenset(("target_list", "limit_option", "op"))


@lru_cache(maxsize=256)
def raw_expression(text: str) -> tuple[RawStatement, Message]:
    """The statement `SELECT text` and the raw node of its only target."""
    raw = parse(f"SELECT {text}")[0]
    return raw, raw.node.target_list[0].res_target.val


@lru_cache(maxsize=256)
def raw_type(text: str) -> Message:
    """The raw TypeName that `text` is. 42601 when it is none."""
    _, node = raw_expression(f"NULL::{text}")
    if node.WhichOneof("node") != "type_cast" or node.type_cast.arg.WhichOneof("node") != "a_const":
        raise SqlError("42601", f'invalid type name "{text}"')
    return node.type_cast.type_name


def bind_default(state: State, text: str) -> Expr:
    """The default of a function's argument, given by pg_proc as SQL text without names."""
    _, node = raw_expression(text)
    outer = state.binder
    binder = Binder(text, lambda _: None, outer.relations, outer.context, outer.parameters, outer.next_id)
    return bind_expr(State(binder), node)


class _NoRelations:
    """Relations for expressions, which read none."""

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        return None

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        return None

    def schema_exists(self, schema: str) -> bool:
        return False


def bind_expression(text: str, columns: Sequence[Column], rel: int, context: BindContext) -> Expr:
    """`text` over the columns of relation `rel`. Subqueries, aggregates, windows, sets and parameters are refused."""
    raw, node = _whole_expression(text)
    # The prefix "SELECT " is not the user's: positions count from their own text.
    binder = Binder(text, lambda at: _shifted(raw, at), _NoRelations(), context, ParameterTypes([]), next_id=rel + 1)
    state = State(binder)
    state.kind = "check"
    binder.owners[rel] = state
    state.items = [Item("", [ItemColumn(col.name, Var(rel, col.attnum, col.type)) for col in columns], rel)]
    expr = settle_unknown(state, bind_expr(state, node))
    for part in walk(expr, into_queries=True):
        if isinstance(part, SubLink | WindowFunc | Param) and not (isinstance(part, Param) and not part.name.isdigit()):
            raise unsupported("a subquery, window function or parameter in an expression of the catalog", position=part.pos)
        if isinstance(part, FuncExpr) and part.returns_set:
            raise unsupported("a set-returning function in an expression of the catalog", position=part.pos)
    return expr


def _shifted(raw: RawStatement, location: int) -> int | None:
    position = raw.position(location)
    return position - len(_PREFIX) if position is not None else None


def _whole_expression(text: str) -> tuple[RawStatement, Message]:
    statements = parse(_PREFIX + text)
    node = statements[0].node if len(statements) == 1 and statements[0].kind == "select" else None
    if node is None or len(node.target_list) != 1 or {d.name for d, _ in node.ListFields()} - _ONLY_TARGETS:
        raise SqlError("42601", f"not a single expression: {text}")
    target = node.target_list[0].res_target
    if target.name:
        raise SqlError("42601", f"not a single expression: {text}")
    return statements[0], target.val
