"""Functions and aggregates on SQLite's list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from fedgate.nodes.dialects.site import Refused, what
from fedgate.nodes.dialects.sqlite_columns import floor_div, kind_of, remainder
from fedgate.nodes.dialects.sqlite_expr import NUMERIC, Expressions, V, bare_constant, handles
from fedgate.sql.tree import Aggref, Const, Expr, FuncExpr, OpExpr, Var
from fedgate.types import BY_OID

_MICROS = {
    "microseconds": 1,
    "milliseconds": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
_CALENDAR = ("month", "quarter", "year")
_STEP_MAX = 10**9
_MONDAY = 3 * _MICROS["day"]  # 1970-01-01 was a Thursday
# SQLite's calendar knows the years 0000 to 9999; 0000 is 1 BC.
_SECONDS_MIN, _SECONDS_MAX = -62_135_596_800, 253_402_300_799


@handles(FuncExpr)
def _function(ex: Expressions, node: FuncExpr) -> V:
    """A call of a listed function. Raises Refused."""
    row = FUNCTIONS.get((node.name, node.arg_types))
    if row is None:
        raise Refused(f"{what(node)} is not on sqlite's list")
    return row(ex, node)


def _length(ex: Expressions, node: FuncExpr) -> V:
    return V(f"length({ex.value(node.args[0]).sql})", "int")


def _octets(ex: Expressions, node: FuncExpr) -> V:
    return V(f"length(CAST({ex.value(node.args[0]).sql} AS BLOB))", "int")


def _abs_float(ex: Expressions, node: FuncExpr) -> V:
    return V(f"abs({ex.value(node.args[0]).sql})", "float")


def _date_trunc(ex: Expressions, node: FuncExpr) -> V:
    unit, subject = node.args[0], node.args[1]
    zone = node.args[2] if len(node.args) > 2 else None
    if zone is not None and not (isinstance(zone, Const) and zone.value == "UTC"):
        raise Refused("date_trunc in a zone other than UTC is not on sqlite's list")
    if zone is None and subject.type.oid == 1184 and ex.site.timezone != "UTC":
        raise Refused(f"date_trunc in the zone {ex.site.timezone} is not on sqlite's list")
    if not isinstance(unit, Const) or not isinstance(unit.value, str):
        raise Refused("date_trunc by a computed unit is not on sqlite's list")
    name = unit.value.lower()
    value = ex.value(subject)
    if name in _MICROS:
        return V(f"({_floor(value.sql, name)})", "time")
    if name in _CALENDAR:
        return _calendar(ex, value, name)
    raise Refused(f"date_trunc('{name}') is not on sqlite's list")


def _floor(sql: str, unit: str) -> str:
    step = _MICROS[unit]
    if unit == "week":
        return f"{sql} - ({remainder(f'{sql} + {_MONDAY}', step)})"
    return f"{sql} - ({remainder(sql, step)})"


def _calendar(ex: Expressions, value: V, unit: str) -> V:
    seconds = _seconds(ex, value)
    start = f"'start of {'year' if unit == 'year' else 'month'}'"
    back = ""
    if unit == "quarter":
        month = f"CAST(strftime('%m', {seconds}, 'unixepoch') AS INTEGER)"
        back = f", '-' || (({month} - 1) % 3) || ' months'"
    return V(f"(CAST(strftime('%s', {seconds}, 'unixepoch', {start}{back}) AS INTEGER) * 1000000)", "time")


def _seconds(ex: Expressions, value: V) -> str:
    """Whole seconds, rounded down, within SQLite's calendar."""
    seconds = value.raw if value.unit == "unix_s" else f"({floor_div(value.sql, 1_000_000)})"
    ex.doubt(f"({seconds} NOT BETWEEN {_SECONDS_MIN} AND {_SECONDS_MAX}) IS TRUE", value.sql)
    return seconds


def bucket(ex: Expressions, node: OpExpr) -> V | None:
    """`floor(extract(epoch FROM t) / n) * n` with a whole number n: numeric in PostgreSQL, of scale 0, so integers serve.

    Its kind is `whole`: it may be a group key, be sorted by and given out, and nothing else.
    """
    floor, step = node.args
    if not isinstance(floor, FuncExpr) or floor.name != "floor" or floor.arg_types != (NUMERIC,):
        return None
    ratio, size = floor.args[0], _whole_number(step)
    if not isinstance(ratio, OpExpr) or ratio.name != "/" or size is None or _whole_number(ratio.args[1]) != size:
        return None
    epoch = ratio.args[0]
    if not isinstance(epoch, FuncExpr) or epoch.name != "extract" or epoch.arg_types not in ((25, 1184), (25, 1114)):
        return None
    field = epoch.args[0]
    if not isinstance(field, Const) or str(field.value).lower() != "epoch":
        return None
    return V(f"({floor_div(ex.value(epoch.args[1]).sql, size * 1_000_000)} * {size})", "whole")


