"""Writes `docs/reference/functions.md` from the function table: `python tools/generate_function_page.py`."""

from __future__ import annotations

from pathlib import Path

from fedgate.nodes.dialects import postgres_lists, sqlite_functions, sqlite_operators
from fedgate.sql import tables
from fedgate.sql.functions import table
from fedgate.sql.functions.table import Kind, Row

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "functions.md"
_HEAD = """# Functions and operators

What of PostgreSQL 15 is supported, with PostgreSQL's meaning: values, types, text, errors. Everything else that PostgreSQL has is
refused with 0A000, and what it does not have with 42883. This page is generated from the function table
(`tools/generate_function_page.py`).

The gateway evaluates all of it. Nodes are sent what gives the same result there: DuckDB and Parquet nodes most of what stands here,
PostgreSQL and SQLite nodes what the last column says, for argument types whose values they hold as PostgreSQL does (and SQLite
nodes buckets of time and the aggregates that sum, count and compare). What a node cannot evaluate changes where it is computed,
never the answer; [EXPLAIN](../planning.md) shows it, and [a page of its own](pushdown.md) says it by engine and type.

Arguments are types or families of types: *int* is smallint, integer and bigint, *float* real and double precision, *number* both
and numeric, *string* text, varchar and name, *times* timestamp and timestamptz, *anyarray* any array. `...` repeats the last.
"""
_SECTIONS: tuple[tuple[Kind, str], ...] = (
    ("operator", "Operators"),
    ("function", "Functions"),
    ("set", "Set-returning functions"),
    ("aggregate", "Aggregates"),
    ("window", "Window functions"),
)
_TAIL = """
A function that PostgreSQL keeps behind an operator or a cast (`int4pl`, `float8(x)`, `textlike`) is supported where the operator or
the cast is. Aggregates are window functions too; `approx_count_distinct` and `approx_percentile` are [fedgate's
own](approximate.md). Special syntax goes the same ways: `LIKE`, `SIMILAR TO`, `BETWEEN`, `IN`,
`= ANY (...)`, `IS DISTINCT FROM`, `OVERLAPS`, `AT TIME ZONE`, `COALESCE`, `NULLIF`, `GREATEST`, `LEAST`, `CASE`, `GROUPING`.
"""
_MANY = 16
_SPELLED = {"_int4": "integer[]", "_text": "text[]", "_float8": "double precision[]", "_numeric": "numeric[]"}


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for kind, title in _SECTIONS:
        groups: dict[str, list[Row]] = {}
        for row in table.rows():
            if row.kind == kind and _known(kind, row.name):
                groups.setdefault(row.name, []).append(row)
        system = [n for n in groups if n.startswith(("pg_", "has_"))]
        shown = {n: rows for n, rows in sorted(groups.items()) if n not in system}
        parts.append(f"\n## {title}\n\n| Name | Arguments | Also at nodes of |\n|---|---|---|\n")
        parts += [f"| {_code(name)} | {_arguments(rows)} | {_nodes(kind, name)} |\n" for name, rows in shown.items()]
        if system:
            parts.append(f"\nOver the system catalogs: {', '.join(f'`{n}`' for n in sorted(system))}.\n")
    return "".join([*parts, _TAIL])


def _known(kind: Kind, name: str) -> bool:
    """Whether clients can mean the row: PostgreSQL has the name, or it is one of fedgate's own aggregates."""
    return bool(tables.operators(name) if kind == "operator" else tables.functions(name)) or name.startswith("approx_")


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _arguments(rows: list[Row]) -> str:
    if len(rows) > _MANY:
        return "two of one type that has an order, of numbers, of texts, or of dates and times"
    texts = sorted({", ".join(_spelled(s) for s in row.specs) + ("..." if row.variadic else "") for row in rows})
    return "; ".join(f"({t})" for t in texts)


def _spelled(spec: str) -> str:
    return " or ".join(_SPELLED.get(s, s) for s in spec.split("|"))


def _nodes(kind: Kind, name: str) -> str:
    lists = postgres_lists
    at_postgres = {
        "operator": lists.OPERATORS | lists.COMPARISONS | lists.LIKES | lists.PATH_TESTS,
        "function": lists.FUNCTIONS,
        "aggregate": lists.AGGREGATES,
    }.get(kind, frozenset())
    engines = ["PostgreSQL"] if name in at_postgres else []
    at_sqlite = sqlite_operators.FLIP if kind == "operator" else {known for known, _ in sqlite_functions.FUNCTIONS}
    if kind in ("operator", "function") and name in at_sqlite:
        engines.append("SQLite")
    return ", ".join(engines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
