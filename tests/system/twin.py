"""The same schema twice: as documents of a catalog without nodes, and as tables of a PostgreSQL 15; and answers made comparable.

A catalog query gives the same rows on both but for what must differ: numbers that PostgreSQL hands out in order of creation. They
are replaced by what they number (`<public.flights>`), wherever a column holds OIDs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from tests.system.gateway import Answer

Ask = Callable[[str], Answer]

_EVERYTHING: Final = (
    ("id", "integer", True, "its number"),
    ("name", "varchar(20)", False, None),
    ("code", "char(3)", False, None),
    ("price", "numeric(12,4)", False, 'quote\'s "price"'),
    ("any_number", "numeric", False, None),
    ("at", "timestamptz", True, None),
    ("about", "timestamp(3)", False, None),
    ("day", "date", False, None),
    ("hour", "time", False, None),
    ("span", "interval", False, None),
    ("ratio", "real", False, None),
    ("exact", "double precision", False, None),
    ("small", "smallint", False, None),
    ("big", "bigint", False, None),
    ("yes", "boolean", False, None),
    ("raw", "bytea", False, None),
    ("key", "uuid", False, None),
    ("doc", "json", False, None),
    ("tags", "text[]", False, None),
    ("numbers", "integer[]", False, None),
    ("more", "jsonb", False, "anything"),
    ("any_text", "text", False, None),
)
_TABLES: Final[tuple[tuple[str, str | None, tuple[tuple[str, str, bool, str | None], ...], tuple[str, ...]], ...]] = (
    ("public.flights", "all flights", _EVERYTHING, ("id",)),
    (
        "public.readings",
        None,
        (
            ("site", "text", True, None),
            ("device", "integer", True, None),
            ("ts", "timestamptz", True, "when"),
            ("value", "double precision", False, None),
        ),
        ("site", "device", "ts"),
    ),
    ("public.loose", None, (("a", "text", False, None), ("b", "integer", False, None)), ()),
    ("plant.Sensors", "odd names", (("Odd name", "bigint", True, None), ("select", "text", False, None)), ("Odd name",)),
)
_VIEWS: Final = (
    ("public.daily", "by day", "SELECT site, date_trunc('day', ts) AS day, avg(value) AS value FROM readings GROUP BY 1, 2"),
    ("plant.names", None, "SELECT f.name, f.price * 2 AS twice, 'x'::text AS kind FROM flights f"),
)

DOCUMENTS: Final[tuple[Mapping[str, Any], ...]] = (
    {"kind": "node", "name": "a", "engine": "sqlite", "url": "/nowhere/a.db"},
    *(
        {
            "kind": "table",
            "name": name,
            **({"comment": comment} if comment else {}),
            "columns": [
                {"name": c, "type": t, **({"not_null": True} if n else {}), **({"comment": about} if about else {})}
                for c, t, n, about in columns
            ],
            **({"primary_key": list(key)} if key else {}),
        }
        for name, comment, columns, key in _TABLES
    ),
    *(
        {"kind": "view", "name": name, "query": query, **({"comment": comment} if comment else {})}
        for name, comment, query in _VIEWS
    ),
)


def ddl() -> str:
    """What makes the schema in PostgreSQL."""
    made = ["CREATE SCHEMA plant"]
    for name, comment, columns, key in _TABLES:
        parts = [f"{_quoted(c)} {t}{' NOT NULL' if n else ''}" for c, t, n, _ in columns]
        parts += [f"PRIMARY KEY ({', '.join(map(_quoted, key))})"] if key else []
        made.append(f"CREATE TABLE {_shown(name)} ({', '.join(parts)})")
        made += [f"COMMENT ON TABLE {_shown(name)} IS {_literal(comment)}"] if comment else []
        made += [f"COMMENT ON COLUMN {_shown(name)}.{_quoted(c)} IS {_literal(about)}" for c, _, _, about in columns if about]
    for name, comment, query in _VIEWS:
        made.append(f"CREATE VIEW {_shown(name)} AS {query}")
        made += [f"COMMENT ON VIEW {_shown(name)} IS {_literal(comment)}"] if comment else []
    return ";\n".join(made)


def _shown(name: str) -> str:
    return ".".join(map(_quoted, name.split(".")))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# ------------------------------------------------------------------------------------------------ numbers by name

_FIRST_NUMBERED: Final = 12_000
"""From here PostgreSQL numbers objects in the order in which it makes them (FirstUnpinnedObjectId)."""
_OID_COLUMNS: Final = frozenset((26, 28, 1028, 30, 2205, 2206, 4089, 4096))
_LABELS: Final = (
    "SELECT oid, 'schema ' || nspname FROM pg_namespace",
    "SELECT c.oid, 'class ' || n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace",
    "SELECT t.oid, 'type ' || n.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace",
    "SELECT o.oid, 'constraint ' || n.nspname || '.' || o.conname FROM pg_constraint o "
    "JOIN pg_namespace n ON n.oid = o.connamespace",
    "SELECT r.oid, 'rule ' || c.relname || '.' || r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class",
    "SELECT oid, 'database' FROM pg_database WHERE datname = current_database()",
    "SELECT oid, 'function ' || proname FROM pg_proc WHERE oid >= 12000",
)


class Server:
    """One of the two: answers with numbers named."""

    def __init__(self, ask: Ask, renamed: Mapping[str, str] = MappingProxyType({})) -> None:
        """`renamed`: what is called otherwise here, and how the other server calls it."""
        self._ask = ask
        self._renamed = renamed
        known = [
            (number, label)
            for statement in _LABELS
            for number, label in ask(statement).rows
            if number is not None and label is not None and int(number) >= _FIRST_NUMBERED
        ]
        self._numbers = {label: number for number, label in known}
        # A table and its row type may have one number, or two: either way they are called the same.
        self.labels = {number: f"<{label.partition(' ')[2] or label}>" for number, label in known}

    def __call__(self, statement: str) -> Answer:
        """The answer; in a statement `{class:public.flights}` stands for the number of what has that label."""
        text = re.sub(r"\{(\w+):([^}]*)\}", lambda m: self._numbers[f"{m[1]} {m[2]}"], statement)
        answer = self._ask(text)
        shown = [tuple(self._named(value, type_) for value, type_ in zip(row, answer.types, strict=True)) for row in answer.rows]
        return Answer(answer.names, answer.types, shown)

    def _named(self, value: str | None, type_: int) -> str | None:
        if value is None:
            return None
        if type_ in _OID_COLUMNS:
            return re.sub(r"\d+", lambda m: self.labels.get(m[0], m[0]), value)
        return self._renamed.get(value, value)


def same(mine: Answer, theirs: Answer, statement: str) -> None:
    """Fails unless both are the same; rows without an order, or ordered by numbers that were handed out, as sets."""
    assert mine.names == theirs.names
    assert mine.types == theirs.types
    if mine.rows != theirs.rows:
        assert sorted(mine.rows, key=repr) == sorted(theirs.rows, key=repr)
        assert not re.search(r"(?i)order\s+by(?!.*\boid\b)", statement.rsplit(")", 1)[-1]), "the order differs"
