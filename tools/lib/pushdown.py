"""Asks the planner and every engine's dialect what each function, operator and aggregate is computed by.

Nothing is listed here by hand but what a call of a function needs besides columns. A table with a column of every type stands
on two shards of an engine; each signature of PostgreSQL's that the function table admits is called over its columns, bound,
planned and fitted to the engine. No node is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from fedgate.catalog.model import ColumnMap, LocalColumn, Node, Placement, Shard
from fedgate.errors import SqlError
from fedgate.nodes.dialects.by_values import NAME as VALUES
from fedgate.nodes.dialects.fit import fit
from fedgate.nodes.dialects.fitted import Fitted
from fedgate.planner import aggregates
from fedgate.planner.pipeline import make_plan
from fedgate.schema import Column, Table
from fedgate.sql import tables
from fedgate.sql.bind import BindContext, bind
from fedgate.sql.functions import table
from fedgate.sql.parse import parse
from fedgate.sql.tree import Block, Query, TableRef, walk
from fedgate.types import BY_NAME, BY_OID, parse_type

ENGINES = ("sqlite", "duckdb", "parquet", "postgres")
_SCALARS = (
    "boolean", "smallint", "integer", "bigint", "real", "double precision", "numeric(12,2)", "text", "varchar", "char(8)", "bytea",
    "date", "time", "timestamp", "timestamptz", "interval", "uuid", "json", "jsonb",
)  # fmt: skip
_COLUMNS = tuple(Column(n, f"c{n}", parse_type(t), False) for n, t in enumerate((*_SCALARS, *(f"{t}[]" for t in _SCALARS[:-2])), 1))
_KEY = "c8"
_BY_TYPE = {c.type.oid: c.name for c in reversed(_COLUMNS)}
_TABLE = Table("public", "t", _COLUMNS, 20001, "virtual", False)
# What stands for a polymorphic type, and for its array.
_ANY = ("int4", "float8", "text", "timestamptz")
_POLYMORPHIC = {2276: False, 2283: False, 2776: False, 5077: False, 2277: True, 5078: True}
# Arguments that are constants wherever they serve: by function, the first ones or (negative place) the last ones.
_CONSTANTS: dict[str, dict[int, str]] = {
    **{name: {0: "'hour'"} for name in ("date_trunc", "date_part", "extract")},
    "date_bin": {0: "interval '15 minutes'"},
    "string_agg": {1: "','"},
    **{name: {0: "0.5"} for name in ("percentile_cont", "percentile_disc")},
    "approx_percentile": {1: "0.5"},
    **{name: {-1: "'YYYY-MM-DD'"} for name in ("to_char", "to_date", "to_timestamp")},
    "to_number": {-1: "'999'"},
    **{name: {1: "2", 2: "2"} for name in ("left", "right", "repeat", "substr", "substring")},
    **{name: {1: "2", 2: "'a'"} for name in ("lpad", "rpad")},
    "split_part": {1: "','", 2: "2"},
    **{name: {1: "'a%'"} for name in ("~~", "!~~", "~~*", "!~~*")},
    **{name: {1: "'^a'"} for name in ("~", "!~", "~*", "!~*")},
    **{name: {1: "'a'"} for name in ("->", "->>", "?", "starts_with")},
}
_SPELLED = frozenset(("extract", "overlay", "position"))  # names that the grammar keeps: as identifiers they are plain functions


@dataclass(frozen=True, slots=True)
class Signature:
    """One call. `types` are the OIDs of its arguments, `text` how it is written over columns of the table `t`."""

    kind: table.Kind
    name: str
    types: tuple[int, ...]
    text: str

    @property
    def of(self) -> int:
        """The type that it is about: that of its first column."""
        constant = _CONSTANTS.get(self.name, {})
        return next((oid for i, oid in enumerate(self.types) if i not in constant), self.types[0] if self.types else 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """`whole`: the engine computes it for its own rows. `partial` and `values` are of aggregates over several shards: nodes send
    partial aggregates, or their distinct values with counts.
    """

    whole: bool
    partial: bool = False
    values: bool = False


@dataclass(frozen=True, slots=True)
class _Fleet:
    """Two shards of the table. The planner asks for no engine: this one stands for any."""

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | None:
        return _TABLE if name == "t" else None

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        return None

    def schema_exists(self, schema: str) -> bool:
        return schema == "public"

    def shards(self, relation: Table) -> tuple[Shard, ...]:
        return tuple(Shard(p.shard, p.shard, (p,)) for p in (_placement("sqlite", n) for n in ("n1", "n2")))


@cache
def _placement(engine: str, node: str) -> Placement:
    columns = tuple(ColumnMap(LocalColumn(c.name, c.type)) for c in _COLUMNS)
    return Placement(_TABLE, Node(node, engine, f"/nowhere/{node}"), node, (None, "t"), columns)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------- signatures


def signatures() -> Iterator[Signature]:
    """Every call of a function of some argument, operator or aggregate over types that tables can have."""
    seen = set()
    for row in table.rows():
        if row.kind not in ("function", "operator", "aggregate") or (row.kind, row.name) in seen:
            continue
        if row.name.startswith(("pg_", "has_")):  # of the system catalogs, which are the gateway's
            continue
        seen.add((row.kind, row.name))
        yield from _operator(row.name) if row.kind == "operator" else _function(row.kind, row.name)


def _operator(name: str) -> Iterator[Signature]:
    for known in tables.operators(name):
        for types in _concrete(tuple(oid for oid in (known.left, known.right) if oid)):
            if table.find("operator", name, types) is not None:
                args = _arguments(name, types)
                yield Signature("operator", name, types, f" {name} ".join(args) if len(args) == 2 else f"{name} {args[0]}")


def _function(kind: table.Kind, name: str) -> Iterator[Signature]:
    for known in tables.functions(name):
        if (
            (known.kind == "a") != (kind == "aggregate")
            or known.returns_set
            or known.kind in "wp"
            or not (known.args or kind == "aggregate")
        ):
            continue
        declared = (*known.args[:-1], known.variadic) if known.variadic and known.args[-1] != known.variadic else known.args
        for types in _concrete(declared):
            text = _called(known, _arguments(name, types))
            if table.find(kind, name, types) is not None or known.variadic:
                yield Signature(kind, name, types, text)


def _called(known: tables.FunctionRow, args: list[str]) -> str:
    name = f'"{known.name}"' if known.name in _SPELLED else known.name
    if known.kind != "a" or known.aggregate_kind == "n":
        return f"{name}({', '.join(args)})" if args or known.kind != "a" else f"{name}(*)"
    if known.aggregate_kind == "h":
        return f"{name}(1) WITHIN GROUP (ORDER BY {_BY_TYPE[BY_NAME['int4'].oid]})"
    direct = known.direct_args
    return f"{name}({', '.join(args[:direct])}) WITHIN GROUP (ORDER BY {', '.join(args[direct:])})"


def _concrete(declared: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The declared types with polymorphic ones replaced, where columns of all of them can be."""
    generic = any(oid in _POLYMORPHIC for oid in declared)
    for name in _ANY if generic else _ANY[:1]:
        pg = BY_NAME[name]
        types = tuple((pg.array_oid if _POLYMORPHIC[oid] else pg.oid) if oid in _POLYMORPHIC else oid for oid in declared)
        if all(oid in _BY_TYPE for oid in types):
            yield types


