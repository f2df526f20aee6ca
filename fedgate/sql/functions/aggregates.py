"""Aggregates. Integers and static numerics are summed exactly; what is value-dependent (avg, variance of numerics) is finished by
UDFs.

Each lowering takes a `Call` and gives an `E`.
"""

from __future__ import annotations

from collections.abc import Callable

from fedgate.errors import unsupported
from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E, dec, error
from fedgate.sql.functions.emit import FLOAT8, INT8, INTEGERS, default_sql, dyn, key
from fedgate.sql.functions.table import aggregate
from fedgate.sql.functions.udf import macro, scalar
from fedgate.types import SqlType
from fedgate.types.catalog import MAX_DIGITS, NUMERIC

_NUMERIC = SqlType(NUMERIC)
_SHORT = 18  # digits of a BIGINT
SUM_DIGITS = 12  # a sum of 10**12 values is the most that is made room for


def count_star(call: Call) -> E:
    return E(call.wrap("count", "*", distinct=False, order=()), INT8)


def count(call: Call) -> E:
    e = call.args[0]
    counted = key(e) if call.distinct else e.sql
    if e.quotient and not call.distinct:  # only whether there is one counts, and that it is not of a zero
        x, y = e.quotient
        counted = f"CASE WHEN {x.sql} IS NOT NULL THEN pg_nonzero({y.sql}) END" if x.dec and y.dec else counted
    return E(call.wrap("count", call.guarded(counted), order=()), INT8)


def exact_sum(call: Call) -> E:
    """sum of integers or static numerics as a static numeric."""
    e = call.arg()
    if e.oid in INTEGERS:
        digits, scale = INTEGERS[e.oid], 0
        inner = e.sql
    else:
        assert e.dec is not None
        digits, scale = e.dec.p, e.dec.s
        inner = e.sql
    d = dec(min(MAX_DIGITS, digits + SUM_DIGITS) - scale, scale)
    assert d is not None
    return E(f"CAST({call.wrap('sum', inner, order=())} AS {d.duck})", _NUMERIC, d)


def sum_int(call: Call) -> E:
    return E(f"CAST({call.wrap('sum', call.arg().sql, order=())} AS BIGINT)", INT8)


def sum_numeric(call: Call) -> E:
    if call.args[0].dec:
        return exact_sum(call)
    return E(of_quotients(call, "sum") or f"num_sum({values_list(call)})", _NUMERIC)


def of_quotients(call: Call, name: str) -> str | None:
    """sum() or avg() of quotients whose sides are short numbers, None for others."""
    sides = call.args[0].quotient
    if sides is None or call.distinct or call.over is not None or any(s.dec is None or s.dec.p > _SHORT for s in sides):
        return None
    x, y = (f"CAST({_without_point(s)} AS BIGINT)" for s in sides)
    present = " AND ".join(f"{s.sql} IS NOT NULL" for s in sides)
    pairs = call.wrap("list", call.guarded(f"{{x: {x}, y: {y}}}"), order=(), also=present)
    digits = ", ".join(f"CAST({s.dec.s if s.dec else 0} AS INTEGER)" for s in sides)
    return f"num_quotient_{name}({pairs}, {digits})"


def _without_point(e: E) -> str:
    assert e.dec is not None
    if not e.dec.s:
        return e.sql
    return f"CAST({e.sql} AS DECIMAL({max(19, e.dec.p + e.dec.s)},{e.dec.s})) * {10**e.dec.s}"


def values_list(call: Call) -> str:
    """A group's dynamic numerics as a list."""
    items = call.wrap("list", call.guarded(dyn(call.args[0])), distinct=False, order=())
    return f"num_distinct({items})" if call.distinct else items


def sum_float(call: Call) -> E:
    oid = call.arg().oid
    total = _float_total(call)
    return E(f"pg_float4({total})" if oid == 700 else total, call.arg().type)


def _float_total(call: Call) -> str:
    """The sum in double precision; 22003 where it overflows, which DuckDB calls infinity: none of what was added up is."""
    e = call.arg()
    x = f"CAST({e.sql} AS DOUBLE)" if e.oid == 700 else e.sql
    total = call.wrap("sum", x)
    if e.oid == 700:
        return total  # 10^250 of the largest do not overflow
    return f"pg_f8({total}, isfinite({call.wrap('max', f'abs({x})', order=(), distinct=False)}))"


def _interval_sums(call: Call) -> list[str]:
    """The sums of months, days and microseconds, each a HUGEINT."""
    e = call.arg()
    return [call.wrap("sum", f"pg_interval_{part}({e.sql})", order=()) for part in ("months", "days", "us")]


def sum_interval(call: Call) -> E:
    return E(f"pg_interval_sum({', '.join(_interval_sums(call))})", call.arg().type)


def avg_interval(call: Call) -> E:
    n = call.wrap("count", call.arg().sql, order=())
    sums = ", ".join(f"pg_int64({part})" for part in _interval_sums(call))
    return E(f"pg_interval_avg({sums}, {n})", call.arg().type)


