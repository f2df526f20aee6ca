"""Walking and rewriting bound queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, TypeAlias, TypeVar, cast, get_args

from fedgate.sql.tree.expressions import BoolExpr, Expr, Frame, SortBy, When
from fedgate.sql.tree.queries import Block, BoundQuery, Cte, FromItem, SetOp, SortKey, Target, Values

Node: TypeAlias = Any
N = TypeVar("N")
_QUERIES = frozenset((Block, SetOp, Values))
_NODES = frozenset((*get_args(Expr), *get_args(FromItem), *_QUERIES, When, SortBy, Frame, Target, SortKey, Cte, BoundQuery))


def is_query(node: object) -> bool:
    return type(node) in _QUERIES


_NO_NODES = frozenset(
    [
        "pos",
        "type",
        "name",
        "oid",
        "rel",
        "col",
        "arg_types",
        "oids",
        "names",
        "columns",
        "schema",
        "table",
        "alias",
        "only",
        "kind",
        "op",
        "value",
    ]
)


_FIELD_NAMES: dict[Any, tuple[str, ...]] = {}


def _field_names(node_type: Any) -> tuple[str, ...]:
    """The fields that can hold nodes."""
    found = _FIELD_NAMES.get(node_type)
    if found is None:
        found = _FIELD_NAMES[node_type] = tuple(f.name for f in fields(node_type) if f.name not in _NO_NODES)
    return found


def children(node: Node) -> list[Node]:
    """The direct child nodes of any node, in field order."""
    found = []
    for name in _field_names(type(node)):
        value = getattr(node, name)
        if type(value) in _NODES:
            found.append(value)
        elif isinstance(value, tuple):
            for item in value:
                if type(item) in _NODES:
                    found.append(item)
                elif isinstance(item, tuple):
                    found += [i for i in item if type(i) in _NODES]
    return found


def walk(node: Node, *, into_queries: bool = False) -> Iterator[Node]:
    """`node` and all below it, top down. Nested queries are entered only with `into_queries` (then FROM items too)."""
    left = [node]
    while left:
        node = left.pop()
        yield node
        below = children(node)
        below.reverse()
        left += below if into_queries else [child for child in below if type(child) not in _QUERIES]


def transform(node: N, fn: Callable[[Node], Node], *, into_queries: bool = False) -> N:
    """A copy with `fn` applied to every node bottom-up; unchanged sub-trees are kept as they are."""
    changes: dict[str, Any] = {}
    for name in _field_names(type(node)):
        value = getattr(node, name)
        if type(value) is tuple:
            new = _transform_items(value, fn, into_queries)
        elif type(value) in _NODES and (into_queries or type(value) not in _QUERIES):
            new = transform(value, fn, into_queries=into_queries)
        else:
            continue
        if new is not value:
            changes[name] = new
    return cast(N, fn(replace(cast(Any, node), **changes) if changes else node))


def _transform_items(items: tuple[Any, ...], fn: Callable[[Node], Node], into_queries: bool) -> tuple[Any, ...]:
    """The same of a tuple, or of a tuple of tuples. (A NamedTuple is a value, not a list of nodes.)"""
    made, changed = [], False
    for item in items:
        new = item
        if type(item) in _NODES and (into_queries or type(item) not in _QUERIES):
            new = transform(item, fn, into_queries=into_queries)
        elif type(item) is tuple:
            new = _transform_items(item, fn, into_queries)
        made.append(new)
        changed = changed or new is not item
    return tuple(made) if changed else items


def map_children(node: N, fn: Callable[[Node], Node]) -> N:
    """A copy of an expression with `fn` applied to the expressions directly below it; queries are left as they are."""
    changes: dict[str, Any] = {}
    for name in _field_names(type(node)):
        value = getattr(node, name)
        new = _mapped(value, fn)
        if new is not value:
            changes[name] = new
    return cast(N, replace(cast(Any, node), **changes)) if changes else node


def _mapped(value: Any, fn: Callable[[Node], Node]) -> Any:
    if type(value) is tuple:
        items = tuple(_mapped(item, fn) for item in value)
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if type(value) not in _NODES or is_query(value):
        return value
    if isinstance(value, When | SortBy | Frame):  # parts of a node, not expressions
        return map_children(value, fn)
    return fn(value)


def conjuncts(predicate: Expr | None) -> tuple[Expr, ...]:
    """The AND-ed parts of a predicate, in the order written; () for None."""
    if predicate is None:
        return ()
    if isinstance(predicate, BoolExpr) and predicate.op == "and":
        return tuple(part for arg in predicate.args for part in conjuncts(arg))
    return (predicate,)


def conjunction(parts: tuple[Expr, ...]) -> Expr | None:
    """The opposite of `conjuncts`."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else BoolExpr("and", parts)