def _whole_number(node: Expr) -> int | None:
    node = bare_constant(node)
    value = node.value if isinstance(node, Const) else None
    scaled = isinstance(value, Decimal) and value.as_tuple().exponent != 0
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or scaled:
        return None
    return int(value) if 0 < value <= _STEP_MAX else None


def day_of(ex: Expressions, value: V) -> V:
    """The date of a timestamp in UTC."""
    if value.kind != "time":
        raise Refused(f"casting {value.kind} to date is not on sqlite's list")
    return V(f"date({_seconds(ex, value)}, 'unixepoch')", "date")


Writer = Callable[[Expressions, FuncExpr], V]
FUNCTIONS: dict[tuple[str, tuple[int, ...]], Writer] = {
    **{(name, (25,)): _length for name in ("length", "char_length", "character_length")},
    ("octet_length", (25,)): _octets,
    ("octet_length", (17,)): _length,
    ("length", (17,)): _length,
    ("abs", (701,)): _abs_float,
    ("date_trunc", (25, 1114)): _date_trunc,
    ("date_trunc", (25, 1184)): _date_trunc,
    ("date_trunc", (25, 1184, 25)): _date_trunc,
}


# ---------------------------------------------------------------------------------------------------- aggregates


class Aggregates:
    """Renders the aggregates of one block; `doubts` are predicates over a group under which a result says nothing."""

    def __init__(self, ex: Expressions) -> None:
        self._ex = ex
        self.doubts: list[str] = []

    def __call__(self, node: Aggref) -> V:
        if node.order_by or node.within_group:
            raise Refused(f"{node.name} with an order is not on sqlite's list")
        where = f" FILTER (WHERE {self._ex.condition(node.filter)})" if node.filter is not None else ""
        outer, self._ex.aggregates = self._ex.aggregates, None
        try:
            return self._render(node, where)
        finally:
            self._ex.aggregates = outer

    def _render(self, node: Aggref, where: str) -> V:
        if node.name == "count":
            return V(f"count({self._counted(node)}){where}", "int")
        if len(node.args) != 1:
            raise Refused(f"{node.name} is not on sqlite's list")
        oid = node.arg_types[0]
        if node.name == "sum" and not node.distinct:
            return self._sum(self._ex.value(node.args[0]), oid, where)
        if node.name in ("min", "max"):
            return self._extreme(node, where)
        if node.name in ("bool_and", "bool_or", "every") and not node.distinct:
            name = "max" if node.name == "bool_or" else "min"
            return V(f"{name}({self._ex.value(node.args[0]).sql}){where}", "bool")
        raise Refused(f"{node.name}({BY_OID[oid].sql_name}) is not on sqlite's list")

    def _counted(self, node: Aggref) -> str:
        if node.star or not node.args:
            return "*"
        if not node.distinct and isinstance(node.args[0], Var):
            return self._ex.bare(node.args[0])
        value = self._ex.value(node.args[0])
        if not node.distinct:
            return value.sql
        return f"DISTINCT {value.sql} COLLATE BINARY" if value.kind == "text" else f"DISTINCT {value.sql}"

    def _sum(self, value: V, oid: int, where: str) -> V:
        if oid in (21, 23):
            return V(f"sum({value.sql}){where}", "int")
        if oid == 20:
            return V(_wide_sum(value.sql, where), "decimal")
        if oid == 701:
            total = f"sum({value.sql}){where}"
            lost = f"{total} IS NULL AND count({value.sql}){where} > 0"
            overflown = f"abs({total}) = 9e999 AND max(abs({value.sql})){where} <> 9e999"
            self.doubts.append(f"((({lost}) OR ({overflown})) IS TRUE)")  # they are added up, and + binds closer than IS
            return V(total, "float")
        raise Refused(f"sum({BY_OID[oid].sql_name}) is not on sqlite's list")

    def _extreme(self, node: Aggref, where: str) -> V:
        value = self._ex.value(node.args[0])
        collate = " COLLATE BINARY" if value.kind == "text" else ""
        if kind_of(node.type) != value.kind:
            raise Refused(f"{node.name} of {value.kind} is not on sqlite's list")
        return replace(value, sql=f"{node.name}({value.sql}{collate}){where}", raw="", unit="")


def _wide_sum(sql: str, where: str) -> str:
    """The exact decimal text of a sum of bigints: two limbs of base 10^9, each of which cannot overflow below 2^33 rows."""
    base = 1_000_000_000
    high, low = f"sum({sql} / {base}){where}", f"sum({sql} % {base}){where}"
    carried, rest = f"({high} + {low} / {base})", f"({low} % {base})"
    # Limbs of unlike sign: move one unit of the high limb into the low one.
    shift = f"((({carried} > 0 AND {rest} < 0)) - (({carried} < 0 AND {rest} > 0)))"
    top, bottom = f"({carried} - {shift})", f"({rest} + {shift} * {base})"
    text = f"CASE WHEN {top} = 0 THEN CAST({bottom} AS TEXT) ELSE CAST({top} AS TEXT) || printf('%09d', abs({bottom})) END"
    return f"CASE WHEN {high} IS NOT NULL THEN {text} END"
