"""What a statement is bound against besides its text: the session's settings that change meanings or values of literals."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BindContext:
    """`search_path` holds schema names, most important first, without the implicit pg_catalog; the rest are GUC values.

    Without `parameters`, a `$n` is an error (42P02), as in a simple query.
    """

    search_path: tuple[str, ...] = ("public",)
    timezone: str = "UTC"
    datestyle: str = "ISO, MDY"
    intervalstyle: str = "postgres"
    user: str = ""
    database: str = "fedgate"
    parameters: bool = True
