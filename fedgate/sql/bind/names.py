"""The names that output columns get when the text gives none: PostgreSQL's FigureColname.

Source: https://www.postgresql.org/docs/15/queries-select-lists.html#QUERIES-COLUMN-LABELS, and what PostgreSQL 15 answers.
"""

from __future__ import annotations

from fedgate.sql.bind.state import Message, State, enum_name

UNNAMED = "?column?"
_FIXED = {
    "grouping_func": "grouping",
    "a_array_expr": "array",
    "row_expr": "row",
    "coalesce_expr": "coalesce",
}


def output_name(state: State, node: Message) -> str:
    """The name of a target without AS. Scalar subqueries must have been bound: they lend the name of their column."""
    return _figure(state, node)[0] or UNNAMED


def _figure(state: State, node: Message) -> tuple[str, int]:
    """(name, strength): 2 is a name of its own, 1 a weak one that an inner name replaces, 0 none."""
    kind = node.WhichOneof("node")
    message = getattr(node, kind)
    if kind in _FIXED:
        return _FIXED[kind], 2
    if kind == "column_ref":
        return _last_name(message.fields)
    if kind == "a_indirection":
        name, strength = _last_name(message.indirection)
        return (name, strength) if strength else _figure(state, message.arg)
    if kind == "func_call":
        return message.funcname[-1].string.sval, 2
    if kind == "a_expr":
        return ("nullif", 2) if enum_name(message, "kind") == "AEXPR_NULLIF" else ("", 0)
    if kind == "min_max_expr":
        return enum_name(message, "op").removeprefix("IS_").lower(), 2
    if kind == "sqlvalue_function":
        return enum_name(message, "op").removeprefix("SVFOP_").removesuffix("_N").lower(), 2
    if kind == "type_cast":
        name, strength = _figure(state, message.arg)
        return (name, strength) if strength > 1 else (message.type_name.names[-1].string.sval, 1)
    if kind == "collate_clause":
        return _figure(state, message.arg)
    if kind == "case_expr":
        name, strength = _figure(state, message.defresult) if message.HasField("defresult") else ("", 0)
        return (name, strength) if strength > 1 else ("case", 1)
    if kind == "sub_link":
        return _sublink(state, message)
    return "", 0


def _last_name(fields: list[Message]) -> tuple[str, int]:
    names = [f.string.sval for f in fields if f.WhichOneof("node") == "string"]
    return (names[-1], 2) if names else ("", 0)


def _sublink(state: State, message: Message) -> tuple[str, int]:
    kind = enum_name(message, "sub_link_type")
    if kind == "EXISTS_SUBLINK":
        return "exists", 2
    if kind == "ARRAY_SUBLINK":
        return "array", 2
    if kind == "EXPR_SUBLINK":
        return state.binder.sublink_names[message.location], 2
    return "", 0
