"""Blocks, set operations and VALUES.

A block becomes one SELECT. Sorting, DISTINCT ON and WITH TIES that need more than the shown columns get a SELECT around it. Group
keys that are no plain columns are computed in a SELECT below, so that nothing depends on how DuckDB matches expressions.
"""

from __future__ import annotations

from fedgate.errors import unsupported
from fedgate.fragment import column_name
from fedgate.sql.functions.carriers import E, type_dec, unify
from fedgate.sql.functions.emit import has_key, key, slot_form, to_carrier
from fedgate.sql.lower import window_keys
from fedgate.sql.lower.from_items import lower_from
from fedgate.sql.lower.literals import check_count
from fedgate.sql.lower.state import Lowering, Rendered, Scope
from fedgate.sql.lower.subqueries import lower_where, reads_outside
from fedgate.sql.properties import is_volatile
from fedgate.sql.tree import Block, Const, CteRef, Expr, Query, SetOp, SortKey, Target, Values, Var, own_rels, walk


def lower_query(lo: Lowering, query: Query) -> Rendered:
    """Any query, with its CTEs."""
    prefix = _ctes(lo, query)
    if isinstance(query, Block):
        body = _block(lo, query)
    elif isinstance(query, SetOp):
        body = _set_operation(lo, query)
    else:
        body = _values(lo, query)
    return Rendered(prefix + body.sql, body.columns)


def _ctes(lo: Lowering, query: Query) -> str:
    parts = []
    recursive = False
    for cte in query.ctes:
        if cte.recursive and isinstance(cte.query, SetOp):
            recursive = True
            parts.append(_recursive(lo, cte.id, cte.query))
            continue
        body = lo.query(cte.query)
        lo.ctes[cte.id] = body.columns
        names = ", ".join(column_name(i) for i in body.columns)
        parts.append(f"w{cte.id}({names}) AS MATERIALIZED ({body.sql})")
    return f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(parts)} " if parts else ""


def _recursive(lo: Lowering, cte: int, query: SetOp) -> str:
    """A recursive item of WITH: name, columns and body."""
    if query.op != "union" or query.order_by or query.limit or query.offset:
        raise unsupported("a recursive query of this form")
    left = lo.query(query.left)
    columns = {
        out.id: E(column_name(out.id), out.type, type_dec(out.type))
        for out, given in zip(query.columns, left.columns.values(), strict=True)
    }
    lo.ctes[cte] = columns
    right = lo.query(query.right)
    wanted = list(columns.values())
    base, step = (_shaped(lo, side, wanted) for side in (left, right))
    names = ", ".join(c.sql for c in wanted)
    if not query.all and any(has_key(c) for c in wanted):
        return _recursive_by_key(lo, f"w{cte}", wanted, base, step)
    kept = "NOT MATERIALIZED " if _is_endless(query) else ""
    return f"w{cte}({names}) AS {kept}(({base}) UNION {'ALL ' if query.all else ''}({step}))"


def _is_endless(query: SetOp) -> bool:
    """Whether every row of a recursive query leads to another: there is no keeping them all, so each reader makes what it reads."""
    step = query.right
    return (
        query.all
        and isinstance(step, Block)
        and [type(item) for item in step.from_] == [CteRef]
        and step.where is None
        and not (step.ctes or step.grouped or step.distinct or step.limit is not None or step.offset is not None)
        and not is_volatile(query)
    )


