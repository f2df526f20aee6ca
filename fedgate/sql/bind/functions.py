"""Function calls: which function a FuncCall means, and its arguments converted. Aggregates and windows continue in their own files.

Source: https://www.postgresql.org/docs/15/sql-expressions.html#SQL-EXPRESSIONS-FUNCTION-CALLS
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from fedgate import limits
from fedgate.errors import SqlError, unsupported
from fedgate.sql import tables
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import polymorphic, resolve, row_arrays, vectors
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.collations import by_letters
from fedgate.sql.bind.dispatch import bind_as, bind_expr, handles
from fedgate.sql.bind.facts import fact_of_function
from fedgate.sql.bind.inline import inline
from fedgate.sql.bind.json_rows import POPULATE, is_untyped, populated
from fedgate.sql.bind.reg_names import named_arguments
from fedgate.sql.bind.rows import as_called, select_field
from fedgate.sql.bind.scope import unqualified
from fedgate.sql.bind.state import Message, State, enum_name
from fedgate.sql.tree import ArrayExpr, Const, Expr, FuncExpr, Param, RowExpr
from fedgate.types import SqlType

# int2vector and oidvector count from 0: as arrays they would count from 1, which these functions would tell.
_BY_SUBSCRIPT = frozenset(("generate_subscripts", "array_lower", "array_upper", "array_position", "array_positions", "array_dims"))
_ACL = 1034
_FIELDS = "funcname args agg_order agg_filter over agg_within_group agg_star agg_distinct func_variadic funcformat location"


@dataclass(frozen=True, slots=True)
class Call:
    """A resolved call: the function, its arguments in declared order and converted, and the result's type."""

    row: tables.FunctionRow
    args: tuple[Expr, ...]
    arg_types: tuple[int, ...]
    result: int
    variadic: bool


@handles("func_call", _FIELDS)
def bind_call(state: State, node: Message) -> Expr:
    position = state.pos(node.location)
    names = [n.string.sval for n in node.funcname]
    args, arg_names = _arguments(state, node)
    if names == ["pg_catalog", "timezone"] and len(args) == 1:  # AT LOCAL is newer than PostgreSQL 15
        raise SqlError("42601", 'syntax error at or near "local"')
    if not node.agg_within_group and len(args) > limits.ARGUMENTS_MAX:
        raise SqlError("54023", f"cannot pass more than {limits.ARGUMENTS_MAX} arguments to a function", position=position)
    if names == ["pg_catalog", "system_user"] and enum_name(node, "funcformat") == "COERCE_SQL_SYNTAX":  # a name like any other
        return unqualified(state, "system_user", position)
    if names == vectors.EXPAND:
        return vectors.expanded(state, args, position)
    if names[-1] == "aclexplode" and [a.type.oid for a in args] == [_ACL] and state.kind != "from function":
        return vectors.rights(args, position)
    plain = _is_plain(node)
    direct = len(args)
    if node.agg_within_group:
        args += [bind_as(state, item.sort_by.node, "order by") for item in node.agg_order]
    found = _lookup(state, names, args, arg_names, node, position, plain=plain)
    if not isinstance(found, resolve.Candidate):
        return found
    row = found.row
    assert isinstance(row, tables.FunctionRow)
    _check_decoration(row, node, ".".join(names), position)
    if row.kind == "a" or row.kind == "w":
        return _aggregate_or_window(state, node, found, args, direct, position)
    fact = fact_of_function(row, position)
    if fact is not None:
        return fact
    call = converted(state, found, args, position, variadic_array=node.func_variadic)
    return make_function(state, call, position)


def _aggregate_or_window(
    state: State, node: Message, found: resolve.Candidate, args: list[Expr], direct: int, position: int | None
) -> Expr:
    from fedgate.sql.bind.aggregates import bind_aggregate
    from fedgate.sql.bind.windows import bind_window_function

    if node.HasField("over"):
        return bind_window_function(state, node, found, args, position)
    return bind_aggregate(state, node, found, args, direct, position)


def _is_plain(node: Message) -> bool:
    return not (
        node.agg_order
        or node.agg_star
        or node.agg_distinct
        or node.func_variadic
        or node.HasField("over")
        or node.HasField("agg_filter")
    )


def _arguments(state: State, node: Message) -> tuple[list[Expr], list[str]]:
    names: list[str] = []
    nodes = []
    for arg in node.args:
        if arg.WhichOneof("node") == "named_arg_expr":
            named = arg.named_arg_expr
            if named.name in names:
                message = f'argument name "{named.name}" used more than once'
                raise SqlError("42601", message, position=state.pos(named.location))
            names.append(named.name)
            nodes.append(named.arg)
        else:
            if names:
                message = "positional argument cannot follow named argument"
                raise SqlError("42601", message, position=c.locate(bind_expr(state, arg)))
            nodes.append(arg)
    bound = (bind_expr(state, arg) for arg in nodes)
    # A parameter of type void stands for a result: JDBC's {? = call f(?)}.
    return [arg for arg in bound if not (isinstance(arg, Param) and arg.type.oid == t.VOID)], names


