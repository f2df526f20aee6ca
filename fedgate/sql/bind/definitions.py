"""Columns of a table that a statement defines: their types."""

from __future__ import annotations

from typing import Any

from fedgate.schema import Column, Relations
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.context import BindContext
from fedgate.sql.bind.modify import Filler, bind_default
from fedgate.sql.bind.state import Binder, ParameterTypes, State
from fedgate.sql.parse import RawStatement
from fedgate.types import SqlType


class Definitions:
    """Binds the parts of one CREATE TABLE."""

    def __init__(self, raw: RawStatement, relations: Relations, context: BindContext) -> None:
        self._state = State(Binder(raw.text, raw.position, relations, context, ParameterTypes([])))

    def type(self, node: Any) -> SqlType:
        """The type that a raw TypeName names. Raises SqlError 42704, 22023, 42601; 0A000 for types without values here."""
        return t.bind_type(self._state, node)

    def check_default(self, filler: Filler, column: Column) -> None:
        """Whether the expression can be the column's default. Raises what it raises."""
        bind_default(self._state, filler, column)