def _arguments(name: str, types: tuple[int, ...]) -> list[str]:
    constants = (
        {place % len(types): text for place, text in _CONSTANTS.get(name, {}).items() if place < len(types)} if types else {}
    )
    return [constants.get(i, _BY_TYPE[oid]) for i, oid in enumerate(types)]


# ---------------------------------------------------------------------------------------------------- answers


def answers(signature: Signature) -> dict[str, Answer] | None:
    """What each engine computes of a call; None where the call is none that a statement can write."""
    grouped = f" GROUP BY {_KEY}" if signature.kind == "aggregate" else ""
    try:
        (raw,) = parse(f"SELECT {signature.text} AS x FROM t{grouped}")
        bound = bind(raw, _Fleet(), BindContext(("public",)))
    except SqlError:
        return None
    whole = {engine: _whole(bound.query, engine) for engine in ENGINES}
    if signature.kind != "aggregate":
        return {engine: Answer(whole[engine]) for engine in ENGINES}
    exchanges = make_plan(bound, _Fleet()).exchanges
    apart = all(e.kind in ("aggregate", "top") for e in exchanges)
    counted = signature.name in aggregates.COUNTED
    found = {}
    for engine in ENGINES:
        sent = apart and all(_whole(e.block, engine) for e in exchanges)
        values = (sent and counted) or (apart and not sent and all(_of_values(e.block, engine) for e in exchanges))
        found[engine] = Answer(whole[engine], sent and not counted, values)
    return found


def _whole(block: Query, engine: str) -> bool:
    fitted = _fitted(block, engine)
    return fitted is not None and fitted.residual is None


def _of_values(block: Query, engine: str) -> bool:
    """Whether the engine counts values, of which the gateway makes what it cannot."""
    fitted = _fitted(block, engine)
    return fitted is not None and [part.name for part in fitted.parts] == [VALUES]


def _fitted(block: Query, engine: str) -> Fitted | None:
    assert isinstance(block, Block)
    rels = {ref.rel for ref in walk(block) if isinstance(ref, TableRef)}
    try:
        return fit(block, dict.fromkeys(rels, _placement(engine, "n1")), shard="n1", home="n1", engine=engine)
    except SqlError:
        return None


def spelled(oid: int) -> str:
    """A type's name in SQL."""
    return BY_OID[oid].sql_name if oid in BY_OID else "none"
