"""COPY: the raw statement, and its options as PostgreSQL reads and refuses them.

Source: https://www.postgresql.org/docs/15/sql-copy.html; the order of checks and the words are those of its ProcessCopyOptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from fedgate.errors import SqlError, unsupported
from fedgate.sql.parse import RawStatement
from fedgate.types.copy_form import CopyForm

_COLUMN_LISTS: Final = ("force_quote", "force_not_null", "force_null")
_PLAIN: Final = ("format", "freeze", "delimiter", "null", "header", "quote", "escape", "convert_selectively", "encoding")
_NEVER_DELIMITER: Final = frozenset("\\.abcdefghijklmnopqrstuvwxyz0123456789")
_ANYONE: Final = "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone."
_UTF8: Final = frozenset({"utf8", "unicode", "sqlascii"})
_OTHER_ENCODINGS: Final = (
    "latin",
    "win",
    "iso",
    "koi",
    "euc",
    "sjis",
    "big5",
    "gb",
    "uhc",
    "johab",
    "shift",
    "mule",
    "tcvn",
    "alt",
)


@dataclass(frozen=True, slots=True)
class CopyTarget:
    """A table by name: schema or None; `position` is where it stands."""

    schema: str | None
    name: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class CopyStmt:
    """COPY of `target` (with `columns`, () for all) or of `query`; `options` are read by `settle` once the columns are known."""

    target: CopyTarget | None
    columns: tuple[str, ...]
    query: RawStatement | None
    reads: bool
    options: tuple[Any, ...]
    conditional: bool = False


def copy_statement(raw: RawStatement, node: Any) -> CopyStmt:
    """The statement. Raises SqlError 42501 for files and programs of the server, which no client may use."""
    if node.filename:
        _refuse_file(node)
    target = None
    if node.HasField("relation"):
        relation = node.relation
        target = CopyTarget(relation.schemaname or None, relation.relname, raw.position(relation.location))
    query = raw.inner(node.query) if node.HasField("query") else None
    columns = tuple(item.string.sval for item in node.attlist)
    options = tuple(item.def_elem for item in node.options)
    return CopyStmt(target, columns, query, node.is_from, options, node.HasField("where_clause"))


def _refuse_file(node: Any) -> None:
    if node.is_program:
        role, what = "pg_execute_server_program", "to or from an external program"
    elif node.is_from:
        role, what = "pg_read_server_files", "from a file"
    else:
        role, what = "pg_write_server_files", "to a file"
    raise SqlError("42501", f"must be superuser or have privileges of the {role} role to COPY {what}", hint=_ANYONE)


# ------------------------------------------------------------------------------------------------------------------ options


def settle(statement: CopyStmt, position: Callable[[int], int | None]) -> CopyForm:
    """The form that the options ask for, the lists of columns apart. `position` tells where an option stands.

    Raises SqlError 42601, 22023, 0A000 with PostgreSQL's words.
    """
    given: dict[str, Any] = {}
    for element in statement.options:
        name = element.defname
        if name not in _PLAIN and name not in _COLUMN_LISTS:
            raise SqlError("42601", f'option "{name}" not recognized', position=position(element.location))
        if name in given:
            raise SqlError("42601", "conflicting or redundant options", position=position(element.location))
        given[name] = _value(name, element, position, reads=statement.reads)
    return _checked(given, reads=statement.reads)


def _value(name: str, element: Any, position: Callable[[int], int | None], *, reads: bool) -> Any:
    if name == "format":
        form = _text(element)
        if form not in ("text", "csv", "binary"):
            raise SqlError("22023", f'COPY format "{form}" not recognized', position=position(element.location))
        return form
    if name == "header":
        return _header(element, reads=reads)
    if name == "freeze":
        return _boolean(element)
    if name in _COLUMN_LISTS or name == "convert_selectively":
        kind = element.arg.WhichOneof("node") if element.HasField("arg") else None
        if kind != "list" and not (kind == "a_star" and name == "force_quote"):
            raise SqlError(
                "22023", f'argument to option "{name}" must be a list of column names', position=position(element.location)
            )
        return None if kind == "a_star" else tuple(item.string.sval for item in element.arg.list.items)
    if name == "encoding":
        encoding = _text(element)
        if encoding.lower().replace("-", "").replace("_", "") not in _UTF8:
            raise _encoding(encoding, position(element.location))
    return _text(element)


def _encoding(name: str, position: int | None) -> SqlError:
    known = (
        name.lower()
        .replace("-", "")
        .replace("_", "")
        .startswith(("latin", "win", "iso", "koi", "euc", "sjis", "big5", "gb", "uhc", "johab", "shift"))
    )
    if known:
        return unsupported(f"the encoding {name}", hint="fedgate speaks UTF8.", position=position)
    return SqlError("22023", 'argument to option "encoding" must be a valid encoding name', position=position)


def _text(element: Any) -> str:
    if not element.HasField("arg"):
        raise SqlError("42601", f"{element.defname} requires a parameter")
    which = element.arg.WhichOneof("node")
    if which == "boolean":
        return "true" if element.arg.boolean.boolval else "false"
    if which == "integer":
        return str(element.arg.integer.ival)
    if which == "float":
        return str(element.arg.float.fval)
    return str(element.arg.string.sval)


def _boolean(element: Any) -> bool:
    word = _text(element).lower() if element.HasField("arg") else "true"
    if word not in ("true", "false", "on", "off", "1", "0"):
        raise SqlError("42601", f"{element.defname} requires a Boolean value")
    return word in ("true", "on", "1")


def _header(element: Any, *, reads: bool) -> Literal["no", "yes", "match"]:
    word = _text(element).lower() if element.HasField("arg") else "true"
    if word == "match":
        if not reads:
            raise SqlError("0A000", 'cannot use "match" with HEADER in COPY TO')
        return "match"
    if word not in ("true", "false", "on", "off", "1", "0"):
        raise SqlError("42601", 'header requires a Boolean value or "match"')
    return "yes" if word in ("true", "on", "1") else "no"


def _checked(given: dict[str, Any], *, reads: bool) -> CopyForm:
    form: Literal["text", "csv", "binary"] = given.get("format", "text")
    csv, binary = form == "csv", form == "binary"
    for name in ("delimiter", "null"):
        if binary and name in given:
            raise SqlError("42601", f"cannot specify {name.upper()} in BINARY mode")
    delimiter = given.get("delimiter", "," if csv else "\t")
    null = given.get("null", "" if csv else "\\N")
    quote = given.get("quote", '"')
    escape = given.get("escape", quote)
    _check_delimiter(delimiter, null, csv=csv)
    if binary and given.get("header", "no") != "no":
        raise SqlError("0A000", "cannot specify HEADER in BINARY mode")
    _check_quoting(given, delimiter, quote, escape, csv=csv)
    for name, direction in zip(_COLUMN_LISTS, ("TO", "FROM", "FROM"), strict=True):
        if name in given:
            words = name.replace("_", " ")
            if not csv:
                raise SqlError("0A000", f"COPY {words} available only in CSV mode")
            if reads == (direction == "TO"):
                raise SqlError("0A000", f"COPY {words} only available using COPY {direction}")
    if delimiter in null:
        raise SqlError("0A000", "COPY delimiter must not appear in the NULL specification")
    if csv and quote in null:
        raise SqlError("0A000", "CSV quote character must not appear in the NULL specification")
    return CopyForm(form, delimiter, null, given.get("header", "no"), quote, escape)


def _check_delimiter(delimiter: str, null: str, *, csv: bool) -> None:
    if len(delimiter.encode()) != 1:
        raise SqlError("0A000", "COPY delimiter must be a single one-byte character")
    if delimiter in "\r\n":
        raise SqlError("22023", "COPY delimiter cannot be newline or carriage return")
    if "\r" in null or "\n" in null:
        raise SqlError("22023", "COPY null representation cannot use newline or carriage return")
    if not csv and delimiter in _NEVER_DELIMITER:
        raise SqlError("22023", f'COPY delimiter cannot be "{delimiter}"')


def _check_quoting(given: dict[str, Any], delimiter: str, quote: str, escape: str, *, csv: bool) -> None:
    if not csv and "quote" in given:
        raise SqlError("0A000", "COPY quote available only in CSV mode")
    if csv and len(quote.encode()) != 1:
        raise SqlError("0A000", "COPY quote must be a single one-byte character")
    if csv and delimiter == quote:
        raise SqlError("22023", "COPY delimiter and quote must be different")
    if not csv and "escape" in given:
        raise SqlError("0A000", "COPY escape available only in CSV mode")
    if csv and len(escape.encode()) != 1:
        raise SqlError("0A000", "COPY escape must be a single one-byte character")


# ------------------------------------------------------------------------------------------------------------------ columns


def chosen(columns: Sequence[str], asked: Iterable[str], relation: str | None) -> tuple[int, ...]:
    """The places, from 0, of the columns of that name. Raises SqlError 42703 for one that is not there, 42701 for one twice."""
    found: list[int] = []
    for name in asked:
        if name not in columns:
            of = f' of relation "{relation}"' if relation is not None else ""
            raise SqlError("42703", f'column "{name}"{of} does not exist')
        at = columns.index(name)
        if at in found:
            raise SqlError("42701", f'column "{name}" specified more than once')
        found.append(at)
    return tuple(found)


def forced(form: CopyForm, statement: CopyStmt, columns: Sequence[str], copied: Sequence[int], relation: str | None) -> CopyForm:
    """The form with the options that name columns, as numbers among the `copied` ones. Raises SqlError 42703, 42P10, 42701."""
    found = dict.fromkeys(_COLUMN_LISTS, frozenset[int]())
    for element in statement.options:
        name = element.defname
        if name not in found:
            continue
        if element.arg.WhichOneof("node") == "a_star":
            found[name] = frozenset(range(len(copied)))
            continue
        places = chosen(columns, [item.string.sval for item in element.arg.list.items], relation)
        for place in places:
            if place not in copied:
                raise SqlError("42P10", f'{name.upper()} column "{columns[place]}" not referenced by COPY')
        found[name] = frozenset(copied.index(place) for place in places)
    return replace(form, force_quote=found["force_quote"], force_not_null=found["force_not_null"], force_null=found["force_null"])
