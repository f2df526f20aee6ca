"""The names of documents: their kinds, and how tables and views are called with and without their schema."""

from __future__ import annotations

from typing import Final

KINDS: Final = ("node", "table", "placement", "view", "group", "role")
DEFAULT_SCHEMA: Final = "public"


def qualified(name: str) -> str:
    """`schema.name` of a table's or view's name as documents write it."""
    return name if "." in name else f"{DEFAULT_SCHEMA}.{name}"


def display(kind: str, name: str) -> str:
    """The name as a person would write it: without the default schema."""
    return name.removeprefix(DEFAULT_SCHEMA + ".") if kind in ("table", "view", "placement") else name
