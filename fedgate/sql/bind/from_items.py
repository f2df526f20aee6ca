"""FROM: tables, subqueries and joins, and the namespaces that they open.

Source: https://www.postgresql.org/docs/15/queries-table-expressions.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from fedgate.errors import SqlError, unsupported
from fedgate.schema import NODE_ATTNUM, SHARD_ATTNUM, Table, View
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind.dispatch import bind_as
from fedgate.sql.bind.row_columns import Spreads, leaves, read_column, spread
from fedgate.sql.bind.scope import at, check_granted, given_presence
from fedgate.sql.bind.state import CteEntry, Item, ItemColumn, Message, State, allow, enum_name
from fedgate.sql.tree import (
    BoolExpr,
    Coalesce,
    CteRef,
    Derived,
    Expr,
    FromItem,
    Join,
    OutputColumn,
    Query,
    RowExpr,
    TableRef,
    Var,
    walk,
)
from fedgate.types import SqlType

_RANGE_FIELDS = frozenset(["catalogname", "schemaname", "relname", "inh", "relpersistence", "alias", "location"])
_SUBSELECT_FIELDS = frozenset(["lateral", "subquery", "alias"])
_JOIN_FIELDS = frozenset(
    ["jointype", "is_natural", "larg", "rarg", "using_clause", "join_using_alias", "quals", "alias", "rtindex"]
)
_KINDS = {"JOIN_INNER": "inner", "JOIN_LEFT": "left", "JOIN_RIGHT": "right", "JOIN_FULL": "full"}


def bind_from(state: State, nodes: Sequence[Message]) -> list[FromItem]:
    """The FROM list; fills the namespace of `state`."""
    items: list[FromItem] = []
    for node in nodes:
        made, visible = bind_from_item(state, node)
        _check_duplicates(state.items, visible)
        for item in visible:
            item.reach(lateral_only=True, lateral_ok=True)
        state.items += visible
        items.append(made)
    for item in state.items:
        item.reach(lateral_only=False, lateral_ok=True)
    return items


def _check_duplicates(left: Sequence[Item], right: Sequence[Item]) -> None:
    for two in right:
        if not two.relation_visible:
            continue
        for one in left:
            if not one.relation_visible or one.name != two.name:
                continue
            # Two tables of one name in different schemas can be told apart by qualified names.
            if one.schema is not None and two.schema is not None and one.schema != two.schema:
                continue
            raise SqlError("42712", f'table name "{two.name}" specified more than once')


def bind_from_item(state: State, node: Message) -> tuple[FromItem, list[Item]]:
    """The tree of one FROM item, and the namespace items that it adds."""
    kind = node.WhichOneof("node")
    if kind == "range_var":
        return _range_var(state, node.range_var)
    if kind == "range_subselect":
        return _subselect(state, node.range_subselect)
    if kind == "join_expr":
        return _join(state, node.join_expr)
    if kind == "range_function":
        from fedgate.sql.bind.from_functions import bind_range_function

        return bind_range_function(state, node.range_function)
    what = {"range_table_sample": "TABLESAMPLE"}.get(kind, kind.replace("_", " "))
    location = getattr(getattr(node, kind), "location", -1)
    hint = "WHERE random() < 0.01 picks about one row of a hundred." if what == "TABLESAMPLE" else None
    raise unsupported(what, hint=hint, position=state.pos(location))


def alias_of(node: Message) -> tuple[str, list[str]]:
    if not node.HasField("alias"):
        return "", []
    return node.alias.aliasname, [n.string.sval for n in node.alias.colnames]


def renamed(name: str, columns: list[ItemColumn], names: Sequence[str]) -> list[ItemColumn]:
    """Columns under the names that an alias gives them. 42P10 when it names too many."""
    if len(names) > len(columns):
        message = f'table "{name}" has {len(columns)} columns available but {len(names)} columns specified'
        raise SqlError("42P10", message)
    return [ItemColumn(names[i] if i < len(names) else col.name, col.expr) for i, col in enumerate(columns)]


def add_item(
    state: State, name: str, rel: int, columns: list[tuple[int, str, SqlType]], names: Sequence[str], **more: object
) -> Item:
    """The namespace item of a relation whose columns are Vars."""
    made = renamed(name, [ItemColumn(n, Var(rel, col, type_)) for col, n, type_ in columns], names)
    state.binder.rel_names[rel] = (name, {col: m.name for (col, _, _), m in zip(columns, made, strict=True)})
    item = Item(name, made, rel, **more)  # type: ignore[arg-type]
    if item.row_type:
        item.field_names = tuple(n for _, n, _ in columns)
    state.known.append(item)
    return item


def add_rows_item(
    state: State, name: str, rel: int, shown: Sequence[OutputColumn], spreads: Spreads, names: Sequence[str], **more: object
) -> Item:
    """The namespace item of a query whose columns are `shown`, the rows among them spread."""
    item = add_item(state, name, rel, [(col.id, col.name, col.type) for col in shown], names, **more)
    state.binder.origins[rel] = {col.id: col.origin for col in shown}
    state.binder.ascii_columns.update((rel, col.id) for col in shown if col.ascii)
    labels = state.binder.rel_names[rel][1]
    for column, visible in zip(shown, item.columns, strict=True):
        visible.expr = read_column(spreads, column, rel)
        if column.id in spreads:
            labels.update((leaf.id, visible.name) for leaf in spreads[column.id].leaves())
    return item


def _range_var(state: State, node: Message) -> tuple[FromItem, list[Item]]:
    allow(state, node, _RANGE_FIELDS, "a relation")
    position = state.pos(node.location)
    alias, names = alias_of(node)
    if node.catalogname and node.catalogname != state.binder.context.database:
        shown = f"{node.catalogname}.{node.schemaname}.{node.relname}"
        raise SqlError("0A000", f'cross-database references are not implemented: "{shown}"', position=position)
    if not node.schemaname:
        entry = find_cte(state, node.relname)
        if entry is not None:
            return _cte_ref(state, entry, alias or entry.name, names, position)
    found = _find_relation(state, node, position)
    if isinstance(found, View):
        from fedgate.sql.bind.views import expand_view

        query = expand_view(state.binder, found, position)
        schema = None if alias else found.schema
        return derived(state, query, alias or found.name, names, schema=schema, row_type=found.oid, view=found)
    return _table_ref(state, found, alias, names, position)


def _table_ref(state: State, table: Table, alias: str, names: Sequence[str], position: int | None) -> tuple[FromItem, list[Item]]:
    rel = state.new_rel()
    # A view means the same for everybody: it names all columns, and `expand_view` looks which it has used.
    shown = table.whole.columns if table.whole is not None and state.binder.views else table.columns
    columns = [(col.attnum, col.name, col.type) for col in shown]
    schema = None if alias else table.schema
    row_type = table.oid if table.kind == "virtual" else 0
    item = add_item(state, alias or table.name, rel, columns, names, table=table, schema=schema, row_type=row_type)
    state.binder.origins[rel] = {number: (table.oid, number) for number in (*(c[0] for c in columns), SHARD_ATTNUM, NODE_ATTNUM)}
    if shown is table.columns and table.withheld:
        item.withheld, item.called = frozenset(c.name for c in table.withheld), f"table {table.name}"
    return TableRef(rel, table, alias or table.name, cast("Expr | None", table.rows), pos=position), [item]


def _find_relation(state: State, node: Message, position: int | None) -> Table | View:
    relations, context = state.binder.relations, state.binder.context
    schema = node.schemaname or None
    try:
        found = relations.find(schema, node.relname, context.search_path)
    except SqlError as exc:
        exc.position = exc.position or position
        raise
    if found is not None:
        return found
    shown = f"{schema}.{node.relname}" if schema else node.relname
    near = relations.suggest(schema, node.relname, context.search_path)
    hint = f'Perhaps you meant "{near}".' if near else None
    raise SqlError("42P01", f'relation "{shown}" does not exist', hint=hint, position=position)


def find_cte(state: State, name: str) -> CteEntry | None:
    level: State | None = state
    while level is not None:
        entry = level.ctes.get(name)
        if entry is not None:
            return entry
        level = level.parent
    return None


def _cte_ref(state: State, entry: CteEntry, name: str, names: Sequence[str], position: int | None) -> tuple[FromItem, list[Item]]:
    from fedgate.sql.bind.ctes import reference

    shown = reference(state, entry, position)
    rel = state.new_rel()
    item = add_rows_item(state, name, rel, shown, entry.spreads, names)
    columns = tuple(leaf for column in shown for leaf in leaves(entry.spreads, column))
    return CteRef(rel, entry.id, columns, name), [item]


def derived(
    state: State,
    query: Query,
    name: str,
    names: Sequence[str],
    *,
    schema: str | None = None,
    row_type: int = 0,
    view: View | None = None,
) -> tuple[FromItem, list[Item]]:
    rel = state.new_rel()
    withheld = view.withheld if view is not None and not state.binder.views else frozenset()
    given = query.columns
    if view is not None:
        given = tuple(replace(column, origin=(view.oid, attnum)) for attnum, column in enumerate(given, 1))
    shown = [column for column in given if column.name not in withheld]
    query, spreads = spread(state.binder, query)
    item = add_rows_item(state, name, rel, shown, spreads, names, schema=schema, row_type=row_type)
    if view is not None and withheld:
        item.withheld, item.called = withheld, f"view {view.name}"
    return Derived(rel, query, lateral=refers_to(state, query), alias=name), [item]


def refers_to(state: State, *nodes: object) -> bool:
    """Whether anything in `nodes` reads a relation of this very level."""
    owners = state.binder.owners
    return any(isinstance(n, Var) and owners.get(n.rel) is state for node in nodes for n in walk(node, into_queries=True))


def _subselect(state: State, node: Message) -> tuple[FromItem, list[Item]]:
    from fedgate.sql.bind.select import bind_query

    allow(state, node, _SUBSELECT_FIELDS, "a subquery in FROM")
    alias, names = alias_of(node)
    if not alias:
        what = "VALUES" if node.subquery.select_stmt.values_lists else "subquery"
        example = "(VALUES ...)" if what == "VALUES" else "(SELECT ...)"
        message = f"{what} in FROM must have an alias"
        raise SqlError("42601", message, hint=f"For example, FROM {example} [AS] foo.")
    before, kind = state.lateral_active, state.kind
    state.lateral_active, state.kind = node.lateral, "from subquery"
    try:
        # Without LATERAL the items so far are hidden, not absent: their names get a better error.
        query = bind_query(state, node.subquery, resolve_unknowns=True)
    finally:
        state.lateral_active, state.kind = before, kind
    return derived(state, query, alias, names)


def _join(state: State, node: Message) -> tuple[FromItem, list[Item]]:
    allow(state, node, _JOIN_FIELDS, "a join")
    kind = _KINDS.get(enum_name(node, "jointype"))
    if kind is None:
        raise unsupported("this kind of join")
    left, left_items = bind_from_item(state, node.larg)
    before = len(state.items)
    for item in left_items:
        item.reach(lateral_only=True, lateral_ok=kind in ("inner", "left"))
    state.items += left_items
    right, right_items = bind_from_item(state, node.rarg)
    del state.items[before:]
    _check_duplicates(left_items, right_items)
    both = left_items + right_items
    lefts, rights = _visible(left_items), _visible(right_items)
    names = _using_names(node, lefts, rights)
    for name in names:
        check_granted(both, name, None)
    on: Expr | None = None
    merged: list[ItemColumn] = []
    if names:
        on, merged = _using(state, kind, names, lefts, rights)
    elif node.HasField("quals"):
        on = _on(state, node.quals, both)
    columns = merged + [col for col in lefts + rights if col.name not in names]
    for item in (left_items if kind in ("right", "full") else []) + (right_items if kind in ("left", "full") else []):
        _make_nullable(state, item)
    join = Join(kind, left, right, on)  # type: ignore[arg-type]
    return join, _join_items(state, node, columns, merged, both)


def _make_nullable(state: State, item: Item) -> None:
    """An outer join may put NULL for the item's rows. Rows among its columns are NULL then, which none of their fields tells."""
    item.nullable = True
    for column in item.columns:
        if isinstance(column.expr, RowExpr) and column.expr.present is None:
            rel = next((n.rel for n in walk(column.expr) if isinstance(n, Var)), item.rel)
            column.expr = replace(column.expr, present=given_presence(state, rel))


