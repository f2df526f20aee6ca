"""The function table: what of PostgreSQL's functions, operators, aggregates and window functions is supported, and how it is
lowered.

A row's arguments are *specs*: type names or families joined by `|` (`int4|int8`, `text`, `anyarray`). A lowering is either a
template (`"abs({0})"`, the arguments' SQL in their default carriers; numeric ones as text) or a function
`(cx, args, node) -> E | str`; a str has the node's type in its default carrier. Aggregates and window functions get a `Call` that
knows DISTINCT, ORDER BY, FILTER and OVER. A name that PostgreSQL has and the table lacks is SqlError 0A000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import RLock
from typing import Any, Literal, TypeAlias

from fedgate.sql import tables
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.refusals import refused_call
from fedgate.types import BY_NAME, BY_OID, OID_TYPES, format_type

Kind = Literal["function", "operator", "aggregate", "window", "set"]
Lowering: TypeAlias = Callable[..., Any]

OWN = "fedgate."
"""What the names of our own functions begin with, which stand in plans and which no statement can call."""
ANY: frozenset[int] = frozenset({-1})
_INTS = ("int2", "int4", "int8")
_FLOATS = ("float4", "float8")
_STRINGS = ("text", "varchar", "name", "unknown")
FAMILIES: dict[str, tuple[str, ...]] = {
    "int": _INTS,
    "float": _FLOATS,
    "number": (*_INTS, *_FLOATS, "numeric"),
    "string": _STRINGS,
    "oids": tuple(BY_OID[oid].name for oid in sorted(OID_TYPES)),
    "times": ("timestamp", "timestamptz"),
    "anyarray": tuple(t.name for t in BY_OID.values() if t.is_array),
}


def spec(text: str) -> frozenset[int]:
    """The OIDs that a spec admits; `any` admits every type."""
    if text == "any":
        return ANY
    names = [n for part in text.split("|") for n in FAMILIES.get(part, (part,))]
    return frozenset(BY_NAME[n].oid for n in names)


@dataclass(frozen=True, slots=True)
class Row:
    """One supported signature. `variadic`: the last spec repeats. `specs` keeps the text for docs and tests."""

    kind: Kind
    name: str
    specs: tuple[str, ...]
    arguments: tuple[frozenset[int], ...]
    variadic: bool
    lower: Lowering | str

    @property
    def how(self) -> str:
        return "template" if isinstance(self.lower, str) else "rewrite"

    def admits(self, arg_types: tuple[int, ...]) -> bool:
        count = len(self.arguments)
        if self.variadic:
            if len(arg_types) < count - 1:
                return False
        elif len(arg_types) != count:
            return False
        return all(
            self.arguments[min(i, count - 1)] is ANY or oid in self.arguments[min(i, count - 1)] for i, oid in enumerate(arg_types)
        )


_ROWS: dict[tuple[Kind, str], list[Row]] = {}


def add(kind: Kind, names: str, args: str, lower: Lowering | str) -> None:
    """Registers rows: `names` separated by spaces, `args` specs separated by commas, the last may end in `...`."""
    specs = tuple(a.strip() for a in args.split(",")) if args.strip() else ()
    variadic = bool(specs) and specs[-1].endswith("...")
    if variadic:
        specs = (*specs[:-1], specs[-1][:-3])
    arguments = tuple(spec(s) for s in specs)
    for name in names.split():
        _ROWS.setdefault((kind, name), []).append(Row(kind, name, specs, arguments, variadic, lower))


def function(names: str, args: str, lower: Lowering | str) -> None:
    add("function", names, args, lower)


def operator(names: str, args: str, lower: Lowering | str) -> None:
    add("operator", names, args, lower)


def aggregate(names: str, args: str, lower: Lowering | str) -> None:
    add("aggregate", names, args, lower)


def window(names: str, args: str, lower: Lowering | str) -> None:
    add("window", names, args, lower)


def srf(names: str, args: str, lower: Lowering) -> None:
    """A set-returning function: its lowering gives a tuple of list expressions, one per output column."""
    add("set", names, args, lower)


def rows() -> Iterator[Row]:
    """Every row, in order of registration."""
    _load()
    for group in _ROWS.values():
        yield from group


def find(kind: Kind, name: str, arg_types: tuple[int, ...]) -> Row | None:
    """The row for a call, None when the table lacks it."""
    _load()
    row = next((row for row in _ROWS.get((kind, name), ()) if row.admits(arg_types)), None)
    if row is None and kind == "function":
        from fedgate.sql.functions import aliases

        return aliases.find(name, arg_types)
    return row


def lookup(kind: Kind, name: str, arg_types: tuple[int, ...], pos: int | None = None) -> Row:
    """The row for a call. Raises SqlError 0A000."""
    row = find(kind, name, arg_types)
    if row is None:
        types = ", ".join(format_type(oid) for oid in arg_types)
        noun = {"operator": "operator", "aggregate": "aggregate", "window": "window function"}.get(kind, "function")
        raise refused_call(name, f"{noun} {name}({types})", pos)
    return row


@lru_cache(maxsize=4096)
def _strict(kind: Kind, name: str, oid: int) -> bool:
    """Whether a NULL argument makes the result NULL without a call. Of the operators only those that join arrays are not so."""
    if kind == "operator":
        return name != "||"
    return any(row.oid == oid and row.strict for row in tables.functions(name))


def apply(row: Row, cx: Emit, args: tuple[E, ...], node: Any) -> E:
    """The lowered call of a function or operator."""
    if any(a.is_null for a in args) and _strict(row.kind, row.name, node.oid):
        # PostgreSQL folds it when it plans, whatever is wrong with the other arguments.
        from fedgate.sql.functions.carriers import carrier_duck

        return E(f"CAST(NULL AS {carrier_duck(node.type, None)})", node.type, None, True, None)
    if isinstance(row.lower, str):
        from fedgate.sql.functions.emit import default_sql

        return E(row.lower.format(*(default_sql(a) for a in args)), node.type)
    result = row.lower(cx, args, node)
    return E(result, node.type) if isinstance(result, str) else result


_FAMILY_MODULES = (
    "comparison",
    "arithmetic",
    "math",
    "degrees",
    "arrays",  # before text: an array beside || is never concatenated as a string
    "text",
    "bytes",
    "quoting",
    "text_format",
    "like",
    "regex",
    "regex_calls",
    "ascii_letters",
    "similar",
    "intervals",
    "datetime",
    "fields",
    "formatting",
    "json",
    "json_build",
    "json_order",
    "json_change",
    "json_records",
    "json_aggregates",
    "json_paths",
    "aggregates",
    "ordered_sets",
    "hypothetical",
    "merging",
    "sketches",
    "window",
    "srf",
    "introspection",
    "signalling",
    "system",
)
_loaded = False
_loading = RLock()


def _load() -> None:
    global _loaded
    if _loaded:
        return
    from importlib import import_module

    with _loading:  # who comes meanwhile waits: half a table would lack what PostgreSQL has
        for module in () if _loaded else _FAMILY_MODULES:
            import_module(f"fedgate.sql.functions.{module}")
        _loaded = True
