"""Signs, rounding, powers, logarithms, trigonometry, bits."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import Dec, E, Emit, dec, error
from fedgate.sql.functions.emit import FLOAT8, dyn
from fedgate.sql.functions.table import function, operator
from fedgate.sql.functions.udf import macro, scalar
from fedgate.sql.numeric import functions as rules_of
from fedgate.sql.numeric import rules
from fedgate.types import SqlType
from fedgate.types.catalog import NUMERIC

_NUMERIC = SqlType(NUMERIC)
_T = "VARCHAR"
_RANGE = error("22003", "input is out of range")
_OVERFLOW = error("22003", "value out of range: overflow")
_UNDERFLOW = error("22003", "value out of range: underflow")


def _unary(native: str, udf: str) -> Callable[..., E]:
    """A function that keeps the argument's type: native on integers, floats and static numerics, a UDF on dynamic ones."""

    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> E:
        e = a[0]
        if e.dynamic:
            return E(f"{udf}({e.sql})", e.type)
        return E(f"CAST({native.format(e.sql)} AS {e.duck})", e.type, e.dec)

    return lower


operator("-", "number", _unary("(-{})", "num_neg"))
operator("+", "number", lambda cx, a, node: a[0])
operator("@", "number", _unary("abs({})", "num_abs"))
function("abs", "number", _unary("abs({})", "num_abs"))


def _whole(native: str, udf: str) -> Callable[..., E]:
    """floor, ceil and trunc to a whole number."""

    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> E:
        e = a[0]
        if e.oid == 701:
            return E(f"{native}({e.sql})", FLOAT8)
        if native == "floor" and e.quotient and (fast := floor_of_quotient(*e.quotient, e.sql)):
            return fast
        if e.dec is None:
            return E(f"{udf}({e.sql})", _NUMERIC)
        d = dec(e.dec.whole + 1, 0) or Dec(38, 0)
        return E(f"CAST({native}({e.sql}) AS {d.duck})", _NUMERIC, d)

    return lower


def floor_of_quotient(x: E, y: E, slow: str) -> E | None:
    """floor(x / const) of a static numeric in exact integers, where rounding the quotient first cannot matter.

    PostgreSQL's quotient keeps at least 12 digits after the point while |x / y| < 10**4 * 10**(4k)…; with x of at most 12 whole
    digits and a small constant the distance to the next whole number is never below its rounding. Others take the slow way.
    """
    if x.dec is None or y.dec is None or not (y.literal and isinstance(y.value, Decimal)) or y.value <= 0:
        return None
    scale = max(x.dec.s, rules.scale(y.value))
    divisor = rules.unscaled(y.value, scale)
    if x.dec.p - x.dec.s + scale > 36 or scale > 6 or divisor >= 10**12:
        return None
    scaled = f"CAST(CAST({x.sql} AS DECIMAL(38,{scale})) * 1{'0' * scale} AS HUGEINT)" if scale else f"CAST({x.sql} AS HUGEINT)"
    floor = f"(({scaled} - (({scaled} % {divisor}) + {divisor}) % {divisor}) // {divisor})"
    d = Dec(min(38, x.dec.whole + scale + 1), 0)
    bound = 10 ** (12 - max(0, len(str(divisor)) - scale))
    if bound < 1:
        return None
    fast = f"CAST({floor} AS {d.duck})"
    if x.dec.whole <= 12 and bound >= 10**6:
        return E(fast, _NUMERIC, d)
    return E(f"CASE WHEN abs({x.sql}) < 1000000000000 THEN {fast} ELSE CAST(num_floor({slow}) AS {d.duck}) END", _NUMERIC, d)


function("floor", "float8|numeric", _whole("floor", "num_floor"))
function("ceil ceiling", "float8|numeric", _whole("ceil", "num_ceil"))


def _round(cx: Emit, a: tuple[E, ...], node: Any) -> E:
    e = a[0]
    if e.oid == 701:
        return E(f"CASE WHEN isfinite({e.sql}) THEN round_even({e.sql}, 0) ELSE {e.sql} END", FLOAT8)
    digits = a[1] if len(a) > 1 else E("0", SqlType(23), None, True, 0)
    if e.dec and digits.literal and isinstance(digits.value, int) and 0 <= digits.value <= 20:
        d = dec(e.dec.whole + (digits.value < e.dec.s), digits.value)
        if d:
            return E(f"CAST({e.sql} AS {d.duck})", _NUMERIC, d)
    return E(f"num_round({dyn(e)}, {digits.sql})", _NUMERIC)


