"""What the catalog claims of a placement's rows, looked at as the rows come by: its `check`, and the table's not_null columns.

Pruning trusts both, so a row that breaks one would be found by some statements and not by others: it is 23514 or 23502, naming
node, relation and row. Only columns that a fragment carries can be looked at; rows that a node has aggregated are not seen at all.

The usual checks (comparisons of a column with a constant, IN, IS NULL, AND, OR, NOT) are a few Arrow kernels a batch; any other is
run by the merge engine over the batch, in TimeZone UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from fedgate import limits
from fedgate.cache import Cache
from fedgate.catalog.model import CHECK_REL, Placement
from fedgate.errors import About, SqlError
from fedgate.executor.api import CancelToken
from fedgate.executor.fitting import Fitter
from fedgate.executor.merge import Merge, MergeEngine
from fedgate.executor.replicas import Candidate
from fedgate.fragment import column_name
from fedgate.nodes.dialects.fitted import Fitted
from fedgate.nodes.dialects.mapping import direct_rels, source_of
from fedgate.sql.tree import (
    ArrayExpr,
    Block,
    BoolExpr,
    Coerce,
    Const,
    Derived,
    ExchangeRef,
    Expr,
    NullTest,
    OpExpr,
    OutputColumn,
    Query,
    ScalarArrayOp,
    Target,
    Var,
    nullable_rels,
    walk,
)
from fedgate.types import SqlType, arrow_type, text_out
from fedgate.types.arrow_values import from_python, to_python
from fedgate.types.style import DEFAULT_STYLE
from fedgate.types.values import Value

_KERNELS: Final[dict[str, Callable[..., pa.Array]]] = {
    "=": pc.equal,
    "<>": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
# bytea, the integers, text, varchar, date, time, timestamp, timestamptz: Arrow compares their carriers as PostgreSQL does
_COMPARED = frozenset({17, 20, 21, 23, 25, 1043, 1082, 1083, 1114, 1184})
_ROWS = "rows"
_SHOWN_CHARS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """What is claimed of one relation's rows in a fragment. `columns`: the place of each carried column, by attnum.

    `check` is there only if all its columns are carried; `query` gives its value for every row of `_ROWS`.
    """

    placement: Placement
    columns: Mapping[int, int]
    required: tuple[int, ...]
    check: Expr | None
    query: Query | None


class Claims:
    """Finds what is claimed of fragments, remembers it, and holds batches against it. Thread-safe."""

    def __init__(self, fitter: Fitter, merge: MergeEngine) -> None:
        self._fitter = fitter
        self._merge = merge
        self._known: Cache[Mapping[str, tuple[Claim, ...]]] = Cache(limits.FIT_CACHE_ENTRIES_MAX)

    def of(self, block: Query, fitted: Fitted, candidate: Candidate) -> Mapping[str, tuple[Claim, ...]]:
        """What is claimed of each part of a fitted block, by its name."""
        key = (id(fitted), *((rel, id(p)) for rel, p in candidate.placements.items()))
        return self._known.get(key, (block, fitted, candidate), lambda: _claims(block, fitted, candidate.placements))

    def held(self, batches: Generator[pa.RecordBatch], claims: tuple[Claim, ...], cancel: CancelToken) -> Generator[pa.RecordBatch]:
        """The batches, closed at the end in any case. Raises SqlError 23502, 23514."""
        with closing(batches):
            for batch in batches:
                for claim in claims:
                    self._hold(batch, claim, cancel)
                yield batch

    def _hold(self, batch: pa.RecordBatch, claim: Claim, cancel: CancelToken) -> None:
        for attnum in claim.required:
            column = batch.column(claim.columns[attnum])
            if column.null_count:
                raise _null(claim, attnum, batch.slice(pc.index(column.is_null(), True).as_py(), 1))
        if claim.check is None or not batch.num_rows:
            return
        try:
            holds = _value(claim.check, {attnum: batch.column(place) for attnum, place in claim.columns.items()})
        except _NotByArrowError:
            holds = self._by_engine(batch, claim, cancel)
        if isinstance(holds, pa.Scalar):  # a check that reads no column
            holds = pa.array([holds.as_py()] * batch.num_rows, pa.bool_())
        first = pc.index(holds, False).as_py()
        if first >= 0:
            raise _broken(claim, batch.slice(first, 1))

    def _by_engine(self, batch: pa.RecordBatch, claim: Claim, cancel: CancelToken) -> pa.ChunkedArray:
        assert claim.query is not None
        sql, schema = self._fitter.sql(claim.query, "UTC", {})
        names = [column_name(attnum) for attnum in claim.columns]
        rows = pa.Table.from_arrays([batch.column(place) for place in claim.columns.values()], names=names)
        merge = Merge(self._merge, sql, schema, {_ROWS: rows}, cancel)
        return pa.Table.from_batches(list(merge), schema).column(0)


# ---------------------------------------------------------------------------------------------------- which columns a part carries


def _claims(block: Query, fitted: Fitted, placements: Mapping[int, Placement]) -> Mapping[str, tuple[Claim, ...]]:
    if fitted.residual is None:
        return {fitted.parts[0].name: tuple(_of_output(block, placements))}
    found: dict[str, tuple[Claim, ...]] = {}
    for node in walk(fitted.residual, into_queries=True):
        if isinstance(node, Derived) and node.rel in placements and isinstance(node.query, Block):
            match node.query.from_:
                case (ExchangeRef(name=name, columns=columns),):
                    places = {column.id: place for place, column in enumerate(columns)}
                    carried = {t.id: places[t.expr.col] for t in node.query.targets if isinstance(t.expr, Var)}
                    found[name] = tuple(_claim(placements[node.rel], carried))
    return found


def _of_output(block: Query, placements: Mapping[int, Placement]) -> Iterator[Claim]:
    """A block's columns that are its relations' own, but for relations that an outer join may fill with NULLs."""
    if not isinstance(block, Block) or block.grouped:
        return
    carried: dict[int, dict[int, int]] = {}
    for place, column in enumerate(block.columns):
        source = source_of(block, column.id)
        if isinstance(source, Var):
            carried.setdefault(source.rel, {}).setdefault(source.col, place)
    for rel in sorted(_own_rows(block) & carried.keys()):
        yield from _claim(placements[rel], carried[rel])


def _own_rows(block: Block) -> set[int]:
    """The tables whose rows a block's rows are, looked for through derived tables that do not group."""
    found = direct_rels(block) - nullable_rels(block.from_)
    match block.from_:
        case (Derived(query=Block(grouped=False) as inner, lateral=False),):
            found |= _own_rows(inner)
    return found


