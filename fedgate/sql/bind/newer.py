"""Syntax that the grammar of version 18 reads and PostgreSQL 15 does not: refused as PostgreSQL 15 refuses it."""

from __future__ import annotations

from fedgate.errors import SqlError
from fedgate.sql.bind.dispatch import handles
from fedgate.sql.bind.state import Message, State
from fedgate.sql.tree import Expr

_ANY_FIELD = (
    "type xpr location constructor func arg output returning absent_on_null unique exprs coercion expr item_type unique_keys op "
    "context_item pathspec passing behavior on_empty on_error wrapper quotes column_name query format msftype"
)


def _unknown_function(name: str) -> None:
    kind = _KINDS[name]

    @handles(kind, _ANY_FIELD)
    def refuse(state: State, node: Message) -> Expr:
        hint = "No function matches the given name and argument types. You might need to add explicit type casts."
        raise SqlError("42883", f"function {name} does not exist", hint=hint, position=state.pos(node.location))


_KINDS = {
    "json_array": "json_array_constructor",
    "json_scalar": "json_scalar_expr",
    "json_serialize": "json_serialize_expr",
    "json": "json_parse_expr",
    "merge_action": "merge_support_func",
    "json_query": "json_func_expr",
}
for _name in _KINDS:
    _unknown_function(_name)


@handles("json_object_constructor", _ANY_FIELD)
def refuse_object(state: State, node: Message) -> Expr:
    raise SqlError("42601", 'syntax error at or near ":"', position=None)


@handles("json_is_predicate", _ANY_FIELD)
def refuse_predicate(state: State, node: Message) -> Expr:
    raise SqlError("42601", 'syntax error at or near "json"', position=None)


@handles("set_to_default", "location type_id type_mod collation xpr")
def refuse_default(state: State, node: Message) -> Expr:
    raise SqlError("42601", "DEFAULT is not allowed in this context", position=state.pos(node.location))