def _trunc(cx: Emit, a: tuple[E, ...], node: Any) -> E:
    e = a[0]
    if e.oid == 701:
        return E(f"trunc({e.sql})", FLOAT8)
    if e.dec and len(a) == 1:
        d = Dec(max(e.dec.whole, 1), 0)
        return E(f"CAST(trunc({e.sql}) AS {d.duck})", _NUMERIC, d)
    digits = a[1].sql if len(a) > 1 else "0"
    return E(f"num_trunc({dyn(e)}, {digits})", _NUMERIC)


function("round", "float8|numeric", _round)
function("round", "numeric, int4", _round)
function("trunc", "float8|numeric", _trunc)
function("trunc", "numeric, int4", _trunc)


def _sign(cx: Emit, a: tuple[E, ...], node: Any) -> E:
    e = a[0]
    if e.oid == 701:
        return E(f"pg_sign({e.sql})", FLOAT8)
    if e.dec:
        return E(f"CAST(sign({e.sql}) AS DECIMAL(1,0))", _NUMERIC, Dec(1, 0))
    return E(f"num_sign({e.sql})", _NUMERIC)


macro(
    "pg_sign",
    "x",
    "CASE WHEN x IS NULL THEN NULL WHEN isnan(x) THEN CAST(0 AS DOUBLE) WHEN x > 0 THEN CAST(1 AS DOUBLE)"
    " WHEN x < 0 THEN CAST(-1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END",
)
function("sign", "float8|numeric", _sign)


def _via_operator(name: str) -> Callable[..., E]:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> E:
        from fedgate.sql.functions.arithmetic import arithmetic

        class Named:
            type = node.type

        call = Named()
        call.name = name  # type: ignore[attr-defined]
        return arithmetic(cx, a, call)

    return lower


function("mod", "int, int", _via_operator("%"))
function("mod", "numeric, numeric", _via_operator("%"))
function("div", "numeric, numeric", "num_div_whole({0}, {1})")


# -- floats -------------------------------------------------------------------------------------------------------------------


def float1(name: str, rule: Callable[[float], float]) -> None:
    """A UDF of one double, for what DuckDB computes less exactly or without PostgreSQL's errors."""
    scalar(f"pg_{name}", ["DOUBLE"], "DOUBLE")(rule)
    function(name, "float8", f"pg_{name}({{0}})")


def _checked(rule: Callable[[float], float]) -> Callable[[float], float]:
    def call(x: float) -> float:
        if math.isnan(x):
            return x
        try:
            result = rule(x)
        except OverflowError:
            raise SqlError("22003", "value out of range: overflow") from None
        except ValueError:
            raise SqlError("22003", "input is out of range") from None
        return result

    return call


macro("pg_sqrt", "x", f"CASE WHEN x < 0 THEN {error('2201F', 'cannot take square root of a negative number')} ELSE sqrt(x) END")
macro(
    "pg_log_check",
    "x",
    f"CASE WHEN x = 0 THEN {error('2201E', 'cannot take logarithm of zero')}"
    f" WHEN x < 0 THEN {error('2201E', 'cannot take logarithm of a negative number')} ELSE x END",
)
macro("pg_exp", "x", "CASE WHEN isinf(x) THEN CASE WHEN x > 0 THEN x ELSE CAST(0 AS DOUBLE) END"
      f" WHEN isinf(exp(x)) THEN {error('22003', 'value out of range: overflow')}"
      f" WHEN exp(x) = 0 THEN {error('22003', 'value out of range: underflow')} ELSE exp(x) END")  # fmt: skip
macro(
    "pg_power",
    "a, b",
    "CASE WHEN isnan(a) THEN CASE WHEN b = 0 THEN CAST(1 AS DOUBLE) ELSE a END"
    " WHEN isnan(b) THEN CASE WHEN a = 1 THEN CAST(1 AS DOUBLE) ELSE b END"
    f" WHEN a = 0 AND b < 0 THEN {error('2201F', 'zero raised to a negative power is undefined')}"
    " WHEN a < 0 AND floor(b) <> b"
    f" THEN {error('2201F', 'a negative number raised to a non-integer power yields a complex result')}"
    f" WHEN isinf(pow(a, b)) AND isfinite(a) AND isfinite(b) THEN {error('22003', 'value out of range: overflow')}"
    f" WHEN pow(a, b) = 0 AND a <> 0 AND isfinite(a) AND isfinite(b) THEN {error('22003', 'value out of range: underflow')}"
    " ELSE pow(a, b) END",
)
for _name in ("sqrt", "dsqrt"):
    function(_name, "float8", "pg_sqrt({0})")
