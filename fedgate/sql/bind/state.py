"""The mutable state of binding: one `Binder` a statement, one `State` a query level, one `Item` a visible relation.

This is PostgreSQL's ParseState and ParseNamespaceItem. An Item's columns are expressions already (a Var, or the merged column of a
USING join), so that nothing below a name has to be looked up twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fedgate.errors import unsupported
from fedgate.schema import Relations, Table
from fedgate.sql.bind.context import BindContext
from fedgate.sql.tree import Expr, Origin, OutputColumn, Query
from fedgate.types import SqlType

Message: TypeAlias = Any  # a protobuf message of libpg_query; its classes are made at run time


@dataclass(slots=True)
class ItemColumn:
    """A column as names see it."""

    name: str
    expr: Expr

    @property
    def type(self) -> SqlType:
        return self.expr.type


@dataclass(slots=True)
class Item:
    """A relation in a namespace. `name` is "" for a join without alias; `table` is set for tables, whose hidden columns count.

    `row_type` is the OID of the composite type of its rows, 0 when they are plain records; that type's fields are `field_names`,
    whatever an alias calls the columns.
    `columns_visible`: unqualified names find its columns; `relation_visible`: qualified names find it. `lateral_only` items are
    seen by LATERAL items only, and are errors there unless `lateral_ok`. `nullable`: an outer join may put NULL for its rows.
    `withheld` are names of columns that the role may not read, `called` what the error for them calls the relation.
    """

    name: str
    columns: list[ItemColumn]
    rel: int
    table: Table | None = None
    schema: str | None = None
    columns_visible: bool = True
    relation_visible: bool = True
    lateral_only: bool = False
    lateral_ok: bool = True
    function_scalar: bool = False
    nullable: bool = False
    row_type: int = 0
    field_names: tuple[str, ...] = ()
    withheld: frozenset[str] = frozenset()
    called: str = ""

    def reach(self, *, lateral_only: bool, lateral_ok: bool) -> None:
        self.lateral_only = lateral_only
        self.lateral_ok = lateral_ok


@dataclass(slots=True)
class CteEntry:
    """A WITH item in scope. `columns` is None while a recursive item's first branch is being bound."""

    id: int
    name: str
    columns: tuple[OutputColumn, ...] | None = None
    query: Query | None = None
    recursive: bool = False
    materialized: bool = False
    inlinable: bool = True
    references: int = 0
    positions: list[int | None] = field(default_factory=list)
    # What its columns that are rows became (row_columns).
    spreads: dict[int, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ParameterTypes:
    """The types of `$n`: 0 is not known yet. `fixed` types were given by the client."""

    types: list[int]
    positions: dict[int, int | None] = field(default_factory=dict)


class Binder:
    """What all levels of one statement share."""

    __slots__ = (
        "ascii_columns",
        "collated",
        "context",
        "location_to_position",
        "next_id",
        "origins",
        "owners",
        "parameters",
        "presences",
        "rel_names",
        "relations",
        "sublink_names",
        "text",
        "views",
    )

    def __init__(
        self,
        text: str,
        position: Callable[[int], int | None],
        relations: Relations,
        context: BindContext,
        parameters: ParameterTypes,
        next_id: int = 1,
        views: tuple[str, ...] = (),
    ) -> None:
        self.text = text
        self.location_to_position = position
        self.relations = relations
        self.context = context
        self.parameters = parameters
        self.next_id = next_id
        self.views = views
        self.owners: dict[int, State] = {}
        # What clients are told a column is: relation -> the tables' and views' columns that its own are, by number.
        self.origins: dict[int, Mapping[int, Origin | None]] = {}
        # What 42803 calls a column: relation -> (its name, its columns' names by number).
        self.rel_names: dict[int, tuple[str, dict[int, str]]] = {}
        # Relations that have to give a column that is true in all their rows, and that column.
        self.presences: dict[int, int] = {}
        # Location of a scalar subquery -> name of its column.
        self.sublink_names: dict[int, str] = {}
        # What COLLATE stands at, by its identity, with the collation; and columns whose collation is C (`collations`).
        self.collated: dict[int, tuple[Expr, str]] = {}
        self.ascii_columns: set[tuple[int, int]] = set()

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1


class State:
    """One query level. `kind` says which clause is being bound (for 42803, 42P20 and their like)."""

    __slots__ = (
        "binder",
        "ctes",
        "has_aggregates",
        "has_windows",
        "is_block",
        "items",
        "kind",
        "known",
        "lateral_active",
        "outer_aggregates",
        "parent",
        "resolve_unknowns",
        "set_functions",
        "windows",
    )

    def __init__(self, binder: Binder, parent: State | None = None, *, resolve_unknowns: bool = True) -> None:
        self.binder = binder
        self.parent = parent
        self.items: list[Item] = []
        # Every relation of this level, also those that cannot be seen (from here, any more): for hints.
        self.known: list[Item] = []
        self.ctes: dict[str, CteEntry] = {}
        self.kind = ""
        self.is_block = True
        self.lateral_active = False
        self.has_aggregates = False
        self.has_windows = False
        # Aggregates of this level that stand in subqueries (OuterAggregates).
        self.outer_aggregates: Any = None
        # Positions of the set-returning calls met so far.
        self.set_functions: list[int | None] = []
        self.resolve_unknowns = resolve_unknowns
        self.windows: dict[str, Any] = {}

    def pos(self, location: int) -> int | None:
        return self.binder.location_to_position(location)

    def new_rel(self) -> int:
        """A relation id that belongs to this level."""
        rel = self.binder.new_id()
        self.binder.owners[rel] = self
        return rel


def allow(state: State, message: Message, fields: frozenset[str], what: str) -> None:
    """0A000 when `message` has any filled field that is not named: what is not understood is never ignored."""
    for descriptor, _ in message.ListFields():
        if descriptor.name not in fields:
            location = getattr(message, "location", -1)
            raise unsupported(f"{descriptor.name.replace('_', ' ')} of {what}", position=state.pos(location))


_ENUM_NAMES: dict[tuple[str, str], dict[int, str]] = {}


def enum_name(message: Message, field: str) -> str:
    """The name of an enum field's value."""
    descriptor = message.DESCRIPTOR
    names = _ENUM_NAMES.get((descriptor.name, field))
    if names is None:
        values = descriptor.fields_by_name[field].enum_type.values
        names = _ENUM_NAMES[descriptor.name, field] = {v.number: v.name for v in values}
    return names[getattr(message, field)]
