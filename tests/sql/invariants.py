"""What every bound query must satisfy, whatever its text was: the promises of `fedgate.sql.tree`."""

from __future__ import annotations

from typing import Any

from fedgate.schema import HIDDEN_COLUMNS
from fedgate.sql.tree import (
    Aggref,
    Block,
    BoundQuery,
    Const,
    CteRef,
    Derived,
    FunctionRef,
    GroupRef,
    SetOp,
    TableRef,
    Values,
    Var,
    children,
    is_query,
    walk,
)

_UNKNOWN = 705


def broken(bound: BoundQuery) -> list[str]:
    """The promises that the query breaks, in words; [] when it keeps them."""
    problems: list[str] = []
    relations = _relations(bound, problems)
    for node in walk(bound.query, into_queries=True):
        type_ = getattr(node, "type", None)
        # Literals in arguments declared "any" and in rows have no type in PostgreSQL either.
        if type_ is not None and type_.oid == _UNKNOWN and not isinstance(node, Const):
            problems.append(f"unknown type left: {node}")
        if isinstance(node, Var):
            if node.rel not in relations:
                problems.append(f"no relation for {node}")
            elif relations[node.rel].get(node.col) != node.type:
                problems.append(f"type of {node} is {relations[node.rel].get(node.col)} in its relation")
        if isinstance(node, Block):
            problems += _block(node)
        if isinstance(node, SetOp):
            problems += _set_operation(node)
        if hasattr(node, "arg_types") and hasattr(node, "args"):
            actual = tuple(a.type.oid for a in node.args)
            if actual != node.arg_types and not (isinstance(node, Aggref) and node.star):
                problems.append(f"arguments {actual} are not {node.arg_types}: {node}")
    return problems


def _relations(bound: BoundQuery, problems: list[str]) -> dict[int, dict[int, Any]]:
    found: dict[int, dict[int, Any]] = {}
    for node in walk(bound.query, into_queries=True):
        if not isinstance(node, TableRef | Derived | FunctionRef | CteRef):
            continue
        if node.rel in found:
            problems.append(f"relation id {node.rel} twice")
        if node.rel >= bound.next_id:
            problems.append(f"relation id {node.rel} is not below next_id {bound.next_id}")
        if isinstance(node, TableRef):
            found[node.rel] = {c.attnum: c.type for c in (*node.table.columns, *HIDDEN_COLUMNS)}
        else:
            columns = node.query.columns if isinstance(node, Derived) else node.columns
            found[node.rel] = {c.id: c.type for c in columns}
    return found


def _block(block: Block) -> list[str]:
    problems = []
    ids = [t.id for t in block.targets]
    if len(set(ids)) != len(ids):
        problems.append("two targets of one id")
    wanted = [k.column for k in block.order_by] + list(block.distinct if isinstance(block.distinct, tuple) else ())
    problems += [f"no target {i}" for i in wanted if i not in ids]
    for target in block.targets:
        problems += [f"no key for {n}" for n in walk(target.expr) if isinstance(n, GroupRef) and n.index >= len(block.group_by)]
    if block.grouped:
        parts = [t.expr for t in block.targets] + ([block.having] if block.having is not None else [])
        own = {f.rel for item in block.from_ for f in walk(item) if hasattr(f, "rel") and not isinstance(f, Var)}
        problems += [f"ungrouped {v}" for part in parts for v in _bare(part) if v.rel in own]
    return problems


def _bare(node: Any) -> list[Var]:
    """Vars outside aggregate arguments and subqueries."""
    if isinstance(node, Var):
        return [node]
    if isinstance(node, Aggref):
        return []
    return [v for child in children(node) if not is_query(child) for v in _bare(child)]


def _set_operation(node: SetOp) -> list[str]:
    problems = []
    for side in (node.left, node.right):
        if [c.type.oid for c in side.columns] != [c.type.oid for c in node.columns]:
            problems.append(f"branch gives {side.columns}, the operation {node.columns}")
        if isinstance(side, Values) and any(len(row) != len(side.columns) for row in side.rows):
            problems.append("VALUES of the wrong width")
    return problems
