"""PostgreSQL's command tags of the statements that fedgate refuses, for the message of 25006."""

from __future__ import annotations

import re
from typing import Final

_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD: Final = re.compile(r"[A-Za-z_]+")
_BY_KIND: Final = {
    "insert": "INSERT",
    "update": "UPDATE",
    "delete": "DELETE",
    "merge": "MERGE",
    "truncate": "TRUNCATE TABLE",
    "create_table_as": "CREATE TABLE AS",
    "lock": "LOCK TABLE",
    "refresh_mat_view": "REFRESH MATERIALIZED VIEW",
    "import_foreign_schema": "IMPORT FOREIGN SCHEMA",
    "reassign_owned": "REASSIGN OWNED",
    "sec_label": "SECURITY LABEL",
}
# Words between CREATE and what is created that are no part of the tag.
_MODIFIERS: Final = frozenset(
    (
        "OR",
        "REPLACE",
        "TEMP",
        "TEMPORARY",
        "UNLOGGED",
        "GLOBAL",
        "LOCAL",
        "UNIQUE",
        "RECURSIVE",
        "TRUSTED",
        "PROCEDURAL",
        "CONSTRAINT",
    )
)
_LONG: Final = (
    ("FOREIGN", "DATA", "WRAPPER"),
    ("TEXT", "SEARCH", "CONFIGURATION"),
    ("TEXT", "SEARCH", "DICTIONARY"),
    ("TEXT", "SEARCH", "PARSER"),
    ("TEXT", "SEARCH", "TEMPLATE"),
    ("FOREIGN", "TABLE"),
    ("MATERIALIZED", "VIEW"),
    ("EVENT", "TRIGGER"),
    ("USER", "MAPPING"),
    ("ACCESS", "METHOD"),
    ("OPERATOR", "CLASS"),
    ("OPERATOR", "FAMILY"),
    ("DEFAULT", "PRIVILEGES"),
    ("OWNED", "BY"),
)
_OTHER_NAMES: Final = {"USER": "ROLE", "GROUP": "ROLE", "OWNED BY": "OWNED"}


def command_tag(kind: str, source: str) -> str:
    """The tag of a statement of that parse kind (`RawStatement.kind`) and text, such as CREATE TABLE."""
    words = [word.upper() for word in _WORD.findall(_COMMENT.sub(" ", source))]
    first = words[0] if words else kind.upper()
    if kind == "create_table_as" and "MATERIALIZED" in words[:2]:
        return "CREATE MATERIALIZED VIEW"
    if kind == "grant_role":
        return f"{first} ROLE"
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    if first not in ("CREATE", "DROP", "ALTER"):
        return first
    rest = words[1:]
    while rest and rest[0] in _MODIFIERS:
        rest = rest[1:]
    long = next((name for name in _LONG if tuple(rest[: len(name)]) == name), tuple(rest[:1]))
    what = " ".join(long)
    return f"{first} {_OTHER_NAMES.get(what, what)}"
