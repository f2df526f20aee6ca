"""Window functions."""

from __future__ import annotations

from collections.abc import Callable

from fedgate.errors import SqlError
from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E, error
from fedgate.sql.functions.emit import default_sql, to_carrier
from fedgate.sql.functions.table import window

_NTH = "argument of nth_value must be greater than zero"


def _counting(name: str) -> Callable[[Call], E]:
    return lambda call: E(call.wrap(name), call.node.type)


def _value(name: str) -> Callable[[Call], E]:
    def lower(call: Call) -> E:
        e = call.args[0]
        return E(call.wrap(name, e.sql, *(a.sql for a in call.args[1:])), e.type, e.dec)

    return lower


def _shifted(name: str) -> Callable[[Call], E]:
    def lower(call: Call) -> E:
        e = call.args[0]
        rest = [a.sql for a in call.args[1:2]]
        if len(call.args) > 2:
            default = call.args[2]
            if default.dec != e.dec:
                e, default = to_carrier(e, None), to_carrier(default, None)
            rest.append(default.sql)
        return E(call.wrap(name, e.sql, *rest), e.type, e.dec)

    return lower


def _ntile(call: Call) -> E:
    return E(f"CAST({call.wrap('ntile', default_sql(call.args[0]))} AS INTEGER)", call.node.type)


for _name in ("row_number", "rank", "dense_rank", "percent_rank", "cume_dist"):
    window(_name, "", _counting(_name))
for _name in ("first_value", "last_value"):
    window(_name, "any", _value(_name))


def _nth_value(call: Call) -> E:
    e, n = call.args
    if n.literal and isinstance(n.value, int) and n.value <= 0:
        raise SqlError("22016", _NTH)
    place = n.sql if n.literal else f"CASE WHEN {n.sql} <= 0 THEN {error('22016', _NTH)} ELSE {n.sql} END"
    return E(call.wrap("nth_value", e.sql, place), e.type, e.dec)


window("nth_value", "any, int4", _nth_value)
for _name in ("lag", "lead"):
    window(_name, "any", _shifted(_name))
    window(_name, "any, int4", _shifted(_name))
    window(_name, "any, int4, any", _shifted(_name))
window("ntile", "int4", _ntile)