def _recursive_by_key(lo: Lowering, name: str, wanted: list[E], base: str, step: str) -> str:
    """A recursive UNION whose rows are compared by keys, which stand beside the columns: of equal rows the first stays.

    A step gives what no row before it equals, so that DuckDB's USING KEY, which would put later rows in the place of earlier ones,
    only ever adds rows.
    """
    own = [f"k{at}" if has_key(c) else c.sql for at, c in enumerate(wanted)]
    by = ", ".join(own)

    def first(side: str) -> str:
        row = lo.alias()
        keys = [f"{key(E(f'{row}.{c.sql}', c.type, c.dec))} AS {k}" for c, k in zip(wanted, own, strict=True) if k != c.sql]
        return f"SELECT DISTINCT ON ({by}) * FROM (SELECT {row}.*, {', '.join(keys)} FROM ({side}) AS {row}) AS {lo.alias()}"

    before, made = lo.alias(), lo.alias()
    same = " AND ".join(f"{before}.{k} IS NOT DISTINCT FROM {made}.{k}" for k in own)
    new = f"SELECT * FROM ({first(step)}) AS {made} WHERE NOT EXISTS (SELECT 1 FROM recurring.{name} AS {before} WHERE {same})"
    columns = ", ".join([*(c.sql for c in wanted), *(k for c, k in zip(wanted, own, strict=True) if k != c.sql)])
    return f"{name}({columns}) USING KEY ({by}) AS (({first(base)}) UNION ALL ({new}))"


def _block(lo: Lowering, block: Block) -> Rendered:
    outer_scope = lo.scope
    lo.scope = Scope()
    try:
        return _select(lo, block)
    finally:
        lo.scope = outer_scope


def _select(lo: Lowering, block: Block) -> Rendered:
    from_sql = lower_from(lo, block.from_)
    where = f" WHERE {lower_where(lo, block.where)}" if block.where is not None else ""
    if any(not _plain_key(lo, k) for k in block.group_by):
        from_sql, where = _keys_below(lo, block, from_sql, where), ""
    elif block.group_by:
        lo.scope.keys = lo.exprs(block.group_by)
        lo.scope.key_names = tuple(k.sql for k in lo.scope.keys)
    group = _group_clause(block, lo.scope.key_names)
    having = f" HAVING {lower_where(lo, block.having)}" if block.having is not None else ""
    tail = f"{' FROM ' + from_sql if from_sql else ''}{where}{group}{having}"
    if window_keys.needed(lo, block):
        tail = window_keys.below(lo, block, tail, window_keys.plain_columns(block))
    targets = {t.id: lo.expr(t.expr) for t in block.targets}
    return _finish(lo, block, targets, tail)


def _plain_key(lo: Lowering, node: Expr) -> bool:
    return isinstance(node, Var) and not has_key(lo.expr(node))


def _keys_below(lo: Lowering, block: Block, from_sql: str, where: str) -> str:
    """The FROM list as a sub-query that also gives the keys; Vars of the block's relations are re-pointed to it."""
    alias = lo.alias()
    own = own_rels(block)
    items: list[str] = []
    keys: list[E] = []
    names: list[str] = []
    columns: dict[tuple[int, int], E] = {}
    for i, node in enumerate(block.group_by):
        value = lo.expr(node)
        items.append(f"{value.sql} AS k{i}")
        shown = E(f"{alias}.k{i}", value.type, value.dec)
        if isinstance(node, Var) and not has_key(value):
            columns[node.rel, node.col] = shown  # a sub-query reads it by that name
        if has_key(value):
            items.append(f"{key(value)} AS o{i}")
            names.append(f"{alias}.o{i}")
            first = f"first({shown.sql})"
            shown = E(
                f"CASE WHEN grouping({names[-1]}) = 0 THEN {first} END" if block.grouping_sets else first, value.type, value.dec
            )
        else:
            names.append(shown.sql)
        keys.append(shown)
    for rel, col in sorted(_used(block, own)):
        if (rel, col) in columns:
            lo.vars[rel, col] = columns[rel, col]
            continue
        found = lo.vars[rel, col]
        name = f"v{rel}_{column_name(col)}"
        items.append(f"{found.sql} AS {name}")
        lo.vars[rel, col] = E(f"{alias}.{name}", found.type, found.dec)
    lo.scope.keys, lo.scope.key_names = tuple(keys), tuple(names)
    source = f" FROM {from_sql}" if from_sql else ""
    return f"(SELECT {', '.join(items)}{source}{where}) AS {alias}"


