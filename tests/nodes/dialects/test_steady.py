"""No operator that goes by a session's settings reaches a node in another zone."""

from __future__ import annotations

import pytest

from fedgate.nodes.dialects.site import Refused
from fedgate.nodes.dialects.steady import check_steady
from fedgate.sql.tree import BOOL, Const, DistinctExpr, Expr, NullIf, OpExpr, ScalarArrayOp
from fedgate.types import SqlType
from tests.conftest import PostgresServer

_TIMESTAMPTZ, _DATE, _DATES = 1184, 1082, 1182
_EQUAL = 2386  # timestamptz = date
_LEFT, _RIGHT = Const(SqlType(_TIMESTAMPTZ), 0), Const(SqlType(_DATE), 0)
_TYPES = (_TIMESTAMPTZ, _DATE)


def test_every_operator_that_is_not_immutable_is_held_back(postgres: PostgresServer) -> None:
    with postgres.connect() as connection:
        rows = connection.execute(
            "SELECT o.oid::int, oprname, oprleft::int, oprright::int, provolatile FROM pg_operator o"
            " JOIN pg_proc p ON p.oid = oprcode WHERE oprleft IN (1082, 1114, 1184, 1186) AND oprright IN (1082, 1114, 1184, 1186)"
        ).fetchall()
    held = set()
    for oid, name, left, right, _ in rows:
        node = OpExpr(name, (Const(SqlType(left), None), Const(SqlType(right), None)), (left, right), BOOL, oid)
        check_steady(node, zoned=True)
        try:
            check_steady(node, zoned=False)
        except Refused:
            held.add(oid)
    assert held == {oid for oid, _, _, _, volatile in rows if volatile != "i"} != set()


@pytest.mark.parametrize(
    "node",
    [
        OpExpr("=", (_LEFT, _RIGHT), _TYPES, BOOL, _EQUAL),
        DistinctExpr(_LEFT, _RIGHT, _TYPES, False, _EQUAL),
        NullIf(_LEFT, _RIGHT, _LEFT, _TYPES, SqlType(_TIMESTAMPTZ), _EQUAL),
        ScalarArrayOp("=", _LEFT, Const(SqlType(_DATES), (0,)), (_TIMESTAMPTZ, _DATES), False, _EQUAL),
    ],
)
def test_in_whatever_form_it_comes(node: Expr) -> None:
    with pytest.raises(Refused, match="time zone"):
        check_steady(node, zoned=False)