def _join_items(state: State, node: Message, columns: list[ItemColumn], merged: list[ItemColumn], both: list[Item]) -> list[Item]:
    alias, names = alias_of(node)
    if alias:
        return [Item(alias, renamed(alias, columns, names), state.new_rel())]
    for item in both:
        item.columns_visible = False
        item.reach(lateral_only=False, lateral_ok=True)
    extra = []
    if node.HasField("join_using_alias") and node.join_using_alias.aliasname:
        using_alias = Item(node.join_using_alias.aliasname, merged, state.new_rel(), columns_visible=False)
        _check_duplicates(both, [using_alias])
        extra.append(using_alias)
    return [Item("", columns, state.new_rel(), relation_visible=False), *extra, *both]


def _visible(items: Sequence[Item]) -> list[ItemColumn]:
    return [column for item in items if item.columns_visible for column in item.columns]


def _using_names(node: Message, lefts: list[ItemColumn], rights: list[ItemColumn]) -> list[str]:
    if not node.is_natural:
        return [n.string.sval for n in node.using_clause]
    known = {col.name for col in rights}
    names: list[str] = []
    for col in lefts:
        if col.name in known and col.name not in names:
            names.append(col.name)
    return names


def _using(
    state: State, kind: str, names: list[str], lefts: list[ItemColumn], rights: list[ItemColumn]
) -> tuple[Expr, list[ItemColumn]]:
    from fedgate.sql.bind.operators import make_operator

    conditions: list[Expr] = []
    merged: list[ItemColumn] = []
    for i, name in enumerate(names):
        if name in names[:i]:
            raise SqlError("42701", f'column name "{name}" appears more than once in USING clause')
        left, right = _one(lefts, name, "left"), _one(rights, name, "right")
        merged.append(ItemColumn(name, _merge(state, kind, left, right)))
        conditions.append(c.to_boolean(state, make_operator(state, "=", left, right, None), "JOIN/USING"))
    return conditions[0] if len(conditions) == 1 else BoolExpr("and", tuple(conditions)), merged


def _one(columns: list[ItemColumn], name: str, side: str) -> Expr:
    found = [col.expr for col in columns if col.name == name]
    if not found:
        raise SqlError("42703", f'column "{name}" specified in USING clause does not exist in {side} table')
    if len(found) > 1:
        raise SqlError("42702", f'common column name "{name}" appears more than once in {side} table')
    return at(found[0], None)


def _merge(state: State, kind: str, left: Expr, right: Expr) -> Expr:
    """The column that a USING join shows for a pair."""
    oid = c.common_type([left, right], "JOIN/USING")
    one, two = c.to_common(state, left, oid, "JOIN/USING"), c.to_common(state, right, oid, "JOIN/USING")
    typmod = c.common_typmod([one, two], oid)
    if kind == "full":
        return Coalesce((one, two), SqlType(oid, typmod))
    if kind == "inner":
        return one if one is left else two if two is right else one
    return one if kind == "left" else two


def _on(state: State, node: Message, items: list[Item]) -> Expr:
    before = state.items
    for item in items:
        item.reach(lateral_only=False, lateral_ok=True)
    state.items = items
    try:
        return c.to_boolean(state, bind_as(state, node, "join on"), "JOIN/ON")
    finally:
        state.items = before
