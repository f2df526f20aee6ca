"""What the check of a shard says of its rows: cases of domains.

Contract: a check is true *or NULL* for every row, so a domain from it admits NULL unless the check says IS NOT NULL. For each row
at least one of the cases holds; what is not understood says nothing. Checks are read in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from fedgate.catalog.model import CHECK_REL
from fedgate.planner.domains import FLIPPED, Case, Domain, comparable, comparison, ordered
from fedgate.planner.known import Known
from fedgate.sql.tree import BoolExpr, Const, Expr, NullTest, OpExpr, ScalarArrayOp, Var, walk

CASES_MAX: Final = 32
"""More cases than this are not kept apart: one takes their place that is as wide as all of them."""
NEGATED: Final = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def cases_of(check: Expr | None) -> tuple[Case, ...]:
    """The cases of a check."""
    return ({},) if check is None else _cases(check, Known(CHECK_REL, {}, "UTC"))


def _cases(check: Expr, known: Known) -> tuple[Case, ...]:
    if not isinstance(check, BoolExpr):
        return (_fact(check, known),)
    if check.op == "not":
        denied = _denied(check.args[0])
        return ({},) if denied is None else _cases(denied, known)
    if check.op == "and":
        cases: tuple[Case, ...] = ({},)
        for arg in check.args:
            more = _cases(arg, known)
            if len(cases) * len(more) > CASES_MAX:
                more = (_around(more),)
            cases = tuple(_both(a, b) for a in cases for b in more)
        return cases
    found = tuple(case for arg in check.args for case in _cases(arg, known))
    return found if len(found) <= CASES_MAX else (_around(found),)


def _denied(expr: Expr) -> Expr | None:
    """NOT `expr` as a condition without NOT; None where it is not understood."""
    match expr:
        case BoolExpr(op="not", args=(arg,)):
            return arg
        case BoolExpr():
            parts = tuple(BoolExpr("not", (arg,)) for arg in expr.args)
            return BoolExpr("or" if expr.op == "and" else "and", parts)
        case OpExpr() if expr.name in NEGATED:
            return replace(expr, name=NEGATED[expr.name])
        case ScalarArrayOp() if expr.name in NEGATED:
            return replace(expr, name=NEGATED[expr.name], all=not expr.all)
        case NullTest():
            return replace(expr, negated=not expr.negated)
        case Var():
            return _is(expr, False)
    return None


def _is(column: Var, value: bool) -> OpExpr:
    return OpExpr("=", (column, Const(column.type, value)), (column.type.oid, column.type.oid), column.type, 0)


def _both(a: Case, b: Case) -> Case:
    if not a or not b:
        return a or b
    return {**a, **b, **{n: a[n].meet(b[n]) for n in a.keys() & b.keys()}}


def _around(cases: Sequence[Case]) -> Case:
    """A case that holds wherever one of these does."""
    columns = frozenset.intersection(*(frozenset(case) for case in cases))
    return {n: _hull([case[n] for case in cases]) for n in columns}


def _hull(domains: Sequence[Domain]) -> Domain:
    null = any(d.null for d in domains)
    if all(d.values is not None for d in domains):
        return Domain(frozenset(v for d in domains for v in d.values or ()), null=null)
    ranges = [r for d in domains for r in _ranges(d)]
    low, high = [d.low for d in ranges], [d.high for d in ranges]
    return Domain(
        low=None if None in low else min(low, default=None), high=None if None in high else max(high, default=None), null=null
    )


def _ranges(domain: Domain) -> list[Domain]:
    if domain.values is None:
        return [domain]
    values: list[Any] = sorted(domain.values)
    return [Domain(low=values[0], high=values[-1])] if values else []


def _plain(check: Expr) -> Case | None:
    """Of `column operator value`, as nearly all checks are; None of others."""
    if not isinstance(check, OpExpr) or len(check.args) != 2 or check.name not in FLIPPED or not comparable(*check.arg_types):
        return None
    column, constant = check.args
    if not isinstance(column, Var) or not isinstance(constant, Const) or constant.value is None or not ordered(constant.value):
        return None
    if check.name == "<>":
        return {column.col: Domain(but=frozenset([constant.value]))}
    domain = comparison(check.name, constant.value, null=True)
    return None if domain is None else {column.col: domain}


def _fact(check: Expr, known: Known) -> Case:
    plain = _plain(check)
    if plain is not None:
        return plain
    if any(isinstance(n, Const) and (n.value is None or (isinstance(n.value, tuple) and None in n.value)) for n in walk(check)):
        return {}  # with a NULL in it a check may never be false: it says nothing
    excluded = _excluded(check, known)
    if excluded is not None:
        return excluded
    if isinstance(check, Var):
        check = _is(check, True)
    found = known.narrowing(check)
    if found is None:
        return {}
    column, domain = found
    return {column: domain if isinstance(check, NullTest) else replace(domain, null=True)}


def _excluded(check: Expr, known: Known) -> Case | None:
    """`column <> value`, and NOT IN."""
    same: Expr | None = None
    if isinstance(check, OpExpr) and check.name == "<>":
        same = replace(check, name="=")
    elif isinstance(check, ScalarArrayOp) and check.name == "<>" and check.all:
        same = replace(check, name="=", all=False)
    found = known.narrowing(same) if same is not None else None
    if found is None or found[1].values is None or found[1].null:
        return None
    return {found[0]: Domain(but=found[1].values)}


assert set(NEGATED) == set(FLIPPED)