def _lookup(
    state: State,
    names: list[str],
    args: list[Expr],
    arg_names: list[str],
    node: Message,
    position: int | None,
    *,
    plain: bool,
) -> resolve.Candidate | Expr:
    types = [a.type.oid for a in args]
    name = names[-1]
    shown = ".".join(names)
    known = len(names) == 1 or names[-2] == "pg_catalog"
    if not known:
        require_schema(state, names[-2], position)
    candidates = resolve.function_candidates(name, len(args), tuple(arg_names), not node.func_variadic) if known else ()
    exact = next((x for x in candidates if list(x.args) == types), None)
    if exact is not None:
        return exact
    if plain and len(args) == 1 and not arg_names and known:
        cast = _as_cast(state, name, args[0], position)
        if cast is not None:
            return cast
    try:
        chosen = resolve.choose(tuple(types), candidates)
    except resolve.AmbiguousError:
        hint = "Could not choose a best candidate function. You might need to add explicit type casts."
        message = f"function {signature(shown, types, arg_names)} is not unique"
        raise SqlError("42725", message, hint=hint, position=position) from None
    if chosen is not None:
        return chosen
    if plain and len(args) == 1 and len(names) == 1 and isinstance(args[0], RowExpr):
        row = as_called(state, args[0])
        if isinstance(row, RowExpr) and name in row.names:
            return select_field(row, name, position)
    raise _unknown_function(shown, types, arg_names, node, position)


def _as_cast(state: State, name: str, arg: Expr, position: int | None) -> Expr | None:
    """`text(x)`, `date('…')`: a function call that is a cast when the type can be had without a function."""
    row = tables.type_names().get(name)
    if row is None or row.kind == "c":
        return None
    source = arg.type.oid
    if source != t.UNKNOWN:
        method = c.pathway(source, row.oid, "e")
        if method not in ("relabel", "io") or (method == "io" and source == t.RECORD):
            return None
    t.require_carrier(SqlType(row.oid), position)
    return c.coerce(state, arg, SqlType(row.oid), "e", explicit=True, position=position)


def _unknown_function(shown: str, types: list[int], arg_names: list[str], node: Message, position: int | None) -> SqlError:
    hint = "No function matches the given name and argument types. You might need to add explicit type casts."
    if node.agg_order and not node.agg_within_group:
        hint = "No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER BY must "
        hint += "appear after all regular arguments of the aggregate."
    message = f"function {signature(shown, types, arg_names)} does not exist"
    return SqlError("42883", message, hint=hint, position=position)


def require_schema(state: State, schema: str, position: int | None) -> None:
    if schema not in ("pg_catalog", "information_schema") and not state.binder.relations.schema_exists(schema):
        raise SqlError("3F000", f'schema "{schema}" does not exist', position=position)


def signature(shown: str, types: Sequence[int], arg_names: Sequence[str] = ()) -> str:
    parts = [t.type_name(oid) for oid in types]
    first = len(parts) - len(arg_names)
    for i, name in enumerate(arg_names):
        parts[first + i] = f"{name} => {parts[first + i]}"
    return f"{shown}({', '.join(parts)})"


def _check_decoration(row: tables.FunctionRow, node: Message, shown: str, position: int | None) -> None:
    """What only aggregates or window functions may carry."""
    over = node.HasField("over")
    if row.kind == "f":
        message = None
        if node.agg_star:
            message = f"{shown}(*) specified, but {shown} is not an aggregate function"
        elif node.agg_distinct:
            message = f"DISTINCT specified, but {shown} is not an aggregate function"
        elif node.agg_within_group:
            message = f"WITHIN GROUP specified, but {shown} is not an aggregate function"
        elif node.agg_order:
            message = f"ORDER BY specified, but {shown} is not an aggregate function"
        elif node.HasField("agg_filter"):
            message = f"FILTER specified, but {shown} is not an aggregate function"
        elif over:
            message = f"OVER specified, but {shown} is not a window function nor an aggregate function"
        if message:
            raise SqlError("42809", message, position=position)
    if row.kind == "w" and not over:
        raise SqlError("42809", f"window function {shown} requires an OVER clause", position=position)
    if row.kind == "w" and node.agg_within_group:
        raise SqlError("42809", f"window function {shown} cannot have WITHIN GROUP", position=position)
    if row.kind == "a":
        _check_ordered_set(row, node, shown, position)


def _check_ordered_set(row: tables.FunctionRow, node: Message, shown: str, position: int | None) -> None:
    if row.aggregate_kind == "n":
        if node.agg_within_group:
            message = f"{shown} is not an ordered-set aggregate, so it cannot have WITHIN GROUP"
            raise SqlError("42809", message, position=position)
        return
    if not node.agg_within_group:
        raise SqlError("42809", f"WITHIN GROUP is required for ordered-set aggregate {shown}", position=position)
    if node.HasField("over"):
        raise SqlError("0A000", f"OVER is not supported for ordered-set aggregate {shown}", position=position)