def _used(block: Block, own: frozenset[int]) -> set[tuple[int, int]]:
    """Columns of the block's relations that targets and HAVING read, from any depth."""
    found: set[tuple[int, int]] = set()
    for root in (*(t.expr for t in block.targets), *((block.having,) if block.having is not None else ())):
        for node in walk(root, into_queries=True):
            if isinstance(node, Var) and node.rel in own:
                found.add((node.rel, node.col))
    return found


def _group_clause(block: Block, names: tuple[str, ...]) -> str:
    if block.grouping_sets is not None:
        sets = ", ".join("(" + ", ".join(names[i] for i in one) + ")" for one in block.grouping_sets)
        if not names:
            sets = ", ".join("()" for _ in block.grouping_sets)
        return f" GROUP BY GROUPING SETS ({sets})"
    if names:
        return f" GROUP BY {', '.join(names)}"
    # Said even where aggregates say it: lowering may have folded the last of them away.
    return " GROUP BY ()" if block.grouped else ""


def _finish(lo: Lowering, block: Block, targets: dict[int, E], tail: str) -> Rendered:
    """The select list and what comes after grouping: DISTINCT, ORDER BY, LIMIT."""
    shown = [t for t in block.targets if not t.junk]
    columns = {t.id: E(column_name(t.id), targets[t.id].type, targets[t.id].dec) for t in shown}
    keyed = block.distinct is True and any(has_key(targets[t.id]) for t in shown)
    simple_order = all(not _junk(block, k) and not has_key(targets[k.column]) for k in block.order_by)
    if isinstance(block.distinct, bool) and simple_order and not keyed and not block.with_ties and not _counted_by_row(block):
        head = "SELECT DISTINCT " if block.distinct else "SELECT "
        sql = head + _list(shown, targets) + tail
        places = {t.id: i for i, t in enumerate(shown, 1)}
        order = ", ".join(f"{places[k.column]} {_direction(k)}" for k in block.order_by)
        return Rendered(sql + (f" ORDER BY {order}" if order else "") + _limit(lo, block), columns)
    inner = f"SELECT {_list(block.targets, targets)}{tail}"
    return Rendered(_around(lo, block, inner, {t.id: targets[t.id] for t in block.targets}, list(columns)), columns)


def _junk(block: Block, sort: SortKey) -> bool:
    return any(t.id == sort.column and t.junk for t in block.targets)


def _list(targets: tuple[Target, ...] | list[Target], values: dict[int, E]) -> str:
    """The select list; a query without columns (SELECT FROM t) still needs one."""
    return ", ".join(f"{values[t.id].sql} AS {column_name(t.id)}" for t in targets) or "1 AS z"


def _direction(sort: SortKey) -> str:
    return f"{'DESC' if sort.descending else 'ASC'} NULLS {'FIRST' if sort.nulls_first else 'LAST'}"


def _around(lo: Lowering, query: Query, inner: str, given: dict[int, E], shown: list[int]) -> str:
    """A SELECT around `inner` that sorts and cuts by any of its columns."""
    alias = lo.alias()
    local = {i: E(f"{alias}.{column_name(i)}", e.type, e.dec) for i, e in given.items()}
    order = ", ".join(f"{key(local[k.column])} {_direction(k)}" for k in query.order_by)
    distinct = ""
    by = getattr(query, "distinct", False)
    if by is True:
        by = tuple(shown)
    if isinstance(by, tuple):
        on = ", ".join(key(local[i]) for i in by)
        distinct = f"DISTINCT ON ({on}) "
    names = ", ".join(f"{local[i].sql} AS {column_name(i)}" for i in shown) or "1 AS z"
    source = f"({inner}) AS {alias}"
    if query.with_ties and query.limit is not None:
        return _with_ties(lo, query, source, names, order, shown)
    if _counted_by_row(query):
        if distinct:
            sort = f" ORDER BY {order}" if order else ""
            source = f"(SELECT {distinct}{alias}.* FROM {source}{sort}) AS {alias}"
        return _numbered(lo, query, source, names, order, shown)
    sort = f" ORDER BY {order}" if order else ""
    return f"SELECT {distinct}{names} FROM {source}{sort}{_limit(lo, query)}"


