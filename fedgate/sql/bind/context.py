"""What a statement is bound against besides its text: the session's settings that change meanings or values of literals."""

from __future__ import annotations

from dataclasses import dataclass

from fedgate.schema import TempTables


@dataclass(frozen=True, slots=True)
class BindContext:
    """`search_path` holds schema names, most important first, without the implicit pg_catalog; the rest are GUC values.

    Without `parameters`, a `$n` is an error (42P02), as in a simple query. With `user_is_text`, current_user and session_user are
    of type text and not name, so that nodes, which have no names, can compare with them. With `operator`, no role limits what is
    seen: whoever runs the gateway has its files.
    """

    search_path: tuple[str, ...] = ("public",)
    timezone: str = "UTC"
    datestyle: str = "ISO, MDY"
    intervalstyle: str = "postgres"
    user: str = ""
    database: str = "fedgate"
    parameters: bool = True
    temp: TempTables | None = None
    user_is_text: bool = False
    operator: bool = False