def converted(
    state: State, found: resolve.Candidate, args: Sequence[Expr], position: int | None, *, variadic_array: bool = False
) -> Call:
    """The arguments in declared order: defaults filled in, polymorphic types resolved, converted, variadics as an array."""
    row = found.row
    assert isinstance(row, tables.FunctionRow)
    exprs, declared = _ordered(state, found, named_arguments(state, row.name, args), row)
    types, result = polymorphic.resolve([e.type.oid for e in exprs], declared, row.result)
    if row.name in _BY_SUBSCRIPT:
        types = [e.type.oid if e.type.oid in (t.INT2VECTOR, t.OIDVECTOR) else oid for e, oid in zip(exprs, types, strict=True)]
    made = [c.coerce_type(state, e, oid) for e, oid in zip(exprs, types, strict=True)]
    name, made = by_letters(state, row.name, made)
    row = row if name == row.name else replace(row, name=name)
    variadic = variadic_array
    if variadic_array and row.variadic == t.ANY and not t.element_of(made[-1].type.oid):
        raise SqlError("42804", "VARIADIC argument must be an array", position=c.locate(made[-1]))
    if found.variadic and row.variadic != t.ANY:
        fixed = len(made) - found.variadic
        element = types[fixed]
        array = t.array_of(element)
        elements = tuple(made[fixed:])
        start = elements[0].pos if elements else None
        made[fixed:] = [ArrayExpr(elements, SqlType(array), pos=start)]
        types[fixed:] = [array]
        variadic = True
    actual = [e.type.oid if oid == t.ANY else oid for e, oid in zip(made, types, strict=True)]
    return Call(row, tuple(made), tuple(actual), result, variadic)


def _ordered(state: State, found: resolve.Candidate, args: Sequence[Expr], row: tables.FunctionRow) -> tuple[list[Expr], list[int]]:
    if found.order is None:
        exprs = list(args)
        declared = list(found.args)
        if found.defaults:
            missing = range(len(row.args) - found.defaults, len(row.args))
            exprs += [_default(state, row, i) for i in missing]
            declared += [row.args[i] for i in missing]
        return exprs, declared
    by_place = dict(zip(found.order, args, strict=True))
    return [by_place[i] if i in by_place else _default(state, row, i) for i in range(len(row.args))], list(row.args)


def _default(state: State, row: tables.FunctionRow, place: int) -> Expr:
    from fedgate.sql.bind.fragments import bind_default

    text = row.defaults[place - (len(row.args) - len(row.defaults))]
    expr = bind_default(state, text)
    if isinstance(expr, Const) and expr.type.oid == t.UNKNOWN:
        return c.coerce_type(state, expr, row.args[place])
    return expr


def make_function(state: State, call: Call, position: int | None) -> Expr:
    row = call.row
    inlined = inline(state, row.oid, call.args, call.arg_types, position)
    if inlined is not None:
        return inlined
    if row.name in vectors.SHIFTED and call.args[0].type.oid in vectors.ELEMENTS:
        if row.returns_set:
            check_set_function(state, row, position)
        return vectors.shifted(row.name, call.args, row, position)
    if row.name in POPULATE:
        made = FuncExpr(row.name, call.args, call.arg_types, SqlType(call.result), row.oid, pos=position)
        return made if state.kind == "from function" and is_untyped(made) else populated(made)
    if row.returns_set:
        check_set_function(state, row, position)
    if row.result not in (t.RECORD, t.VOID):
        t.require_carrier(SqlType(call.result), position)
    args, type_ = call.args, SqlType(call.result)
    if t.RECORD_ARRAY in call.arg_types:
        if row.name in row_arrays.TO_JSON:
            args = (row_arrays.as_json(args[0]), *args[1:])
        args = row_arrays.kept(args)
        type_ = row_arrays.of_fields(type_, args)
    return FuncExpr(
        row.name,
        args,
        call.arg_types,
        type_,
        row.oid,
        variadic=call.variadic,
        returns_set=row.returns_set,
        pos=position,
    )


_NO_SETS = {
    "where": "WHERE",
    "having": "HAVING",
    "join on": "JOIN conditions",
    "filter": "FILTER",
    "limit": "LIMIT",
    "offset": "OFFSET",
    "values": "VALUES",
    "window": "window definitions",
}


@contextmanager
def without_sets(state: State, construct: str) -> Iterator[None]:
    """0A000 when a set-returning function is called inside."""
    before = len(state.set_functions)
    yield
    if len(state.set_functions) > before:
        hint = "You might be able to move the set-returning function into a LATERAL FROM item."
        message = f"set-returning functions are not allowed in {construct}"
        raise SqlError("0A000", message, hint=hint, position=state.set_functions[-1])


def check_set_function(state: State, row: tables.FunctionRow, position: int | None) -> None:
    """0A000 where a set-returning function cannot stand, in PostgreSQL's words."""
    kind = state.kind
    if kind in _NO_SETS and kind != "values":
        raise SqlError("0A000", f"set-returning functions are not allowed in {_NO_SETS[kind]}", position=position)
    state.set_functions.append(position)
    if kind == "values":
        raise unsupported("a set-returning function in VALUES", position=position)
