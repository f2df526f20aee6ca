"""Keys of windows that are no plain columns: computed in a SELECT below, since DuckDB refuses checked arithmetic (it may raise) in
OVER. So are keys whose digits must be known before a frame can be written, with these beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fedgate.fragment import column_name
from fedgate.sql.functions.carriers import E
from fedgate.sql.functions.emit import dyn
from fedgate.sql.lower import frames
from fedgate.sql.lower.state import Lowering
from fedgate.sql.tree import Aggref, Block, Const, Expr, GroupingFunc, GroupRef, Node, Var, WindowFunc, children, is_query, own_rels


def _windows(block: Block) -> list[WindowFunc]:
    return [node for t in block.targets for node in _inside(t.expr) if isinstance(node, WindowFunc)]


def _inside(node: Node) -> Iterator[Node]:
    """`node` and what is below it, without the insides of aggregates and sub-queries."""
    yield node
    if isinstance(node, (Aggref, GroupingFunc)):
        return
    for child in children(node):
        if not is_query(child):
            yield from _inside(child)


def _keys(window: WindowFunc) -> list[Expr]:
    return [*window.partition_by, *(s.expr for s in window.order_by)]


def needed(lo: Lowering, block: Block) -> bool:
    """Whether a window of the block is keyed by a computed value, or by one that `frames.scaled` asks for."""
    windows = _windows(block)
    return any(not isinstance(k, (Var, Const, GroupRef)) for w in windows for k in _keys(w)) or any(
        frames.scaled(lo, w) is not None for w in windows
    )


def below(lo: Lowering, block: Block, tail: str, used: set[tuple[int, int]]) -> str:
    """The FROM text of a block whose windows read all they need as columns of a SELECT over `tail` (FROM … HAVING).

    `used` are the columns of the block's relations that its targets read outside aggregates. Vars, group keys and what is computed
    below (`Scope.computed`) are re-pointed.
    """
    alias = lo.alias()
    items: list[str] = []

    def column(value: E, name: str) -> E:
        items.append(f"{value.sql} AS {name}")
        return E(f"{alias}.{name}", value.type, value.dec)

    keys = tuple(column(value, f"k{i}") for i, value in enumerate(lo.scope.keys))
    computed: dict[Expr, E] = {}
    wanted: list[Expr] = [n for t in block.targets for n in _inside(t.expr) if isinstance(n, (Aggref, GroupingFunc))]
    windows = _windows(block)
    wanted += [k for w in windows for k in _keys(w) if not isinstance(k, (Var, Const, GroupRef))]
    scaled = list(dict.fromkeys(k for w in windows if (k := frames.scaled(lo, w)) is not None))
    wanted += scaled
    for node in wanted:
        if node not in computed:
            computed[node] = column(lo.expr(node), f"w{len(computed)}")
    own = own_rels(block)
    vars_ = {place: column(lo.vars[place], f"v{place[0]}_{column_name(place[1])}") for place in sorted(used) if place[0] in own}
    lo.vars.update(vars_)
    lo.scope.keys, lo.scope.key_names, lo.scope.computed = keys, (), computed
    source = f"(SELECT {', '.join(items) or '1 AS z'}{tail})"
    if scaled:
        source = f"(SELECT *, {', '.join(_scale(lo, key, alias, i) for i, key in enumerate(scaled))} FROM {source} AS {lo.alias()})"
    return f" FROM {source} AS {alias}"


def _scale(lo: Lowering, key: Expr, alias: str, number: int) -> str:
    """A column with the digits after the point that all rows of a computed column need."""
    lo.scope.scales[key] = f"{alias}.d{number}"
    value = lo.scope.computed[key]
    name = value.sql.removeprefix(f"{alias}.")
    return f"coalesce(max(num_min_scale({dyn(replace(value, sql=name))})) OVER (), 0) AS d{number}"


def plain_columns(block: Block) -> set[tuple[int, int]]:
    """The columns that targets read outside the block's own aggregates, sub-queries included."""
    found: set[tuple[int, int]] = set()

    def visit(node: Node) -> None:
        if isinstance(node, Var):
            found.add((node.rel, node.col))
        if not isinstance(node, Aggref):
            for child in children(node):
                visit(child)

    for target in block.targets:
        visit(target.expr)
    return found