operator("|/", "float8", "pg_sqrt({0})")
scalar("pg_cbrt", ["DOUBLE"], "DOUBLE")(math.cbrt)
function("cbrt", "float8", "pg_cbrt({0})")
operator("||/", "float8", "pg_cbrt({0})")
function("exp", "float8", "pg_exp({0})")
function("ln", "float8", "ln(pg_log_check({0}))")
function("log log10", "float8", "log10(pg_log_check({0}))")
function("power pow", "float8, float8", "pg_power({0}, {1})")
operator("^", "float8, float8", "pg_power({0}, {1})")
function("pi", "", "pi()")
function("random", "", "random()")
macro("pg_degrees", "x", f"CASE WHEN isinf(degrees(x)) AND isfinite(x) THEN {_OVERFLOW} ELSE degrees(x) END")
macro("pg_radians", "x", f"CASE WHEN radians(x) = 0 AND x <> 0 THEN {_UNDERFLOW} ELSE radians(x) END")
for _name in ("degrees", "radians"):
    function(_name, "float8", f"pg_{_name}({{0}})")
for _name in ("sin", "cos", "tan"):
    macro(f"pg_{_name}", "x", f"CASE WHEN isinf(x) THEN {_RANGE} ELSE {_name}(x) END")
    function(_name, "float8", f"pg_{_name}({{0}})")
for _name in ("asin", "acos"):
    macro(f"pg_{_name}", "x", f"CASE WHEN x < -1 OR x > 1 AND NOT isnan(x) THEN {_RANGE} ELSE {_name}(x) END")
    function(_name, "float8", f"pg_{_name}({{0}})")
for _name in ("atan", "sinh", "cosh", "tanh", "asinh"):
    function(_name, "float8", f"{_name}({{0}})")
function("atan2", "float8, float8", "atan2({0}, {1})")
float1("cot", _checked(lambda x: math.inf if x == 0 else 1 / math.tan(x)))
float1("acosh", _checked(math.acosh))
float1("atanh", _checked(lambda x: math.copysign(math.inf, x) if abs(x) == 1 else math.atanh(x)))

# -- numeric ------------------------------------------------------------------------------------------------------------------

for _name, _rule in (("sqrt", rules_of.sqrt), ("exp", rules_of.exp), ("ln", rules_of.ln)):
    scalar(f"num_{_name}", [_T], _T)(lambda text, rule=_rule: rules.write(rule(rules.read(text))))
    function(_name, "numeric", f"num_{_name}({{0}})")
for _name, _rule2 in (("log", rules_of.log), ("power", rules_of.power)):
    scalar(f"num_{_name}", [_T, _T], _T)(lambda a, b, rule=_rule2: rules.write(rule(rules.read(a), rules.read(b))))
    function(_name, "numeric, numeric", f"num_{_name}({{0}}, {{1}})")
function("pow", "numeric, numeric", "num_power({0}, {1})")
operator("^", "numeric, numeric", "num_power({0}, {1})")
function("log log10", "numeric", "num_log('10', {0})")
function("scale", "numeric", "num_scale({0})")


