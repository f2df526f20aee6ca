"""One statement, twice: PostgreSQL 15, and parse → bind → lower → DuckDB → text. The tables of tests/traps/schema.sql stand in
both.

`Pair.check` gives None when both agree (names, OIDs, text of the values as a multiset, or the SQLSTATE), else what differs.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import psycopg
import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.fragment import fill
from fedgate.schema import Column, Table, View
from fedgate.sql.bind import BindContext, bind
from fedgate.sql.lower import install, literal, lower, translate
from fedgate.sql.parse import parse
from fedgate.types import SqlType, arrow_type, described, format_type, text_out
from fedgate.types.style import TextStyle
from tests.oracle.compare import kind_of

Row = tuple[str | None, ...]
OPEN = frozenset({"", "22012", "22003", "22P02"})
FLOATS = frozenset({700, 701, 1021, 1022})


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns (name, OID) and rows as text, or the SQLSTATE with its message."""

    columns: tuple[tuple[str, int], ...] = ()
    rows: tuple[Row, ...] = ()
    error: str = ""
    message: str = ""


class _Relations:
    def __init__(self, tables: dict[str, Table], views: dict[str, View]) -> None:
        self.tables, self.views = tables, views

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        return (self.tables.get(name) or self.views.get(name)) if schema in (None, "public") else None

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        return None

    def schema_exists(self, schema: str) -> bool:
        return schema in ("public", "pg_catalog")


