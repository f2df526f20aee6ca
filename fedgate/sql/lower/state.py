"""What one lowering carries while it walks the tree: where each Var is found, the keys of the block at hand, the CTEs in reach.

Relation ids are unique in the whole tree, so Vars of every depth live in one map. Node families register their handlers here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fedgate.errors import unsupported
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.tree import Expr, Query, TableRef

Handler = Callable[["Lowering", Any], E]
HANDLERS: dict[type, Handler] = {}


def handles(*kinds: type) -> Callable[[Handler], Handler]:
    """Registers the lowering of node classes."""

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            assert kind not in HANDLERS, kind
            HANDLERS[kind] = handler
        return handler

    return register


@dataclass(frozen=True, slots=True)
class Rendered:
    """A query's SQL; `columns` maps each visible output id to its carrier (`E.sql` is the bare name `c<id>`)."""

    sql: str
    columns: dict[int, E]


@dataclass(slots=True)
class Scope:
    """The block being lowered: `keys[i]` is what GroupRef(i) reads, `key_names[i]` what grouping() is asked about.

    `computed` are expressions that a SELECT below has as columns already, `scales` how many digits after the point any row of such
    a column has.
    """

    keys: tuple[E, ...] = ()
    key_names: tuple[str, ...] = ()
    computed: dict[Expr, E] = field(default_factory=dict)
    scales: dict[Expr, str] = field(default_factory=dict)


@dataclass(slots=True)
class Lowering:
    """See the module docstring. `names` numbers the aliases that lowering makes up (`s1`, `s2`, …)."""

    cx: Emit
    relation: Callable[[TableRef], str]
    vars: dict[tuple[int, int], E] = field(default_factory=dict)
    ctes: dict[int, dict[int, E]] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    names: int = 0

    def expr(self, node: Expr) -> E:
        if self.scope.computed and (known := self.scope.computed.get(node)) is not None:
            return known
        handler = HANDLERS.get(type(node))
        if handler is None:
            raise unsupported(type(node).__name__)
        return handler(self, node)

    def exprs(self, nodes: tuple[Expr, ...]) -> tuple[E, ...]:
        return tuple(self.expr(node) for node in nodes)

    def condition(self, node: Expr) -> str:
        return self.expr(node).sql

    def query(self, query: Query) -> Rendered:
        from fedgate.sql.lower.query import lower_query

        return lower_query(self, query)

    def alias(self) -> str:
        self.names += 1
        return f"s{self.names}"
