"""An aggregate or window call being lowered: what composites (avg = sum / count) must put on each of their parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fedgate.sql.functions.carriers import E, Emit

_COLUMN = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+\Z")


@dataclass(frozen=True, slots=True)
class Sort:
    """A rendered ORDER BY item: `sql` is already what DuckDB can order by, `value` the expression itself."""

    sql: str
    value: E
    direction: str

    def __str__(self) -> str:
        return f"{self.sql} {self.direction}"


@dataclass(frozen=True, slots=True)
class Call:
    """`node` is the Aggref or WindowFunc. `over` is the text in OVER (…) of a window call, None for an aggregate."""

    cx: Emit
    node: Any
    args: tuple[E, ...]
    distinct: bool = False
    order_by: tuple[Sort, ...] = ()
    filter: str | None = None
    over: str | None = None

    def wrap(
        self, name: str, *args: str, distinct: bool | None = None, order: tuple[str, ...] | None = None, also: str = ""
    ) -> str:
        """`name(args)` with DISTINCT, ORDER BY, FILTER and OVER. `also` is a further condition on the rows."""
        head = "DISTINCT " if (self.distinct if distinct is None else distinct) else ""
        items = tuple(str(s) for s in self.order_by) if order is None else order
        sort = f" ORDER BY {', '.join(items)}" if items else ""
        guard = " AND ".join(c for c in (self.filter, also) if c)
        tail = f" FILTER (WHERE {guard})" if guard else ""
        if self.over is not None:
            tail += f" OVER ({self.over})"
        return f"{name}({head}{', '.join(args)}{sort}){tail}"

    def guarded(self, sql: str) -> str:
        """An argument that DuckDB must not evaluate for rows which FILTER leaves out."""
        if self.filter is None or _COLUMN.match(sql):
            return sql
        return f"CASE WHEN {self.filter} THEN {sql} END"

    def arg(self, index: int = 0) -> E:
        e = self.args[index]
        return E(self.guarded(e.sql), e.type, e.dec, e.literal, e.value)