def avg_exact(call: Call) -> E:
    if call.args[0].oid == NUMERIC and call.args[0].dec is None:
        return E(of_quotients(call, "avg") or f"num_avg({values_list(call)})", _NUMERIC)
    total = exact_sum(call)
    n = call.wrap("count", call.arg().sql, order=())
    return E(f"num_avg_final({dyn(total)}, {n})", _NUMERIC)


def avg_float(call: Call) -> E:
    e = call.arg()
    n = call.wrap("count", f"CAST({e.sql} AS DOUBLE)" if e.oid == 700 else e.sql, order=())
    return E(f"({_float_total(call)} / nullif({n}, 0))", FLOAT8)


def _extreme(name: str) -> Callable[[Call], E]:
    def lower(call: Call) -> E:
        e = call.arg()
        k = key(e)
        if k == e.sql:
            return E(call.wrap(name, e.sql, distinct=False, order=()), e.type, e.dec)
        return E(call.wrap(f"arg_{name}", e.sql, k, distinct=False, order=()), e.type, e.dec)

    return lower


def _native(name: str) -> Callable[[Call], E]:
    def lower(call: Call) -> E:
        e = call.arg()
        return E(call.wrap(name, e.sql, distinct=False, order=()), call.node.type)

    return lower


def bit(name: str) -> Callable[[Call], E]:
    def lower(call: Call) -> E:
        e = call.arg()
        return E(f"CAST({call.wrap(name, e.sql, order=())} AS {e.duck})", e.type)

    return lower


def kept(call: Call, value: str, also: str = "") -> str:
    """The list of a call's values, in the order written; DISTINCT alone sorts by the value. `also` as `Call.wrap` has it."""
    if not call.distinct:
        return call.wrap("list", call.guarded(value), also=also)
    # DuckDB takes an ORDER BY beside DISTINCT only where it sees that both are one expression, which it does not of constants.
    direction = next((sort.direction for sort in call.order_by if sort.value.sql == value), "ASC NULLS LAST")
    way, _, nulls = direction.partition(" ")
    return f"list_sort({call.wrap('list', call.guarded(value), order=(), also=also)}, '{way}', '{nulls}')"


def unique_list(call: Call, e: E) -> str:
    """A group's distinct values, sorted, where equality is that of a key."""
    pair = call.guarded(f"{{k: {key(e)}, v: {default_sql(e)}}}")
    order = tuple(str(s) for s in call.order_by) or (f"{key(e)} ASC NULLS LAST",)
    return f"pg_unique({call.wrap('list', pair, distinct=False, order=order)})"


# In HAVING the merge engine takes `p.k` for a column, even where p is a lambda's own.
macro(
    "pg_unique",
    "l",
    "list_transform(list_filter(l, lambda p, i: i = 1 OR list_extract(l, i - 1).k IS DISTINCT FROM p['k']), lambda p: p['v'])",
)


def array_agg(call: Call) -> E:
    e = call.args[0]
    if e.type.pg.is_array:
        raise unsupported("array_agg() of arrays")
    if call.distinct and key(e) != e.sql:
        return E(unique_list(call, e), call.node.type)
    values = kept(call, e.sql)
    # Numerics of fixed digits are sorted as numbers before they become text.
    return E(f"CAST({values} AS VARCHAR[])" if e.dec else values, call.node.type)


def string_agg(call: Call) -> E:
    value, separator = call.args
    own = not (separator.literal or separator.sql.startswith("\x00"))
    if own or value.oid == 17:
        return _joined_by_own(call, value, separator)
    glue = f"coalesce({separator.sql}, '')"
    return E(f"array_to_string({kept(call, value.sql, f'{value.sql} IS NOT NULL')}, {glue})", call.node.type)


def _joined_by_own(call: Call, value: E, separator: E) -> E:
    """Each value but the first behind the separator of its own row."""
    if call.distinct:
        raise unsupported("string_agg(DISTINCT) of bytea, or with a separator that is no constant")
    pair = call.guarded(f"{{v: {value.sql}, s: {separator.sql}}}")
    items = call.wrap("list", pair, distinct=False, also=f"{value.sql} IS NOT NULL")
    empty, glue = ("''::BLOB", "pg_join_bytes") if value.oid == 17 else ("''", "pg_join_texts")
    parts = f"list_transform({items}, lambda p, i: CASE WHEN i = 1 THEN p['v'] ELSE coalesce(p['s'], {empty}) || p['v'] END)"
    return E(f"{glue}({parts})", call.node.type)


scalar("pg_join_bytes", ["BLOB[]"], "BLOB")(lambda items: b"".join(items))
macro("pg_join_texts", "l", "array_to_string(l, '')")