class Pair:
    """Both engines over the tables of one PostgreSQL database."""

    def __init__(self, dsn: str, timezone: str = "UTC") -> None:
        self.timezone = timezone
        self.opened = 0
        self.postgres = psycopg.connect(dsn, autocommit=True)
        self.duck = duckdb.connect()
        # Any zone will do here, so a wrong one shows what depends on it.
        self.duck.execute("SET TimeZone = 'Pacific/Chatham'; SET threads = 1")
        install(self.duck)
        self.style = TextStyle(timezone=timezone)
        self.tables: dict[str, Table] = {}
        self._load()
        self.postgres.execute(f"SET TimeZone = '{timezone}'")
        self.relations = _Relations(self.tables, {"hourly": View("public", "hourly", _HOURLY, 30_000)})

    def _load(self) -> None:
        from fedgate.types.arrow_values import from_python
        from fedgate.types.text_in import parse as parse_text

        self.postgres.execute("SET TimeZone = 'UTC'")
        query = (
            "select c.relname, a.attnum, a.attname, a.atttypid::int, a.atttypmod from pg_class c join pg_attribute a on "
            "a.attrelid = c.oid"
            " where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attnum > 0 order by 1, 2"
        )
        found: dict[str, list[Column]] = {}
        for relation, number, name, oid, modifier in self.postgres.execute(query).fetchall():
            found.setdefault(relation, []).append(Column(number, name, SqlType(oid, modifier)))
        for place, (relation, columns) in enumerate(found.items()):
            texts = self.postgres.execute(
                "select " + ", ".join(f'"{c.name}"::text' for c in columns) + f" from {relation}"
            ).fetchall()
            style = TextStyle()
            arrays = [
                from_python([None if row[i] is None else parse_text(row[i], c.type, style) for row in texts], c.type)
                for i, c in enumerate(columns)
            ]
            data = pa.Table.from_arrays(arrays, schema=pa.schema([(f"c{c.attnum}", arrow_type(c.type)) for c in columns]))
            self.duck.register("loading", data)
            self.duck.execute(f"CREATE TABLE {relation} AS SELECT *, 'all' AS c_7, 'home' AS c_8 FROM loading")
            self.duck.unregister("loading")
            self.tables[relation] = Table("public", relation, tuple(columns), 20000 + place)

    def expected(self, sql: str) -> Answer:
        """PostgreSQL's answer."""
        try:
            cursor = self.postgres.execute(sql.encode())
        except psycopg.Error as error:
            return Answer(error=error.sqlstate or "?????", message=str(error))
        result = cursor.pgresult
        assert result is not None
        columns = tuple((d.name, kind_of(d.type_code)) for d in cursor.description or ())
        rows = tuple(
            tuple(None if (v := result.get_value(r, c)) is None else v.decode() for c in range(result.nfields))
            for r in range(result.ntuples)
        )
        return Answer(columns, rows)

    def lowered(self, sql: str) -> tuple[Any, str, pa.Schema]:
        """The bound query, DuckDB's SQL and the schema promised."""
        raws = parse(sql)
        if len(raws) != 1:
            raise SqlError("0A000", "several statements")
        context = BindContext(timezone=self.timezone, user="postgres", database=self.postgres.info.dbname)
        bound = bind(raws[0], self.relations, context)
        result = lower(bound.query, lambda ref: ref.table.name, timezone=self.timezone)
        return bound, fill(result.template, self.facts(), literal), result.schema

    def facts(self) -> dict[str, Any]:
        import time

        now = time.time_ns() // 1000
        return {"now": now, "user": "postgres", "current_date": now // 86_400_000_000, "statement_timestamp": now}

    def actual(self, sql: str) -> Answer:
        """Our answer."""
        try:
            bound, text, schema = self.lowered(sql)
        except SqlError as error:
            return Answer(error=error.sqlstate, message=error.message)
        columns = tuple((c.name, kind_of(described(c.type)[0])) for c in bound.columns)
        try:
            table = self.duck.sql(text).to_arrow_table()
        except Exception as error:
            known = translate(error)
            return Answer(columns, error=known.sqlstate, message=f"{known.message} | {error}"[:600])
        if columns:
            # Arrow names DuckDB's zone in the type; the values are the same.
            table = pa.table(
                [c.cast(pa.timestamp("us", tz="UTC")) if pa.types.is_timestamp(c.type) and c.type.tz else c for c in table.columns],
                names=table.schema.names,
            )
        if columns and table.schema.types != schema.types:
            return Answer(columns, error="SCHEM", message=f"promised {schema.types}, gave {table.schema.types}")
        try:
            arrays = [
                text_out.array_text(table.column(i).combine_chunks(), c.type, self.style).to_pylist()
                for i, c in enumerate(bound.columns)
            ]
        except SqlError as error:
            return Answer(columns, error=error.sqlstate, message=error.message)
        for i, column in enumerate(bound.columns):
            if column.type.oid == 2206:  # regtype: its names are the session's to write
                arrays[i] = [None if oid is None else format_type(int(oid)) for oid in arrays[i]]
        rows = tuple(zip(*arrays, strict=True)) if arrays else tuple(() for _ in range(table.num_rows))
        return Answer(columns, rows)

    def check(self, sql: str, *, open_errors: bool = False) -> str | None:
        """None when both agree.

        With `open_errors`, an error of OPEN on one side only, or beside another error on the other, is let pass and counted in
        `opened`: PostgreSQL leaves the order of evaluation open.
        """
        want, have = self.expected(sql), self.actual(sql)
        if want.error or have.error:
            if want.error == have.error:
                return None
            both = bool(want.error and have.error)
            if open_errors and ({want.error, have.error} <= OPEN or (both and {want.error, have.error} & OPEN)):
                self.opened += 1
                return None
            return (
                f"want {want.error or want.rows[:3]} {want.message[:100]}\n    have {have.error or have.rows[:3]} "
                f"{have.message[:300]}"
            )
        if want.columns != have.columns:
            return f"want columns {want.columns}\n    have columns {have.columns}"
        if same_rows(want, have):
            return None
        extra = list((Counter(have.rows) - Counter(want.rows)).elements())[:3]
        missing = list((Counter(want.rows) - Counter(have.rows)).elements())[:3]
        return f"{len(want.rows)} rows wanted, {len(have.rows)} given\n    want {missing}\n    have {extra}"

    def close(self) -> None:
        self.postgres.close()
        self.duck.close()


_HOURLY = "select site, date_trunc('hour', ts) as hour, avg(temp) as temp, count(*) as n from readings group by 1, 2"


def same_rows(want: Answer, have: Answer) -> bool:
    """Equal as multisets; floats to 1e-12 of their size."""
    if Counter(want.rows) == Counter(have.rows):
        return True
    if len(want.rows) != len(have.rows) or not any(oid in FLOATS for _, oid in want.columns):
        return False
    floats = [oid in FLOATS for _, oid in want.columns]
    ordered = [
        sorted(rows, key=lambda row: [_sort_key(v, f) for v, f in zip(row, floats, strict=True)]) for rows in (want.rows, have.rows)
    ]
    return all(
        all(a == b or (f and _near(a, b)) for a, b, f in zip(x, y, floats, strict=True)) for x, y in zip(*ordered, strict=True)
    )


def _sort_key(text: str | None, is_float: bool) -> tuple[int, str]:
    if text is None:
        return 2, ""
    if is_float and (number := _number(text)) is not None and math.isfinite(number):
        return 1, f"{number + 1e300:.1f}" if abs(number) > 1e290 else f"{number:+.9e}"
    return 0, text


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?|NaN|-?Infinity", text) else None


def _near(a: str | None, b: str | None) -> bool:
    if a is None or b is None:
        return False
    parts = [re.split(r"[{},]", t) for t in (a, b)]
    if len(parts[0]) != len(parts[1]):
        return False
    for x, y in zip(*parts, strict=True):
        if x == y:
            continue
        p, q = _number(x), _number(y)
        if p is None or q is None or not math.isclose(p, q, rel_tol=1e-9 if abs(p) < 1 else 1e-12, abs_tol=1e-12):
            return False
    return True


def statements(text: str) -> Sequence[str]:
    """The statements of a trap file, without those that need parameters."""
    blocks = [b.strip() for b in text.split("\n\n")]
    return [b for b in blocks if b and not b.startswith("--")]
