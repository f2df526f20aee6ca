"""Which handler binds which kind of expression node. Handlers register themselves; the package imports their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from fedgate.errors import unsupported
from fedgate.sql.bind.state import Message, State, allow
from fedgate.sql.refusals import XML, refused_type
from fedgate.sql.tree import Expr

Handler: TypeAlias = Callable[[State, Message], Expr]

_WORDS = {"current_of_expr": "WHERE CURRENT OF"}

_HANDLERS: dict[str, tuple[Handler, frozenset[str]]] = {}
# Handlers of the kinds that are understood whole, which is seen at the first message of a kind; lists have thousands of them.
_WHOLE: dict[str, Handler] = {}


def handles(kind: str, fields: str) -> Callable[[Handler], Handler]:
    """Registers the handler of a node kind, with the fields of the node that it understands."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[kind] = (handler, frozenset(fields.split()))
        return handler

    return register


def bind_expr(state: State, node: Message) -> Expr:
    """The expression of a raw `Node`."""
    name = node.WhichOneof("node")
    message = getattr(node, name)
    if (whole := _WHOLE.get(name)) is not None:
        return whole(state, message)
    found = _HANDLERS.get(name)
    if found is None:
        position = state.pos(getattr(message, "location", -1))
        if name.startswith("xml"):
            raise refused_type(XML, "xml", position)
        raise unsupported(_WORDS.get(name, name.replace("_", " ")), position=position)
    handler, fields = found
    if fields.issuperset(message.DESCRIPTOR.fields_by_name):
        _WHOLE[name] = handler
    allow(state, message, fields, name.replace("_", " "))
    return handler(state, message)


def bind_as(state: State, node: Message, kind: str) -> Expr:
    """`bind_expr` for the clause `kind`."""
    with clause(state, kind):
        return bind_expr(state, node)


@contextmanager
def clause(state: State, kind: str) -> Iterator[None]:
    before = state.kind
    state.kind = kind
    try:
        yield
    finally:
        state.kind = before
