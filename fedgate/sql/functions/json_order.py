"""How jsonb values compare: one order-preserving key for equality, sorting and grouping, and the containment operators.

PostgreSQL's order (compareJsonbContainers): object > array > boolean > number > string > null; containers first by their count;
a scalar at the top is an array of one that sorts before true arrays of one, so an empty array is below every scalar.
"""

from __future__ import annotations

from decimal import Decimal

from fedgate.sql.functions.json import as_plain, kind, members
from fedgate.sql.functions.table import operator
from fedgate.sql.functions.udf import scalar
from fedgate.sql.numeric import rules

_T = "VARCHAR"
_RANK = {"null": b"1", "string": b"2", "number": b"3", "boolean": b"4", "array": b"5", "object": b"6"}


def order_key(text: str) -> bytes:
    """Bytes that compare as the jsonb values do."""
    if kind(text) in ("array", "object"):
        return _key(text)
    return _RANK["array"] + (1).to_bytes(4, "big") + b"\0" + _key(text)


def _key(text: str) -> bytes:
    what = kind(text)
    if what == "string":
        return _RANK[what] + _string(as_plain(text) or "")
    if what == "number":
        return _RANK[what] + rules.order_key(Decimal(text))
    if what == "boolean":
        return _RANK[what] + (b"1" if text == "true" else b"0")
    if what == "null":
        return _RANK[what]
    parts = [(b"" if name is None else _string(name)) + _key(value) for name, value in members(text)]
    flag = b"\1" if what == "array" else b""
    return _RANK[what] + len(parts).to_bytes(4, "big") + flag + b"".join(parts)


def _string(text: str) -> bytes:
    """jsonb cannot hold U+0000, so it ends a text below every continuation of it."""
    return text.encode() + b"\0"


def contains(a: str, b: str, top: bool = True) -> bool:
    """a @> b."""
    left, right = kind(a), kind(b)
    if left == "array" and right not in ("array", "object"):
        return top and any(order_key(v) == order_key(b) for _, v in members(a))
    if left != right:
        return False
    if left == "object":
        have = dict(members(a))
        return all(k in have and contains(have[k], v, False) for k, v in members(b))
    if left == "array":
        items = [v for _, v in members(a)]
        return all(
            any(contains(x, v, False) if kind(v) in ("array", "object") else order_key(x) == order_key(v) for x in items)
            for _, v in members(b)
        )
    return order_key(a) == order_key(b)


def has(text: str, key: str) -> bool:
    what = kind(text)
    if what == "object":
        return any(k == key for k, _ in members(text))
    if what == "array":
        return any(kind(v) == "string" and as_plain(v) == key for _, v in members(text))
    return what == "string" and as_plain(text) == key


scalar("jsonb_key", [_T], "BLOB")(order_key)
scalar("jsonb_contains", [_T, _T], "BOOLEAN")(lambda a, b: contains(a, b))
scalar("jsonb_has", [_T, _T], "BOOLEAN")(has)
scalar("jsonb_has_any", [_T, "VARCHAR[]"], "BOOLEAN")(lambda text, keys: any(has(text, k) for k in keys if k is not None))
scalar("jsonb_has_all", [_T, "VARCHAR[]"], "BOOLEAN")(lambda text, keys: all(has(text, k) for k in keys if k is not None))
operator("@>", "jsonb, jsonb", "jsonb_contains({0}, {1})")
operator("<@", "jsonb, jsonb", "jsonb_contains({1}, {0})")
operator("?", "jsonb, string", "jsonb_has({0}, {1})")
operator("?|", "jsonb, _text", "jsonb_has_any({0}, {1})")
operator("?&", "jsonb, _text", "jsonb_has_all({0}, {1})")
