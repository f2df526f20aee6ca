"""int2vector and oidvector, arrays that count from 0: what tells of subscripts is shifted, everything else sees plain arrays.

`information_schema._pg_expandarray`, with which clients walk the columns of an index, is bound here too: a row of two functions
that run in step (https://www.postgresql.org/docs/15/catalog-pg-index.html).
"""

from __future__ import annotations

from typing import Final

from fedgate.errors import SqlError, unsupported
from fedgate.sql import tables
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.state import State
from fedgate.sql.tree import Coerce, Const, Expr, FuncExpr, OpExpr, RowExpr
from fedgate.types import SqlType

ELEMENTS: Final = {t.INT2VECTOR: 21, t.OIDVECTOR: 26}
EXPAND: Final = ["information_schema", "_pg_expandarray"]
SHIFTED: Final = frozenset(("generate_subscripts", "array_lower", "array_upper"))
_MINUS, _PLUS = 555, 551  # int4mi, int4pl


def as_array(vector: Expr) -> Expr:
    """A vector as the array of its elements, which counts from 1; other values as they are."""
    element = ELEMENTS.get(vector.type.oid)
    if element is None:
        return vector
    return Coerce(vector, SqlType(t.array_of(element)), "function", False, pos=vector.pos)


def shifted(name: str, args: tuple[Expr, ...], row: tables.FunctionRow, position: int | None) -> Expr:
    """generate_subscripts, array_lower or array_upper of a vector."""
    array = as_array(args[0])
    types = (array.type.oid, *(a.type.oid for a in args[1:]))
    call = FuncExpr(name, (array, *args[1:]), types, SqlType(row.result), row.oid, returns_set=row.returns_set, pos=position)
    return _moved("-", _MINUS, call)


def index_of(index: Expr) -> Expr:
    """The subscript in the array for a vector's."""
    return _moved("+", _PLUS, index)


def _moved(name: str, oid: int, number: Expr) -> Expr:
    one = Const(SqlType(t.INT4), 1)
    return OpExpr(name, (number, one), (t.INT4, t.INT4), SqlType(t.INT4), oid, pos=number.pos)


def rights(args: list[Expr], position: int | None) -> Expr:
    """`aclexplode(aclitem[])`: there are no access lists here, so it gives no rows."""
    unnest = next(f for f in tables.functions("unnest") if f.args == (t.ANYARRAY,))

    def nothing(array: int, element: int) -> Expr:
        return FuncExpr(
            "unnest", (Const(SqlType(array), ()),), (array,), SqlType(element), unnest.oid, returns_set=True, pos=position
        )

    fields = (nothing(1028, 26), nothing(1028, 26), nothing(1009, 25), nothing(1000, 16))
    return RowExpr(fields, ("grantor", "grantee", "privilege_type", "is_grantable"), pos=position)


def expanded(state: State, args: list[Expr], position: int | None) -> Expr:
    """`_pg_expandarray(array)`: rows (x, n) of its elements and their places, from 1."""
    if len(args) != 1 or not t.element_of(args[0].type.oid):
        shown = ", ".join(t.type_name(a.type.oid) for a in args)
        raise SqlError("42883", f"function information_schema._pg_expandarray({shown}) does not exist", position=position)
    if state.kind == "from function":
        raise unsupported("_pg_expandarray() in FROM", hint="unnest(…) WITH ORDINALITY gives the same.", position=position)
    array = as_array(args[0])
    element = t.element_of(array.type.oid)
    unnest = next(f for f in tables.functions("unnest") if f.args == (t.ANYARRAY,))
    places = next(f for f in tables.functions("generate_subscripts") if len(f.args) == 2)
    one = Const(SqlType(t.INT4), 1)
    fields = (
        FuncExpr("unnest", (array,), (array.type.oid,), SqlType(element), unnest.oid, returns_set=True, pos=position),
        FuncExpr(
            "generate_subscripts",
            (array, one),
            (array.type.oid, t.INT4),
            SqlType(t.INT4),
            places.oid,
            returns_set=True,
            pos=position,
        ),
    )
    return RowExpr(fields, ("x", "n"), pos=position)