def _with_ties(lo: Lowering, query: Query, source: str, names: str, order: str, shown: list[int]) -> str:
    assert query.limit is not None
    if isinstance(query, Block) and query.distinct:
        raise unsupported("DISTINCT together with WITH TIES")
    limit = lo.expr(query.limit).sql
    offset = f"coalesce({lo.expr(query.offset).sql}, 0)" if query.offset is not None else "0"
    rank = f"rank() OVER (ORDER BY {order}) AS zr, row_number() OVER (ORDER BY {order}) AS zn"
    outer = lo.alias()
    columns = ", ".join(f"{outer}.{column_name(i)}" for i in shown) or "1 AS z"
    keep = f"{outer}.zn > {offset} AND {outer}.zr <= {limit} + {offset}"
    return f"SELECT {columns} FROM (SELECT {names}, {rank} FROM {source}) AS {outer} WHERE {keep} ORDER BY {outer}.zn"


def _counted_by_row(query: Query) -> bool:
    """Whether LIMIT or OFFSET reads the row of a query around it, which DuckDB's cannot."""
    return any(node is not None and reads_outside(node) for node in (query.limit, query.offset))


def _numbered(lo: Lowering, query: Query, source: str, names: str, order: str, shown: list[int]) -> str:
    """LIMIT and OFFSET as conditions on the rows' numbers."""
    number = f"row_number() OVER ({f'ORDER BY {order}' if order else ''}) AS zn"
    outer = lo.alias()
    columns = ", ".join(f"{outer}.{column_name(i)}" for i in shown) or "1 AS z"
    offset = f"coalesce(pg_offset({lo.expr(query.offset).sql}), 0)" if query.offset is not None else "0"
    keep = f"{outer}.zn > {offset}"
    if query.limit is not None:
        limit = f"pg_limit({lo.expr(query.limit).sql})"
        keep += f" AND coalesce({outer}.zn - {offset} <= {limit}, true)"
    return f"SELECT {columns} FROM (SELECT {names}, {number} FROM {source}) AS {outer} WHERE {keep} ORDER BY {outer}.zn"


def _limit(lo: Lowering, query: Query) -> str:
    sql = ""
    for word, node in (("LIMIT", query.limit), ("OFFSET", query.offset)):
        if node is None:
            continue
        value = lo.expr(node)
        if value.is_null:
            continue
        if value.literal:
            check_count(word.lower(), value.value)
            sql += f" {word} {value.value!r}"
        elif (slot := slot_form(lo.cx, value, word.lower())) is not None:
            sql += f" {word} {slot}"
        else:
            sql += f" {word} (pg_{word.lower()}({value.sql}))"
    return sql


def _set_operation(lo: Lowering, query: SetOp) -> Rendered:
    left, right = lo.query(query.left), lo.query(query.right)
    columns = {}
    for place, (out, a, b) in enumerate(zip(query.columns, left.columns.values(), right.columns.values(), strict=True)):
        sides_of = ((query.left, a), (query.right, b))
        carrier = type_dec(out.type) or unify([e.dec for side, e in sides_of if not _only_null(side, place)])
        columns[out.id] = E(column_name(out.id), out.type, carrier)
    wanted = list(columns.values())
    sides = [_shaped(lo, side, wanted) for side in (left, right)]
    bag = query.op == "union" and query.all
    verb = query.op.upper() + (" ALL" if query.all else "")
    keyed = not bag and any(has_key(c) for c in wanted)
    if not keyed:
        sql = f"({sides[0]}) {verb} ({sides[1]})"
    elif query.op == "union":
        alias = lo.alias()
        on = ", ".join(key(E(f"{alias}.{c.sql}", c.type, c.dec)) for c in wanted)
        sql = f"SELECT DISTINCT ON ({on}) * FROM (({sides[0]}) UNION ALL ({sides[1]})) AS {alias}"
    else:
        sql = _keyed_difference(lo, query, sides, wanted)
    if query.order_by or query.limit is not None or query.offset is not None:
        sql = _around(lo, query, sql, columns, list(columns))
    return Rendered(sql, columns)


