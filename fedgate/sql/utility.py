"""Utility statements (everything but SELECT): raw parse nodes -> frozen dataclasses that the session acts on.

Statements that write are 25006, as in a read-only transaction of PostgreSQL; whatever else is not listed here is 0A000.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from fedgate.errors import SqlError, unsupported
from fedgate.sql import temp_statements
from fedgate.sql.copy_statement import CopyStmt, copy_statement
from fedgate.sql.parse import RawStatement
from fedgate.sql.refused import refused
from fedgate.sql.temp_statements import TempStatement
from fedgate.types.interval_in import parse_interval
from fedgate.types.posix_zones import offset_name
from fedgate.types.style import DEFAULT_STYLE

FETCH_ALL = 2**63 - 1

_CURSOR_SCROLL = 0x0002
_CURSOR_NO_SCROLL = 0x0004
_CURSOR_HOLD = 0x0020
_CURSOR_BINARY = 0x0001


@dataclass(frozen=True, slots=True)
class SetStmt:
    """SET [LOCAL] name = value; `value` None is DEFAULT. Lists are joined as SHOW prints them."""

    name: str
    value: str | None
    local: bool = False


@dataclass(frozen=True, slots=True)
class SetTransactionStmt:
    """SET TRANSACTION …, or with `session` SET SESSION CHARACTERISTICS AS TRANSACTION …; options by setting name."""

    options: tuple[tuple[str, str], ...]
    session: bool


@dataclass(frozen=True, slots=True)
class ResetStmt:
    """RESET name; None is RESET ALL."""

    name: str | None


@dataclass(frozen=True, slots=True)
class ShowStmt:
    name: str


@dataclass(frozen=True, slots=True)
class TransactionStmt:
    """`savepoint` names it for savepoint, release and rollback_to; `chain` is AND CHAIN; `options` as in SetTransactionStmt."""

    kind: Literal["begin", "start", "commit", "rollback", "savepoint", "release", "rollback_to"]
    savepoint: str = ""
    chain: bool = False
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DeclareStmt:
    """`scroll`: SCROLL, NO SCROLL, or None for neither."""

    name: str
    query: RawStatement
    hold: bool
    scroll: bool | None
    binary: bool


@dataclass(frozen=True, slots=True)
class FetchStmt:
    """`count` rows, FETCH_ALL for all; `move` discards them."""

    name: str
    direction: Literal["forward", "backward", "absolute", "relative"]
    count: int
    move: bool


@dataclass(frozen=True, slots=True)
class CloseStmt:
    """CLOSE name; None is CLOSE ALL."""

    name: str | None


@dataclass(frozen=True, slots=True)
class PrepareStmt:
    """PREPARE name (types) AS query; the types are pg_type names (schema or None, name, is array)."""

    name: str
    types: tuple[Any, ...]
    query: RawStatement


@dataclass(frozen=True, slots=True)
class ExecuteStmt:
    """EXECUTE name (expressions): `arguments` are raw expression nodes."""

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class DeallocateStmt:
    """DEALLOCATE name; None is ALL."""

    name: str | None


@dataclass(frozen=True, slots=True)
class DiscardStmt:
    target: Literal["ALL", "PLANS", "SEQUENCES", "TEMP"]


@dataclass(frozen=True, slots=True)
class ExplainStmt:
    """`statement` is what is explained: a SELECT, or an EXECUTE."""

    statement: RawStatement
    analyze: bool
    verbose: bool
    format: Literal["text", "json"]


@dataclass(frozen=True, slots=True)
class ListenStmt:
    """LISTEN, UNLISTEN and NOTIFY: accepted, nothing is ever delivered. `tag` is the command tag."""

    tag: Literal["LISTEN", "UNLISTEN", "NOTIFY"]


Utility: TypeAlias = (
    SetStmt
    | SetTransactionStmt
    | ResetStmt
    | ShowStmt
    | TransactionStmt
    | DeclareStmt
    | FetchStmt
    | CloseStmt
    | PrepareStmt
    | ExecuteStmt
    | DeallocateStmt
    | DiscardStmt
    | ExplainStmt
    | ListenStmt
    | CopyStmt
    | TempStatement
)


def utility(raw: RawStatement) -> Utility:
    """The dataclass of a utility statement. Raises SqlError 25006 for writes, 0A000 for what is not supported."""
    handler = _HANDLERS.get(raw.kind)
    if handler is None:
        raise refused(raw)
    return handler(raw, raw.node)


# ----------------------------------------------------------------------------------------------------------------- settings


def _variable_set(raw: RawStatement, node: Any) -> Utility:
    kind = _enum(node, "kind").removeprefix("VAR_")
    if kind == "SET_MULTI":
        if node.name == "TRANSACTION":
            return SetTransactionStmt(_options(node.args), session=False)
        if node.name == "SESSION CHARACTERISTICS":
            return SetTransactionStmt(_options(node.args), session=True)
        raise unsupported(f"SET {node.name}")
    if kind == "RESET_ALL":
        return ResetStmt(None)
    if kind == "RESET":
        return ResetStmt(node.name)
    if kind in ("SET_DEFAULT", "SET_CURRENT"):
        return SetStmt(node.name, None, node.is_local)
    return SetStmt(node.name, _set_value(node), node.is_local)


def _set_value(node: Any) -> str:
    words = [_constant(arg) for arg in node.args]
    if len(words) > 1 or node.name.lower() == "search_path":
        return ", ".join(_quoted_name(w) for w in words)
    return words[0]


def _quoted_name(word: str) -> str:
    return word if re.fullmatch(r"[a-z_][a-z0-9_$]*", word) else '"' + word.replace('"', '""') + '"'


def _variable_show(raw: RawStatement, node: Any) -> Utility:
    return ShowStmt(node.name)


def _options(elements: Any) -> tuple[tuple[str, str], ...]:
    return tuple((e.def_elem.defname, _constant(e.def_elem.arg)) for e in elements)


def _constant(node: Any) -> str:
    """The text of a literal argument: of SET, of an option."""
    which = node.WhichOneof("node")
    if which == "a_const":
        const = node.a_const
        value = const.WhichOneof("val")
        if value == "ival":
            return str(const.ival.ival)
        if value == "fval":
            return str(const.fval.fval)
        if value == "sval":
            return str(const.sval.sval)
        if value == "boolval":
            return "on" if const.boolval.boolval else "off"
    if which == "string":
        return str(node.string.sval)
    if which == "integer":
        return str(node.integer.ival)
    if which == "type_cast":  # SET TIME ZONE INTERVAL '+02:00', east of UTC
        return _interval_zone(_constant(node.type_cast.arg))
    raise unsupported("this value")


def _interval_zone(text: str) -> str:
    months, days, micro = parse_interval(text, -1, DEFAULT_STYLE)
    if months or days:
        detail = f"Cannot specify {'months' if months else 'days'} in time zone interval."
        raise SqlError("22023", f'invalid value for parameter "TimeZone": "INTERVAL \'{text}\'"', detail=detail)
    return offset_name(int(micro / 1_000_000))


# ------------------------------------------------------------------------------------------------------------- transactions

_TRANSACTION_KINDS: dict[str, Literal["begin", "start", "commit", "rollback", "savepoint", "release", "rollback_to"]] = {
    "BEGIN": "begin",
    "START": "start",
    "COMMIT": "commit",
    "ROLLBACK": "rollback",
    "SAVEPOINT": "savepoint",
    "RELEASE": "release",
    "ROLLBACK_TO": "rollback_to",
}


def _transaction(raw: RawStatement, node: Any) -> Utility:
    kind = _TRANSACTION_KINDS.get(_enum(node, "kind").removeprefix("TRANS_STMT_"))
    if kind is None:
        raise SqlError("55000", "prepared transactions are disabled", hint="fedgate only reads; COMMIT is enough.")
    return TransactionStmt(kind, node.savepoint_name, node.chain, _options(node.options))


# ------------------------------------------------------------------------------------------------------------------ cursors


def _declare_cursor(raw: RawStatement, node: Any) -> Utility:
    scroll, no_scroll = bool(node.options & _CURSOR_SCROLL), bool(node.options & _CURSOR_NO_SCROLL)
    if scroll and no_scroll:
        raise SqlError("42P11", "cannot specify both SCROLL and NO SCROLL")
    return DeclareStmt(
        node.portalname,
        raw.inner(node.query),
        hold=bool(node.options & _CURSOR_HOLD),
        scroll=scroll if scroll or no_scroll else None,
        binary=bool(node.options & _CURSOR_BINARY),
    )


def _fetch(raw: RawStatement, node: Any) -> Utility:
    directions: dict[str, Literal["forward", "backward", "absolute", "relative"]] = {
        "FORWARD": "forward",
        "BACKWARD": "backward",
        "ABSOLUTE": "absolute",
        "RELATIVE": "relative",
    }
    return FetchStmt(node.portalname, directions[_enum(node, "direction").removeprefix("FETCH_")], node.how_many, node.ismove)


def _close_portal(raw: RawStatement, node: Any) -> Utility:
    return CloseStmt(node.portalname or None)


# ------------------------------------------------------------------------------------------------------ prepared statements


def _prepare(raw: RawStatement, node: Any) -> Utility:
    return PrepareStmt(node.name, tuple(t.type_name for t in node.argtypes), raw.inner(node.query))


def _execute(raw: RawStatement, node: Any) -> Utility:
    return ExecuteStmt(node.name, tuple(node.params))


def _deallocate(raw: RawStatement, node: Any) -> Utility:
    return DeallocateStmt(node.name or None)


def _discard(raw: RawStatement, node: Any) -> Utility:
    targets: dict[str, Literal["ALL", "PLANS", "SEQUENCES", "TEMP"]] = {
        "DISCARD_ALL": "ALL",
        "DISCARD_PLANS": "PLANS",
        "DISCARD_SEQUENCES": "SEQUENCES",
        "DISCARD_TEMP": "TEMP",
    }
    return DiscardStmt(targets[_enum(node, "target")])


# ------------------------------------------------------------------------------------------------------------------ explain

_EXPLAIN_FLAGS = frozenset({"analyze", "verbose", "costs", "settings", "buffers", "wal", "timing", "summary"})


def _explain(raw: RawStatement, node: Any) -> Utility:
    flags = {"analyze": False, "verbose": False}
    form = "text"
    for element in (e.def_elem for e in node.options):
        name = element.defname.lower()
        if name == "format":
            form = _constant(element.arg).lower()
        elif name in _EXPLAIN_FLAGS:
            flags[name] = _flag(element, name)
        else:
            raise SqlError("42601", f'unrecognized EXPLAIN option "{name}"', position=raw.position(element.location))
    if form not in ("text", "json"):
        raise unsupported(f"EXPLAIN in format {form}", hint="Use TEXT or JSON.")
    return ExplainStmt(raw.inner(node.query), flags["analyze"], flags["verbose"], "json" if form == "json" else "text")


def _flag(element: Any, name: str) -> bool:
    if not element.HasField("arg"):
        return True
    word = _constant(element.arg).lower()
    if word not in ("on", "off", "true", "false", "1", "0"):
        raise SqlError("42601", f"{name} requires a Boolean value")
    return word in ("on", "true", "1")


# ------------------------------------------------------------------------------------------------------------------- others


def _listen(tag: Literal["LISTEN", "UNLISTEN", "NOTIFY"]) -> Callable[[RawStatement, Any], Utility]:
    return lambda raw, node: ListenStmt(tag)


_HANDLERS: dict[str, Callable[[RawStatement, Any], Utility]] = {
    "variable_set": _variable_set,
    "variable_show": _variable_show,
    "transaction": _transaction,
    "declare_cursor": _declare_cursor,
    "fetch": _fetch,
    "close_portal": _close_portal,
    "prepare": _prepare,
    "execute": _execute,
    "deallocate": _deallocate,
    "discard": _discard,
    "explain": _explain,
    "listen": _listen("LISTEN"),
    "unlisten": _listen("UNLISTEN"),
    "notify": _listen("NOTIFY"),
    "copy": copy_statement,
    **temp_statements.HANDLERS,
}


def _enum(node: Any, field: str) -> str:
    """The name of an enum field's value."""
    return str(node.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number[getattr(node, field)].name)
