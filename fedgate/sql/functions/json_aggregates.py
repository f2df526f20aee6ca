"""json_agg and json_object_agg, and jsonb's."""

from __future__ import annotations

from fedgate.errors import unsupported
from fedgate.sql.functions.aggregates import unique_list
from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E, quote
from fedgate.sql.functions.emit import key
from fedgate.sql.functions.json import member
from fedgate.sql.functions.json_build import key_text
from fedgate.sql.functions.table import aggregate


def _agg(call: Call) -> E:
    e = call.args[0]
    text = call.guarded(member(call.cx, e))
    order = tuple(str(s) for s in call.order_by) or ((f"{e.sql} ASC NULLS LAST",) if call.distinct else ())
    if call.distinct and key(e) != e.sql:
        items = f"list_transform({unique_list(call, e)}, lambda x: {member(call.cx, E('x', e.type))})"
    elif call.distinct and e.fields is None:
        items = f"list_transform({call.wrap('list', e.sql, order=order)}, lambda x: {member(call.cx, E('x', e.type, e.dec))})"
    else:
        items = call.wrap("list", text, order=order)
    glue = ", \n " if e.fields is not None and call.node.type.oid == 114 else ", "
    joined = f"('[' || array_to_string({items}, {quote(glue)}) || ']')"
    return E(f"pg_in_jsonb({joined})" if call.node.type.oid == 3802 else joined, call.node.type)


def _distinct_pairs(call: Call) -> str:
    """The pairs of an object, which DISTINCT sorts by key and value."""
    k, v = call.args
    if key(k) != k.sql or key(v) != v.sql or k.fields is not None or v.fields is not None or call.order_by:
        raise unsupported(f"DISTINCT of these types in {call.node.name}()", position=call.node.pos)
    pair = f"{{k: {k.sql}, v: {v.sql}}}"
    pairs = call.wrap("list", pair, order=(f"{pair} ASC",))
    one, two = E("x.k", k.type, k.dec), E("x.v", v.type, v.dec)
    return f"list_transform({pairs}, lambda x: {key_text(call.cx, one)} || ' : ' || {member(call.cx, two)})"


def _object_agg(call: Call) -> E:
    k, v = call.args
    items = _distinct_pairs(call) if call.distinct else None
    if items is None:
        items = call.wrap("list", call.guarded(f"{key_text(call.cx, k)} || ' : ' || {member(call.cx, v)}"))
    joined = f"('{{ ' || array_to_string({items}, ', ') || ' }}')"
    return E(f"pg_in_jsonb({joined})" if call.node.type.oid == 3802 else joined, call.node.type)


for _j in ("json", "jsonb"):
    aggregate(f"{_j}_agg", "any", _agg)
    aggregate(f"{_j}_object_agg", "any, any", _object_agg)
