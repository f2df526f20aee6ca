"""Functions and operators that are computed here: those that clients put around columns of the catalogs.

Each is PostgreSQL's on the values that reach it; where Python differs (case of letters beyond ASCII) the call is NotDirectError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from fedgate.errors import SqlError
from fedgate.sql.functions import system
from fedgate.sql.functions.quoting import quote_identifier, quote_text
from fedgate.sql.functions.text_format import format_
from fedgate.sql.tree import FuncExpr
from fedgate.system.direct.kinds import BOOL, RANGES, TEXTS, VECTORS, kind
from fedgate.system.direct.runtime import NotDirectError

Call: TypeAlias = "Callable[..., Any]"


def operator(name: str, left: int, right: int) -> Call:
    """An operator that is no comparison and no match. Raises NotDirectError."""
    if name == "||" and left in TEXTS and right in TEXTS:
        return lambda a, b: a + b
    if left in RANGES and right in RANGES and name in _ARITHMETIC:
        return _ARITHMETIC[name]
    raise NotDirectError(f"{name} of {left} and {right}")


_ARITHMETIC: Final[dict[str, Call]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
}


def function(e: FuncExpr) -> tuple[Call, bool]:
    """What computes a call, and whether it is strict. Raises NotDirectError."""
    if e.name == "format" and not e.variadic and all(arg.type.oid in _NAMES for arg in e.args):
        return _formatted, False
    found = _FUNCTIONS.get(e.name)
    if found is None:
        raise NotDirectError(e.name)
    types, call, strict = found
    if e.variadic or len(e.args) not in {len(t) for t in types}:
        raise NotDirectError(e.name)
    if not any(len(t) == len(e.args) and all(_fits(oid, w) for oid, w in zip(e.arg_types, t, strict=True)) for t in types):
        raise NotDirectError(e.name)
    return call, strict


def _fits(oid: int, wanted: str) -> bool:
    if wanted == "vector":
        return oid in VECTORS
    return (
        wanted == "any" or kind(oid) == wanted or (wanted == "node" and oid in (194, 25)) or (wanted == "boolean" and oid == BOOL)
    )


def _ascii(call: Callable[[str], str]) -> Call:
    def run(text: str) -> str:
        if not text.isascii():
            raise NotDirectError("case of letters beyond ASCII")
        return call(text)

    return run


def _join(items: tuple[Any, ...], separator: str, instead: str | None = None) -> str:
    texts = (instead if item is None else item if isinstance(item, str) else str(item) for item in items)
    return separator.join(text for text in texts if text is not None)


def _array_to_string(items: tuple[Any, ...] | None, separator: str | None, instead: str | None = None) -> str | None:
    return None if items is None or separator is None else _join(items, separator, instead)


def _position(items: tuple[Any, ...] | None, wanted: Any) -> int | None:
    if items is None:
        return None
    return next((place for place, item in enumerate(items, 1) if item == wanted), None)


def _length(items: tuple[Any, ...], dimension: int) -> int | None:
    return len(items) if items and dimension == 1 else None


def _lower(items: tuple[Any, ...], dimension: int) -> int | None:
    return 1 if items and dimension == 1 else None


def _substring(text: str, start: int, length: int | None = None) -> str:
    if length is None:
        return text[max(start - 1, 0) :]
    if length < 0:
        raise NotDirectError("a negative length")
    return text[max(start - 1, 0) : max(start - 1 + length, 0)]


def _privilege(*args: Any) -> Any:
    if None in args:
        return None
    wanted = [part.strip().upper() for part in str(args[-1]).split(",")]
    return any(part in _READING for part in wanted)


_READING: Final = frozenset(("SELECT", "USAGE", "CONNECT", "EXECUTE", "MEMBER", "SET"))


def _always(value: Any) -> Call:
    return lambda *args: value


def _formatted(pattern: str | None, *items: str | None) -> str | None:
    return None if pattern is None else str(format_(pattern, list(items)))


def _raise(sqlstate: str, before: str, argument: str, after: str) -> Any:
    raise SqlError(sqlstate, f"{before}{argument}{after}")


_NAMES: Final = frozenset((19, 25, 1043))  # name, text, varchar
_T, _I, _B, _A = "text", "integer", "boolean", "array"
_RIGHTS: Final = tuple(
    (*subject, *what, _T) for subject in ((), (_T,), (_I,)) for what in ((_I,), (_T,), (_I, _T), (_T, _T), (_I, _I), (_T, _I))
)
_FUNCTIONS: Final[dict[str, tuple[tuple[tuple[str, ...], ...], Call, bool]]] = {
    "fedgate_raise": (((_T, _T, _T, _T),), _raise, False),
    "format_type": (((_I, _I),), system.format_type, False),
    "fedgate_type": (((_T,),), system.type_named, True),
    "pg_get_function_arguments": (((_I,),), system.function_arguments, True),
    "pg_get_function_identity_arguments": (((_I,),), system.function_identity, True),
    "pg_encoding_to_char": (((_I,),), system.encoding_name, True),
    "pg_get_expr": ((("node", _I), ("node", _I, _B)), _always(None), True),
    "pg_get_statisticsobjdef_columns": (((_I,),), _always(None), True),
    "pg_get_partkeydef": (((_I,),), _always(None), True),
    "pg_get_triggerdef": (((_I,), (_I, _B)), _always(None), True),
    "pg_get_serial_sequence": (((_T, _T),), _always(None), True),
    "pg_relation_is_publishable": (((_I,),), _always(False), True),
    "pg_relation_size": (((_I,), (_I, _T)), _always(0), True),
    "pg_my_temp_schema": (((),), _always(0), True),
    "pg_is_other_temp_schema": (((_I,),), _always(False), True),
    "quote_ident": (((_T,),), quote_identifier, True),
    "quote_literal": (((_T,),), quote_text, True),
    "lower": (((_T,),), _ascii(str.lower), True),
    "upper": (((_T,),), _ascii(str.upper), True),
    "length": (((_T,),), len, True),
    "replace": (((_T, _T, _T),), lambda text, old, new: text.replace(old, new) if old else text, True),
    "strpos": (((_T, _T),), lambda text, part: text.find(part) + 1, True),
    "substring": (((_T, _I), (_T, _I, _I)), _substring, True),
    "substr": (((_T, _I), (_T, _I, _I)), _substring, True),
    "btrim": (((_T, _T),), lambda text, letters: text.strip(letters) if letters else text, True),
    "rtrim": (((_T, _T),), lambda text, letters: text.rstrip(letters) if letters else text, True),
    "ltrim": (((_T, _T),), lambda text, letters: text.lstrip(letters) if letters else text, True),
    "starts_with": (((_T, _T),), str.startswith, True),
    "array_to_string": (((_A, _T), (_A, _T, _T)), _array_to_string, False),
    "array_position": (((_A, _I), (_A, _T)), _position, False),
    "array_length": (((_A, _I),), _length, True),
    "array_upper": (((_A, _I),), _length, True),
    "array_lower": (((_A, _I),), _lower, True),
    "cardinality": (((_A,),), len, True),
    "pg_has_role": (_RIGHTS, _privilege, False),
    **dict.fromkeys(("pg_table_size", "pg_total_relation_size", "pg_indexes_size"), (((_I,),), _always(0), True)),
    **dict.fromkeys(
        (
            *("pg_function_is_visible", "pg_type_is_visible", "pg_operator_is_visible", "pg_collation_is_visible"),
            *("pg_opclass_is_visible", "pg_opfamily_is_visible", "pg_conversion_is_visible", "pg_statistics_obj_is_visible"),
            *("pg_ts_config_is_visible", "pg_ts_dict_is_visible", "pg_ts_parser_is_visible", "pg_ts_template_is_visible"),
        ),
        (((_I,),), _always(True), True),
    ),
    **dict.fromkeys(
        (
            *("has_table_privilege", "has_any_column_privilege", "has_schema_privilege", "has_database_privilege"),
            *("has_function_privilege", "has_type_privilege", "has_language_privilege", "has_tablespace_privilege"),
            *("has_sequence_privilege", "has_column_privilege"),
        ),
        (_RIGHTS, _privilege, False),
    ),
}
