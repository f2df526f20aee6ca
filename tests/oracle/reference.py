"""PostgreSQL's answers over the union, and what PostgreSQL leaves open about them.

Each statement runs over two copies of the tables whose rows lie in different orders, with different join and grouping methods. What
the two agree on is the answer; where they differ, in order or even in rows (LIMIT among ties), the statement leaves it open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tests.fleets.build import Fleet
from tests.fleets.source import SourceTable, read_views
from tests.oracle.compare import Order
from tests.oracle.statements import HIDDEN, Statement
from tests.oracle.wire import Outcome, Protocol, Wire

_SHUFFLED = "shuffled"
_FLOATS = re.compile(r"real\Z|double precision\Z")
_NUMBERS = re.compile(r"real\Z|double precision\Z|numeric(\([^\[]*)?\Z|smallint\Z|integer\Z|bigint\Z")
_CAST = re.compile(r"::float8|::real|::float4|::double precision", re.IGNORECASE)
_JOINED = re.compile(r"\bjoin\b", re.IGNORECASE)
_OTHER_METHODS = "SET enable_hashagg = off; SET enable_hashjoin = off; SET enable_material = off"


@dataclass(frozen=True, slots=True)
class Expected:
    outcome: Outcome
    order: Order


class Reference:
    """Answers of a union database in one time zone, remembered by statement and fleet where the fleet matters."""

    def __init__(self, union: str, tables: dict[str, SourceTable], timezone: str = "UTC", magnitude: float | None = None) -> None:
        """`magnitude`: the largest sum of floats' magnitudes that is asked for; by default that of whole tables."""
        self._union, self._tables, self._timezone = union, tables, timezone
        self._answers: dict[tuple[str, tuple[str | None, ...], str, Protocol], Expected] = {}
        self._wires: dict[str, tuple[Wire, Wire]] = {}
        with psycopg.connect(union, autocommit=True) as connection:
            self._magnitudes = Magnitudes.of(connection, tables) if magnitude is None else Magnitudes(magnitude, magnitude, 1)
            _make_copy(connection, tables)
        self._wires[""] = self._pair("public", _SHUFFLED)

    def magnitude(self, text: str) -> float:
        """The largest sum of magnitudes that the statement adds up as floats."""
        return self._magnitudes.asked(text)

    def answer(self, statement: Statement, fleet: Fleet, protocol: Protocol = "simple") -> Expected:
        schema = self._with_hidden(fleet) if HIDDEN.search(statement.text) else ""
        key = (statement.text, statement.parameters, schema, protocol)
        if key not in self._answers:
            first, second = (wire.run(statement.text, statement.parameters, protocol) for wire in self._wires[schema])
            self._answers[key] = Expected(first, order_of(first, second, statement.text))
        return self._answers[key]

    def close(self) -> None:
        for pair in self._wires.values():
            for wire in pair:
                wire.close()

    def _pair(self, first: str, second: str) -> tuple[Wire, Wire]:
        pair = (Wire(self._union, self._timezone, first), Wire(self._union, self._timezone, second))
        pair[1].run(_OTHER_METHODS)
        return pair

    def _with_hidden(self, fleet: Fleet) -> str:
        """A schema whose tables also have the fleet's `_shard` and `_node`, as columns that `*` would show."""
        schema = f"fleet_{fleet.name}"
        if schema not in self._wires:
            with psycopg.connect(self._union, autocommit=True) as connection:
                if connection.execute("SELECT to_regnamespace(%s)", (schema,)).fetchone() == (None,):
                    _make_hidden(connection, schema, fleet, self._tables)
            self._wires[schema] = self._pair(schema, schema)
        return schema


def order_of(first: Outcome, second: Outcome, text: str) -> Order:
    """What is fixed about an answer. An order counts only where the text asks for one: two hash tables may agree by chance."""
    if first.sqlstate or first.rows == second.rows:
        return "exact" if _ordered(text) else "set"
    return "set" if sorted(first.rows, key=repr) == sorted(second.rows, key=repr) else _float_order(first, second)