def _claim(placement: Placement, carried: Mapping[int, int]) -> Iterator[Claim]:
    columns = {attnum: place for attnum, place in carried.items() if attnum > 0}
    required = tuple(attnum for attnum in columns if placement.table.column(attnum).not_null)
    check = placement.check
    if check is not None and not {node.col for node in walk(check) if isinstance(node, Var)} <= columns.keys():
        check = None
    if required or check is not None:
        yield Claim(placement, columns, required, check, _query(check, placement, columns) if check is not None else None)


def _query(check: Expr, placement: Placement, columns: Mapping[int, int]) -> Query:
    table = placement.table
    outputs = tuple(OutputColumn(attnum, table.column(attnum).name, table.column(attnum).type) for attnum in columns)
    schema = pa.schema([(column_name(c.id), arrow_type(c.type)) for c in outputs])
    return Block((Target(1, check, "holds"),), (ExchangeRef(CHECK_REL, _ROWS, outputs, schema),))


# ---------------------------------------------------------------------------------------------------- checks by Arrow


class _NotByArrowError(Exception):
    """This expression, or a value in it, is not one that Arrow's kernels treat as PostgreSQL does."""


def _value(expr: Expr, columns: Mapping[int, pa.Array]) -> pa.Array | pa.Scalar:
    """The expression's value for every row, three-valued."""
    match expr:
        case Var(col=col):
            return columns[col]
        case Const(value=value, type=type_):
            return _scalar(value, type_)
        case Coerce(arg=arg, method="relabel", type=type_) if arrow_type(type_) == arrow_type(arg.type):
            return _value(arg, columns)
        case BoolExpr(op="not", args=(arg,)):
            return pc.invert(_value(arg, columns))
        case BoolExpr(op=op, args=args):
            kernel = pc.and_kleene if op == "and" else pc.or_kleene
            holds = _value(args[0], columns)
            for arg in args[1:]:
                holds = kernel(holds, _value(arg, columns))
            return holds
        case NullTest(arg=arg, negated=negated):
            return (pc.is_valid if negated else pc.is_null)(_value(arg, columns))
        case OpExpr(name=name, args=(left, right), arg_types=types) if name in _KERNELS and _COMPARED.issuperset(types):
            return _KERNELS[name](*_alike(_value(left, columns), _value(right, columns)))
        case ScalarArrayOp(name="=", all=False, left=left, right=right, arg_types=types) if types[0] in _COMPARED:
            return _is_in(_value(left, columns), right)
        case _:
            raise _NotByArrowError