@scalar("num_trim_scale", [_T], _T)
def num_trim_scale(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


@scalar("num_min_scale", [_T], "INTEGER")
def num_min_scale(text: str) -> int | None:
    return None if text[-1].isalpha() else rules.scale(Decimal(num_trim_scale(text)))


function("trim_scale", "numeric", "num_trim_scale({0})")
function("min_scale", "numeric", "num_min_scale({0})")


@scalar("num_factorial", ["BIGINT"], _T)
def num_factorial(n: int) -> str:
    if n < 0:
        raise SqlError("22003", "factorial of a negative number is undefined")
    if n > 32177:
        raise rules.overflow()
    return str(Decimal(math.factorial(n)))  # an int of more than 4300 digits has no str of its own


function("factorial", "int8", "num_factorial({0})")


def _gcd(a: Decimal, b: Decimal) -> Decimal:
    digits = max(rules.scale(a), rules.scale(b))
    return rules.from_unscaled(math.gcd(rules.unscaled(a, digits), rules.unscaled(b, digits)), digits)


def _lcm(a: Decimal, b: Decimal) -> Decimal:
    digits = max(rules.scale(a), rules.scale(b))
    return rules.from_unscaled(math.lcm(rules.unscaled(a, digits), rules.unscaled(b, digits)), digits)


for _name, _rule3 in (("gcd", _gcd), ("lcm", _lcm)):
    scalar(f"num_{_name}", [_T, _T], _T)(
        lambda a, b, rule=_rule3: rules.write(rules.NAN if "n" in (a + b).lower() else rule(rules.read(a), rules.read(b)))
    )
    function(_name, "numeric, numeric", f"num_{_name}({{0}}, {{1}})")
    for _type, _duck in (("int4", "INTEGER"), ("int8", "BIGINT")):
        function(_name, f"{_type}, {_type}", f"CAST({_name}(CAST({{0}} AS HUGEINT), CAST({{1}} AS HUGEINT)) AS {_duck})")


# -- buckets ------------------------------------------------------------------------------------------------------------------


def _bucket(x: Any, low: Any, high: Any, count: int) -> int:
    if count <= 0:
        raise SqlError("2201G", "count must be greater than zero")
    if low == high:
        raise SqlError("2201G", "lower bound cannot equal upper bound")
    down = low > high
    if down:
        x, low, high = (v.copy_negate() if isinstance(v, Decimal) else -v for v in (x, low, high))
    if x < low:
        return 0
    if x >= high:
        if count == 2**31 - 1:
            raise SqlError("22003", "integer out of range")
        return count + 1
    if not isinstance(x, float):
        place = rules.divide(rules.multiply(rules.subtract(x, low), Decimal(count)), rules.subtract(high, low))
        return int(place) + 1  # of a quotient that is rounded as any other
    steps = float(count) * (x - low) / (high - low) + 1  # rounded at each of these, as C rounds
    if not math.isfinite(steps):
        raise SqlError("0A000", "a width_bucket of bounds further apart than floats go is not supported")
    return int(steps)


@scalar("pg_width_bucket", ["DOUBLE", "DOUBLE", "DOUBLE", "INTEGER"], "INTEGER")
def width_bucket_float(x: float, low: float, high: float, count: int) -> int:
    if math.isnan(x) or math.isnan(low) or math.isnan(high):
        raise SqlError("2201G", "operand, lower bound, and upper bound cannot be NaN")
    if math.isinf(low) or math.isinf(high):
        raise SqlError("2201G", "lower and upper bounds must be finite")
    return _bucket(x, low, high, count)


@scalar("num_width_bucket", [_T, _T, _T, "INTEGER"], "INTEGER")
def width_bucket_numeric(x: str, low: str, high: str, count: int) -> int:
    if "NaN" in (x, low, high):
        raise SqlError("2201G", "operand, lower bound, and upper bound cannot be NaN")
    if "Inf" in low + high:
        raise SqlError("2201G", "lower and upper bounds must be finite")
    return _bucket(rules.read(x), rules.read(low), rules.read(high), count)


function("width_bucket", "float8, float8, float8, int4", "pg_width_bucket({0}, {1}, {2}, {3})")
function("width_bucket", "numeric, numeric, numeric, int4", "num_width_bucket({0}, {1}, {2}, {3})")


def _width_bucket_array(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    from fedgate.sql.functions.emit import key

    item = E("t", SqlType(a[0].oid), a[1].dec)
    return (
        f"CASE WHEN list_contains(list_transform({a[1].sql}, lambda t: t IS NULL), true) THEN"
        f" {error('22004', 'thresholds array must not contain NULLs')} WHEN {a[0].sql} IS NOT NULL AND {a[1].sql} IS NOT NULL THEN"
        f" CAST(len(list_filter({a[1].sql}, lambda t: {key(item)} <= {key(a[0])})) AS INTEGER) END"
    )


function("width_bucket", "any, anyarray", _width_bucket_array)

# -- bits ---------------------------------------------------------------------------------------------------------------------

for _op, _native in (("&", "({0} & {1})"), ("|", "({0} | {1})"), ("#", "xor({0}, {1})")):
    operator(_op, "int, int", _native)
operator("~", "int", "(~{0})")


def _shift(left: bool) -> Callable[..., str]:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> str:
        bits = {21: 32, 23: 32, 20: 64}[a[0].oid]
        size = {21: 16, 23: 32, 20: 64}[a[0].oid]
        power = f"CAST(power(CAST(2 AS DOUBLE), ({a[1].sql} % {bits} + {bits}) % {bits}) AS HUGEINT)"
        wide = f"CAST({a[0].sql} AS HUGEINT)"
        if not left:
            return f"CAST(({wide} - (({wide} % {power}) + {power}) % {power}) // {power} AS {a[0].duck})"
        half, full = 2 ** (size - 1), 2**size
        # Wrapped into the type: the shifted-out bits are dropped first, so that the product stays below 2**127.
        return f"CAST(((({wide} * {power}) % {full} + {full + half}) % {full}) - {half} AS {a[0].duck})"

    return lower


operator("<<", "int, int4", _shift(True))
operator(">>", "int, int4", _shift(False))