def _ordered(text: str) -> bool:
    """Is there an ORDER BY outside all parentheses and quotes?"""
    flat = re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"|\$\$.*?\$\$", "x", text, flags=re.DOTALL)
    while (fewer := re.sub(r"\([^()]*\)", " ", flat)) != flat:
        flat = fewer
    return re.search(r"\border\s+by\b", flat, re.IGNORECASE) is not None


def _float_order(first: Outcome, second: Outcome) -> Order:
    """Sums in another order differ in their last digits without being open."""
    floats = {i for i, (_, oid) in enumerate(first.columns) if oid in (700, 701)}

    def exact(outcome: Outcome) -> list[str]:
        return sorted(repr([value for i, value in enumerate(row) if i not in floats]) for row in outcome.rows)

    return "set" if floats and exact(first) == exact(second) else "open"


@dataclass(frozen=True, slots=True)
class Magnitudes:
    """The largest sums of magnitudes of a column: of floats, and of any numbers, which a statement may cast; rows of a table."""

    floats: float
    numbers: float
    rows: int

    @staticmethod
    def of(connection: psycopg.Connection, tables: dict[str, SourceTable]) -> Magnitudes:
        floats = max((_magnitude(connection, table, _FLOATS) for table in tables.values()), default=0.0)
        numbers = max((_magnitude(connection, table, _NUMBERS) for table in tables.values()), default=0.0)
        return Magnitudes(floats, numbers, max((len(table.rows) for table in tables.values()), default=1))

    def asked(self, text: str) -> float:
        """A join may meet each row as often as the other side has rows."""
        largest = self.numbers if _CAST.search(text) else self.floats
        return largest * self.rows if _JOINED.search(text) else largest


def _magnitude(connection: psycopg.Connection, table: SourceTable, types: re.Pattern[str]) -> float:
    sums = [
        sql.SQL("coalesce(sum(abs({0}::float8)) FILTER (WHERE abs({0}::float8) < 'Infinity'), 0)").format(
            sql.Identifier(column.name)
        )
        for column in table.columns
        if types.match(column.type)
    ]
    if not sums:
        return 0.0
    row = connection.execute(
        sql.SQL("SELECT greatest({}) FROM {}").format(sql.SQL(", ").join(sums), sql.Identifier("public", table.name))
    ).fetchone()
    return float(row[0]) if row else 0.0


def _make_copy(connection: psycopg.Connection, tables: dict[str, SourceTable]) -> None:
    if connection.execute("SELECT to_regnamespace(%s)", (_SHUFFLED,)).fetchone() != (None,):
        return
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(_SHUFFLED)))
    for name in tables:
        source, target = sql.Identifier("public", name), sql.Identifier(_SHUFFLED, name)
        connection.execute(sql.SQL("CREATE TABLE {} AS SELECT t.* FROM {} AS t ORDER BY md5(t::text)").format(target, source))
    _make_views(connection, _SHUFFLED)
    connection.execute("ANALYZE")


def _make_hidden(connection: psycopg.Connection, schema: str, fleet: Fleet, tables: dict[str, SourceTable]) -> None:
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    for name in tables:
        target = sql.Identifier(schema, name)
        connection.execute(
            sql.SQL("CREATE TABLE {} AS SELECT *, ''::text AS _shard, ''::text AS _node FROM {} WITH NO DATA").format(
                target, sql.Identifier("public", name)
            )
        )
        with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(target)) as copy:
            for shard, (home, rows) in fleet.shards[name].items():
                for row in rows:
                    copy.write_row((*row, shard, home))
    _make_views(connection, schema)


def _make_views(connection: psycopg.Connection, schema: str) -> None:
    connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
    for name, text in read_views(connection).items():
        # The definition names its tables without a schema while they are on the path it was printed for.
        view = sql.SQL("CREATE VIEW {} AS {}").format(sql.Identifier(schema, name), sql.SQL(text))
        connection.execute(view)
    connection.execute("RESET search_path")