def _only_null(query: Query, place: int) -> bool:
    """Whether a column of a query is the constant NULL, which has any carrier."""
    if isinstance(query, SetOp):
        return _only_null(query.left, place) and _only_null(query.right, place)
    if not isinstance(query, Block):
        return False
    expr = [t.expr for t in query.targets if not t.junk][place]
    return isinstance(expr, Const) and expr.value is None


def _keyed_difference(lo: Lowering, query: SetOp, sides: list[str], wanted: list[E]) -> str:
    """INTERSECT and EXCEPT by keys: equal rows of one side are numbered, and the nth of one meets the nth of the other."""
    both, numbered = lo.alias(), lo.alias()
    union = " UNION ALL ".join(f"SELECT *, {i} AS side FROM ({side}) AS {lo.alias()}" for i, side in enumerate(sides))
    keys = [f"{key(E(f'{both}.{c.sql}', c.type, c.dec))} AS k{i}" for i, c in enumerate(wanted)]
    names = ", ".join(f"k{i}" for i in range(len(wanted)))
    number = f"row_number() OVER (PARTITION BY {names}, side)" if query.all else "1"
    shown = ", ".join(f"first({c.sql} ORDER BY side) AS {c.sql}" for c in wanted)
    having = f"bool_or(side = 0) AND {'' if query.op == 'intersect' else 'NOT '}bool_or(side = 1)"
    inner = f"SELECT {both}.*, {', '.join(keys)} FROM ({union}) AS {both}"
    return (
        f"SELECT {shown} FROM (SELECT *, {number} AS n FROM ({inner}) AS {lo.alias()}) AS {numbered}"
        f" GROUP BY {names}, n HAVING {having}"
    )


def _shaped(lo: Lowering, side: Rendered, wanted: list[E]) -> str:
    """A branch with the names and carriers of the whole."""
    alias = lo.alias()
    items = []
    for (given_id, given), want in zip(side.columns.items(), wanted, strict=True):
        value = to_carrier(E(f"{alias}.{column_name(given_id)}", want.type, given.dec), want.dec)
        items.append(f"CAST({value.sql} AS {want.duck}) AS {want.sql}")
    return f"SELECT {', '.join(items) or '1 AS z'} FROM ({side.sql}) AS {alias}"


def _values(lo: Lowering, query: Values) -> Rendered:
    rows = [lo.exprs(row) for row in query.rows]
    columns = {}
    for place, out in enumerate(query.columns):
        present = [row[place].dec for row in rows if not row[place].is_null]
        columns[out.id] = E(column_name(out.id), out.type, type_dec(out.type) or unify(present))
    wanted = list(columns.values())
    shaped = []
    for row in rows:
        cells = [to_carrier(E(v.sql, w.type, v.dec, v.literal, v.value), w.dec) for v, w in zip(row, wanted, strict=True)]
        shaped.append("(" + ", ".join(c.sql for c in cells) + ")")
    alias = lo.alias()
    names = ", ".join(c.sql for c in wanted)
    items = ", ".join(f"CAST({alias}.{c.sql} AS {c.duck}) AS {c.sql}" for c in wanted)
    sql = f"SELECT {items} FROM (VALUES {', '.join(shaped)}) AS {alias}({names})"
    if query.order_by or query.limit is not None or query.offset is not None:
        sql = _around(lo, query, sql, columns, list(columns))
    return Rendered(sql, columns)