def _moments(finish: str) -> Callable[[Call], E]:
    """Variance and its kin of exact numbers: n, sum and sum of squares, finished by UDF."""

    def lower(call: Call) -> E:
        e = call.arg()
        if e.oid == NUMERIC and (e.dec is None or 2 * e.dec.p + SUM_DIGITS > MAX_DIGITS):
            return E(f"{finish}_list({values_list(call)})", _NUMERIC)
        n = call.wrap("count", e.sql, order=())
        total = f"CAST({call.wrap('sum', e.sql, order=())} AS VARCHAR)"
        if call.distinct and e.oid == 20:
            return E(f"{finish}_list(CAST({call.wrap('list', e.sql, order=())} AS VARCHAR[]))", _NUMERIC)
        if e.oid == 20:
            high, low = f"CAST({e.sql} >> 32 AS HUGEINT)", f"CAST({e.sql} & 4294967295 AS HUGEINT)"
            parts = [call.wrap("sum", f"{a} * {b}", order=()) for a, b in ((high, high), (high, low), (low, low))]
            squares = f"num_limbs({', '.join(f'CAST({p} AS VARCHAR)' for p in parts)})"
        elif call.distinct:
            return E(f"{finish}_list(CAST({call.wrap('list', e.sql, order=())} AS VARCHAR[]))", _NUMERIC)
        else:
            wide = f"CAST({e.sql} AS HUGEINT)" if e.dec is None else f"CAST({e.sql} AS DECIMAL({max(2 * e.dec.p, 19)},{e.dec.s}))"
            squares = f"CAST({call.wrap('sum', f'{wide} * {e.sql}', order=())} AS VARCHAR)"
        return E(f"{finish}({n}, {total}, {squares})", _NUMERIC)

    return lower


def _float_native(name: str, minimum: int) -> Callable[[Call], E]:
    """Welford's variance; PostgreSQL gives NaN where an input is not finite, and DuckDB would raise."""

    def lower(call: Call) -> E:
        e = call.arg()
        x = f"CAST({e.sql} AS DOUBLE)" if e.oid == 700 else e.sql
        odd = f"coalesce({call.wrap('bool_or', f'NOT isfinite({x})', order=(), distinct=False)}, false)"
        n = call.wrap("count", x, order=())
        safe = call.wrap(name, f"CASE WHEN isfinite({x}) THEN {x} END", order=())
        body = f"CASE WHEN {n} < {minimum} THEN NULL WHEN {odd} THEN CAST('nan' AS DOUBLE) ELSE pg_f8({safe}, true) END"
        return E(body, FLOAT8)

    return lower


def _pair(name: str) -> Callable[[Call], E]:
    """corr, covar and regr of (Y, X); a NaN that DuckDB gives for a degenerate input is PostgreSQL's NULL."""

    def lower(call: Call) -> E:
        value = call.wrap(name, *(call.guarded(a.sql) for a in call.args), order=())
        if name == "regr_count":
            return E(f"CAST({value} AS BIGINT)", INT8)
        # NaN, infinities and squares that overflow end in NaN here, NULL, NaN or 22003 there, each by its own rule.
        x, y = (a.sql for a in call.args)
        odd = f"{x} IS NOT NULL AND {y} IS NOT NULL AND NOT (abs({x}) < 1e150 AND abs({y}) < 1e150)"
        any_odd = call.wrap("bool_or", odd, order=(), distinct=False)
        refused = error("0A000", f"{name}() of NaN, infinity or values of 1e150 and more is not supported")
        return E(f"CASE WHEN {any_odd} THEN {refused} ELSE pg_nan_null({value}) END", FLOAT8)

    return lower


macro("pg_nan_null", "x", "CASE WHEN isnan(x) THEN NULL ELSE x END")
aggregate("count", "", count_star)
aggregate("count", "any", count)
aggregate("sum", "int2|int4", sum_int)
aggregate("sum", "int8", exact_sum)
aggregate("sum", "numeric", sum_numeric)
aggregate("sum", "float", sum_float)
aggregate("sum", "interval", sum_interval)
aggregate("avg", "int|numeric", avg_exact)
aggregate("avg", "float", avg_float)
aggregate("avg", "interval", avg_interval)
_ORDERED = "int|float|numeric|string|bpchar|date|time|timestamp|timestamptz|interval|oid|anyarray|inet|pg_lsn|uuid"
aggregate("min", _ORDERED, _extreme("min"))
aggregate("max", _ORDERED, _extreme("max"))
aggregate("bool_and every", "bool", _native("bool_and"))
aggregate("bool_or", "bool", _native("bool_or"))
for _name in ("bit_and", "bit_or", "bit_xor"):
    aggregate(_name, "int", bit(_name))
aggregate("array_agg", "any", array_agg)
aggregate("string_agg", "string|bytea, string|bytea", string_agg)
for _name, _finish in (
    ("variance", "samp"),
    ("var_samp", "samp"),
    ("var_pop", "pop"),
    ("stddev", "samp"),
    ("stddev_samp", "samp"),
    ("stddev_pop", "pop"),
):
    _kind = "stddev" if _name.startswith("stddev") else "var"
    aggregate(_name, "int|numeric", _moments(f"num_{_kind}_{_finish}"))
    aggregate(_name, "float", _float_native(f"{_kind}_{_finish}", 2 if _finish == "samp" else 1))
for _name in (
    "corr", "covar_pop", "covar_samp", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope",
    "regr_sxx",
    "regr_sxy", "regr_syy",
):  # fmt: skip
    aggregate(_name, "float8, float8", _pair(_name))