@lru_cache(maxsize=limits.FIT_CACHE_ENTRIES_MAX)
def _scalar(value: Value, type_: SqlType) -> pa.Scalar:
    return from_python([value], type_)[0]


def _alike(left: pa.Array | pa.Scalar, right: pa.Array | pa.Scalar) -> tuple[pa.Array | pa.Scalar, pa.Array | pa.Scalar]:
    integers = pa.types.is_integer(left.type) and pa.types.is_integer(right.type)
    if not integers and left.type != right.type:
        raise _NotByArrowError
    return left, right


def _is_in(left: pa.Array | pa.Scalar, right: Expr) -> pa.Array | pa.Scalar:
    if isinstance(right, Const) and isinstance(right.value, tuple):
        items, type_ = list(right.value), SqlType(right.type.pg.element_oid)
    elif isinstance(right, ArrayExpr) and all(isinstance(e, Const) for e in right.elements):
        items, type_ = [e.value for e in right.elements if isinstance(e, Const)], right.elements[0].type
    else:
        raise _NotByArrowError
    if None in items:
        raise _NotByArrowError
    values = from_python(items, type_)
    if values.type != left.type:
        raise _NotByArrowError
    return pc.if_else(pc.is_valid(left), pc.is_in(left, value_set=values), pa.scalar(None, pa.bool_()))


# ---------------------------------------------------------------------------------------------------- errors


def _null(claim: Claim, attnum: int, row: pa.RecordBatch) -> SqlError:
    table, node = claim.placement.table, claim.placement.node.name
    return SqlError(
        "23502",
        f'null value in column "{table.column(attnum).name}" of relation "{table.name}" at node "{node}" violates not_null',
        detail=_shown(claim, row),
        hint="Correct the row at the node, or take not_null from the column in the catalog.",
        node=node,
        about=About(table.schema, table.name, table.column(attnum).name),
    )


def _broken(claim: Claim, row: pa.RecordBatch) -> SqlError:
    table, node = claim.placement.table, claim.placement.node.name
    return SqlError(
        "23514",
        f'row of relation "{table.name}" at node "{node}" violates the check of its placement: {claim.placement.check_text}',
        detail=_shown(claim, row),
        hint="Correct the row at the node, or the check in the catalog; fedgate check counts such rows.",
        node=node,
        about=About(table.schema, table.name),
    )


def _shown(claim: Claim, row: pa.RecordBatch) -> str:
    """The row's carried columns, each shortly."""
    table = claim.placement.table
    carried = sorted(claim.columns.items())
    names = ", ".join(table.column(attnum).name for attnum, _ in carried)
    values = ", ".join(_text(row.column(place), table.column(attnum).type) for attnum, place in carried)
    return f"Failing row contains ({names}) = ({values})."


def _text(column: pa.Array, type_: SqlType) -> str:
    (value,) = to_python(column, type_)
    text = "null" if value is None else text_out.value_text(value, type_, DEFAULT_STYLE)
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"
