"""SQL bodies of functions over the system catalogs: the binder puts them in the place of the call."""

from __future__ import annotations


def body(oid: int, search_path: tuple[str, ...]) -> str | None:
    """The SELECT that function `oid` stands for, with `$1`… for its arguments; None for functions that are no query."""
    return None
