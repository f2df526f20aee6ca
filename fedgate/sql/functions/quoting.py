"""Quoting, and the reading of quoted and escaped texts."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions.emit import as_text
from fedgate.sql.functions.table import function
from fedgate.sql.functions.udf import scalar

_T = "VARCHAR"

_KEYWORDS = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
        "between",
        "bigint",
        "binary",
        "bit",
        "boolean",
        "both",
        "case",
        "cast",
        "char",
        "character",
        "check",
        "coalesce",
        "collate",
        "collation",
        "column",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "dec",
        "decimal",
        "default",
        "deferrable",
        "desc",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "exists",
        "extract",
        "false",
        "fetch",
        "float",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "grant",
        "greatest",
        "group",
        "grouping",
        "having",
        "ilike",
        "in",
        "initially",
        "inner",
        "inout",
        "int",
        "integer",
        "intersect",
        "interval",
        "into",
        "is",
        "isnull",
        "join",
        "lateral",
        "leading",
        "least",
        "left",
        "like",
        "limit",
        "localtime",
        "localtimestamp",
        "national",
        "natural",
        "nchar",
        "none",
        "normalize",
        "not",
        "notnull",
        "null",
        "nullif",
        "numeric",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "out",
        "outer",
        "overlaps",
        "overlay",
        "placing",
        "position",
        "precision",
        "primary",
        "real",
        "references",
        "returning",
        "right",
        "row",
        "select",
        "session_user",
        "setof",
        "similar",
        "smallint",
        "some",
        "substring",
        "symmetric",
        "table",
        "tablesample",
        "then",
        "time",
        "timestamp",
        "to",
        "trailing",
        "treat",
        "trim",
        "true",
        "union",
        "unique",
        "user",
        "using",
        "values",
        "varchar",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
        "xmlattributes",
        "xmlconcat",
        "xmlelement",
        "xmlexists",
        "xmlforest",
        "xmlnamespaces",
        "xmlparse",
        "xmlpi",
        "xmlroot",
        "xmlserialize",
        "xmltable",
    ]
)


def quote_identifier(name: str) -> str:
    """quote_ident."""
    plain = (
        name
        and (name[0].islower() or name[0] == "_")
        and all(c.isascii() and (c.islower() or c.isdigit() or c == "_") for c in name)
    )
    return name if plain and name not in _KEYWORDS else '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """quote_literal."""
    body = text.replace("'", "''")
    return "E'" + body.replace("\\", "\\\\") + "'" if "\\" in text else f"'{body}'"


scalar("pg_quote_ident", [_T], _T)(quote_identifier)
scalar("pg_quote_literal", [_T], _T)(quote_text)
function("quote_ident", "string", "pg_quote_ident({0})")
function("quote_literal", "any", lambda cx, a, node: f"pg_quote_literal({as_text(cx, a[0])})")
function("quote_nullable", "any", lambda cx, a, node: f"coalesce(pg_quote_literal({as_text(cx, a[0])}), 'NULL')")

# -- identifiers and escapes read -----------------------------------------------------------------------------------------------

_PART = re.compile(r'"((?:[^"]|"")*)"|([A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]*)')
_SPACE = re.compile(r"[ \t\n\r\f\v]*")


@scalar("pg_parse_ident", [_T, "BOOLEAN"], "VARCHAR[]")
def parse_ident(text: str, strict: bool) -> list[str]:
    """A qualified name cut at its points. Raises SqlError 22023."""

    def refuse(detail: str | None = None) -> SqlError:
        return SqlError("22023", f'string is not a valid identifier: "{text}"', detail=detail)

    parts: list[str] = []
    at = _SPACE.match(text).end()  # type: ignore[union-attr]
    while True:
        found = _PART.match(text, at)
        if found is None:
            if text[at : at + 1] == '"':
                raise refuse("String has unclosed double quotes.")
            raise refuse('No valid identifier after ".".' if parts else None)
        if found[1] == "":
            raise refuse("Quoted identifier must not be empty.")
        quoted = found[1] is not None
        parts.append(found[1].replace('""', '"') if quoted else "".join(c.lower() if c.isascii() else c for c in found[2]))
        at = _SPACE.match(text, found.end()).end()  # type: ignore[union-attr]
        if text[at : at + 1] != ".":
            break
        at = _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]
    if strict and at < len(text):
        raise refuse()
    return parts


function("parse_ident", "string, bool", "pg_parse_ident({0}, {1})")
_FORMS = ("NFC", "NFD", "NFKC", "NFKD")


def _form(name: str) -> Any:
    if name.upper() not in _FORMS:
        raise SqlError("22023", f"invalid normalization form: {name}")
    return name.upper()


scalar("pg_normalize", [_T, _T], _T)(lambda text, form: unicodedata.normalize(_form(form), text))
scalar("pg_is_normalized", [_T, _T], "BOOLEAN")(lambda text, form: unicodedata.is_normalized(_form(form), text))
function("normalize", "string, string", "pg_normalize({0}, {1})")
function("is_normalized", "string, string", "pg_is_normalized({0}, {1})")

_UNICODE = re.compile(r"\\(?:\\|([0-9a-fA-F]{4})|u([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|U([0-9a-fA-F]{8}))|\\")


@scalar("pg_unistr", [_T], _T)
def unistr(text: str) -> str:
    """Unicode escapes as their characters. Raises SqlError 42601 for what is no escape or no pair of surrogates."""

    def read(match: re.Match[str]) -> str:
        if match[0] == "\\":
            hint = "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX."
            raise SqlError("42601", "invalid Unicode escape", hint=hint)
        digits = next((g for g in match.groups() if g), None)
        if digits is None:
            return "\\"
        if not 0 < int(digits, 16) <= 0x10FFFF:
            raise SqlError("22023", f"invalid Unicode code point: {int(digits, 16):04X}")
        return chr(int(digits, 16))

    try:
        return _UNICODE.sub(read, text).encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise SqlError("42601", "invalid Unicode surrogate pair") from None


function("unistr", "string", "pg_unistr({0})")
